//! Differences of texts and of trees: the hunks lead from one text to the other.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mesa_core::patch::{LineKind, diff_text, unified_patch};
use mesa_core::tree::{TreeEdit, diff_trees, find_renames};
use mesa_core::{Entry, Kind, Merge, Mode, ObjectPool, Oid};
use mesa_fuzz::{Text, given};

#[derive(Arbitrary, Debug)]
struct Case {
    before: Vec<File>,
    after: Vec<File>,
    /// Files of `before` that `after` has at other paths.
    moved: Vec<(u8, u8)>,
    context: u8,
}

#[derive(Arbitrary, Clone, Debug)]
struct File {
    path: u8,
    mode: u8,
    text: Text,
}

const PATHS: [&str; 8] = ["a", "b", "d/a", "d/b", "d/e/a", "\"q\"\n", "d", "ü"];

fuzz_target!(|case: Case| {
    let mut after = case.after.clone();
    for (from, to) in &case.moved {
        if let Some(file) = case.before.get(usize::from(*from)) {
            after.push(File { path: *to, ..file.clone() });
        }
    }
    for (old, new) in case.before.iter().zip(&after) {
        check_text(&old.text.0, &new.text.0, usize::from(case.context));
    }
    let mut pool = ObjectPool::new();
    let [Some(old), Some(new)] = [&case.before, &after].map(|files| version(&mut pool, files)) else {
        return;
    };
    let (old, new) = (Merge::resolved(old), Merge::resolved(new));
    let Some(changed) = given(diff_trees(&mut pool, &old, &new)) else { panic!("every object is here") };
    assert_eq!(changed.is_empty(), old == new);
    let renamed = given(find_renames(&mut pool, &changed, 8)).expect("every object is here");
    for (place, pair) in renamed.iter().enumerate() {
        assert!(
            changed[pair.from].after.is_absent()
                && changed[pair.to].before.is_absent()
                && pair.similarity <= 100
        );
        let others = &renamed[place + 1..];
        assert!(
            others.iter().all(|other| other.from != pair.from && other.to != pair.to),
            "a file is renamed twice"
        );
    }
    let patch = given(unified_patch(&mut pool, &changed, usize::from(case.context)));
    assert!(patch.is_some_and(|patch| patch.is_empty() == changed.is_empty()));
});

fn version(pool: &mut ObjectPool, files: &[File]) -> Option<Oid> {
    let mut edit = given(TreeEdit::open(pool, Oid::EMPTY_TREE))?;
    for File { path, mode, text } in files.iter().take(12) {
        let mode =
            [Mode::File, Mode::File, Mode::Executable, Mode::Symlink, Mode::Submodule][usize::from(mode % 5)];
        let names = mesa_core::path::split_path(PATHS[usize::from(path % 8)]).ok()?;
        let entry = Entry { oid: pool.put(Kind::Blob, text.0.clone()), mode };
        given(edit.set(pool, &names, Some(entry)))?;
    }
    given(edit.write(pool))
}

/// Carries out the hunks.
fn check_text(before: &[u8], after: &[u8], context: usize) {
    let lines: Vec<&[u8]> = before.split_inclusive(|byte| *byte == b'\n').collect();
    let (mut result, mut at): (Vec<u8>, usize) = (Vec::new(), 0);
    for hunk in diff_text(before, after, context) {
        let start = if hunk.old_lines == 0 { hunk.old_start } else { hunk.old_start - 1 };
        result.extend(lines[at..start].concat());
        at = start + hunk.old_lines;
        let mut last = None;
        for line in &hunk.lines {
            match line.kind {
                LineKind::Context | LineKind::Added => result.extend([line.text, b"\n"].concat()),
                // The note is on the line before it.
                LineKind::Annotation if last != Some(LineKind::Deleted) => drop(result.pop()),
                _ => {}
            }
            last = Some(line.kind);
        }
    }
    result.extend(lines[at..].concat());
    assert_eq!(result, after, "from {}", before.escape_ascii());
}
