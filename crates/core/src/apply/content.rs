//! The root trees while edits are made.

use crate::tree::{Found, TreeEdit, find, merge_trees};
use crate::{Answer, Entry, Merge, Name, Need, ObjectPool, Oid, Terms};

/// Root trees being edited. The first edit brings a conflicted version into its final form. After that edits are held
/// back and written once, however many there are, while they go to paths that all trees agree on: those leave that
/// form as it is. Any other is brought into it at once, so that edits made together and one by one agree.
pub struct Content {
    edits: Merge<TreeEdit>,
    settled: bool,
}

impl Default for Content {
    fn default() -> Self {
        Self { edits: Merge::resolved(TreeEdit::default()), settled: false }
    }
}

impl Content {
    /// Starts from root trees.
    pub fn open(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Self> {
        let mut need = Need::default();
        let edits =
            trees.try_map(|tree| need.take(TreeEdit::open(pool, *tree)).map(Option::unwrap_or_default))?;
        need.finish()?;
        Ok(Self { edits, settled: false })
    }

    /// What stands at a path.
    pub fn find(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Found> {
        if let Some(terms) = self.terms_at(pool, path)? {
            return Ok(Found::Terms(terms.normalize()));
        }
        let trees = self.write(pool)?;
        find(pool, &trees, path)
    }

    /// Whether nothing stands at a path, or a directory without entries.
    pub fn is_empty_at(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<bool> {
        let mut need = Need::default();
        let mut empty = true;
        for edit in self.edits.iter() {
            empty &= need.take(edit.is_empty_at(pool, path))?.unwrap_or(false);
        }
        need.finish()?;
        Ok(empty)
    }

    /// Puts terms at a path. The list of trees grows to hold them and shrinks when conflicts go.
    pub fn set(&mut self, pool: &mut ObjectPool, path: &[Name], terms: &Terms) -> Answer<()> {
        let same = terms.as_resolved().copied();
        if same.is_some() && self.agrees_at(pool, path)? {
            return self.set_each(pool, path, terms, same);
        }
        let mut trees = self.write(pool)?;
        let mut terms = terms.clone();
        trees.pad_to(terms.num_sides(), Oid::EMPTY_TREE);
        terms.pad_to(trees.num_sides(), None);
        let mut edited = Self::open(pool, &trees)?;
        edited.set_each(pool, path, &terms, same)?;
        let edited = edited.write(pool)?;
        let edited = merge_trees(pool, &edited)?;
        *self = Self::open(pool, &edited)?;
        self.settled = true;
        Ok(())
    }

    /// The root trees with all edits made.
    pub fn write(&self, pool: &mut ObjectPool) -> Answer<Merge<Oid>> {
        self.edits.try_map(|edit| edit.write(pool))
    }

    /// Puts each tree's term at a path, or in all of them the same.
    fn set_each(
        &mut self,
        pool: &mut ObjectPool,
        path: &[Name],
        terms: &Terms,
        same: Option<Option<Entry>>,
    ) -> Answer<()> {
        let mut need = Need::default();
        let mut entries = terms.iter();
        for edit in self.edits.iter_mut() {
            let entry = same.or_else(|| entries.next().copied()).flatten();
            need.take(edit.set(pool, path, entry))?;
        }
        need.finish()
    }

    /// Whether all trees hold the same at a path, and nothing on the way to it is in conflict with a directory, once
    /// they are in their final form.
    fn agrees_at(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<bool> {
        if self.edits.is_resolved() || !self.settled {
            return Ok(self.edits.is_resolved());
        }
        let terms = self.terms_at(pool, path)?;
        Ok(terms.is_some_and(|terms| terms.iter().all(|term| term == terms.first())))
    }

    /// What each tree has at a path; nothing where something that is no directory is in the way in any of them.
    fn terms_at(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Option<Terms>> {
        let mut need = Need::default();
        let mut blocked = false;
        let terms = self.edits.try_map(|edit| {
            need.take(edit.find(pool, path)).map(|found| {
                blocked |= found == Some(None);
                found??
            })
        })?;
        need.finish()?;
        Ok(Some(terms).filter(|_| !blocked))
    }
}
