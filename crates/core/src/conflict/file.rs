//! The files a conflict reads as, and what a written file means for it.

use std::rc::Rc;

use super::labels::simplify_labels;
use super::markers::{MIN_MARKER_LEN, marker_eol, marker_len};
use super::{Style, describe, parse_conflicts, render_hunks};
use crate::hash::hash_object;
use crate::text::{Merged, line_hunks, lines, merge_texts};
use crate::tree::{is_mergeable, read_contents};
use crate::{Answer, CoreError, Entry, Kind, Merge, Mode, ObjectPool, Oid, Terms};

/// What a path reads as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The bytes.
    pub bytes: Rc<[u8]>,
    /// The mode; `None` where nothing is there.
    pub mode: Option<Mode>,
    /// Whether the path is in conflict.
    pub conflicted: bool,
    /// How many conflicts have markers in the bytes.
    pub hunks: usize,
}

/// One conflict inside a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictHunk {
    /// The same for the same conflict in the same terms.
    pub hunk_id: Oid,
    /// The first line in the base, from 1.
    pub old_start: usize,
    /// How many lines of the base.
    pub old_lines: usize,
    /// The first line in the file as rendered in snapshot style, from 1: the start marker.
    pub new_start: usize,
    /// How many lines there, markers included.
    pub new_lines: usize,
    /// Each term's part; `None` for a term without a file.
    pub terms: Vec<Option<Vec<u8>>>,
}

/// The conflicts inside a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictHunks {
    /// In the order of the file; empty where a term is no text, or no file.
    pub hunks: Vec<ConflictHunk>,
    /// Whether a term is binary, or too large to merge by lines.
    pub binary: bool,
}

/// Gives the bytes a path reads as.
pub fn render(pool: &mut ObjectPool, terms: &Terms, style: Style, labels: &[String]) -> Answer<Rendered> {
    if let Some(entry) = terms.resolve_trivial() {
        return render_entry(pool, *entry);
    }
    let Some(conflict) = FileConflict::read(pool, terms, labels)? else {
        let (labels, terms) = simplify_labels(labels, terms)?;
        let bytes = Rc::from(describe(&terms, &labels).into_bytes());
        return Ok(Rendered { bytes, mode: Some(Mode::File), conflicted: true, hunks: 0 });
    };
    let mode = Some(conflict.mode());
    let (bytes, hunks) = if !conflict.is_text() {
        (conflict.first_side().1, 0)
    } else {
        match merge_texts(&conflict.contents) {
            Merged::Resolved(bytes) => (Rc::from(bytes), 0),
            Merged::Conflict(hunks) => {
                let number = hunks.iter().filter(|hunk| !hunk.is_resolved()).count();
                let (len, eol) = (marker_len(&conflict.contents), marker_eol(&conflict.contents));
                (Rc::from(render_hunks(hunks, style, len, &conflict.labels, eol)), number)
            }
        }
    };
    Ok(Rendered { bytes, mode, conflicted: true, hunks })
}

/// What writing `bytes` over a path makes of its terms. Markers that are left keep their conflicts, so a file can
/// be resolved part by part; a file without markers is resolved.
pub fn parse(pool: &mut ObjectPool, bytes: &[u8], terms: &Terms) -> Answer<Terms> {
    if let Some(entry) = terms.resolve_trivial() {
        let mode = entry.map(|entry| entry.mode).filter(|mode| mode.is_file() || *mode == Mode::Symlink);
        return Ok(resolved_to(pool, bytes, mode.unwrap_or(Mode::File)));
    }
    let Some(conflict) = FileConflict::read(pool, terms, &[])? else {
        return Ok(if is_description(bytes, terms) {
            terms.clone()
        } else {
            resolved_to(pool, bytes, Mode::File)
        });
    };
    if !conflict.is_text() {
        if let (Some(oid), side) = conflict.first_side()
            && *side == *bytes
        {
            return Ok(Merge::resolved(Some(Entry { oid, mode: conflict.mode() })));
        }
        return Ok(resolved_to(pool, bytes, conflict.mode()));
    }
    let found = parse_at_any_len(bytes, &conflict);
    let unchanged = match (merge_texts(&conflict.contents), &found) {
        (Merged::Resolved(text), None) => text == bytes,
        (Merged::Conflict(hunks), Some(found)) => hunks == *found,
        _ => false,
    };
    if unchanged {
        return Ok(terms.clone());
    }
    match found {
        Some(hunks) => conflict.rebuild(pool, terms, hunks),
        None => Ok(resolved_to(pool, bytes, conflict.mode())),
    }
}

