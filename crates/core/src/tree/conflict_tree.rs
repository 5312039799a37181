//! The tree git sees for a conflicted commit: every term as a directory of its own, so that nothing is lost to
//! garbage collection, and side #1's files, so that git's tools show few differences.

use std::rc::Rc;

use crate::{Answer, Entry, Merge, Mode, Name, ObjectPool, Oid, Tree, TreeEntry};

const README_NAME: &str = "JJ-CONFLICT-README";
const TERM_PREFIX: &[u8] = b".jjconflict";

const README: &str = "\
The files of this commit are in conflict, which plain git cannot show.

Each directory .jjconflict-side-N holds one side of the conflict and each
.jjconflict-base-N what two sides have in common; everything else is side 0.
Jujutsu (https://jj-vcs.dev) reads such commits and shows the conflict in the
files it concerns.

If this file is in your working copy, a git command checked out a conflicted
commit. Go back to the commit you were on before.
";

/// Makes the tree of a conflicted commit; the tree itself when there is no conflict.
pub fn make_conflict_tree(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Oid> {
    if let Some(tree) = trees.as_resolved() {
        return Ok(*tree);
    }
    let first = pool.tree(*trees.first())?;
    let mut entries: Vec<TreeEntry> = first
        .entries()
        .iter()
        .filter(|entry| !entry.name.starts_with(TERM_PREFIX) && *entry.name != *README_NAME.as_bytes())
        .cloned()
        .collect();
    for (number, tree) in trees.adds().enumerate() {
        entries.push(term(format!(".jjconflict-side-{number}"), *tree));
    }
    for (number, tree) in trees.removes().enumerate() {
        entries.push(term(format!(".jjconflict-base-{number}"), *tree));
    }
    let oid = pool.make_blob(README.as_bytes().to_vec());
    entries.push(TreeEntry { name: name(README_NAME), entry: Entry { oid, mode: Mode::File } });
    Ok(pool.make_tree(Tree::new(entries)?))
}

fn term(name_of_term: String, tree: Oid) -> TreeEntry {
    TreeEntry { name: name(&name_of_term), entry: Entry::tree(tree) }
}

fn name(name: &str) -> Name {
    Rc::from(name.as_bytes())
}
