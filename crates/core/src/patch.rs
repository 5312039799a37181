//! Differences of texts as people read them: hunks with context, and git's patches.

use std::rc::Rc;

use crate::conflict::{Style, render};
use crate::object::is_directory;
use crate::text::{is_binary, line_hunks, lines};
use crate::tree::Changed;
use crate::{Answer, Mode, Need, ObjectPool, Oid, Terms};

/// What a line of a hunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// In both texts.
    Context,
    /// In the new text only.
    Added,
    /// In the old text only.
    Deleted,
    /// A note on the line before: that its line break is missing.
    Annotation,
}

/// A line of a hunk, without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkLine<'a> {
    /// What it is.
    pub kind: LineKind,
    /// Its bytes.
    pub text: &'a [u8],
}

/// Changes that are close to each other, with context around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextHunk<'a> {
    /// The first line in the old text, from 1; the one before the hunk where it has none.
    pub old_start: usize,
    /// How many lines of the old text.
    pub old_lines: usize,
    /// The first line in the new text, from 1; the one before the hunk where it has none.
    pub new_start: usize,
    /// How many lines of the new text.
    pub new_lines: usize,
    /// The lines.
    pub lines: Vec<HunkLine<'a>>,
}

const NO_LINE_BREAK: &[u8] = b"\\ No newline at end of file";

/// The hunks by which two texts differ, with this many lines of context.
pub fn diff_text<'a>(before: &'a [u8], after: &'a [u8], context: usize) -> Vec<TextHunk<'a>> {
    let mut all: Vec<(LineKind, &[u8])> = Vec::new();
    for hunk in line_hunks(&[before, after]) {
        let kinds: &[LineKind] =
            if hunk.matching { &[LineKind::Context] } else { &[LineKind::Deleted, LineKind::Added] };
        for (kind, part) in kinds.iter().zip(hunk.parts) {
            all.extend(lines(part).map(|line| (*kind, line)));
        }
    }
    let changed: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(|(_, (kind, _))| *kind != LineKind::Context)
        .map(|(at, _)| at)
        .collect();
    let mut hunks = Vec::new();
    let (mut old, mut new, mut at) = (0, 0, 0);
    for group in changed.chunk_by(|a, b| b - a <= context.saturating_mul(2).saturating_add(1)) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let start = first.saturating_sub(context).max(at);
        let end = last.saturating_add(context).saturating_add(1).min(all.len());
        old += start - at;
        new += start - at;
        let mut hunk =
            TextHunk { old_start: old, old_lines: 0, new_start: new, new_lines: 0, lines: Vec::new() };
        for (kind, line) in all.get(start..end).unwrap_or_default() {
            hunk.old_lines += usize::from(*kind != LineKind::Added);
            hunk.new_lines += usize::from(*kind != LineKind::Deleted);
            let text = line.strip_suffix(b"\n");
            hunk.lines.push(HunkLine { kind: *kind, text: text.unwrap_or(line) });
            if text.is_none() {
                hunk.lines.push(HunkLine { kind: LineKind::Annotation, text: NO_LINE_BREAK });
            }
        }
        old += hunk.old_lines;
        new += hunk.new_lines;
        hunk.old_start += usize::from(hunk.old_lines > 0);
        hunk.new_start += usize::from(hunk.new_lines > 0);
        at = end;
        hunks.push(hunk);
    }
    hunks
}

/// A patch as `git diff` prints it. A conflict reads as its snapshot-style text.
pub fn unified_patch(pool: &mut ObjectPool, changed: &[Changed], context: usize) -> Answer<Vec<u8>> {
    let mut need = Need::default();
    let mut out = Vec::new();
    for change in changed {
        let before = need.take(Version::read(pool, &change.before))?;
        let after = need.take(Version::read(pool, &change.after))?;
        if let (Some(before), Some(after)) = (before, after) {
            write_file(&mut out, &change.path, &before, &after, context);
        }
    }
    need.finish()?;
    Ok(out)
}

/// One side of a change, as a file.
struct Version {
    file: Option<(Mode, Oid, Rc<[u8]>)>,
}

impl Version {
    fn read(pool: &mut ObjectPool, terms: &Terms) -> Answer<Self> {
        if terms.is_absent() || is_directory(terms) {
            return Ok(Self { file: None });
        }
        if let Some(Some(entry)) = terms.as_resolved()
            && entry.mode == Mode::Submodule
        {
            let bytes = format!("Subproject commit {}\n", entry.oid).into_bytes();
            return Ok(Self { file: Some((entry.mode, entry.oid, bytes.into())) });
        }
        let rendered = render(pool, terms, Style::Snapshot, &[])?;
        let oid = match terms.as_resolved() {
            Some(Some(entry)) => entry.oid,
            _ => crate::hash::hash_object(crate::Kind::Blob, &rendered.bytes),
        };
        Ok(Self { file: rendered.mode.map(|mode| (mode, oid, rendered.bytes)) })
    }

