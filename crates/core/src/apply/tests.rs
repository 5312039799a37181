use proptest::prelude::*;

use super::*;
use crate::testing::{file, file_terms, files, names, read, show, tree};
use crate::tree::{Listed, Lookup, PathKind, list, lookup};
use crate::{Entry, Kind, Mode, Stop};

mod collisions;
mod properties;
mod settling;

/// What kind, from and to where, what was seen, what is written.
type Drawn = (u8, &'static str, &'static str, Option<&'static str>, Option<&'static str>);

struct World {
    pool: ObjectPool,
    trees: Merge<Oid>,
    side: Option<Oid>,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut pool = ObjectPool::new();
        let trees = Merge::resolved(tree(&mut pool, files));
        Self { pool, trees, side: None }
    }

    fn apply(&mut self, edits: &[Edit]) -> Vec<Outcome> {
        let applied = apply(&mut self.pool, &self.trees, self.side, edits).unwrap();
        self.trees = applied.trees;
        self.side = applied.side;
        applied.results.into_iter().map(|result| result.outcome).collect()
    }

    fn write(&mut self, path: &str, was: Option<&str>, text: Option<&str>) -> Outcome {
        let was = self.terms(was);
        let entry = self.terms(text);
        self.apply(&[Edit::Write { path: path.into(), was, entry, mtime: None }])[0]
    }

    fn rename(&mut self, from: &str, to: &str, was: Option<&str>, to_was: Option<&str>) -> Outcome {
        let (was, to_was) = (self.terms(was), self.terms(to_was));
        self.apply(&[Edit::Rename { from: from.into(), to: to.into(), was, to_was, mtime: None }])[0]
    }

    fn mkdir(&mut self, path: &str) -> Outcome {
        self.apply(&[Edit::Mkdir { path: path.into(), mtime: Some(1) }])[0]
    }

    fn utimes(&mut self, path: &str, mtime: i64) -> Outcome {
        self.apply(&[Edit::Utimes { path: path.into(), mtime }])[0]
    }

    fn terms(&mut self, text: Option<&str>) -> Terms {
        match text {
            Some(text) => file_terms(&mut self.pool, text),
            None => Merge::absent(),
        }
    }

    /// What is at a path, as an edit's `was` has it.
    fn seen(&mut self, path: &str) -> Terms {
        self.look(path).terms
    }

    fn look(&mut self, path: &str) -> Lookup {
        lookup(&mut self.pool, &self.trees, self.side, &names(path)).unwrap()
    }

    fn read(&mut self, path: &str) -> Vec<String> {
        read(&mut self.pool, &self.trees, path)
    }

    fn edit(&mut self, (kind, path, other, was, text): Drawn) -> Edit {
        let (was, entry) = (self.terms(was), self.terms(text));
        match kind {
            0 => Edit::Mkdir { path: path.into(), mtime: Some(3) },
            1 => Edit::Utimes { path: path.into(), mtime: 4 },
            2 if !other.starts_with(&format!("{path}/")) => Edit::Rename {
                from: path.into(),
                to: other.into(),
                was,
                to_was: Merge::absent(),
                mtime: None,
            },
            _ => Edit::Write { path: path.into(), was, entry, mtime: (kind > 5).then_some(5) },
        }
    }

    /// Every path below, with what is there, times apart.
    fn everything(&mut self, path: &str) -> Vec<(String, PathKind, Terms)> {
        let Ok(listed) =
            list(&mut self.pool, &self.trees, self.side, &names(path.trim_end_matches('/'))).unwrap()
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for Listed { name, terms, kind, .. } in listed {
            let path = format!("{path}{}", String::from_utf8_lossy(&name));
            if kind == PathKind::Dir {
                found.extend(self.everything(&format!("{path}/")));
                found.push((path, kind, Merge::absent()));
            } else {
                found.push((path, kind, terms));
            }
        }
        found
    }

    fn names(&mut self, path: &str) -> Vec<String> {
        let listed = list(&mut self.pool, &self.trees, self.side, &names(path)).unwrap().unwrap();
        listed.into_iter().map(|listed| String::from_utf8_lossy(&listed.name).into_owned()).collect()
    }
}

#[test]
fn an_edit_of_what_was_seen_applies_as_it_is() {
    let mut world = World::new(&[("a", "1")]);
    assert_eq!(world.write("a", Some("1"), Some("2")), Outcome::Applied);
    assert_eq!(world.write("new/deep", None, Some("3")), Outcome::Applied);
    assert_eq!(world.write("a", Some("2"), Some("2")), Outcome::Unchanged);
    let expected = tree(&mut world.pool, &[("a", "2"), ("new/deep", "3")]);
    assert_eq!(world.trees, Merge::resolved(expected));
}

