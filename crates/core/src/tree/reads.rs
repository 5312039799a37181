//! What is read of a large tree: the directories that differ, whatever else there is.

use std::collections::{BTreeMap, BTreeSet};

use super::{TreeEdit, diff_trees, merge_trees};
use crate::apply::{Edit, apply};
use crate::testing::names;
use crate::{Answer, Entry, Kind, Merge, Mode, ObjectPool, Oid, Stop};

/// 100 directories of 100 directories of 10 files.
const DIRS: u32 = 100;
const FILES: u32 = 10;
const EDITS: u32 = 100;

struct World {
    /// Every object there is.
    all: ObjectPool,
    base: Oid,
}

impl World {
    fn new() -> Self {
        let mut all = ObjectPool::new();
        let mut edit = TreeEdit::open(&mut all, Oid::EMPTY_TREE).unwrap();
        for number in 0..DIRS * DIRS * FILES {
            edit.set(&mut all, &names(&path(number)), Some(file(number))).unwrap();
        }
        let base = edit.write(&mut all).unwrap();
        Self { all, base }
    }

    /// A version with other contents at these paths.
    fn edited(&mut self, numbers: &[u32], mark: u32) -> Oid {
        let mut edit = TreeEdit::open(&mut self.all, self.base).unwrap();
        for number in numbers {
            edit.set(&mut self.all, &names(&path(*number)), Some(file(number + mark))).unwrap();
        }
        edit.write(&mut self.all).unwrap()
    }

    /// Computes with an empty pool that is given what it lacks, and tells which trees that were.
    fn counted<T>(&self, mut compute: impl FnMut(&mut ObjectPool) -> Answer<T>) -> (T, BTreeSet<Oid>) {
        let mut pool = ObjectPool::new();
        let mut read = BTreeSet::new();
        loop {
            match compute(&mut pool) {
                Ok(answer) => return (answer, read),
                Err(Stop::Missing(missing)) => {
                    for oid in missing {
                        let (kind, bytes) = self.all.get(oid).expect("no file is read");
                        assert_eq!(kind, Kind::Tree);
                        pool.put_known(oid, kind, bytes.to_vec()).unwrap();
                        assert!(read.insert(oid), "{oid} is asked for once only");
                    }
                }
                Err(Stop::Error(error)) => panic!("{error}"),
            }
        }
    }

    /// The ids of the directories at these paths in a version.
    fn dirs<'a>(&mut self, root: Oid, paths: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, Oid> {
        let mut dirs = BTreeMap::new();
        for path in paths {
            let mut oid = root;
            for name in names(path) {
                oid = self.all.tree(oid).unwrap().get(&name).unwrap().oid;
            }
            dirs.insert(path.to_owned(), oid);
        }
        dirs
    }
}

fn path(number: u32) -> String {
    format!("{}/{}/{}", number % DIRS, number / DIRS % DIRS, number / DIRS / DIRS)
}

/// The directories on the way to a path.
fn dirs_above(path: &str) -> Vec<&str> {
    let cuts = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    std::iter::once("").chain(cuts).collect()
}

/// A file nobody has the bytes of.
fn file(number: u32) -> Entry {
    let mut bytes = [7; 20];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Entry { oid: Oid::from_bytes(bytes), mode: Mode::File }
}

/// Numbers all over the place, the same each time.
fn places(seed: u32) -> Vec<u32> {
    (0..EDITS)
        .map(|number| (number * 7919 + seed).wrapping_mul(2_654_435_761) % (DIRS * DIRS * FILES))
        .collect()
}

#[test]
fn a_merge_reads_the_directories_both_sides_changed() {
    let mut world = World::new();
    let (lefts, mut rights) = (places(1), places(2));
    rights.retain(|number| !lefts.contains(number));
    let (left, right) = (world.edited(&lefts, 1 << 20), world.edited(&rights, 1 << 21));
    let (merged, read) = {
        let base = world.base;
        world.counted(|pool| merge_trees(pool, &Merge::three_way(left, base, right)))
    };
    let both: Vec<u32> = [&lefts[..], &rights[..]].concat();
    assert!(merged.is_resolved());
    // Whatever only one side changed is taken by its id.
    let paths: Vec<String> = both.iter().map(|number| path(*number)).collect();
    let above: BTreeSet<&str> = paths.iter().flat_map(|path| dirs_above(path)).collect();
    let mut expected = BTreeSet::new();
    let versions = [left, world.base, right].map(|root| world.dirs(root, above.iter().copied()));
    for dir in &above {
        let oids: BTreeSet<Oid> = versions.iter().map(|dirs| dirs[*dir]).collect();
        if oids.len() == 3 {
            expected.extend(oids);
        }
    }
    assert_eq!(read, expected);
    // Of the 10,101 directories in each of three trees.
    assert_eq!(read.len(), 264);
}

#[test]
fn edits_and_a_comparison_read_the_directories_on_their_way() {
    let mut world = World::new();
    let numbers = places(3);
    let paths: Vec<String> = numbers.iter().map(|number| path(*number)).collect();
    let above: BTreeSet<&str> = paths.iter().flat_map(|path| dirs_above(path)).collect();
    let expected: BTreeSet<Oid> = world.dirs(world.base, above.iter().copied()).into_values().collect();
    let edits: Vec<Edit> = numbers
        .iter()
        .zip(&paths)
        .map(|(number, path)| Edit::Write {
            path: path.clone(),
            was: Merge::resolved(Some(file(*number))),
            entry: Merge::resolved(Some(file(number + (1 << 20)))),
            mtime: None,
        })
        .collect();
    let base = Merge::resolved(world.base);
    let (applied, read) = world.counted(|pool| apply(pool, &base, None, &edits));
    assert_eq!(read, expected);
    let edited = world.edited(&numbers, 1 << 20);
    assert_eq!(read.len(), 192);
    assert_eq!(applied.trees, Merge::resolved(edited));

    let (changed, read) = world.counted(|pool| diff_trees(pool, &base, &applied.trees));
    assert_eq!(
        changed.into_iter().map(|changed| changed.path).collect::<BTreeSet<_>>(),
        paths.iter().cloned().collect()
    );
    let mut expected = expected;
    expected.extend(world.dirs(edited, above.iter().copied()).into_values());
    assert_eq!(read, expected);
}
