//! Merging texts hunk by hunk.

use super::hunks::{Hunk, line_hunks};
use super::words::word_hunks;
use crate::Merge;

/// What merging texts gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Every hunk resolved.
    Resolved(Vec<u8>),
    /// The text in order: resolved stretches (one term) and conflicts (as many terms as were merged).
    Conflict(Vec<Merge<Vec<u8>>>),
}

/// Merges texts: the first remove is the base all others are compared with, and a hunk resolves where its terms
/// do so trivially. Resolved neighbours are joined.
pub fn merge_texts<T: AsRef<[u8]>>(terms: &Merge<T>) -> Merged {
    merge_with(&terms.map(AsRef::as_ref), |_| None)
}

/// As [`merge_texts`], but a hunk that does not resolve is tried once more word by word, and taken if all of it
/// resolves so.
pub fn merge_texts_by_word<T: AsRef<[u8]>>(terms: &Merge<T>) -> Merged {
    merge_with(&terms.map(AsRef::as_ref), resolve_by_word)
}

fn resolve_by_word(hunk: &Merge<&[u8]>) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = hunk.removes().chain(hunk.adds()).copied().collect();
    let mut resolved = Vec::new();
    for Hunk { matching, parts } in word_hunks(&parts) {
        let part = if matching {
            parts.first().copied()?
        } else {
            let (removes, adds) = parts.split_at_checked(hunk.num_sides() - 1)?;
            let parts = Merge::from_removes_adds(removes.iter().copied(), adds.iter().copied())?;
            parts.resolve_trivial().copied()?
        };
        resolved.extend_from_slice(part);
    }
    Some(resolved)
}