#[test]
fn racing_edits_merge_by_lines_or_keep_both_sides() {
    let mut world = World::new(&[("a", "1\n2\n3\n")]);
    world.write("a", Some("1\n2\n3\n"), Some("one\n2\n3\n"));
    assert_eq!(world.write("a", Some("1\n2\n3\n"), Some("1\n2\nthree\n")), Outcome::Merged);
    assert_eq!(world.read("a"), ["one\n2\nthree\n"]);
    assert_eq!(world.write("a", Some("1\n2\n3\n"), Some("uno\n2\n3\n")), Outcome::Conflicted);
    // The head is side #1, the newcomer the last side.
    assert_eq!(world.read("a"), ["one\n2\nthree\n", "1\n2\n3\n", "uno\n2\n3\n"]);
    assert_eq!(world.trees.num_sides(), 2);
}

#[test]
fn a_third_racer_makes_one_flat_conflict_and_resolving_ends_it() {
    let mut world = World::new(&[("a", "base"), ("b", "b")]);
    for text in ["left", "right", "third"] {
        world.write("a", Some("base"), Some(text));
    }
    assert_eq!(world.read("a"), ["left", "base", "right", "base", "third"]);
    assert_eq!(world.trees.num_sides(), 3);
    assert_eq!(world.read("b"), ["b"]);
    let (was, entry) = (world.seen("a"), world.terms(Some("done")));
    assert_eq!(world.apply(&[Edit::Write { path: "a".into(), was, entry, mtime: None }]), [Outcome::Applied]);
    let expected = tree(&mut world.pool, &[("a", "done"), ("b", "b")]);
    assert_eq!(world.trees, Merge::resolved(expected));
}

#[test]
fn an_edit_that_changes_nothing_leaves_a_conflict_as_it_is() {
    let mut world = World::new(&[("a", "base")]);
    for text in ["left", "right", "third"] {
        world.write("a", Some("base"), Some(text));
    }
    let before = world.trees.clone();
    for text in ["left", "base", "other"] {
        assert_eq!(world.write("a", Some(text), Some(text)), Outcome::Unchanged);
    }
    assert_eq!(world.trees, before);
}

#[test]
fn conflicts_in_different_paths_share_the_slots() {
    let mut world = World::new(&[("a", "1"), ("b", "1"), ("c/d", "1")]);
    for path in ["a", "b", "c/d"] {
        world.write(path, Some("1"), Some("2"));
        assert_eq!(world.write(path, Some("1"), Some("3")), Outcome::Conflicted);
    }
    assert_eq!(world.trees.num_sides(), 2);
    world.write("b", Some("1"), Some("4"));
    assert_eq!(world.trees.num_sides(), 3);
    assert_eq!(world.read("a"), ["2", "1", "3"]);
    assert_eq!(world.read("b"), ["2", "1", "3", "1", "4"]);
    let (was, entry) = (world.seen("b"), world.terms(Some("5")));
    world.apply(&[Edit::Write { path: "b".into(), was, entry, mtime: None }]);
    assert_eq!(world.trees.num_sides(), 2);
    assert_eq!(world.read("c/d"), ["2", "1", "3"]);
}

#[test]
fn a_deleted_file_leaves_its_directory() {
    let mut world = World::new(&[("d/e/f", "1"), ("d/g", "2")]);
    assert_eq!(world.write("d/e/f", Some("1"), None), Outcome::Applied);
    assert_eq!(world.look("d/e").kind, PathKind::Dir);
    assert_eq!(world.names("d"), ["e", "g"]);
    assert_eq!(world.names("d/e"), [""; 0]);
    assert_eq!(world.write("d/e", None, None), Outcome::Applied);
    assert_eq!(world.look("d/e").kind, PathKind::Absent);
    assert_eq!(world.names("d"), ["g"]);
    // A file at the root leaves nothing behind, and what isn't there can't be deleted.
    assert_eq!(world.write("nope/x", None, None), Outcome::Unchanged);
    assert_eq!(world.look("nope").kind, PathKind::Absent);
}

