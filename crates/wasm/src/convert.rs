//! Between the core's values and the boundary's.

use js_sys::{Error, Reflect};
use mesa_core::{self as core, Answer, CoreError, Merge, Oid, Stop};
use wasm_bindgen::JsValue;

use crate::js::{Faults, FromJs, ToJs};
use crate::types::*;

/// The result of a call: a value, or an `Error` with the name `CoreError` and a `code`.
pub type JsResult = Result<JsValue, JsValue>;

/// The error JavaScript sees.
pub fn throw(error: CoreError) -> JsValue {
    let js = Error::new(&error.to_string());
    js.set_name("CoreError");
    // Setting a property of a fresh object can't fail.
    let _ = Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}

/// Decodes an argument.
pub fn decode<T: FromJs>(value: JsValue, name: &str) -> Result<T, JsValue> {
    let mut faults = Faults::default();
    let decoded = T::from_js(&value, name, &mut faults);
    faults.check(decoded).map_err(throw)
}

/// Encodes the answer of a computation over the pool: its value, or `{ missing }`.
pub fn answer<T, J: ToJs>(answer: Answer<T>, into: impl FnOnce(T) -> J) -> JsResult {
    match answer {
        Ok(value) => Ok(into(value).to_js()),
        Err(stop) => stopped(stop),
    }
}

/// Encodes why a computation has no result: `{ missing }`, or an error.
pub fn stopped(stop: Stop) -> JsResult {
    match stop {
        Stop::Missing(missing) => Ok(Missing { missing: hexes(&missing) }.to_js()),
        Stop::Error(error) => Err(throw(error)),
    }
}

pub fn oid(hex: &str) -> Result<Oid, JsValue> {
    Oid::from_hex(hex).map_err(throw)
}

pub fn optional_oid(hex: Option<String>) -> Result<Option<Oid>, JsValue> {
    hex.map(|hex| oid(&hex)).transpose()
}

pub fn trees(ids: &[String]) -> Result<Merge<Oid>, JsValue> {
    oids(ids).and_then(Merge::new).map_err(throw)
}

fn oids(ids: &[String]) -> core::Result<Vec<Oid>> {
    try_map(ids, |id| Oid::from_hex(id))
}

/// Maps all items.
pub fn map<T, U>(items: &[T], f: impl Fn(&T) -> U) -> Vec<U> {
    let mut mapped = Vec::with_capacity(items.len());
    for item in items {
        mapped.push(f(item));
    }
    mapped
}

/// Maps all items, or gives the first fault.
pub fn try_map<T, U>(items: &[T], f: impl Fn(&T) -> core::Result<U>) -> core::Result<Vec<U>> {
    let mut mapped = Vec::with_capacity(items.len());
    for item in items {
        mapped.push(f(item)?);
    }
    Ok(mapped)
}

/// Ids as hexadecimal digits.
pub fn hexes(ids: &[Oid]) -> Vec<String> {
    map(ids, |id| id.to_hex())
}

pub fn tree_ids(trees: &Merge<Oid>) -> Vec<String> {
    hexes(trees.as_slice())
}

pub fn entry(entry: &Entry) -> core::Result<core::Entry> {
    Ok(core::Entry { oid: Oid::from_hex(&entry.oid)?, mode: core::Mode::from_bits(entry.mode)? })
}

pub fn terms(terms: &Terms) -> core::Result<core::Terms> {
    Merge::new(try_map(&terms.0, |term| term.as_ref().map(entry).transpose())?)
}

pub fn decode_terms(value: JsValue) -> Result<core::Terms, JsValue> {
    terms(&decode::<Terms>(value, "terms")?).map_err(throw)
}

pub fn terms_out(terms: &core::Terms) -> Terms {
    let entry = |entry: core::Entry| Entry { oid: entry.oid.to_hex(), mode: entry.mode.bits() };
    Terms(map(terms.as_slice(), |term| term.map(entry)))
}

/// Milliseconds: whole ones, in the range doubles hold exactly.
pub fn time(ms: f64) -> core::Result<i64> {
    if ms.is_finite() && ms.abs() <= 9_007_199_254_740_991.0 {
        Ok(ms.floor() as i64)
    } else {
        Err(CoreError::BadTime(String::from(
            js_sys::Number::from(ms).to_string_with_radix(10).unwrap_or_default(),
        )))
    }
}

pub fn optional_time(ms: Option<f64>) -> core::Result<Option<i64>> {
    ms.map(time).transpose()
}