    fn bytes(&self) -> &[u8] {
        self.file.as_ref().map(|(_, _, bytes)| &**bytes).unwrap_or_default()
    }

    fn short_id(&self) -> String {
        let id = self.file.as_ref().map(|(_, oid, _)| oid.to_hex());
        id.unwrap_or_else(|| "0".repeat(40)).chars().take(10).collect()
    }
}

fn write_file(out: &mut Vec<u8>, path: &str, before: &Version, after: &Version, context: usize) {
    // A thing that became another kind of thing goes and comes, as git shows it.
    if let (Some((old, ..)), Some((new, ..))) = (&before.file, &after.file)
        && old != new
        && !(old.is_file() && new.is_file())
    {
        write_file(out, path, before, &Version { file: None }, context);
        write_file(out, path, &Version { file: None }, after, context);
        return;
    }
    let (old_name, new_name) = (quote(&format!("a/{path}")), quote(&format!("b/{path}")));
    let mut head = format!("diff --git {old_name} {new_name}\n");
    let (old_id, new_id) = (before.short_id(), after.short_id());
    let mut same_mode = String::new();
    match (&before.file, &after.file) {
        (None, Some((mode, ..))) => head.push_str(&format!("new file mode {:06o}\n", mode.bits())),
        (Some((mode, ..)), None) => head.push_str(&format!("deleted file mode {:06o}\n", mode.bits())),
        (Some((old, ..)), Some((new, ..))) if old != new => {
            head.push_str(&format!("old mode {:06o}\nnew mode {:06o}\n", old.bits(), new.bits()));
        }
        (Some((mode, ..)), Some(_)) => same_mode = format!(" {:06o}", mode.bits()),
        (None, None) => return,
    }
    if old_id != new_id {
        head.push_str(&format!("index {old_id}..{new_id}{same_mode}\n"));
    }
    let old_name = if before.file.is_some() { old_name } else { "/dev/null".to_owned() };
    let new_name = if after.file.is_some() { new_name } else { "/dev/null".to_owned() };
    out.extend_from_slice(head.as_bytes());
    let (before, after) = (before.bytes(), after.bytes());
    if before == after {
        return;
    }
    if is_binary(before) || is_binary(after) {
        out.extend_from_slice(format!("Binary files {old_name} and {new_name} differ\n").as_bytes());
        return;
    }
    out.extend_from_slice(format!("--- {old_name}\n+++ {new_name}\n").as_bytes());
    for hunk in diff_text(before, after, context) {
        write_hunk(out, &hunk);
    }
}

fn write_hunk(out: &mut Vec<u8>, hunk: &TextHunk) {
    let range =
        |start: usize, lines: usize| if lines == 1 { start.to_string() } else { format!("{start},{lines}") };
    let (old, new) = (range(hunk.old_start, hunk.old_lines), range(hunk.new_start, hunk.new_lines));
    out.extend_from_slice(format!("@@ -{old} +{new} @@\n").as_bytes());
    for line in &hunk.lines {
        match line.kind {
            LineKind::Context => out.push(b' '),
            LineKind::Added => out.push(b'+'),
            LineKind::Deleted => out.push(b'-'),
            LineKind::Annotation => {}
        }
        out.extend_from_slice(line.text);
        out.push(b'\n');
    }
}

