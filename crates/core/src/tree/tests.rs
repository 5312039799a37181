use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::testing::{file, files, names, read, show, tree};
use crate::{Entry, Merge, Mode, ObjectPool, Oid, Stop};

fn merged(pool: &mut ObjectPool, versions: [&[(&str, &str)]; 3]) -> Merge<Oid> {
    let trees = versions.map(|files| tree(pool, files));
    merge_trees(pool, &Merge::new(trees.to_vec()).unwrap()).unwrap()
}

#[test]
fn changes_in_different_places_merge() {
    let mut pool = ObjectPool::new();
    let base: &[_] = &[("a/x", "1\n2\n3\n"), ("a/y", "y"), ("b", "b")];
    let left: &[_] = &[("a/x", "one\n2\n3\n"), ("b", "b"), ("new/left", "l")];
    let right: &[_] = &[("a/x", "1\n2\nthree\n"), ("a/y", "y"), ("b", "B"), ("new/right", "r")];
    let trees = merged(&mut pool, [left, base, right]);
    let expected =
        tree(&mut pool, &[("a/x", "one\n2\nthree\n"), ("b", "B"), ("new/left", "l"), ("new/right", "r")]);
    assert_eq!(trees, Merge::resolved(expected));
}

#[test]
fn what_conflicts_stays_as_terms_and_the_rest_is_the_same_in_all() {
    let mut pool = ObjectPool::new();
    let base: &[_] = &[("c", "c"), ("d/m", "m"), ("gone", "g"), ("z", "z")];
    let left: &[_] = &[("c", "left"), ("d/m", "m"), ("gone", "changed"), ("z", "Z"), ("new", "1")];
    let right: &[_] = &[("c", "right"), ("d/m", "M"), ("z", "z"), ("new", "2")];
    let trees = merged(&mut pool, [left, base, right]);
    assert_eq!(trees.num_sides(), 2);
    let found = conflicts(&mut pool, &trees).unwrap();
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["c", "gone", "new"]);
    assert_eq!(read(&mut pool, &trees, "c"), ["left", "c", "right"]);
    assert_eq!(read(&mut pool, &trees, "gone"), ["changed", "g", "absent"]);
    assert_eq!(read(&mut pool, &trees, "new"), ["1", "absent", "2"]);
    assert_eq!(read(&mut pool, &trees, "d/m"), ["M"]);
    assert_eq!(read(&mut pool, &trees, "z"), ["Z"]);
    assert_eq!(merge_trees(&mut pool, &trees), Ok(trees));
}

#[test]
fn terms_stand_in_the_order_they_have_on_their_own() {
    // In the whole directory `c` other terms cancel out than at `c/a`, and in another order.
    let mut pool = ObjectPool::new();
    let versions: [&[(&str, &str)]; 7] = [
        &[("c/a/c", "")],
        &[],
        &[("c/a", "file")],
        &[("A", ""), ("c/A/d", "changed")],
        &[("c/A/d", ""), ("c/a/c", "")],
        &[("c/A/d", "")],
        &[("A", "new"), ("c/A/d", "")],
    ];
    let terms = versions.map(|files| tree(&mut pool, files)).to_vec();
    let trees = merge_trees(&mut pool, &Merge::new(terms).unwrap()).unwrap();
    let expected = ["tree", "absent", "tree", "absent", "file"];
    assert_eq!(read(&mut pool, &trees, "c/a"), expected);
    let listed = list(&mut pool, &trees, None, &names("c")).unwrap().unwrap();
    assert!(listed.iter().any(|listed| &*listed.name == b"a" && show(&mut pool, &listed.terms) == expected));
    let found = conflicts(&mut pool, &trees).unwrap();
    assert!(found.iter().any(|(path, terms)| path == "c/a" && show(&mut pool, terms) == expected));
}

#[test]
fn a_directory_shows_where_something_else_cancels_out() {
    let mut pool = ObjectPool::new();
    let versions: [&[(&str, &str)]; 5] =
        [&[("p/x", "1")], &[("p/x", "0")], &[("p", "file")], &[("p", "file")], &[("p/x", "2")]];
    let terms = versions.map(|files| tree(&mut pool, files)).to_vec();
    let trees = Merge::new(terms).unwrap();
    assert_eq!(read(&mut pool, &trees, "p/x"), ["1", "0", "2"]);
    assert_eq!(conflicts(&mut pool, &trees).unwrap().len(), 1);
}

#[test]
fn an_empty_directory_is_none() {
    let mut pool = ObjectPool::new();
    let base: &[_] = &[("d/a", "a"), ("d/b", "b"), ("k", "k")];
    let trees = merged(&mut pool, [&[("d/a", "a"), ("k", "k")], base, &[("d/b", "b"), ("k", "k")]]);
    assert_eq!(trees, Merge::resolved(tree(&mut pool, &[("k", "k")])));
}