pub fn kind(kind: &str) -> Result<core::Kind, JsValue> {
    core::Kind::from_name(kind).map_err(throw)
}

pub fn kind_out(kind: core::Kind) -> ObjectKind {
    match kind {
        core::Kind::Blob => ObjectKind::Blob,
        core::Kind::Tree => ObjectKind::Tree,
        core::Kind::Commit => ObjectKind::Commit,
    }
}

pub fn name_out(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

pub fn path_kind(kind: core::tree::PathKind) -> PathKind {
    match kind {
        core::tree::PathKind::File => PathKind::File,
        core::tree::PathKind::Symlink => PathKind::Symlink,
        core::tree::PathKind::Dir => PathKind::Dir,
        core::tree::PathKind::Submodule => PathKind::Submodule,
        core::tree::PathKind::Conflict => PathKind::Conflict,
        core::tree::PathKind::Absent => PathKind::Absent,
    }
}

pub fn edit(edit: &Edit) -> core::Result<core::apply::Edit> {
    Ok(match edit {
        Edit::Write { path, was, entry, mtime } => core::apply::Edit::Write {
            path: path.clone(),
            was: terms(was)?,
            entry: terms(entry)?,
            mtime: optional_time(*mtime)?,
        },
        Edit::Rename { from, to, was, to_was, mtime } => core::apply::Edit::Rename {
            from: from.clone(),
            to: to.clone(),
            was: terms(was)?,
            to_was: terms(to_was)?,
            mtime: optional_time(*mtime)?,
        },
        Edit::Mkdir { path, mtime } => {
            core::apply::Edit::Mkdir { path: path.clone(), mtime: optional_time(*mtime)? }
        }
        Edit::Utimes { path, mtime } => {
            core::apply::Edit::Utimes { path: path.clone(), mtime: time(*mtime)? }
        }
    })
}

pub fn edit_result(result: &core::apply::EditResult) -> EditResult {
    let outcome = match result.outcome {
        core::apply::Outcome::Applied => Outcome::Applied,
        core::apply::Outcome::Merged => Outcome::Merged,
        core::apply::Outcome::Conflicted => Outcome::Conflicted,
        core::apply::Outcome::Unchanged => Outcome::Unchanged,
    };
    EditResult { outcome, paths: result.paths.clone() }
}

pub fn style(style: ConflictStyle) -> core::conflict::Style {
    match style {
        ConflictStyle::Snapshot => core::conflict::Style::Snapshot,
        ConflictStyle::Diff => core::conflict::Style::Diff,
        ConflictStyle::Git => core::conflict::Style::Git,
    }
}

pub fn commit(commit: Commit) -> core::Result<core::Commit> {
    Ok(core::Commit {
        trees: Merge::new(oids(&commit.trees)?)?,
        tree: Oid::from_hex(&commit.tree)?,
        labels: commit.labels,
        parents: oids(&commit.parents)?,
        author: signature(commit.author)?,
        committer: signature(commit.committer)?,
        message: commit.message,
        change_id: commit.change_id,
        extra: Vec::new(),
    })
}

fn signature(signature: Signature) -> core::Result<core::Signature> {
    Ok(core::Signature {
        name: signature.name,
        email: signature.email,
        timestamp: time(signature.timestamp)?,
        tz_offset: signature.tz_offset,
    })
}

pub fn commit_out(commit: core::Commit) -> Commit {
    let signature = |signature: core::Signature| Signature {
        name: signature.name,
        email: signature.email,
        timestamp: signature.timestamp as f64,
        tz_offset: signature.tz_offset,
    };
    Commit {
        trees: tree_ids(&commit.trees),
        tree: commit.tree.to_hex(),
        labels: commit.labels,
        parents: hexes(&commit.parents),
        author: signature(commit.author),
        committer: signature(commit.committer),
        message: commit.message,
        change_id: commit.change_id,
    }
}

pub fn hunk_out(hunk: &core::patch::TextHunk<'_>) -> TextHunk {
    let line = |line: &core::patch::HunkLine<'_>| HunkLine {
        kind: match line.kind {
            core::patch::LineKind::Context => LineKind::Context,
            core::patch::LineKind::Added => LineKind::Added,
            core::patch::LineKind::Deleted => LineKind::Deleted,
            core::patch::LineKind::Annotation => LineKind::Annotation,
        },
        text: name_out(line.text),
    };
    TextHunk {
        old_start: hunk.old_start,
        old_lines: hunk.old_lines,
        new_start: hunk.new_start,
        new_lines: hunk.new_lines,
        lines: map(&hunk.lines, line),
    }
}
