//! Edits of a tree, held back until all are made, so that each changed directory is encoded and hashed once.

use std::rc::Rc;

use crate::names::NameMap;
use crate::{Answer, Entry, Name, ObjectPool, Oid, Tree, TreeEntry};

/// A tree with changes on top. Nothing is made before [`write`](TreeEdit::write).
#[derive(Clone, Debug, Default)]
pub struct TreeEdit {
    base: Rc<Tree>,
    changes: NameMap<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Set(Option<Entry>),
    Dir(TreeEdit),
}

impl TreeEdit {
    /// Starts from a tree.
    pub fn open(pool: &mut ObjectPool, tree: Oid) -> Answer<Self> {
        Ok(Self { base: pool.tree(tree)?, changes: NameMap::default() })
    }

    /// What stands at a path, changes included; `None` where something that is no directory is in the way.
    pub fn find(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Option<Option<Entry>>> {
        let Some((name, rest)) = path.split_first() else {
            return Ok(Some(Some(Entry::tree(self.write(pool)?))));
        };
        let entry = match self.changes.get(name) {
            Some(Change::Dir(dir)) if !rest.is_empty() => return dir.find(pool, rest),
            Some(Change::Dir(dir)) => dir.write_entry(pool)?,
            Some(Change::Set(entry)) => *entry,
            None => self.base.get(name),
        };
        match entry {
            Some(entry) if !rest.is_empty() && entry.is_tree() => {
                Self::open(pool, entry.oid)?.find(pool, rest)
            }
            Some(_) if !rest.is_empty() => Ok(None),
            entry => Ok(Some(entry)),
        }
    }

    /// Puts something at a path, or removes it. Directories on the way are made, in place of whatever else
    /// stands there.
    pub fn set(&mut self, pool: &mut ObjectPool, path: &[Name], entry: Option<Entry>) -> Answer<()> {
        let Some((name, parent)) = path.split_last() else { return Ok(()) };
        let mut here = self;
        for name in parent {
            if !matches!(here.changes.get(name), Some(Change::Dir(_))) {
                let entry = match here.changes.get(name) {
                    Some(Change::Set(entry)) => *entry,
                    _ => here.base.get(name),
                };
                let dir = match entry.filter(Entry::is_tree) {
                    Some(entry) => Self::open(pool, entry.oid)?,
                    None => Self::default(),
                };
                here.changes.insert(name.clone(), Change::Dir(dir));
            }
            let Some(Change::Dir(dir)) = here.changes.get_mut(name) else { return Ok(()) };
            here = dir;
        }
        here.changes.insert(name.clone(), Change::Set(entry));
        Ok(())
    }

    /// Whether nothing stands at a path, or a directory without entries. What lies behind something that is no
    /// directory isn't even empty.
    pub fn is_empty_at(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<bool> {
        let Some((name, rest)) = path.split_first() else { return Ok(self.is_empty()) };
        let entry = match self.changes.get(name) {
            Some(Change::Dir(dir)) => return dir.is_empty_at(pool, rest),
            Some(Change::Set(entry)) => *entry,
            None => self.base.get(name),
        };
        match entry {
            None => Ok(true),
            Some(entry) if entry.is_tree() => Self::open(pool, entry.oid)?.is_empty_at(pool, rest),
            Some(_) => Ok(false),
        }
    }

    /// Makes the trees that changed and gives the root's id.
    pub fn write(&self, pool: &mut ObjectPool) -> Answer<Oid> {
        let mut entries = Vec::with_capacity(self.base.entries().len() + 1);
        let mut base = self.base.entries().iter().peekable();
        for (name, change) in self.changes.iter() {
            while let Some(entry) = base.next_if(|entry| entry.name < *name) {
                entries.push(entry.clone());
            }
            base.next_if(|entry| entry.name == *name);
            let entry = match change {
                Change::Set(entry) => *entry,
                Change::Dir(dir) => dir.write_entry(pool)?,
            };
            entries.extend(entry.map(|entry| TreeEntry { name: name.clone(), entry }));
        }
        entries.extend(base.cloned());
        Ok(pool.make_tree(Tree::from_sorted(entries)))
    }

    /// A directory without entries is none.
    fn write_entry(&self, pool: &mut ObjectPool) -> Answer<Option<Entry>> {
        if self.is_empty() {
            return Ok(None);
        }
        Ok(Some(Entry::tree(self.write(pool)?)))
    }

    fn is_empty(&self) -> bool {
        let changed_to_nothing = |change: &Change| match change {
            Change::Set(entry) => entry.is_none(),
            Change::Dir(dir) => dir.is_empty(),
        };
        self.changes.iter().all(|(_, change)| changed_to_nothing(change))
            && self.base.entries().iter().all(|entry| self.changes.get(&entry.name).is_some())
    }
}
