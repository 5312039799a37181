//! Comparing merged trees, and finding what in them is unresolved.

use super::entries::{directory_trees, merged_entries, read_trees};
use crate::limits::MAX_DEPTH;
use crate::object::is_directory;
use crate::path::join_path;
use crate::{Answer, CoreError, Entry, Merge, Name, Need, ObjectPool, Oid, Terms};

/// A path at which two versions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The path.
    pub path: String,
    /// What was there; absent where it was a directory.
    pub before: Terms,
    /// What is there; absent where it is a directory.
    pub after: Terms,
}

/// What differs between two versions, by files, in the order of the paths' names. Only directories that differ
/// are read. A directory in place of a file shows as the file going and the files in the directory coming.
pub fn diff_trees(pool: &mut ObjectPool, before: &Merge<Oid>, after: &Merge<Oid>) -> Answer<Vec<Changed>> {
    let mut walk = Walk::default();
    let (before, after) = (root(before).settle(), root(after).settle());
    if before != after {
        walk.diff(pool, &before, &after)?;
    }
    walk.need.finish()?;
    Ok(walk.changed)
}

/// The unresolved paths, directories excepted, in the order of the paths' names.
pub fn conflicts(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Vec<(String, Terms)>> {
    let mut walk = Walk::default();
    let trees = root(trees).settle();
    if !trees.is_resolved() {
        walk.conflicts(pool, &trees)?;
    }
    walk.need.finish()?;
    Ok(walk.changed.into_iter().map(|changed| (changed.path, changed.after)).collect())
}

fn root(trees: &Merge<Oid>) -> Terms {
    trees.map(|tree| Some(Entry::tree(*tree)))
}

/// What stands at a path if that is no directory, else nothing.
fn leaf(terms: &Terms) -> Terms {
    let terms = terms.normalize();
    if is_directory(&terms) { Merge::absent() } else { terms }
}

#[derive(Default)]
struct Walk {
    need: Need,
    path: Vec<Name>,
    changed: Vec<Changed>,
}

impl Walk {
    fn diff(&mut self, pool: &mut ObjectPool, before: &Terms, after: &Terms) -> Result<(), CoreError> {
        let before = self.read(pool, before)?;
        let after = self.read(pool, after)?;
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        let mut pairs: Vec<(Name, Terms, Terms)> = Vec::new();
        let mut after = after.into_iter().peekable();
        for (name, before) in before {
            while let Some((name, after)) = after.next_if(|(other, _)| *other < name) {
                pairs.push((name, Merge::absent(), after));
            }
            match after.next_if(|(other, _)| *other == name) {
                Some((_, after)) if after == before => {}
                Some((_, after)) => pairs.push((name, before, after)),
                None => pairs.push((name, before, Merge::absent())),
            }
        }
        pairs.extend(after.map(|(name, after)| (name, Merge::absent(), after)));

        for (name, before, after) in pairs {
            self.path.push(name);
            let (leaf_before, leaf_after) = (leaf(&before), leaf(&after));
            if leaf_before != leaf_after {
                let path = join_path(&self.path);
                self.changed.push(Changed { path, before: leaf_before, after: leaf_after });
            }
            self.diff(pool, &before, &after)?;
            self.path.pop();
        }
        Ok(())
    }

    fn conflicts(&mut self, pool: &mut ObjectPool, dir: &Terms) -> Result<(), CoreError> {
        for (name, terms) in self.read(pool, dir)?.unwrap_or_default() {
            if terms.is_resolved() {
                continue;
            }
            self.path.push(name);
            let after = leaf(&terms);
            if after.is_absent() {
                self.conflicts(pool, &terms)?;
            } else {
                let path = join_path(&self.path);
                self.changed.push(Changed { path, before: Merge::absent(), after });
            }
            self.path.pop();
        }
        Ok(())
    }

    /// The entries of a directory, or of nothing where the terms are none; `None` where trees are missing.
    fn read(&mut self, pool: &mut ObjectPool, dir: &Terms) -> Result<Option<Vec<(Name, Terms)>>, CoreError> {
        if self.path.len() > MAX_DEPTH {
            return Err(CoreError::TooDeep);
        }
        let Some(dirs) = directory_trees(dir) else { return Ok(Some(Vec::new())) };
        let Some(trees) = self.need.take(read_trees(pool, &dirs))? else { return Ok(None) };
        let entries = merged_entries(&trees).map(|(name, terms)| (name, terms.settle()));
        Ok(Some(entries.filter(|(_, terms)| !terms.is_absent()).collect()))
    }
}
