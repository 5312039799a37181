//! The objects one computation may see.

use std::rc::Rc;

use crate::hash::hash_object;
use crate::object::decode_tree;
use crate::oid::OidMap;
use crate::side::SideDir;
use crate::{Answer, CoreError, Kind, Oid, Result, Stop, Tree, TreeEntry};

/// A set of objects by id, with the decoded trees kept beside their bytes. What a computation makes is logged,
/// so that the caller can store it.
pub struct ObjectPool {
    objects: OidMap<Stored>,
    /// What the pool made since the last take, oldest first.
    created: Vec<Created>,
}

struct Stored {
    kind: Kind,
    bytes: Rc<[u8]>,
    /// Made here; the caller may not have it.
    made: bool,
    /// In `created`.
    pending: bool,
    /// Found to be part of a result, while [`ObjectPool::retain`] runs.
    reached: bool,
    tree: Option<Rc<Tree>>,
    side: Option<Rc<SideDir>>,
    /// The table of a side that was made here.
    table: Option<Oid>,
}

struct Created {
    oid: Oid,
    /// It had been made before and was taken since; undoing must not remove it.
    known: bool,
}

/// A place in the log of what was made, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Default for ObjectPool {
    fn default() -> Self {
        Self::new()
    }
}

impl ObjectPool {
    /// A pool that knows the empty tree only.
    pub fn new() -> Self {
        let mut pool = Self { objects: OidMap::default(), created: Vec::new() };
        pool.insert(Oid::EMPTY_TREE, Kind::Tree, Rc::from([]), true);
        pool
    }

    /// Hashes and keeps an object.
    pub fn put(&mut self, kind: Kind, bytes: Vec<u8>) -> Oid {
        let oid = hash_object(kind, &bytes);
        self.insert(oid, kind, bytes.into(), false);
        oid
    }

    /// Keeps an object after checking that its bytes hash to the id.
    pub fn put_known(&mut self, oid: Oid, kind: Kind, bytes: Vec<u8>) -> Result<()> {
        let actual = hash_object(kind, &bytes);
        if actual != oid {
            return Err(CoreError::HashMismatch { expected: oid, actual });
        }
        self.insert(oid, kind, bytes.into(), false);
        Ok(())
    }

    /// Keeps an object whose id was checked before.
    pub fn put_trusted(&mut self, oid: Oid, kind: Kind, bytes: Vec<u8>) {
        self.insert(oid, kind, bytes.into(), false);
    }

    /// Whether the object is here.
    pub fn has(&self, oid: Oid) -> bool {
        self.objects.get(&oid).is_some()
    }

    /// The object, if it is here.
    pub fn get(&self, oid: Oid) -> Option<(Kind, Rc<[u8]>)> {
        self.objects.get(&oid).map(|stored| (stored.kind, stored.bytes.clone()))
    }

    /// What the pool made since the last take, oldest first: trees, merged blobs and side tables.
    pub fn take_created(&mut self) -> Vec<(Oid, Kind, Rc<[u8]>)> {
        let mut taken = Vec::with_capacity(self.created.len());
        for Created { oid, .. } in std::mem::take(&mut self.created) {
            if let Some(stored) = self.objects.get_mut(&oid) {
                stored.pending = false;
                taken.push((oid, stored.kind, stored.bytes.clone()));
            }
        }
        taken
    }

    /// The bytes of a blob.
    pub fn blob(&self, oid: Oid) -> Answer<Rc<[u8]>> {
        let stored = self.objects.get(&oid).ok_or_else(|| Stop::missing(oid))?;
        match stored.kind {
            Kind::Blob => Ok(stored.bytes.clone()),
            actual => Err(wrong_kind(oid, Kind::Blob, actual)),
        }
    }

