//! The root trees while edits are made.

use crate::tree::{Found, TreeEdit, find, merge_trees};
use crate::{Answer, Merge, Name, Need, ObjectPool, Oid, Terms};

/// Root trees being edited. While there is one tree, edits are held back and written once; a conflicted version
/// is brought into its final form after every edit, so that edits made together and one by one agree.
pub enum Content {
    /// Resolved.
    One(TreeEdit),
    /// Conflicted.
    Many(Merge<Oid>),
}

impl Content {
    /// Starts from root trees.
    pub fn open(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Self> {
        Ok(match trees.as_resolved() {
            Some(tree) => Self::One(TreeEdit::open(pool, *tree)?),
            None => Self::Many(trees.clone()),
        })
    }

    /// What stands at a path.
    pub fn find(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Found> {
        match self {
            Self::One(edit) => edit.find(pool, path),
            Self::Many(trees) => find(pool, trees, path),
        }
    }

    /// Whether nothing stands at a path, or a directory without entries.
    pub fn is_empty_at(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<bool> {
        match self {
            Self::One(edit) => edit.is_empty_at(pool, path),
            Self::Many(trees) => find(pool, trees, path).map(|found| found.is_absent()),
        }
    }

    /// Puts terms at a path. The list of trees grows to hold them and shrinks when conflicts go.
    pub fn set(&mut self, pool: &mut ObjectPool, path: &[Name], terms: &Terms) -> Answer<()> {
        let mut trees = match (&mut *self, terms.as_resolved()) {
            (Self::One(edit), Some(entry)) => return edit.set(pool, path, *entry),
            (Self::One(edit), None) => Merge::resolved(edit.write(pool)?),
            (Self::Many(trees), _) => trees.clone(),
        };
        let mut terms = terms.clone();
        trees.pad_to(terms.num_sides(), Oid::EMPTY_TREE);
        let same = terms.as_resolved().copied();
        terms.pad_to(trees.num_sides(), None);
        let mut entries = terms.iter().map(|entry| same.unwrap_or(*entry));
        let mut need = Need::default();
        let edited = trees.try_map(|tree| {
            let entry = entries.next().flatten();
            need.take(edit_one(pool, *tree, path, entry))
        })?;
        need.finish()?;
        let edited = merge_trees(pool, &edited.map(|tree| tree.unwrap_or(Oid::EMPTY_TREE)))?;
        *self = Self::open(pool, &edited)?;
        Ok(())
    }

    /// The root trees with all edits made.
    pub fn write(&self, pool: &mut ObjectPool) -> Answer<Merge<Oid>> {
        match self {
            Self::One(edit) => Ok(Merge::resolved(edit.write(pool)?)),
            Self::Many(trees) => Ok(trees.clone()),
        }
    }
}

fn edit_one(pool: &mut ObjectPool, tree: Oid, path: &[Name], entry: Option<crate::Entry>) -> Answer<Oid> {
    let mut edit = TreeEdit::open(pool, tree)?;
    edit.set(pool, path, entry)?;
    edit.write(pool)
}