/// Quotes a name as git does when it holds what would break the line.
fn quote(name: &str) -> String {
    if !name.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| quoted.push_str(&format!("\\{byte:03o}")));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::tree;
    use crate::tree::diff_trees;
    use crate::{Entry, Merge};

    fn hunks(before: &str, after: &str, context: usize) -> String {
        let mut out = Vec::new();
        for hunk in diff_text(before.as_bytes(), after.as_bytes(), context) {
            write_hunk(&mut out, &hunk);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hunks_have_context_and_join_when_close() {
        assert_eq!(hunks("a\nb\nc\n", "a\nB\nc\n", 1), "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        assert_eq!(hunks("a\nb\nc\n", "a\nB\nc\n", 0), "@@ -2 +2 @@\n-b\n+B\n");
        assert_eq!(hunks("", "a\nb\n", 3), "@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(hunks("a\nb\n", "", 3), "@@ -1,2 +0,0 @@\n-a\n-b\n");
        assert_eq!(hunks("a\nb\n", "a\nx\nb\n", 0), "@@ -1,0 +2 @@\n+x\n");
        assert_eq!(
            hunks("1\n2\n3\n4\n5\n", "A\n2\n3\n4\nB\n", 1),
            "@@ -1,2 +1,2 @@\n-1\n+A\n 2\n@@ -4,2 +4,2 @@\n 4\n-5\n+B\n"
        );
        assert_eq!(
            hunks("1\n2\n3\n4\n5\n", "A\n2\n3\n4\nB\n", 2),
            "@@ -1,5 +1,5 @@\n-1\n+A\n 2\n 3\n 4\n-5\n+B\n"
        );
        assert_eq!(hunks("same\n", "same\n", 3), "");
        assert!(!hunks("a\nb\n", "c\nb\n", usize::MAX).is_empty());
    }

    #[test]
    fn a_missing_line_break_is_noted() {
        assert_eq!(hunks("a\nb", "a\nb\n", 1), "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    }

    #[test]
    fn patches_tell_modes_kinds_and_names() {
        let mut pool = ObjectPool::new();
        let [text, binary, link] = ["a\n", "\0", "to"].map(|text| crate::testing::file(&mut pool, text));
        let mode = |entry: Entry, mode| Merge::resolved(Some(Entry { mode, ..entry }));
        let change =
            |path: &str, before: Terms, after: Terms| Changed { path: path.to_owned(), before, after };
        let plain = mode(text, Mode::File);
        let changes = [
            change("exec", plain.clone(), mode(text, Mode::Executable)),
            change("bin", Merge::absent(), mode(binary, Mode::File)),
            change("kind", plain.clone(), mode(link, Mode::Symlink)),
            change("odd\t\"name\"", plain, Merge::absent()),
            change("module", Merge::absent(), mode(text, Mode::Submodule)),
        ];
        let patch = String::from_utf8(unified_patch(&mut pool, &changes, 3).unwrap()).unwrap();
        let expected = "\
diff --git a/exec b/exec\nold mode 100644\nnew mode 100755
diff --git a/bin b/bin\nnew file mode 100644\nindex 0000000000..f76dd238ad\nBinary files /dev/null and b/bin differ
diff --git a/kind b/kind\ndeleted file mode 100644\nindex 7898192261..0000000000\n--- a/kind\n+++ /dev/null\n@@ -1 +0,0 @@\n-a
diff --git a/kind b/kind\nnew file mode 120000\nindex 0000000000..788636ffba\n--- /dev/null\n+++ b/kind\n@@ -0,0 +1 @@\n+to
\\ No newline at end of file
diff --git \"a/odd\\t\\\"name\\\"\" \"b/odd\\t\\\"name\\\"\"\ndeleted file mode 100644\nindex 7898192261..0000000000
--- \"a/odd\\t\\\"name\\\"\"\n+++ /dev/null\n@@ -1 +0,0 @@\n-a
diff --git a/module b/module\nnew file mode 160000\nindex 0000000000..7898192261\n--- /dev/null\n+++ b/module\n@@ -0,0 +1 @@
+Subproject commit 78981922613b2afb6025042ff6bd878ac1994e85\n";
        assert_eq!(patch, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn git_applies_our_patches(
            before in prop::collection::btree_map("[a-c](/[d-f])?[.]t", "([ab]\n){0,5}a?", 0..4),
            after in prop::collection::btree_map("[a-c](/[d-f])?[.]t", "([ab]\n){0,5}a?", 0..4),
        ) {
            static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let dir = std::env::temp_dir().join(format!("mesa-patch-{}-{number}", std::process::id()));
            let mut pool = ObjectPool::new();
            let mut version = |files: &std::collections::BTreeMap<String, String>| {
                let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
                Merge::resolved(tree(&mut pool, &files))
            };
            let (old, new) = (version(&before), version(&after));
            let changed = diff_trees(&mut pool, &old, &new).unwrap();
            let patch = unified_patch(&mut pool, &changed, 3).unwrap();
            for (path, text) in &before {
                let path = dir.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("the.patch"), &patch).unwrap();
            if !patch.is_empty() {
                let mut git = Command::new("git");
                git.current_dir(&dir).env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
                let status = git.args(["apply", "the.patch"]).status().unwrap();
                prop_assert!(status.success(), "{}", String::from_utf8_lossy(&patch));
            }
            for (path, text) in &after {
                prop_assert_eq!(&std::fs::read_to_string(dir.join(path)).unwrap(), text);
            }
            for path in before.keys().filter(|path| !after.contains_key(*path)) {
                prop_assert!(!dir.join(path).exists());
            }
            std::fs::remove_dir_all(&dir).unwrap();
        }
    }
}
