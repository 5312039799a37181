//! Files and directories that meet at one path.

use super::*;

#[test]
fn writing_below_a_file_keeps_both() {
    let mut world = World::new(&[("p", "file")]);
    assert_eq!(world.write("p/a", None, Some("1")), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["file", "absent", "tree"]);
    // The next one goes into the same side.
    assert_eq!(world.write("p/b/c", None, Some("2")), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["file", "absent", "tree"]);
    let side = Merge::resolved(*world.trees.adds().last().unwrap());
    assert_eq!(read(&mut world.pool, &side, "p/a"), ["1"]);
    assert_eq!(read(&mut world.pool, &side, "p/b/c"), ["2"]);
    // Deleting below a file is no news.
    assert_eq!(world.write("p/x", Some("gone"), None), Outcome::Unchanged);
    // Changing what went away is: both sides stay.
    let mut world = World::new(&[("p", "file")]);
    assert_eq!(world.write("p/a", Some("1"), Some("2")), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["file", "tree", "tree"]);
}

#[test]
fn what_is_deleted_or_moved_below_a_file_leaves_the_directory_it_collides_with() {
    let collide = || {
        let mut world = World::new(&[("p/a", "1"), ("p/b", "2")]);
        assert_eq!(world.write("p", None, Some("file")), Outcome::Conflicted);
        world
    };
    let side = |world: &mut World, path: &str| {
        let side = Merge::resolved(*world.trees.iter().next().unwrap());
        read(&mut world.pool, &side, path)
    };
    let mut world = collide();
    assert_eq!(world.write("p/a", Some("1"), None), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["tree", "absent", "file"]);
    assert_eq!((side(&mut world, "p/a"), side(&mut world, "p/b")), (vec!["absent".into()], vec!["2".into()]));
    // With the last of it the directory goes, and the file is what stays.
    assert_eq!(world.write("p/b", Some("2"), None), Outcome::Merged);
    assert_eq!(world.read("p"), ["file"]);

    let mut world = collide();
    assert_eq!(world.rename("p/a", "q", Some("1"), None), Outcome::Merged);
    assert_eq!((world.read("q"), side(&mut world, "p/a")), (vec!["1".into()], vec!["absent".into()]));
    // What a racer changed is no longer what was deleted: it stays, over what was seen.
    let mut world = collide();
    assert_eq!(world.write("p/a", Some("0"), None), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["tree", "tree", "file"]);
    assert_eq!(side(&mut world, "p/a"), ["1"]);
}

#[test]
fn writing_a_file_over_a_directory_keeps_both() {
    let mut world = World::new(&[("p/a", "1")]);
    assert_eq!(world.write("p", None, Some("file")), Outcome::Conflicted);
    assert_eq!(world.read("p"), ["tree", "absent", "file"]);
}

#[test]
fn racing_directories_merge_entry_by_entry() {
    let mut world = World::new(&[]);
    let left = tree(&mut world.pool, &[("a", "1"), ("both", "left")]);
    let right = tree(&mut world.pool, &[("b", "2"), ("both", "right")]);
    for dir in [left, right] {
        let entry = Merge::resolved(Some(Entry::tree(dir)));
        world.apply(&[Edit::Write { path: "d".into(), was: Merge::absent(), entry, mtime: None }]);
    }
    assert_eq!(world.read("d/a"), ["1"]);
    assert_eq!(world.read("d/b"), ["2"]);
    assert_eq!(world.read("d/both"), ["left", "absent", "right"]);
}

#[test]
fn what_a_rename_finds_gone_leaves_no_directory_behind() {
    // A racer made the directory a file, or deleted it with all in it: the file lives on under its new name only.
    for (racer, kind) in [(Some("file"), PathKind::File), (None, PathKind::Absent)] {
        let mut world = World::new(&[]);
        world.write("d/e", None, racer);
        for (number, to) in [("1", "a"), ("2", "d/b")] {
            assert_eq!(world.rename("d/e/f", to, Some(number), None), Outcome::Merged);
            assert_eq!(world.look("d/e").kind, kind);
            assert_eq!(world.side, None);
        }
    }
}
