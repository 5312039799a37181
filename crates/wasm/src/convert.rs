//! Between the core's values and the boundary's.

use js_sys::{Error, Reflect};
use mesa_core::{self as core, Answer, CoreError, Merge, Oid, Stop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::types::*;

/// The result of a call: a value, or an `Error` with the name `CoreError` and a `code`.
pub type JsResult = Result<JsValue, JsValue>;

/// The error JavaScript sees.
pub fn throw(error: CoreError) -> JsValue {
    let js = Error::new(&error.to_string());
    js.set_name("CoreError");
    // Setting a property of a fresh object can't fail.
    let _ = Reflect::set(&js, &"code".into(), &error.code().into());
    js.into()
}

/// Encodes a value; absent ones become `null`.
pub fn encode<T: Serialize>(value: &T) -> JsResult {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&serializer).map_err(|error| throw(CoreError::BadArgument(error.to_string())))
}

/// Decodes an argument.
pub fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| throw(CoreError::BadArgument(error.to_string())))
}

/// Encodes the answer of a computation over the pool: its value, or `{ missing }`.
pub fn answer<T, J: Serialize>(answer: Answer<T>, into: impl FnOnce(T) -> J) -> JsResult {
    match answer {
        Ok(value) => encode(&into(value)),
        Err(Stop::Missing(missing)) => {
            encode(&Missing { missing: missing.into_iter().map(Oid::to_hex).collect() })
        }
        Err(Stop::Error(error)) => Err(throw(error)),
    }
}

pub fn oid(hex: &str) -> Result<Oid, JsValue> {
    Oid::from_hex(hex).map_err(throw)
}

pub fn optional_oid(hex: Option<String>) -> Result<Option<Oid>, JsValue> {
    hex.map(|hex| oid(&hex)).transpose()
}

pub fn trees(ids: Vec<String>) -> Result<Merge<Oid>, JsValue> {
    let ids = ids.iter().map(|id| Oid::from_hex(id)).collect::<core::Result<Vec<_>>>();
    ids.and_then(Merge::new).map_err(throw)
}

pub fn tree_ids(trees: &Merge<Oid>) -> Vec<String> {
    trees.iter().map(|tree| tree.to_hex()).collect()
}

pub fn entry(entry: &Entry) -> core::Result<core::Entry> {
    Ok(core::Entry { oid: Oid::from_hex(&entry.oid)?, mode: core::Mode::from_bits(entry.mode)? })
}

pub fn terms(terms: &Terms) -> core::Result<core::Terms> {
    let terms = terms.0.iter().map(|term| term.as_ref().map(entry).transpose());
    Merge::new(terms.collect::<core::Result<Vec<_>>>()?)
}

pub fn decode_terms(value: JsValue) -> Result<core::Terms, JsValue> {
    terms(&decode::<Terms>(value)?).map_err(throw)
}

pub fn terms_out(terms: &core::Terms) -> Terms {
    let entry = |entry: core::Entry| Entry { oid: entry.oid.to_hex(), mode: entry.mode.bits() };
    Terms(terms.iter().map(|term| term.map(entry)).collect())
}

/// Milliseconds: whole ones, in the range doubles hold exactly.
pub fn time(ms: f64) -> core::Result<i64> {
    if ms.is_finite() && ms.abs() <= 9_007_199_254_740_991.0 {
        Ok(ms.floor() as i64)
    } else {
        Err(CoreError::BadTime(ms.to_string()))
    }
}

pub fn optional_time(ms: Option<f64>) -> core::Result<Option<i64>> {
    ms.map(time).transpose()
}

pub fn kind(kind: &str) -> Result<core::Kind, JsValue> {
    core::Kind::from_name(kind).map_err(throw)
}

pub fn kind_out(kind: core::Kind) -> ObjectKind {
    match kind {
        core::Kind::Blob => ObjectKind::Blob,
        core::Kind::Tree => ObjectKind::Tree,
        core::Kind::Commit => ObjectKind::Commit,
    }
}

