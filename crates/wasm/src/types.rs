//! The plain objects that cross the boundary. Their TypeScript types are generated from here.

use std::rc::Rc;

use serde::{Deserialize, Serialize, Serializer};
use tsify::Tsify;

/// What an object is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    Blob,
    Tree,
    Commit,
}

/// An object in its place in a tree; the mode is git's: 0o100644, 0o100755, 0o120000, 0o040000 or 0o160000.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
pub struct Entry {
    pub oid: String,
    pub mode: u32,
}

/// What stands at a path, `+ − + …`: one term is resolved, `null` is nothing there.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
#[serde(transparent)]
pub struct Terms(#[tsify(type = "(Entry | null)[]")] pub Vec<Option<Entry>>);

/// One entry of a directory.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
pub struct TreeEntry {
    pub name: String,
    pub oid: String,
    pub mode: u32,
}

/// Who wrote a commit, and when.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    pub name: String,
    pub email: String,
    /// Milliseconds since 1970; git keeps whole seconds.
    pub timestamp: f64,
    /// Minutes east of UTC.
    pub tz_offset: i32,
}

/// A commit.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Commit {
    /// The root trees, `+ − + …`: one when resolved.
    pub trees: Vec<String>,
    /// The tree git sees: `trees[0]` when resolved, else the one `ObjectPool.conflictTree` makes.
    pub tree: String,
    /// A label for each root tree, or none.
    #[serde(default)]
    pub labels: Vec<String>,
    pub parents: Vec<String>,
    pub author: Signature,
    pub committer: Signature,
    pub message: String,
    /// 32 letters from k to z.
    #[tsify(type = "string | null")]
    pub change_id: Option<String>,
}

/// What a line of a hunk is; an annotation notes that the line before has no line break.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    Context,
    Added,
    Deleted,
    Annotation,
}

/// A line of a hunk, without its line break.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct HunkLine {
    pub kind: LineKind,
    pub text: String,
}

/// Changes that are close to each other, with context around them. Lines count from 1.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct TextHunk {
    pub old_start: usize,
    pub old_lines: usize,
    pub new_start: usize,
    pub new_lines: usize,
    pub lines: Vec<HunkLine>,
}

/// The objects a computation lacks: put them into the pool and ask again.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct Missing {
    pub missing: Vec<String>,
}

/// Bytes that become a `Uint8Array`.
#[derive(Clone, Debug)]
pub struct Bytes(pub Rc<[u8]>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// An object's bytes.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct PoolObject {
    pub kind: ObjectKind,
    #[tsify(type = "Uint8Array")]
    pub bytes: Bytes,
}

/// An object the pool made.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct CreatedObject {
    pub oid: String,
    pub kind: ObjectKind,
    #[tsify(type = "Uint8Array")]
    pub bytes: Bytes,
}

/// What kind of thing stands at a path. A path where kinds differ, or a file that is unresolved, is a conflict.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    File,
    Symlink,
    Dir,
    Submodule,
    Conflict,
    Absent,
}

/// What a path leads to.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Lookup {
    /// Trivially resolved, or else simplified.
    pub terms: Terms,
    pub kind: PathKind,
    /// Milliseconds, where the side has a time.
    #[tsify(type = "number | null")]
    pub mtime: Option<f64>,
    /// The proper prefix of the path that is there but no directory.
    #[tsify(type = "string | null")]
    pub through: Option<String>,
    #[tsify(type = "Terms | null")]
    pub through_terms: Option<Terms>,
}

/// The answers to looked up paths, in the order asked.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct LookupResult {
    pub found: Vec<Lookup>,
}

/// One thing in a directory.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct Listed {
    pub name: String,
    pub terms: Terms,
    pub kind: PathKind,
    #[tsify(type = "number | null")]
    pub mtime: Option<f64>,
}

/// A directory's things, in the order of their names' bytes.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ListResult {
    pub entries: Vec<Listed>,
}

