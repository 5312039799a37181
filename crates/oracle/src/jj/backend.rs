//! A store for jj-lib in memory, with git's object ids.
//!
//! Trees are encoded and hashed here by code of its own, not by the core's: an id that both arrive at is then
//! known to be git's. Commits, copies and collection of garbage are never asked for.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use futures::AsyncReadExt;
use futures::io::{AsyncRead, Cursor};
use futures::stream::BoxStream;
use jj_lib::backend::{
    Backend, BackendError, BackendResult, ChangeId, Commit, CommitId, CopyHistory, CopyId, CopyRecord,
    FileId, RelatedCopy, SigningFn, SymlinkId, Tree, TreeId, TreeValue,
};
use jj_lib::index::Index;
use jj_lib::object_id::ObjectId;
use jj_lib::repo_path::{RepoPath, RepoPathBuf};
use sha1::{Digest, Sha1};

/// The store.
#[derive(Debug)]
pub struct Memory {
    blobs: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    trees: Mutex<HashMap<TreeId, Tree>>,
    empty_tree: TreeId,
    root_commit: CommitId,
    root_change: ChangeId,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        let empty_tree = TreeId::new(hash("tree", b""));
        Self {
            blobs: Mutex::default(),
            trees: Mutex::new(HashMap::from([(empty_tree.clone(), Tree::default())])),
            empty_tree,
            root_commit: CommitId::new(vec![0; 20]),
            root_change: ChangeId::new(vec![0; 16]),
        }
    }

    /// Keeps a blob.
    pub fn put_blob(&self, bytes: &[u8]) -> Vec<u8> {
        let id = hash("blob", bytes);
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), bytes.to_vec());
        id
    }

    /// Keeps a tree.
    pub fn put_tree(&self, tree: &Tree) -> TreeId {
        let id = TreeId::new(hash("tree", &encode(tree)));
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), tree.clone());
        id
    }

    fn blob(&self, id: &dyn ObjectId) -> BackendResult<Vec<u8>> {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.get(id.as_bytes()).cloned().ok_or_else(|| missing(id))
    }
}

/// A tree as git writes it.
pub fn encode(tree: &Tree) -> Vec<u8> {
    // A directory's name sorts as if a slash followed it.
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = tree
        .entries()
        .map(|entry| {
            let name = entry.name().as_internal_str().as_bytes();
            let (mode, id) = match entry.value() {
                TreeValue::File { id, executable: false, .. } => ("100644 ", id.as_bytes()),
                TreeValue::File { id, executable: true, .. } => ("100755 ", id.as_bytes()),
                TreeValue::Symlink(id) => ("120000 ", id.as_bytes()),
                TreeValue::Tree(id) => ("40000 ", id.as_bytes()),
                TreeValue::GitSubmodule(id) => ("160000 ", id.as_bytes()),
            };
            let slash: &[u8] = if mode == "40000 " { b"/" } else { b"" };
            ([name, slash].concat(), [mode.as_bytes(), name, b"\0", id].concat())
        })
        .collect();
    entries.sort();
    entries.into_iter().flat_map(|(_, line)| line).collect()
}

fn hash(kind: &str, bytes: &[u8]) -> Vec<u8> {
    let mut hasher = Sha1::new();
    hasher.update(format!("{kind} {}\0", bytes.len()));
    hasher.update(bytes);
    hasher.finalize().to_vec()
}

fn missing(id: &dyn ObjectId) -> BackendError {
    BackendError::ObjectNotFound {
        object_type: id.object_type(),
        hash: id.hex(),
        source: "not in memory".into(),
    }
}

fn unsupported<T>() -> BackendResult<T> {
    Err(BackendError::Unsupported("the oracle keeps files and trees only".to_owned()))
}

#[async_trait]
impl Backend for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn commit_id_length(&self) -> usize {
        20
    }

    fn change_id_length(&self) -> usize {
        16
    }

    fn root_commit_id(&self) -> &CommitId {
        &self.root_commit
    }

    fn root_change_id(&self) -> &ChangeId {
        &self.root_change
    }

    fn empty_tree_id(&self) -> &TreeId {
        &self.empty_tree
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn read_file(&self, _: &RepoPath, id: &FileId) -> BackendResult<Pin<Box<dyn AsyncRead + Send>>> {
        Ok(Box::pin(Cursor::new(self.blob(id)?)))
    }

    async fn write_file(
        &self,
        _: &RepoPath,
        from: &mut (dyn AsyncRead + Send + Unpin),
    ) -> BackendResult<FileId> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).await.map_err(|error| BackendError::Other(error.into()))?;
        Ok(FileId::new(self.put_blob(&bytes)))
    }

    async fn read_symlink(&self, _: &RepoPath, id: &SymlinkId) -> BackendResult<String> {
        String::from_utf8(self.blob(id)?).map_err(|error| BackendError::Other(error.into()))
    }

    async fn write_symlink(&self, _: &RepoPath, target: &str) -> BackendResult<SymlinkId> {
        Ok(SymlinkId::new(self.put_blob(target.as_bytes())))
    }

    async fn read_copy(&self, _: &CopyId) -> BackendResult<CopyHistory> {
        unsupported()
    }

    async fn write_copy(&self, _: &CopyHistory) -> BackendResult<CopyId> {
        unsupported()
    }

    async fn get_related_copies(&self, _: &CopyId) -> BackendResult<Vec<RelatedCopy>> {
        unsupported()
    }

    async fn read_tree(&self, _: &RepoPath, id: &TreeId) -> BackendResult<Tree> {
        let trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.get(id).cloned().ok_or_else(|| missing(id))
    }

    async fn write_tree(&self, _: &RepoPath, tree: &Tree) -> BackendResult<TreeId> {
        Ok(self.put_tree(tree))
    }

    async fn read_commit(&self, _: &CommitId) -> BackendResult<Commit> {
        unsupported()
    }

    async fn write_commit(&self, _: Commit, _: Option<&mut SigningFn>) -> BackendResult<(CommitId, Commit)> {
        unsupported()
    }

    fn get_copy_records(
        &self,
        _: Option<&[RepoPathBuf]>,
        _: &CommitId,
        _: &CommitId,
    ) -> BackendResult<BoxStream<'_, BackendResult<CopyRecord>>> {
        unsupported()
    }

    fn gc(&self, _: &dyn Index, _: SystemTime) -> BackendResult<()> {
        unsupported()
    }
}
