//! The same objects in jj-lib's store and in the core's pool.

use std::collections::BTreeMap;
use std::sync::Arc;

use jj_lib::backend::{CommitId, CopyId, FileId, MergedTreeValue, SymlinkId, Tree, TreeId, TreeValue};
use jj_lib::conflict_labels::ConflictLabels;
use jj_lib::merge::{Merge as JjMerge, SameChange};
use jj_lib::merged_tree::MergedTree;
use jj_lib::object_id::ObjectId;
use jj_lib::repo_path::RepoPathComponentBuf;
use jj_lib::signing::Signer;
use jj_lib::store::Store;
use mesa_core::{Entry, Kind, Merge, Mode, ObjectPool, Oid, Terms};

use super::backend::{Memory, encode};
use super::options;
use crate::world::{Files, Node};

/// Both libraries' objects.
pub struct Both {
    /// jj-lib's.
    pub store: Arc<Store>,
    /// The core's.
    pub pool: ObjectPool,
}

impl Both {
    /// No objects.
    pub fn new() -> Self {
        let store = Store::new(Box::new(Memory::new()), Signer::new(None, vec![]), options());
        Self { store, pool: ObjectPool::new() }
    }

    fn memory(&self) -> Result<&Memory, String> {
        self.store.backend_impl().ok_or_else(|| "the store is of another kind".to_owned())
    }

    /// Keeps what a path holds.
    pub fn put(&mut self, node: &Node) -> Result<TreeValue, String> {
        let mut blob = |bytes: &[u8]| -> Result<Vec<u8>, String> {
            let id = self.memory()?.put_blob(bytes);
            self.pool.put_known(oid(&id)?, Kind::Blob, bytes.to_vec()).map_err(|error| error.to_string())?;
            Ok(id)
        };
        Ok(match node {
            Node::File(bytes, executable) => TreeValue::File {
                id: FileId::new(blob(bytes)?),
                executable: *executable,
                copy_id: CopyId::placeholder(),
            },
            Node::Link(target) => TreeValue::Symlink(SymlinkId::new(blob(target.as_bytes())?)),
            Node::Module(number) => TreeValue::GitSubmodule(CommitId::new(vec![*number; 20])),
            Node::EmptyDir => TreeValue::Tree(self.store.empty_tree_id().clone()),
        })
    }

    /// Keeps a root tree of files.
    pub fn put_files(&mut self, files: &Files) -> Result<TreeId, String> {
        let list: Vec<(&str, &Node)> = files.iter().map(|(path, node)| (path.as_str(), node)).collect();
        self.put_dir(&list)
    }

    fn put_dir(&mut self, files: &[(&str, &Node)]) -> Result<TreeId, String> {
        let mut entries: BTreeMap<&str, TreeValue> = BTreeMap::new();
        let mut dirs: BTreeMap<&str, Vec<(&str, &Node)>> = BTreeMap::new();
        for (path, node) in files {
            match path.split_once('/') {
                Some((dir, rest)) => dirs.entry(dir).or_default().push((rest, node)),
                None => drop(entries.insert(path, self.put(node)?)),
            }
        }
        for (name, files) in dirs {
            entries.insert(name, TreeValue::Tree(self.put_dir(&files)?));
        }
        let entries = entries.into_iter().map(|(name, value)| {
            RepoPathComponentBuf::new(name).map(|name| (name, value)).map_err(|error| error.to_string())
        });
        let tree = Tree::from_sorted_entries(entries.collect::<Result<_, _>>()?);
        let id = self.memory()?.put_tree(&tree);
        let known = self.pool.put_known(oid(id.as_bytes())?, Kind::Tree, encode(&tree));
        known.map_err(|error| error.to_string())?;
        Ok(id)
    }

    /// Trees as a merge for each library, nothing resolved.
    pub fn merged(&mut self, terms: &[Files]) -> Result<(MergedTree, Merge<Oid>), String> {
        let ids = terms.iter().map(|files| self.put_files(files)).collect::<Result<Vec<_>, _>>()?;
        let oids = ids.iter().map(|id| oid(id.as_bytes())).collect::<Result<Vec<_>, _>>()?;
        let jj = MergedTree::new(self.store.clone(), JjMerge::from_vec(ids), ConflictLabels::unlabeled());
        Ok((jj, Merge::new(oids).map_err(|error| error.to_string())?))
    }

    /// Values as a merge for each library.
    pub fn values(&mut self, nodes: &[Option<Node>]) -> Result<(MergedTreeValue, Terms), String> {
        let values = nodes.iter().map(|node| node.as_ref().map(|node| self.put(node)).transpose());
        let values = JjMerge::from_vec(values.collect::<Result<Vec<_>, _>>()?);
        let terms = terms_of(&values)?;
        Ok((values, terms))
    }
}

/// An id of the core's.
fn oid(id: &[u8]) -> Result<Oid, String> {
    id.try_into().map(Oid::from_bytes).map_err(|_| "jj's id has another length than git's".to_owned())
}

/// jj's value as the core has it.
fn entry_of(value: &TreeValue) -> Result<Entry, String> {
    let (mode, id) = match value {
        TreeValue::File { id, executable: false, .. } => (Mode::File, id.as_bytes()),
        TreeValue::File { id, executable: true, .. } => (Mode::Executable, id.as_bytes()),
        TreeValue::Symlink(id) => (Mode::Symlink, id.as_bytes()),
        TreeValue::Tree(id) => (Mode::Tree, id.as_bytes()),
        TreeValue::GitSubmodule(id) => (Mode::Submodule, id.as_bytes()),
    };
    Ok(Entry { oid: oid(id)?, mode })
}

/// jj's values as the core has them.
pub fn terms_of(values: &MergedTreeValue) -> Result<Terms, String> {
    let terms: Result<Vec<_>, _> =
        values.iter().map(|value| value.as_ref().map(entry_of).transpose()).collect();
    Merge::new(terms?).map_err(|error| error.to_string())
}

/// jj's values in the form terms are compared in: resolved if that is trivial, else simplified, by jj itself.
pub fn normal_terms(values: &MergedTreeValue) -> Result<Terms, String> {
    match values.resolve_trivial(SameChange::Accept) {
        Some(value) => terms_of(&JjMerge::resolved(value.clone())),
        None => terms_of(&values.simplify()),
    }
}
