//! Edits by writers who don't see each other's: applied together or one by one they make the same, and an edit that changed nothing leaves
//! everything as it was.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mesa_core::apply::{Applied, Edit, Outcome, apply};
use mesa_core::path::split_path;
use mesa_core::tree::{PathKind, conflicts, list, lookup, make_conflict_tree, merge_trees};
use mesa_core::{Entry, Kind, Merge, Mode, ObjectPool, Oid, Terms};
use mesa_fuzz::given;

#[derive(Arbitrary, Debug)]
enum Step {
    Write {
        path: u8,
        was: Vec<u8>,
        entry: Vec<u8>,
        mtime: Option<i64>,
    },
    /// Writes over what is there.
    Seen {
        path: u8,
        entry: Vec<u8>,
    },
    Rename {
        from: u8,
        to: u8,
        was: Vec<u8>,
        to_was: Vec<u8>,
        mtime: Option<i64>,
    },
    Copy {
        from: u8,
        to: u8,
    },
    Mkdir {
        path: u8,
        mtime: Option<i64>,
    },
    Utimes {
        path: u8,
        mtime: i64,
    },
}

const PATHS: [&str; 10] = ["a", "b", "d", "d/a", "d/e", "d/e/f", "d/e/f/g", "D", "a.b", "n\nl"];
const TEXTS: [&str; 6] = ["1\n2\n3\n", "one\n2\n3\n", "1\n2\nthree\n", "x\n", "x", "\0"];

struct World {
    pool: ObjectPool,
    trees: Merge<Oid>,
    side: Option<Oid>,
}

fuzz_target!(|steps: Vec<Step>| {
    let mut world = World { pool: ObjectPool::new(), trees: Merge::resolved(Oid::EMPTY_TREE), side: None };
    let (mut edits, mut results) = (Vec::new(), Vec::new());
    for step in steps.into_iter().take(40) {
        let edit = world.edit(step);
        // Together and one by one are compared from the empty version on, so a refused edit is left out of both.
        let Some(applied) = world.apply(std::slice::from_ref(&edit)) else { continue };
        if applied.results[0].outcome == Outcome::Unchanged {
            let before = world.everything("");
            let (trees, side) = (std::mem::replace(&mut world.trees, applied.trees.clone()), world.side);
            world.side = applied.side;
            assert_eq!(before, world.everything(""), "{edit:?} said that nothing changed");
            (world.trees, world.side) = (trees, side);
        }
        (world.trees, world.side) = (applied.trees, applied.side);
        results.extend(applied.results);
        edits.push(edit);
    }
    let last = Applied { trees: world.trees.clone(), side: world.side, results };
    (world.trees, world.side) = (Merge::resolved(Oid::EMPTY_TREE), None);
    assert_eq!(world.apply(&edits), Some(last.clone()), "{edits:?}");
    let merged = given(merge_trees(&mut world.pool, &last.trees));
    assert_eq!(merged, Some(last.trees.clone()), "an edited version is as merged as can be");
    let tree = given(make_conflict_tree(&mut world.pool, &last.trees)).expect("every object is here");
    assert!(world.pool.has(tree));
});

impl World {
    fn apply(&mut self, edits: &[Edit]) -> Option<Applied> {
        given(apply(&mut self.pool, &self.trees, self.side, edits))
    }

    fn edit(&mut self, step: Step) -> Edit {
        let path = |path: u8| PATHS[usize::from(path) % PATHS.len()].to_owned();
        match step {
            Step::Write { path: at, was, entry, mtime } => {
                Edit::Write { path: path(at), was: self.terms(&was), entry: self.terms(&entry), mtime }
            }
            Step::Seen { path: at, entry } => Edit::Write {
                path: path(at),
                was: self.at(&path(at)),
                entry: self.terms(&entry),
                mtime: None,
            },
            Step::Rename { from, to, was, to_was, mtime } => {
                let (was, to_was) = (self.terms(&was), self.terms(&to_was));
                Edit::Rename { from: path(from), to: path(to), was, to_was, mtime }
            }
            Step::Copy { from, to } => Edit::Write {
                path: path(to),
                was: self.at(&path(to)),
                entry: self.at(&path(from)),
                mtime: None,
            },
            Step::Mkdir { path: at, mtime } => Edit::Mkdir { path: path(at), mtime },
            Step::Utimes { path: at, mtime } => Edit::Utimes { path: path(at), mtime },
        }
    }

    fn at(&mut self, path: &str) -> Terms {
        let names = split_path(path).expect("these paths are good");
        given(lookup(&mut self.pool, &self.trees, self.side, &names))
            .map_or(Merge::absent(), |found| found.terms)
    }

    /// Terms of files, links and nothing; an even number of them loses one.
    fn terms(&mut self, choices: &[u8]) -> Terms {
        let mut terms: Vec<Option<Entry>> =
            choices.iter().take(5).map(|choice| self.entry(*choice)).collect();
        if terms.len() % 2 == 0 {
            terms.pop();
        }
        Merge::new(terms).unwrap_or_else(|_| Merge::absent())
    }

    fn entry(&mut self, choice: u8) -> Option<Entry> {
        let mode = [Mode::File, Mode::File, Mode::Executable, Mode::Symlink][usize::from(choice >> 6)];
        let text = TEXTS.get(usize::from(choice & 7))?;
        Some(Entry { oid: self.pool.put(Kind::Blob, text.as_bytes().to_vec()), mode })
    }

    /// Every path with what is there, times apart.
    fn everything(&mut self, path: &str) -> Vec<(String, PathKind, Terms)> {
        let names = split_path(path).expect("what is listed has a name");
        let listed =
            given(list(&mut self.pool, &self.trees, self.side, &names)).expect("every object is here");
        let mut found = Vec::new();
        for entry in listed.unwrap_or_default() {
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            let path = if path.is_empty() { name } else { format!("{path}/{name}") };
            let is_dir = entry.kind == PathKind::Dir;
            if is_dir {
                found.extend(self.everything(&path));
            }
            found.push((path, entry.kind, if is_dir { Merge::absent() } else { entry.terms }));
        }
        let unresolved = found.iter().filter(|(_, kind, _)| *kind == PathKind::Conflict).count();
        if path.is_empty() {
            assert_eq!(
                given(conflicts(&mut self.pool, &self.trees)).map(|list| list.len()),
                Some(unresolved)
            );
        }
        found
    }
}