fn merge_with(terms: &Merge<&[u8]>, resolve: impl Fn(&Merge<&[u8]>) -> Option<Vec<u8>>) -> Merged {
    let num_removes = terms.num_sides() - 1;
    let texts: Vec<&[u8]> = terms.removes().chain(terms.adds()).copied().collect();
    let mut hunks: Vec<Merge<Vec<u8>>> = Vec::new();
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or_default();
    let mut resolved: Vec<u8> = Vec::with_capacity(longest + longest / 8);
    for hunk in line_hunks(&texts) {
        let (removes, adds) = hunk.parts.split_at(num_removes);
        let conflict = match Merge::from_removes_adds(removes.iter().copied(), adds.iter().copied()) {
            Some(parts) if !hunk.matching => match parts.resolve_trivial() {
                Some(part) => {
                    resolved.extend_from_slice(part);
                    continue;
                }
                None => match resolve(&parts) {
                    Some(part) => {
                        resolved.extend(part);
                        continue;
                    }
                    None => parts.map(|part| part.to_vec()),
                },
            },
            _ => {
                resolved.extend_from_slice(hunk.parts.first().copied().unwrap_or_default());
                continue;
            }
        };
        if !resolved.is_empty() {
            hunks.push(Merge::resolved(std::mem::take(&mut resolved)));
        }
        hunks.push(conflict);
    }
    if hunks.is_empty() {
        return Merged::Resolved(resolved);
    }
    if !resolved.is_empty() {
        hunks.push(Merge::resolved(resolved));
    }
    Merged::Conflict(hunks)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn check(texts: [&str; 3], expected: Option<&str>) {
        let merged = merge_texts(&Merge::new(texts.to_vec()).unwrap());
        match expected {
            Some(text) => assert_eq!(merged, Merged::Resolved(text.as_bytes().to_vec()), "{texts:?}"),
            None => assert!(matches!(merged, Merged::Conflict(_)), "{texts:?}"),
        }
    }

    #[test]
    fn edits_apart_merge_and_edits_that_touch_conflict() {
        check(["A\nb\nc\n", "a\nb\nc\n", "a\nb\nC\n"], Some("A\nb\nC\n"));
        check(["A\nb\n", "a\nb\n", "a\nB\n"], None);
        check(["A\nb\nc\n", "a\nb\nc\n", "A\nb\nc\nd\n"], Some("A\nb\nc\nd\n"));
        check(["b\n", "a\nb\n", "a\n"], None);
        check(["", "a\n", "a\n"], Some(""));
        check(["a", "a\n", "a\nb\n"], None);
        check(["", "", ""], Some(""));
    }

    #[test]
    fn words_resolve_where_lines_do_not() {
        let by_word = |texts: [&str; 3]| match merge_texts_by_word(&Merge::new(texts.to_vec()).unwrap()) {
            Merged::Resolved(text) => Some(String::from_utf8(text).unwrap()),
            Merged::Conflict(_) => None,
        };
        assert_eq!(by_word(["f(A, b)\n", "f(a, b)\n", "f(a, B)\n"]).as_deref(), Some("f(A, B)\n"));
        // Only whole hunks: one word that conflicts leaves the lines as they are.
        assert_eq!(by_word(["A b C\n", "a b c\n", "a B D\n"]), None);
    }

    #[test]
    fn resolved_neighbours_are_one_stretch() {
        let terms = ["A\nx\nL\ny\nC\n", "a\nx\nl\ny\nc\n", "a\nx\nR\ny\nC\n"];
        let Merged::Conflict(hunks) = merge_texts(&Merge::new(terms.to_vec()).unwrap()) else {
            panic!("a conflict is due")
        };
        let text = |text: &str| text.as_bytes().to_vec();
        let conflict = Merge::three_way(text("L\n"), text("l\n"), text("R\n"));
        assert_eq!(hunks, [Merge::resolved(text("A\nx\n")), conflict, Merge::resolved(text("y\nC\n"))]);
    }

    /// Lines that are all different, and two sets of edits to them.
    fn edited() -> impl Strategy<Value = [String; 3]> {
        let edits = || prop::collection::vec((0_usize..30, 0..3), 0..4);
        (edits(), edits()).prop_map(|(left, right)| {
            let base: Vec<String> = (0..30).map(|line| format!("line {line}\n")).collect();
            let apply = |edits: Vec<(usize, i32)>, name: &str| {
                let mut lines = base.clone();
                for (at, kind) in edits {
                    let Some(line) = lines.get_mut(at) else { continue };
                    match kind {
                        0 => line.clear(),
                        1 => *line = format!("{name} {at}\n"),
                        _ => line.push_str(&format!("after {at}, {name}\n")),
                    }
                }
                lines.concat()
            };
            [apply(left, "left"), base.concat(), apply(right, "right")]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn git_merges_the_same(texts in edited()) {
            static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let dir = std::env::temp_dir().join(format!("mesa-merge-{}-{number}", std::process::id()));
            std::fs::create_dir_all(&dir).unwrap();
            for (name, text) in ["left", "base", "right"].iter().zip(&texts) {
                std::fs::write(dir.join(name), text).unwrap();
            }
            let git = Command::new("git").current_dir(&dir).args(["merge-file", "-p", "left", "base", "right"]).output().unwrap();
            std::fs::remove_dir_all(&dir).unwrap();
            let merged = merge_texts(&Merge::new(texts.to_vec()).unwrap());
            match git.status.code() {
                Some(0) => prop_assert_eq!(merged, Merged::Resolved(git.stdout)),
                _ => prop_assert!(matches!(merged, Merged::Conflict(_))),
            }
        }
    }

    proptest! {
        #[test]
        fn sides_are_alike(texts in prop::collection::vec("([abcd]\n){0,6}[ab]?", 3)) {
            let merge = Merge::new(texts).unwrap();
            let mut turned = merge.clone().into_vec();
            turned.reverse();
            let (one, other) = (merge_texts(&merge), merge_texts(&Merge::new(turned).unwrap()));
            prop_assert_eq!(matches!(one, Merged::Resolved(_)), matches!(other, Merged::Resolved(_)));
            if let Merged::Resolved(text) = one {
                prop_assert_eq!(other, Merged::Resolved(text));
            }
        }

        #[test]
        fn an_unchanged_side_takes_the_other(base in "([abc]\n){0,6}", side in "([abc]\n){0,6}[ab]?") {
            let terms = Merge::three_way(base.clone(), base, side.clone());
            prop_assert_eq!(merge_texts(&terms), Merged::Resolved(side.into_bytes()));
        }
    }
}