#[test]
fn deleting_what_a_racer_changed_keeps_the_change_as_a_side() {
    let mut world = World::new(&[("a", "1")]);
    world.write("a", Some("1"), Some("2"));
    assert_eq!(world.write("a", Some("1"), None), Outcome::Conflicted);
    assert_eq!(world.read("a"), ["2", "1", "absent"]);
    assert_eq!(world.write("a", Some("gone"), None), Outcome::Conflicted);
}

#[test]
fn directories_are_copied_and_deleted_in_one_edit() {
    let mut world = World::new(&[("d/a", "1"), ("d/b", "2")]);
    let dir = world.seen("d");
    world.utimes("d/a", 7);
    world.mkdir("d/empty");
    world.apply(&[Edit::Write {
        path: "copy".into(),
        was: Merge::absent(),
        entry: dir.clone(),
        mtime: Some(9),
    }]);
    assert_eq!(world.read("copy/b"), ["2"]);
    assert_eq!(world.look("copy").mtime, Some(9));
    // A racer's new file keeps the directory, and nothing else in it.
    world.write("d/mine", None, Some("mine"));
    let edit = Edit::Write { path: "d".into(), was: dir, entry: Merge::absent(), mtime: None };
    assert_eq!(world.apply(&[edit]), [Outcome::Merged]);
    assert_eq!(world.names("d"), ["mine"]);
    let was = world.seen("d");
    world.apply(&[Edit::Write { path: "d".into(), was, entry: Merge::absent(), mtime: None }]);
    assert_eq!(world.look("d").kind, PathKind::Absent);
}

#[test]
fn a_rename_takes_the_heads_content_and_its_side_along() {
    let mut world = World::new(&[("d/a", "1"), ("d/s/b", "2")]);
    world.utimes("d/s/b", 5);
    world.utimes("d/a", 6);
    world.mkdir("d/empty");
    let was = world.seen("d");
    // A racer changes the file meanwhile.
    world.write("d/a", Some("1"), Some("changed"));
    let edit =
        Edit::Rename { from: "d".into(), to: "to/e".into(), was, to_was: Merge::absent(), mtime: None };
    assert_eq!(world.apply(&[edit]), [Outcome::Merged]);
    assert_eq!(world.look("d").kind, PathKind::Absent);
    assert_eq!(world.read("to/e/a"), ["changed"]);
    assert_eq!((world.look("to/e/s/b").mtime, world.look("to/e/a").mtime), (Some(5), Some(6)));
    assert_eq!(world.look("to/e/empty").kind, PathKind::Dir);
    assert_eq!(world.names(""), ["to"]);
}

#[test]
fn a_renamed_file_outlives_its_deletion() {
    let mut world = World::new(&[("a", "1")]);
    world.write("a", Some("1"), None);
    assert_eq!(world.rename("a", "b", Some("1"), None), Outcome::Merged);
    assert_eq!((world.read("a"), world.read("b")), (vec!["absent".to_owned()], vec!["1".to_owned()]));
}

#[test]
fn a_rename_onto_a_racers_file_keeps_both() {
    let mut world = World::new(&[("a", "1"), ("d/x", "x")]);
    world.write("b", None, Some("2"));
    assert_eq!(world.rename("a", "b", Some("1"), None), Outcome::Conflicted);
    assert_eq!(world.read("b"), ["2", "absent", "1"]);
    assert_eq!(world.rename("d/x", "y", Some("x"), None), Outcome::Applied);
    assert_eq!(world.look("d").kind, PathKind::Dir);
    assert_eq!(world.rename("y", "y", Some("x"), Some("x")), Outcome::Unchanged);
    assert_eq!(world.rename("none", "n", None, None), Outcome::Unchanged);
    assert_eq!(world.rename("y", "d/z/x", Some("x"), None), Outcome::Applied);
    assert_eq!(world.read("d/z/x"), ["x"]);
}

#[test]
fn an_empty_directory_can_be_renamed() {
    let mut world = World::new(&[]);
    world.mkdir("a/b");
    assert_eq!(world.rename("a/b", "c", None, None), Outcome::Applied);
    assert_eq!(world.names(""), ["a", "c"]);
    assert_eq!(world.names("a"), [""; 0]);
}