#[test]
fn a_file_against_a_directory_is_one_conflict() {
    let mut pool = ObjectPool::new();
    let trees = merged(&mut pool, [&[("p", "file")], &[], &[("p/q", "inside")]]);
    assert_eq!(read(&mut pool, &trees, "p"), ["file", "absent", "tree"]);
    let looked_up = lookup(&mut pool, &trees, None, &names("p/q")).unwrap();
    assert_eq!((looked_up.kind, looked_up.through.map(|t| t.depth)), (PathKind::Absent, Some(1)));
    assert_eq!(conflicts(&mut pool, &trees).unwrap().len(), 1);
    assert_eq!(list(&mut pool, &trees, None, &names("p")), Ok(Err(ListFault::NotDirectory)));
    assert_eq!(list(&mut pool, &trees, None, &names("q")), Ok(Err(ListFault::Absent)));
}

#[test]
fn the_executable_bit_merges_apart_from_the_content() {
    let mut pool = ObjectPool::new();
    let [left, base, right] = ["A\nb\nc\n", "a\nb\nc\n", "a\nb\nC\n"].map(|text| file(&mut pool, text));
    let executable = |entry: Entry| Merge::resolved(Some(Entry { mode: Mode::Executable, ..entry }));
    let plain = |entry| Merge::resolved(Some(entry));
    let result =
        merge_entries(&mut pool, Merge::three_way(executable(left), plain(base), plain(right))).unwrap();
    let expected = file(&mut pool, "A\nb\nC\n");
    assert_eq!(result, executable(expected));
}

#[test]
fn binary_files_are_not_merged_by_lines() {
    let mut pool = ObjectPool::new();
    let trees =
        merged(&mut pool, [&[("f", "A\nb\nc\n\0")], &[("f", "a\nb\nc\n\0")], &[("f", "a\nB\nC\n\0")]]);
    assert_eq!(conflicts(&mut pool, &trees).unwrap().len(), 1);
}

#[test]
fn only_directories_that_differ_are_asked_for() {
    let mut pool = ObjectPool::new();
    let base = tree(&mut pool, &[("same/a", "a"), ("d/x", "x"), ("e/x", "x")]);
    let other = tree(&mut pool, &[("same/a", "a"), ("d/x", "X"), ("e/x", "X")]);
    let mut fresh = ObjectPool::new();
    let mut asked = Vec::new();
    loop {
        match diff_trees(&mut fresh, &Merge::resolved(base), &Merge::resolved(other)) {
            Err(Stop::Missing(missing)) => {
                asked.push(missing.len());
                for oid in missing {
                    let (kind, bytes) = pool.get(oid).unwrap();
                    fresh.put_known(oid, kind, bytes.to_vec()).unwrap();
                }
            }
            answer => {
                let paths: Vec<_> = answer.unwrap().into_iter().map(|changed| changed.path).collect();
                assert_eq!(paths, ["d/x", "e/x"]);
                break;
            }
        }
    }
    // Both roots, then both directories of both sides: trees equal in content are one object.
    assert_eq!(asked, [2, 2]);
}

#[test]
fn a_directory_in_place_of_a_file_shows_both() {
    let mut pool = ObjectPool::new();
    let before = Merge::resolved(tree(&mut pool, &[("p", "file"), ("p-q", "1")]));
    let after = Merge::resolved(tree(&mut pool, &[("p/in", "in"), ("p-q", "2")]));
    let changed = diff_trees(&mut pool, &before, &after).unwrap();
    let shown: Vec<_> =
        changed.iter().map(|c| (c.path.as_str(), c.before.is_absent(), c.after.is_absent())).collect();
    assert_eq!(shown, [("p", false, true), ("p/in", true, false), ("p-q", false, false)]);
}

#[test]
fn a_conflicted_commits_tree_holds_every_term() {
    let mut pool = ObjectPool::new();
    let trees = merged(&mut pool, [&[("f", "1"), (".jjconflict-x", "old")], &[], &[("f", "2")]]);
    let made = make_conflict_tree(&mut pool, &trees).unwrap();
    let names: Vec<String> = pool
        .tree(made)
        .unwrap()
        .entries()
        .iter()
        .map(|e| String::from_utf8_lossy(&e.name).into_owned())
        .collect();
    assert_eq!(
        names,
        [".jjconflict-base-0", ".jjconflict-side-0", ".jjconflict-side-1", "JJ-CONFLICT-README", "f"]
    );
    assert_eq!(
        pool.tree(made).unwrap().get(b".jjconflict-side-1").map(|e| e.oid),
        trees.adds().nth(1).copied()
    );
}