    /// A decoded tree.
    pub fn tree(&mut self, oid: Oid) -> Answer<Rc<Tree>> {
        let stored = self.objects.get_mut(&oid).ok_or_else(|| Stop::missing(oid))?;
        if let Some(tree) = &stored.tree {
            return Ok(tree.clone());
        }
        if stored.kind != Kind::Tree {
            return Err(wrong_kind(oid, Kind::Tree, stored.kind));
        }
        let tree = Rc::new(decode_tree(&stored.bytes)?);
        stored.tree = Some(tree.clone());
        Ok(tree)
    }

    /// A decoded directory of a side tree.
    pub fn side_dir(&mut self, oid: Oid) -> Answer<Rc<SideDir>> {
        let stored = self.objects.get(&oid).ok_or_else(|| Stop::missing(oid))?;
        if let Some(side) = &stored.side {
            return Ok(side.clone());
        }
        if stored.kind != Kind::Tree {
            return Err(wrong_kind(oid, Kind::Tree, stored.kind));
        }
        let side = Rc::new(SideDir::decode(&stored.bytes, |table| self.blob(table))?);
        if let Some(stored) = self.objects.get_mut(&oid) {
            stored.side = Some(side.clone());
        }
        Ok(side)
    }

    /// Makes a blob.
    pub fn make_blob(&mut self, bytes: Vec<u8>) -> Oid {
        self.make(Kind::Blob, bytes)
    }

    /// Makes a tree, keeping it decoded.
    pub fn make_tree(&mut self, tree: Tree) -> Oid {
        let oid = self.make(Kind::Tree, tree.encode());
        if let Some(stored) = self.objects.get_mut(&oid) {
            stored.tree = Some(Rc::new(tree));
        }
        oid
    }

    /// Makes a directory of a side tree, keeping it decoded.
    pub fn make_side_dir(&mut self, side: SideDir) -> Oid {
        let table = side.encode_table().map(|table| self.make(Kind::Blob, table));
        let oid = self.make(Kind::Tree, side.encode(table));
        if let Some(stored) = self.objects.get_mut(&oid) {
            stored.side = Some(Rc::new(side));
            stored.table = table;
        }
        oid
    }

    /// The tree with one entry only.
    pub fn make_single(&mut self, entry: TreeEntry) -> Oid {
        self.make_tree(Tree::from_sorted(vec![entry]))
    }

    /// Where the log of made objects stands.
    pub fn mark(&self) -> Mark {
        Mark(self.created.len())
    }

    /// Forgets everything made since the mark.
    pub fn roll_back(&mut self, mark: Mark) {
        self.keep_made(mark);
    }

    /// Forgets what was made since the mark and isn't part of one of these objects.
    pub fn retain(&mut self, mark: Mark, roots: impl IntoIterator<Item = Oid>) {
        let mut stack: Vec<Oid> = roots.into_iter().collect();
        let mut reached = Vec::new();
        while let Some(oid) = stack.pop() {
            let Some(stored) = self.objects.get_mut(&oid) else { continue };
            if !stored.pending || std::mem::replace(&mut stored.reached, true) {
                continue;
            }
            reached.push(oid);
            if let Some(tree) = &stored.tree {
                stack.extend(tree.entries().iter().map(|entry| entry.entry.oid));
            }
            if let Some(side) = &stored.side {
                stack.extend(side.children());
                stack.extend(stored.table);
            }
        }
        self.keep_made(mark);
        for oid in reached {
            if let Some(stored) = self.objects.get_mut(&oid) {
                stored.reached = false;
            }
        }
    }