#[test]
fn made_directories_and_times_are_kept_beside_the_tree() {
    let mut world = World::new(&[("f", "1")]);
    assert_eq!(world.mkdir("d/e"), Outcome::Applied);
    assert_eq!(world.mkdir("d/e"), Outcome::Unchanged);
    assert_eq!(world.mkdir("f"), Outcome::Unchanged);
    assert_eq!(world.mkdir("f/x"), Outcome::Unchanged);
    assert_eq!((world.look("d").kind, world.look("d/e").mtime), (PathKind::Dir, Some(1)));
    assert_eq!(world.utimes("f", -5), Outcome::Applied);
    assert_eq!(world.utimes("none", 5), Outcome::Unchanged);
    assert_eq!(world.look("f").mtime, Some(-5));
    let expected = tree(&mut world.pool, &[("f", "1")]);
    assert_eq!(world.trees, Merge::resolved(expected));
    // A file takes the place of an empty directory.
    assert_eq!(world.write("d/e", None, Some("file")), Outcome::Applied);
    assert_eq!(world.look("d/e").kind, PathKind::File);
    assert_eq!(world.write("d/e", Some("file"), None), Outcome::Applied);
    assert_eq!(world.names("d"), [""; 0]);
}

#[test]
fn directories_that_go_are_a_change_too() {
    // Deleted as an empty directory, while a racer's file keeps it: what was empty in it goes.
    let mut world = World::new(&[]);
    world.mkdir("d/e/f");
    world.write("d/mine", None, Some("mine"));
    assert_eq!(world.write("d", None, None), Outcome::Merged);
    assert_eq!(world.names("d"), ["mine"]);
    assert_eq!(world.write("d", None, None), Outcome::Unchanged);
    // Renamed below what a racer made a file: nothing arrives, but it has left.
    let mut world = World::new(&[("p", "file")]);
    world.mkdir("d");
    assert_eq!(world.rename("d", "p/x", None, None), Outcome::Merged);
    assert_eq!(world.look("d").kind, PathKind::Absent);
}

#[test]
fn bad_paths_stop_the_whole_batch() {
    let mut world = World::new(&[("a", "1")]);
    let entry = world.terms(Some("2"));
    let good = Edit::Write { path: "a".into(), was: Merge::absent(), entry: entry.clone(), mtime: None };
    let moved = |from: &str, to: &str| Edit::Rename {
        from: from.into(),
        to: to.into(),
        was: Merge::absent(),
        to_was: Merge::absent(),
        mtime: None,
    };
    for bad in [
        Edit::Write { path: ".git/config".into(), was: Merge::absent(), entry, mtime: None },
        Edit::Mkdir { path: String::new(), mtime: None },
        Edit::Utimes { path: "a//b".into(), mtime: 0 },
        moved("d", "d/e"),
    ] {
        let answer = apply(&mut world.pool, &world.trees, None, &[good.clone(), bad]);
        assert!(matches!(answer, Err(Stop::Error(error)) if error.code() == "BAD_PATH"));
        assert_eq!(world.pool.take_created(), []);
    }
}

#[test]
fn missing_objects_are_named_together_and_leave_nothing_made() {
    let mut full = World::new(&[("a/b/c", "1\n2\n3\n"), ("d/e", "4"), ("f", "5")]);
    full.utimes("a/b/c", 1);
    full.write("a/b/c", Some("1\n2\n3\n"), Some("one\n2\n3\n"));
    let mut pool = ObjectPool::new();
    let was = file_terms(&mut full.pool, "1\n2\n3\n");
    let entry = file_terms(&mut full.pool, "1\n2\nthree\n");
    let made = file_terms(&mut full.pool, "new");
    let edits = [
        Edit::Write { path: "f".into(), was: Merge::absent(), entry: made.clone(), mtime: Some(3) },
        Edit::Write { path: "a/b/c".into(), was, entry, mtime: Some(2) },
        Edit::Write { path: "d/new".into(), was: Merge::absent(), entry: made, mtime: None },
    ];
    let mut rounds = Vec::new();
    let applied = loop {
        match apply(&mut pool, &full.trees, full.side, &edits) {
            Err(Stop::Missing(missing)) => {
                assert_eq!(pool.take_created(), []);
                rounds.push(missing.len());
                for oid in missing {
                    let (kind, bytes) = full.pool.get(oid).unwrap();
                    pool.put_known(oid, kind, bytes.to_vec()).unwrap();
                }
            }
            answer => break answer.unwrap(),
        }
    };
    // Root and its side; the directories `a`, `d` and the side's `a`; `f`'s contents … never one by one.
    assert!(rounds.len() <= 7, "{rounds:?}");
    let whole = apply(&mut full.pool, &full.trees, full.side, &edits).unwrap();
    assert_eq!(applied, whole);
    assert_eq!(applied.results[1].outcome, Outcome::Merged);
}