pub fn name_out(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

pub fn path_kind(kind: core::tree::PathKind) -> PathKind {
    match kind {
        core::tree::PathKind::File => PathKind::File,
        core::tree::PathKind::Symlink => PathKind::Symlink,
        core::tree::PathKind::Dir => PathKind::Dir,
        core::tree::PathKind::Submodule => PathKind::Submodule,
        core::tree::PathKind::Conflict => PathKind::Conflict,
        core::tree::PathKind::Absent => PathKind::Absent,
    }
}

pub fn edit(edit: Edit) -> core::Result<core::apply::Edit> {
    Ok(match edit {
        Edit::Write { path, was, entry, mtime } => core::apply::Edit::Write {
            path,
            was: terms(&was)?,
            entry: terms(&entry)?,
            mtime: optional_time(mtime)?,
        },
        Edit::Rename { from, to, was, to_was, mtime } => core::apply::Edit::Rename {
            from,
            to,
            was: terms(&was)?,
            to_was: terms(&to_was)?,
            mtime: optional_time(mtime)?,
        },
        Edit::Mkdir { path, mtime } => core::apply::Edit::Mkdir { path, mtime: optional_time(mtime)? },
        Edit::Utimes { path, mtime } => core::apply::Edit::Utimes { path, mtime: time(mtime)? },
    })
}

pub fn edit_result(result: core::apply::EditResult) -> EditResult {
    let outcome = match result.outcome {
        core::apply::Outcome::Applied => Outcome::Applied,
        core::apply::Outcome::Merged => Outcome::Merged,
        core::apply::Outcome::Conflicted => Outcome::Conflicted,
        core::apply::Outcome::Unchanged => Outcome::Unchanged,
    };
    EditResult { outcome, paths: result.paths }
}

pub fn style(style: ConflictStyle) -> core::conflict::Style {
    match style {
        ConflictStyle::Snapshot => core::conflict::Style::Snapshot,
        ConflictStyle::Diff => core::conflict::Style::Diff,
        ConflictStyle::Git => core::conflict::Style::Git,
    }
}

pub fn commit(commit: Commit) -> core::Result<core::Commit> {
    let ids = |ids: &[String]| ids.iter().map(|id| Oid::from_hex(id)).collect::<core::Result<Vec<_>>>();
    Ok(core::Commit {
        trees: Merge::new(ids(&commit.trees)?)?,
        tree: Oid::from_hex(&commit.tree)?,
        labels: commit.labels,
        parents: ids(&commit.parents)?,
        author: signature(commit.author)?,
        committer: signature(commit.committer)?,
        message: commit.message,
        change_id: commit.change_id,
        extra: Vec::new(),
    })
}

fn signature(signature: Signature) -> core::Result<core::Signature> {
    Ok(core::Signature {
        name: signature.name,
        email: signature.email,
        timestamp: time(signature.timestamp)?,
        tz_offset: signature.tz_offset,
    })
}

pub fn commit_out(commit: core::Commit) -> Commit {
    let signature = |signature: core::Signature| Signature {
        name: signature.name,
        email: signature.email,
        timestamp: signature.timestamp as f64,
        tz_offset: signature.tz_offset,
    };
    Commit {
        trees: tree_ids(&commit.trees),
        tree: commit.tree.to_hex(),
        labels: commit.labels,
        parents: commit.parents.iter().map(|parent| parent.to_hex()).collect(),
        author: signature(commit.author),
        committer: signature(commit.committer),
        message: commit.message,
        change_id: commit.change_id,
    }
}

pub fn hunk_out(hunk: core::patch::TextHunk<'_>) -> TextHunk {
    let line = |line: core::patch::HunkLine<'_>| HunkLine {
        kind: match line.kind {
            core::patch::LineKind::Context => LineKind::Context,
            core::patch::LineKind::Added => LineKind::Added,
            core::patch::LineKind::Deleted => LineKind::Deleted,
            core::patch::LineKind::Annotation => LineKind::Annotation,
        },
        text: name_out(line.text),
    };
    TextHunk {
        old_start: hunk.old_start,
        old_lines: hunk.old_lines,
        new_start: hunk.new_start,
        new_lines: hunk.new_lines,
        lines: hunk.lines.into_iter().map(line).collect(),
    }
}
