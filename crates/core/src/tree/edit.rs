//! Edits of a tree, held back until all are made, so that each changed directory is encoded and hashed once.

use std::rc::Rc;

use super::find::{Found, find};
use crate::names::NameMap;
use crate::{Answer, Entry, Merge, Name, ObjectPool, Oid, Tree, TreeEntry};

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

    /// What stands at a path, changes included.
    pub fn find(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Found> {
        let mut here = self;
        for (depth, name) in path.iter().enumerate() {
            let entry = match here.changes.get(name) {
                Some(Change::Dir(dir)) if depth + 1 < path.len() => {
                    here = dir;
                    continue;
                }
                Some(Change::Dir(dir)) => dir.write_entry(pool)?,
                Some(Change::Set(entry)) => *entry,
                None => here.base.get(name),
            };
            let rest = path.get(depth + 1..).unwrap_or_default();
            return match entry {
                Some(entry) if !rest.is_empty() && entry.is_tree() => {
                    Ok(match find(pool, &Merge::resolved(entry.oid), rest)? {
                        Found::Blocked { depth: below, terms } => {
                            Found::Blocked { depth: depth + 1 + below, terms }
                        }
                        found => found,
                    })
                }
                Some(entry) if !rest.is_empty() => {
                    Ok(Found::Blocked { depth: depth + 1, terms: Merge::resolved(Some(entry)) })
                }
                entry => Ok(Found::Terms(Merge::resolved(entry))),
            };
        }
        Ok(Found::Terms(Merge::resolved(Some(Entry::tree(self.write(pool)?)))))
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
            Some(entry) if entry.is_tree() => {
                find(pool, &Merge::resolved(entry.oid), rest).map(|found| found.is_absent())
            }
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