#[test]
fn what_an_earlier_edit_makes_is_not_asked_for() {
    let mut full = World::new(&[("d/e", "1"), ("f", "1")]);
    let mut known = ObjectPool::new();
    let before = World::new(&[("d/e", "1"), ("f", "1")]).pool;
    let (trees, side) = (full.trees.clone(), full.side);
    let texts: Vec<Terms> = ["1", "2", "3"].iter().map(|text| file_terms(&mut full.pool, text)).collect();
    let write = |path: &str, was: &Terms, entry: &Terms| Edit::Write {
        path: path.into(),
        was: was.clone(),
        entry: entry.clone(),
        mtime: None,
    };
    let first = write("d/e", &texts[0], &texts[1]);
    full.apply(std::slice::from_ref(&first));
    let root = *full.trees.first();
    let made = full.pool.tree(root).unwrap().get(b"d").unwrap();
    let made = Merge::resolved(Some(Entry { oid: made.oid, mode: made.mode }));
    // The directory is removed as the first edit leaves it, and a file takes its place; another goes elsewhere meanwhile.
    let absent = Merge::absent();
    let moved = Edit::Rename {
        from: "d".into(),
        to: "g".into(),
        was: texts[2].clone(),
        to_was: Merge::absent(),
        mtime: None,
    };
    let edits = [
        first,
        write("d", &made, &absent),
        write("d", &absent, &texts[2]),
        moved,
        write("f", &texts[0], &texts[2]),
    ];
    let applied = loop {
        match apply(&mut known, &trees, side, &edits) {
            Err(Stop::Missing(missing)) => {
                for oid in missing {
                    let (kind, bytes) = before.get(oid).expect("it is asked for what was there before");
                    known.put_known(oid, kind, bytes.to_vec()).unwrap();
                }
            }
            answer => break answer.unwrap(),
        }
    };
    assert!(applied.results.iter().all(|result| result.outcome == Outcome::Applied), "{:?}", applied.results);
    let root = known.tree(*applied.trees.first()).unwrap();
    assert_eq!(
        [&b"d"[..], b"f", b"g"].map(|name| root.get(name).map(|entry| entry.mode)),
        [None, Some(Mode::File), Some(Mode::File)]
    );
}

#[test]
fn what_was_made_is_what_the_result_needs() {
    let mut world = World::new(&[("d/a", "1")]);
    world.pool.take_created();
    let entries: Vec<Terms> = ["2", "3", "4"].iter().map(|text| file_terms(&mut world.pool, text)).collect();
    let edits: Vec<Edit> = entries
        .into_iter()
        .zip(["d/a", "d/b", "d/a"])
        .map(|(entry, path)| Edit::Write { path: path.into(), was: Merge::absent(), entry, mtime: None })
        .collect();
    world.apply(&edits);
    let made = world.pool.take_created();
    let mut reachable: Vec<Oid> = Vec::new();
    for root in world.trees.iter() {
        reachable.push(*root);
        let dir = world.pool.tree(*root).unwrap().get(b"d").unwrap();
        reachable.push(dir.oid);
    }
    assert!(made.iter().all(|(oid, kind, _)| *kind == Kind::Tree && reachable.contains(oid)), "{made:?}");
    assert_eq!(world.pool.take_created(), []);
}

#[test]
fn edits_beside_a_conflict_are_held_back_and_written_once() {
    let mut world = World::new(&[("a", "base"), ("d/e", "1")]);
    world.write("a", Some("base"), Some("left"));
    world.write("a", Some("base"), Some("right"));
    let World { mut pool, trees, .. } = world;
    let new = file_terms(&mut pool, "new");
    let mut content = Content::open(&mut pool, &trees).unwrap();
    content.set(&mut pool, &names("first"), &new).unwrap();
    pool.take_created();
    for index in 0..200 {
        content.set(&mut pool, &names(&format!("d/{index}")), &new).unwrap();
    }
    content.set(&mut pool, &names("d/e"), &Merge::absent()).unwrap();
    assert_eq!(pool.take_created().len(), 0);
    let trees = content.write(&mut pool).unwrap();
    // Three roots, and a directory that they share.
    assert_eq!(pool.take_created().len(), 4);
    assert_eq!(read(&mut pool, &trees, "d/199"), ["new"]);
    assert_eq!(read(&mut pool, &trees, "a"), ["left", "base", "right"]);
    // What goes to where the trees differ takes its final form at once.
    content.set(&mut pool, &names("a"), &new).unwrap();
    assert!(content.write(&mut pool).unwrap().is_resolved());
}