/// Gives the conflicts inside a file.
pub fn conflict_hunks(pool: &mut ObjectPool, terms: &Terms) -> Answer<ConflictHunks> {
    let none = |binary| Ok(ConflictHunks { hunks: Vec::new(), binary });
    if terms.resolve_trivial().is_some() {
        return none(false);
    }
    let Some(conflict) = FileConflict::read(pool, terms, &[])? else { return none(false) };
    if !conflict.is_text() {
        return none(true);
    }
    let num_removes = conflict.contents.num_sides() - 1;
    let texts: Vec<&[u8]> =
        conflict.contents.removes().chain(conflict.contents.adds()).map(AsRef::as_ref).collect();
    let (mut old, mut new) = (1, 1);
    let mut hunks = Vec::new();
    for hunk in line_hunks(&texts) {
        let old_lines = hunk.parts.first().map_or(0, |base| lines(base).count());
        let (removes, adds) = hunk.parts.split_at(num_removes);
        let Some(parts) = Merge::from_removes_adds(removes.iter().copied(), adds.iter().copied()) else {
            continue;
        };
        let new_lines = match parts.resolve_trivial() {
            Some(part) => lines(part).count(),
            None => {
                let shown: usize = parts.iter().map(|part| 1 + shown_lines(&parts, part)).sum();
                hunks.push(ConflictHunk {
                    hunk_id: hunk_id(&parts, hunks.len()),
                    old_start: old,
                    old_lines,
                    new_start: new,
                    new_lines: shown + 2,
                    terms: parts
                        .iter()
                        .zip(conflict.ids.iter())
                        .map(|(part, id)| id.map(|_| part.to_vec()))
                        .collect(),
                });
                shown + 2
            }
        };
        old += old_lines;
        new += new_lines;
    }
    Ok(ConflictHunks { hunks, binary: false })
}

/// How many lines a term takes when rendered: one more where a line break that isn't its own is added.
fn shown_lines(hunk: &Merge<&[u8]>, part: &[u8]) -> usize {
    let complete = |part: &[u8]| part.last().is_none_or(|last| *last == b'\n');
    lines(part).count() + usize::from(complete(part) && !hunk.iter().all(|part| complete(part)))
}

fn hunk_id(hunk: &Merge<&[u8]>, number: usize) -> Oid {
    let mut bytes = format!("{number}\n").into_bytes();
    for text in hunk.iter() {
        bytes.extend_from_slice(format!("{}\n", text.len()).as_bytes());
        bytes.extend_from_slice(text);
    }
    hash_object(Kind::Blob, &bytes)
}

fn render_entry(pool: &mut ObjectPool, entry: Option<Entry>) -> Answer<Rendered> {
    let Some(entry) = entry else {
        return Ok(Rendered { bytes: Rc::from([]), mode: None, conflicted: false, hunks: 0 });
    };
    if matches!(entry.mode, Mode::Tree | Mode::Submodule) {
        return Err(CoreError::BadArgument("a directory or a submodule has no bytes".to_owned()).into());
    }
    Ok(Rendered { bytes: pool.blob(entry.oid)?, mode: Some(entry.mode), conflicted: false, hunks: 0 })
}

fn resolved_to(pool: &mut ObjectPool, bytes: &[u8], mode: Mode) -> Terms {
    Merge::resolved(Some(Entry { oid: pool.make_blob(bytes.to_vec()), mode }))
}

/// Whether these bytes are the placeholder of the terms, with any labels.
fn is_description(bytes: &[u8], terms: &Terms) -> bool {
    let expected = describe(&terms.simplify(), &[]);
    let mut expected = expected.lines();
    let same = |line: &[u8]| {
        let Some(expected) = expected.next() else { return false };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match line.strip_prefix(expected.as_bytes()) {
            Some(rest) => rest.is_empty() || (rest.starts_with(b" (") && rest.ends_with(b")")),
            None => false,
        }
    };
    lines(bytes).all(same) && expected.next().is_none()
}

