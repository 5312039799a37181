//! The plain objects that cross the boundary. Their TypeScript types are generated from here.

use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::js::{Bytes, Faults, FromJs, ToJs, check_object, get, plain, words};

/// What stands at a path, `+ − + …`: one term is resolved, `null` is nothing there.
#[derive(Clone, Debug, Tsify)]
#[serde(transparent)]
pub struct Terms(#[tsify(type = "(Entry | null)[]")] pub Vec<Option<Entry>>);

impl ToJs for Terms {
    fn to_js(&self) -> JsValue {
        self.0.to_js()
    }
}

impl FromJs for Terms {
    fn from_js(value: &JsValue, name: &str, faults: &mut Faults) -> Self {
        Self(Vec::from_js(value, name, faults))
    }
}

/// One edit: `was` and `toWas` are what its writer saw.
#[derive(Clone, Debug, Tsify)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Edit {
    /// Puts something at a path; `[null]` removes what is there. A directory is an entry of mode 0o040000.
    Write {
        path: String,
        was: Terms,
        entry: Terms,
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Moves what is at a path, with its times and explicit directories.
    Rename {
        from: String,
        to: String,
        was: Terms,
        to_was: Terms,
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Makes an explicit directory.
    Mkdir {
        path: String,
        #[tsify(optional, type = "number | null")]
        mtime: Option<f64>,
    },
    /// Sets a modification time.
    Utimes { path: String, mtime: f64 },
}

impl FromJs for Edit {
    fn from_js(edit: &JsValue, name: &str, faults: &mut Faults) -> Self {
        check_object(edit, name, faults);
        let kind: String = get(edit, "type", faults);
        match kind.as_str() {
            "write" => Self::Write {
                path: get(edit, "path", faults),
                was: get(edit, "was", faults),
                entry: get(edit, "entry", faults),
                mtime: get(edit, "mtime", faults),
            },
            "rename" => Self::Rename {
                from: get(edit, "from", faults),
                to: get(edit, "to", faults),
                was: get(edit, "was", faults),
                to_was: get(edit, "toWas", faults),
                mtime: get(edit, "mtime", faults),
            },
            "mkdir" => Self::Mkdir { path: get(edit, "path", faults), mtime: get(edit, "mtime", faults) },
            "utimes" => Self::Utimes { path: get(edit, "path", faults), mtime: get(edit, "mtime", faults) },
            _ => {
                faults.note("type");
                Self::Mkdir { path: String::new(), mtime: None }
            }
        }
    }
}

words! {
    /// What an object is.
    enum ObjectKind { Blob = "blob", Tree = "tree", Commit = "commit" }

    /// What a line of a hunk is; an annotation notes that the line before has no line break.
    enum LineKind { Context = "context", Added = "added", Deleted = "deleted", Annotation = "annotation" }

    /// What kind of thing stands at a path. A path where kinds differ, or a file that is unresolved, is a conflict.
    enum PathKind {
        File = "file",
        Symlink = "symlink",
        Dir = "dir",
        Submodule = "submodule",
        Conflict = "conflict",
        Absent = "absent",
    }

    /// Why a path can't be listed.
    enum ListErrorCode { Absent = "ENOENT", NotDirectory = "ENOTDIR" }

    /// What became of an edit.
    enum Outcome { Applied = "applied", Merged = "merged", Conflicted = "conflicted", Unchanged = "unchanged" }

    /// How a conflict is shown.
    enum ConflictStyle { Snapshot = "snapshot", Diff = "diff", Git = "git" }
}

plain! {
    /// An object in its place in a tree; the mode is git's: 0o100644, 0o100755, 0o120000, 0o040000 or 0o160000.
    struct Entry {
        oid as "oid": String,
        mode as "mode": u32,
    }

    /// One entry of a directory.
    struct TreeEntry {
        name as "name": String,
        oid as "oid": String,
        mode as "mode": u32,
    }

    /// Who wrote a commit, and when.
    struct Signature {
        name as "name": String,
        email as "email": String,
        /// Milliseconds since 1970; git keeps whole seconds.
        timestamp as "timestamp": f64,
        /// Minutes east of UTC.
        tz_offset as "tzOffset": i32,
    }

    /// A commit.
    struct Commit {
        /// The root trees, `+ − + …`: one when resolved.
        trees as "trees": Vec<String>,
        /// The tree git sees: `trees[0]` when resolved, else the one `ObjectPool.conflictTree` makes.
        tree as "tree": String,
        /// A label for each root tree, or none.
        labels as "labels": Vec<String>,
        parents as "parents": Vec<String>,
        author as "author": Signature,
        committer as "committer": Signature,
        message as "message": String,
        /// 32 letters from k to z.
        #[tsify(type = "string | null")]
        change_id as "changeId": Option<String>,
    }

    /// A line of a hunk, without its line break.
    struct HunkLine {
        kind as "kind": LineKind,
        text as "text": String,
    }

    /// Changes that are close to each other, with context around them. Lines count from 1.
    struct TextHunk {
        old_start as "oldStart": usize,
        old_lines as "oldLines": usize,
        new_start as "newStart": usize,
        new_lines as "newLines": usize,
        lines as "lines": Vec<HunkLine>,
    }

    /// The objects a computation lacks: put them into the pool and ask again.
    struct Missing {
        missing as "missing": Vec<String>,
    }

    /// An object's bytes.
    struct PoolObject {
        kind as "kind": ObjectKind,
        #[tsify(type = "Uint8Array")]
        bytes as "bytes": Bytes,
    }

    /// An object the pool made.
    struct CreatedObject {
        oid as "oid": String,
        kind as "kind": ObjectKind,
        #[tsify(type = "Uint8Array")]
        bytes as "bytes": Bytes,
    }

    /// What a path leads to.
    struct Lookup {
        /// Trivially resolved, or else simplified.
        terms as "terms": Terms,
        kind as "kind": PathKind,
        /// Milliseconds, where the side has a time.
        #[tsify(type = "number | null")]
        mtime as "mtime": Option<f64>,
        /// The proper prefix of the path that is there but no directory.
        #[tsify(type = "string | null")]
        through as "through": Option<String>,
        #[tsify(type = "Terms | null")]
        through_terms as "throughTerms": Option<Terms>,
    }

    /// The answers to looked up paths, in the order asked.
    struct LookupResult {
        found as "found": Vec<Lookup>,
    }

    /// One thing in a directory.
    struct Listed {
        name as "name": String,
        terms as "terms": Terms,
        kind as "kind": PathKind,
        #[tsify(type = "number | null")]
        mtime as "mtime": Option<f64>,
    }

    /// A directory's things, in the order of their names' bytes.
    struct ListResult {
        entries as "entries": Vec<Listed>,
    }

    /// A path that can't be listed.
    struct ListError {
        error as "error": ListErrorCode,
    }

    /// What became of an edit, and the paths it touched.
    struct EditResult {
        outcome as "outcome": Outcome,
        paths as "paths": Vec<String>,
    }

    /// A version after edits.
    struct ApplyResult {
        trees as "trees": Vec<String>,
        #[tsify(type = "string | null")]
        side as "side": Option<String>,
        results as "results": Vec<EditResult>,
    }

    /// Merged root trees, and the paths in conflict in the order of their names.
    struct MergeResult {
        trees as "trees": Vec<String>,
        conflicts as "conflicts": Vec<String>,
    }

    /// A merged side.
    struct SideResult {
        #[tsify(type = "string | null")]
        side as "side": Option<String>,
    }

    /// Merged terms.
    struct TermsResult {
        terms as "terms": Terms,
    }

    /// A path at which two versions differ; `[null]` where it is absent or a directory.
    struct Changed {
        path as "path": String,
        before as "before": Terms,
        after as "after": Terms,
    }

    /// What differs between two versions, in the order of the paths' names.
    struct DiffResult {
        changed as "changed": Vec<Changed>,
    }

    /// A file that went and came back elsewhere: the places of both in the list of changes, and how alike they are, in hundredths.
    struct Renamed {
        from as "from": u32,
        to as "to": u32,
        similarity as "similarity": u32,
    }

    /// The renamed files among changes, each of them once.
    struct RenamesResult {
        renamed as "renamed": Vec<Renamed>,
    }

    /// A path in conflict.
    struct ConflictedPath {
        path as "path": String,
        terms as "terms": Terms,
    }

    /// The paths in conflict, in the order of their names.
    struct ConflictsResult {
        paths as "paths": Vec<ConflictedPath>,
    }

    /// How to render.
    struct RenderOptions {
        style as "style": ConflictStyle,
        /// A label for each term, or none.
        labels as "labels": Vec<String>,
    }

    /// What a path reads as.
    struct Rendered {
        #[tsify(type = "Uint8Array")]
        bytes as "bytes": Bytes,
        /// Git's mode; 0 where nothing is there.
        mode as "mode": u32,
        conflicted as "conflicted": bool,
        /// How many conflicts have markers in the bytes.
        hunks as "hunks": usize,
    }

    /// One conflict inside a file: `old` counts lines of the base, `new` those of the snapshot-style text.
    struct ConflictHunk {
        hunk_id as "hunkId": String,
        old_start as "oldStart": usize,
        old_lines as "oldLines": usize,
        new_start as "newStart": usize,
        new_lines as "newLines": usize,
        /// Each term's part; `null` for a term without a file.
        #[tsify(type = "(Uint8Array | null)[]")]
        terms as "terms": Vec<Option<Bytes>>,
    }

    /// The conflicts inside a file; none where a term is binary or no file.
    struct ConflictHunksResult {
        hunks as "hunks": Vec<ConflictHunk>,
        binary as "binary": bool,
    }

    /// The tree git sees for a conflicted commit.
    struct TreeResult {
        tree as "tree": String,
    }

    /// A patch as `git diff` prints it.
    struct PatchResult {
        #[tsify(type = "Uint8Array")]
        patch as "patch": Bytes,
    }
}