/// Why a path can't be listed.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
pub enum ListErrorCode {
    #[serde(rename = "ENOENT")]
    Absent,
    #[serde(rename = "ENOTDIR")]
    NotDirectory,
}

/// A path that can't be listed.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ListError {
    pub error: ListErrorCode,
}

/// One edit: `was` and `toWas` are what its writer saw.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Edit {
    /// Puts something at a path; `[null]` removes what is there. A directory is an entry of mode 0o040000.
    Write {
        path: String,
        was: Terms,
        entry: Terms,
        #[serde(default)]
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Moves what is at a path, with its times and explicit directories.
    Rename {
        from: String,
        to: String,
        was: Terms,
        to_was: Terms,
        #[serde(default)]
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Makes an explicit directory.
    Mkdir {
        path: String,
        #[serde(default)]
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Sets a modification time.
    Utimes { path: String, mtime: f64 },
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Applied,
    Merged,
    Conflicted,
    Unchanged,
}

/// What became of an edit, and the paths it touched.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct EditResult {
    pub outcome: Outcome,
    pub paths: Vec<String>,
}

/// A version after edits.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ApplyResult {
    pub trees: Vec<String>,
    #[tsify(type = "string | null")]
    pub side: Option<String>,
    pub results: Vec<EditResult>,
}

/// Merged root trees, and the paths in conflict in the order of their names.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct MergeResult {
    pub trees: Vec<String>,
    pub conflicts: Vec<String>,
}

/// A merged side.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct SideResult {
    #[tsify(type = "string | null")]
    pub side: Option<String>,
}

/// Merged terms.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct TermsResult {
    pub terms: Terms,
}

/// A path at which two versions differ; `[null]` where it is absent or a directory.
#[derive(Clone, Debug, Deserialize, Serialize, Tsify)]
pub struct Changed {
    pub path: String,
    pub before: Terms,
    pub after: Terms,
}

/// What differs between two versions, in the order of the paths' names.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct DiffResult {
    pub changed: Vec<Changed>,
}

/// A path in conflict.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ConflictedPath {
    pub path: String,
    pub terms: Terms,
}

/// The paths in conflict, in the order of their names.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ConflictsResult {
    pub paths: Vec<ConflictedPath>,
}

/// How a conflict is shown.
#[derive(Clone, Copy, Debug, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum ConflictStyle {
    Snapshot,
    Diff,
    Git,
}

/// How to render.
#[derive(Clone, Debug, Deserialize, Tsify)]
pub struct RenderOptions {
    pub style: ConflictStyle,
    /// A label for each term, or none.
    pub labels: Vec<String>,
}

/// What a path reads as.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct Rendered {
    #[tsify(type = "Uint8Array")]
    pub bytes: Bytes,
    /// Git's mode; 0 where nothing is there.
    pub mode: u32,
    pub conflicted: bool,
    /// How many conflicts have markers in the bytes.
    pub hunks: usize,
}

/// One conflict inside a file: `old` counts lines of the base, `new` those of the snapshot-style text.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ConflictHunk {
    pub hunk_id: String,
    pub old_start: usize,
    pub old_lines: usize,
    pub new_start: usize,
    pub new_lines: usize,
    /// Each term's part; `null` for a term without a file.
    #[tsify(type = "(Uint8Array | null)[]")]
    pub terms: Vec<Option<Bytes>>,
}

/// The conflicts inside a file; none where a term is binary or no file.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct ConflictHunksResult {
    pub hunks: Vec<ConflictHunk>,
    pub binary: bool,
}

/// The tree git sees for a conflicted commit.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct TreeResult {
    pub tree: String,
}

/// A patch as `git diff` prints it.
#[derive(Clone, Debug, Serialize, Tsify)]
pub struct PatchResult {
    #[tsify(type = "Uint8Array")]
    pub patch: Bytes,
}