#[test]
fn the_deepest_allowed_tree_is_walked_and_a_deeper_one_refused() {
    // Unoptimized frames are large; the WebAssembly build has room for these depths in its one megabyte.
    std::thread::Builder::new().stack_size(1 << 25).spawn(walk_deep_trees).unwrap().join().unwrap();
}

fn walk_deep_trees() {
    let mut pool = ObjectPool::new();
    let deep = |pool: &mut ObjectPool, text: &str, depth: usize| {
        let mut entry = file(pool, text);
        for _ in 0..depth {
            entry = Entry::tree(pool.make_single(crate::TreeEntry { name: names("d")[0].clone(), entry }));
        }
        entry.oid
    };
    for (depth, code) in [(1_000, None), (1_003, Some("TOO_DEEP"))] {
        let trees = ["A\nb\nc\n", "a\nb\nc\n", "a\nb\nC\n"].map(|text| deep(&mut pool, text, depth));
        let fault = |stop: Stop| match stop {
            Stop::Error(error) => error.code(),
            Stop::Missing(_) => "missing",
        };
        assert_eq!(merge_trees(&mut pool, &Merge::new(trees.to_vec()).unwrap()).map_err(fault).err(), code);
        let [left, right, _] = trees.map(Merge::resolved);
        assert_eq!(diff_trees(&mut pool, &left, &right).map_err(fault).err(), code);
    }
}

proptest! {
    #[test]
    fn edits_agree_with_a_plain_map(
        edits in prop::collection::vec(("[abc](/[abc]){0,2}", prop::option::of("[xy]")), 0..30),
        flush in prop::collection::vec(prop::bool::ANY, 30),
    ) {
        let mut pool = ObjectPool::new();
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        let mut edit = TreeEdit::open(&mut pool, Oid::EMPTY_TREE).unwrap();
        for ((path, text), flush) in edits.into_iter().zip(flush) {
            let below = format!("{path}/");
            model.retain(|other, _| *other != path && !other.starts_with(&below));
            if let Some(text) = &text {
                model.retain(|other, _| !path.starts_with(&format!("{other}/")));
                model.insert(path.clone(), text.clone());
            }
            let blocked = edit.find(&mut pool, &names(&path)).unwrap().is_none();
            if text.is_some() || !blocked {
                let entry = text.map(|text| file(&mut pool, &text));
                edit.set(&mut pool, &names(&path), entry).unwrap();
            }
            if flush {
                let oid = edit.write(&mut pool).unwrap();
                edit = TreeEdit::open(&mut pool, oid).unwrap();
            }
        }
        for parent in ["", "a", "b", "a/b"] {
            let below = |path: &str, dir: &str| dir.is_empty() || path.starts_with(&format!("{dir}/"));
            let in_the_way = |path: &String| path == parent || below(path, parent) || below(parent, path);
            let empty = !model.keys().any(in_the_way);
            prop_assert_eq!(edit.is_empty_at(&mut pool, &names(parent)).unwrap(), empty);
        }
        let oid = edit.write(&mut pool).unwrap();
        let found: BTreeMap<String, String> =
            files(&mut pool, &Merge::resolved(oid)).into_iter().map(|(path, terms)| (path, terms.concat())).collect();
        prop_assert_eq!(&found, &model);
        let lines: Vec<(&str, &str)> = model.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        prop_assert_eq!(oid, tree(&mut pool, &lines));
    }

    #[test]
    fn merging_is_stable_and_keeps_one_sided_changes(
        versions in prop::collection::vec(prop::collection::btree_map("[ab](/[ab])?[.]t", "[xyz]\n", 0..4), 3),
    ) {
        let mut pool = ObjectPool::new();
        let trees: Vec<Oid> = versions
            .iter()
            .map(|files| tree(&mut pool, &files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect::<Vec<_>>()))
            .collect();
        let merged = merge_trees(&mut pool, &Merge::new(trees.clone()).unwrap()).unwrap();
        prop_assert_eq!(merge_trees(&mut pool, &merged), Ok(merged.clone()));
        let unchanged = Merge::new(vec![trees[0], trees[1], trees[1]]).unwrap();
        prop_assert_eq!(merge_trees(&mut pool, &unchanged), Ok(Merge::resolved(trees[0])));
        let paths: Vec<String> = versions.iter().flat_map(|files| files.keys().cloned()).collect();
        for path in paths {
            let [left, base, right] = [0, 1, 2].map(|version| versions[version].get(&path).cloned());
            let expected = if left == base { Some(right) } else if right == base || left == right { Some(left) } else { None };
            let shown = read(&mut pool, &merged, &path);
            match expected {
                Some(text) => prop_assert_eq!(shown, [text.unwrap_or("absent".to_owned())]),
                None => prop_assert!(shown.len() == 3),
            }
        }
    }
}