    /// Runs a computation that makes objects: all that its result (`roots`) needs is kept, and nothing else; when
    /// it fails, nothing at all.
    pub fn transact<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Answer<T>,
        roots: impl FnOnce(&T) -> Vec<Oid>,
    ) -> Answer<T> {
        let mark = self.mark();
        let answer = run(self);
        match &answer {
            Ok(value) => self.retain(mark, roots(value)),
            Err(_) => self.roll_back(mark),
        }
        answer
    }

    /// Forgets what was made since the mark and wasn't reached.
    fn keep_made(&mut self, mark: Mark) {
        for created in self.created.split_off(mark.0.min(self.created.len())) {
            let Some(stored) = self.objects.get_mut(&created.oid) else { continue };
            if stored.reached {
                self.created.push(created);
            } else if created.known {
                stored.pending = false;
            } else {
                self.objects.remove(&created.oid);
            }
        }
    }

    fn make(&mut self, kind: Kind, bytes: Vec<u8>) -> Oid {
        let oid = hash_object(kind, &bytes);
        match self.objects.get_mut(&oid) {
            Some(stored) if stored.made && !stored.pending => {
                stored.pending = true;
                self.created.push(Created { oid, known: true });
            }
            Some(_) => {}
            None => {
                self.insert(oid, kind, bytes.into(), true);
                if let Some(stored) = self.objects.get_mut(&oid) {
                    stored.pending = true;
                }
                self.created.push(Created { oid, known: false });
            }
        }
        oid
    }

    fn insert(&mut self, oid: Oid, kind: Kind, bytes: Rc<[u8]>, made: bool) {
        let stored =
            Stored { kind, bytes, made, pending: false, reached: false, tree: None, side: None, table: None };
        if self.objects.get(&oid).is_none() {
            self.objects.insert(oid, stored);
        }
    }
}

fn wrong_kind(oid: Oid, expected: Kind, actual: Kind) -> Stop {
    CoreError::WrongKind { oid, expected: expected.as_str(), actual: actual.as_str() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::file;

    #[test]
    fn objects_are_checked_against_their_ids() {
        let mut pool = ObjectPool::new();
        let oid = hash_object(Kind::Blob, b"a");
        assert_eq!(
            pool.put_known(oid, Kind::Blob, b"b".to_vec()).map_err(|e| e.code()),
            Err("HASH_MISMATCH")
        );
        assert!(!pool.has(oid));
        assert_eq!(pool.put_known(oid, Kind::Blob, b"a".to_vec()), Ok(()));
        assert_eq!(pool.get(oid), Some((Kind::Blob, Rc::from(*b"a"))));
        assert!(matches!(pool.tree(oid), Err(Stop::Error(error)) if error.code() == "WRONG_KIND"));
        assert!(pool.has(Oid::EMPTY_TREE));
    }

    #[test]
    fn what_was_put_in_is_not_made() {
        let mut pool = ObjectPool::new();
        pool.put(Kind::Blob, b"known".to_vec());
        pool.make_blob(b"known".to_vec());
        assert_eq!(pool.take_created(), []);
        // What was made and taken before is told again: the taker may have thrown it away.
        for _ in 0..2 {
            pool.make_blob(b"made".to_vec());
            pool.make_blob(b"made".to_vec());
            assert_eq!(pool.take_created().len(), 1);
        }
    }

    #[test]
    fn a_failed_computation_leaves_nothing() {
        let mut pool = ObjectPool::new();
        let before = pool.make_blob(b"before".to_vec());
        let mut made = before;
        let answer: Answer<()> = pool.transact(
            |pool| {
                made = pool.make_blob(b"inside".to_vec());
                Err(Stop::missing(before))
            },
            |()| Vec::new(),
        );
        assert!(answer.is_err());
        assert!(!pool.has(made));
        let kept = pool.transact(
            |pool| {
                pool.make_blob(b"unused".to_vec());
                let entry = file(pool, "put");
                let used = crate::Entry { oid: pool.make_blob(b"used".to_vec()), ..entry };
                Ok(pool.make_single(TreeEntry { name: Rc::from(*b"n"), entry: used }))
            },
            |root| vec![*root],
        );
        let taken: Vec<Oid> = pool.take_created().into_iter().map(|(oid, ..)| oid).collect();
        assert_eq!(taken, [before, hash_object(Kind::Blob, b"used"), kept.unwrap()]);
    }
}