/// Old tools wrote markers of six characters, and so may people; they count where the usual length would be
/// seven and none of that length are left.
fn parse_at_any_len(bytes: &[u8], conflict: &FileConflict) -> Option<Vec<Merge<Vec<u8>>>> {
    let len = marker_len(&conflict.contents);
    let sides = conflict.ids.num_sides();
    parse_conflicts(bytes, sides, len).or_else(|| match len {
        MIN_MARKER_LEN => parse_conflicts(bytes, sides, MIN_MARKER_LEN - 1),
        _ => None,
    })
}

/// A conflict of which every term is a regular file or absent.
struct FileConflict {
    /// The files without terms that cancel out.
    ids: Merge<Option<Oid>>,
    labels: Vec<String>,
    contents: Merge<Rc<[u8]>>,
    executable: bool,
}

impl FileConflict {
    fn read(pool: &mut ObjectPool, terms: &Terms, labels: &[String]) -> Answer<Option<Self>> {
        if terms.iter().flatten().any(|entry| !entry.mode.is_file()) {
            return Ok(None);
        }
        let (labels, ids) = simplify_labels(labels, &file_ids(terms))?;
        let contents = read_contents(pool, &ids)?;
        let executable = resolve_executable(terms);
        Ok(Some(Self { ids, labels, contents, executable }))
    }

    fn is_text(&self) -> bool {
        is_mergeable(&self.contents)
    }

    fn mode(&self) -> Mode {
        if self.executable { Mode::Executable } else { Mode::File }
    }

    /// The first side that has a file: what a binary conflict reads as.
    fn first_side(&self) -> (Option<Oid>, Rc<[u8]>) {
        let mut sides = self.ids.adds().zip(self.contents.adds());
        let (id, bytes) =
            sides.find(|(id, _)| id.is_some()).unwrap_or((self.ids.first(), self.contents.first()));
        (*id, bytes.clone())
    }

    /// The terms with the contents that hunks left in a file give them.
    fn rebuild(&self, pool: &mut ObjectPool, terms: &Terms, hunks: Vec<Merge<Vec<u8>>>) -> Answer<Terms> {
        let mut contents: Vec<Vec<u8>> = self.ids.iter().map(|_| Vec::new()).collect();
        for hunk in &hunks {
            for (place, content) in contents.iter_mut().enumerate() {
                let part = hunk.as_resolved().or_else(|| hunk.as_slice().get(place));
                content.extend_from_slice(part.map(Vec::as_slice).unwrap_or_default());
            }
        }
        let edited = self.ids.clone().zip(contents).map(|pairs| {
            pairs.map(|(id, content)| {
                // An absent side shows as no text, and stays absent as long as it does.
                (id.is_some() || !content.is_empty()).then(|| pool.make_blob(content.clone()))
            })
        });
        let files = file_ids(terms);
        let expanded = edited.and_then(|edited| {
            if edited.as_slice().len() == files.as_slice().len() {
                Some(edited)
            } else {
                files.expand_from_simplified(edited)
            }
        });
        let Some(expanded) = expanded else {
            return Err(CoreError::BadTerms("the file's conflicts don't fit the terms".to_owned()).into());
        };
        let mut before = terms.iter();
        Ok(expanded.map(|oid| {
            let mode = before.next().copied().flatten().map_or(Mode::File, |entry| entry.mode);
            oid.map(|oid| Entry { oid, mode })
        }))
    }
}

fn file_ids(terms: &Terms) -> Merge<Option<Oid>> {
    terms.map(|term| term.map(|entry| entry.oid))
}

/// The executable bit of a conflict: merged apart from the content. Where it merges to "no file", the bit all
/// bases agree on is kept.
fn resolve_executable(terms: &Terms) -> bool {
    let bits = terms.map(|term| term.map(|entry| entry.mode == Mode::Executable));
    match bits.resolve_trivial() {
        Some(Some(bit)) => *bit,
        Some(None) => {
            let mut bases = bits.removes().flatten();
            bases.next().is_some_and(|first| *first && bases.all(|bit| *bit))
        }
        None => false,
    }
}
