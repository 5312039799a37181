//! Commits, with the headers by which jj keeps a change's id and a conflict's terms in git.

#![deny(clippy::arithmetic_side_effects)]

use super::Signature;
use crate::change_id::is_change_id;
use crate::{CoreError, Merge, Oid, Result};

/// A header of a commit that has no field of its own. A value of several lines is joined by `\n`.
pub type Header = (Vec<u8>, Vec<u8>);

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The root trees, several when the content is conflicted.
    pub trees: Merge<Oid>,
    /// The tree git sees: the only root tree, or the one made for a conflict.
    pub tree: Oid,
    /// A label for each root tree; empty when there are none.
    pub labels: Vec<String>,
    /// The parents.
    pub parents: Vec<Oid>,
    /// Who wrote the content.
    pub author: Signature,
    /// Who wrote the commit.
    pub committer: Signature,
    /// The description, as it is.
    pub message: String,
    /// The change this commit is a state of.
    pub change_id: Option<String>,
    /// Headers unknown here (signatures, encodings), in their order.
    pub extra: Vec<Header>,
}

const TREES: &[u8] = b"jj:trees";
const LABELS: &[u8] = b"jj:conflict-labels";
const CHANGE_ID: &[u8] = b"change-id";

/// Encodes a commit as git and jj do.
pub fn encode_commit(commit: &Commit) -> Result<Vec<u8>> {
    let bad = |what: &str| CoreError::BadCommit(what.to_owned());
    if commit.trees.as_resolved().is_some_and(|tree| *tree != commit.tree) {
        return Err(bad("a resolved commit's tree must be its only root tree"));
    }
    let mut out = Vec::with_capacity(commit.message.len().saturating_add(256));
    push_header(&mut out, b"tree", commit.tree.to_hex().as_bytes());
    for parent in &commit.parents {
        push_header(&mut out, b"parent", parent.to_hex().as_bytes());
    }
    push_header(&mut out, b"author", &commit.author.encode().map_err(bad)?);
    push_header(&mut out, b"committer", &commit.committer.encode().map_err(bad)?);
    if commit.labels.iter().any(|label| !label.is_empty()) {
        if commit.trees.is_resolved() || commit.labels.len() != commit.trees.as_slice().len() {
            return Err(bad("a conflict has one label for each root tree"));
        }
        if commit.labels.iter().any(|label| label.contains(['\n', '\0'])) {
            return Err(bad("a label contains a line break or NUL"));
        }
        let mut value = Vec::new();
        for label in &commit.labels {
            value.extend_from_slice(label.as_bytes());
            value.push(b'\n');
        }
        push_header(&mut out, LABELS, &value);
    }
    if !commit.trees.is_resolved() {
        let mut value = Vec::new();
        for tree in commit.trees.iter() {
            if !value.is_empty() {
                value.push(b' ');
            }
            value.extend_from_slice(tree.to_hex().as_bytes());
        }
        push_header(&mut out, TREES, &value);
    }
    if let Some(id) = &commit.change_id {
        if !is_change_id(id.as_bytes()) {
            return Err(CoreError::BadChangeId(id.clone()));
        }
        push_header(&mut out, CHANGE_ID, id.as_bytes());
    }
    for (name, value) in &commit.extra {
        push_header(&mut out, name, value);
    }
    out.push(b'\n');
    out.extend_from_slice(commit.message.as_bytes());
    Ok(out)
}

/// Decodes a commit. Unknown headers are kept; a message that is not UTF-8 is read with replacements.
pub fn decode_commit(bytes: &[u8]) -> Result<Commit> {
    let bad = |what: &str| CoreError::BadCommit(what.to_owned());
    let (headers, message) = split_headers(bytes).ok_or_else(|| bad("a header is malformed"))?;
    let mut headers = headers.into_iter().peekable();
    let mut next_if = |name: &[u8]| headers.next_if(|(found, _)| found == name).map(|(_, value)| value);
    let oid = |value: Vec<u8>| {
        Oid::from_hex_bytes(&value).ok_or_else(|| {
            CoreError::BadCommit(format!("`{}` is no object id", String::from_utf8_lossy(&value)))
        })
    };
    let tree = oid(next_if(b"tree").ok_or_else(|| bad("the tree header is missing"))?)?;
    let mut parents = Vec::new();
    while let Some(parent) = next_if(b"parent") {
        parents.push(oid(parent)?);
    }
    let signature = |value: Option<Vec<u8>>, fault: &str| {
        value.and_then(|value| Signature::decode(&value)).ok_or_else(|| bad(fault))
    };
    let author = signature(next_if(b"author"), "the author is missing or malformed")?;
    let committer = signature(next_if(b"committer"), "the committer is missing or malformed")?;
    let mut commit = Commit {
        trees: Merge::resolved(tree),
        tree,
        labels: Vec::new(),
        parents,
        author,
        committer,
        message: String::from_utf8_lossy(message).into_owned(),
        change_id: None,
        extra: Vec::new(),
    };
    for (name, value) in headers {
        match name.as_slice() {
            TREES => {
                commit.trees = parse_trees(&value).ok_or_else(|| bad("the jj:trees header is malformed"))?
            }
            LABELS => {
                let text = String::from_utf8_lossy(&value);
                let text = text.strip_suffix('\n').unwrap_or(&text);
                commit.labels = text.split('\n').map(str::to_owned).collect();
            }
            CHANGE_ID if is_change_id(&value) && commit.change_id.is_none() => {
                commit.change_id = Some(String::from_utf8_lossy(&value).into_owned());
            }
            _ => commit.extra.push((name, value)),
        }
    }
    Ok(commit)
}

/// A root tree list is written for conflicts only, so a single id there is refused: it could disagree with the
/// tree git sees.
fn parse_trees(value: &[u8]) -> Option<Merge<Oid>> {
    let ids: Vec<Oid> = value.split(|byte| *byte == b' ').map(Oid::from_hex_bytes).collect::<Option<_>>()?;
    Merge::new(ids).ok().filter(|trees| !trees.is_resolved())
}

/// Reads the headers, joining the lines of a continued one with `\n` (the last line's end is kept when the
/// header had more than one line).
fn split_headers(bytes: &[u8]) -> Option<(Vec<Header>, &[u8])> {
    let mut headers: Vec<Header> = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, tail) = rest.split_at_checked(end)?;
        rest = tail.get(1..)?;
        if line.is_empty() {
            return Some((headers, rest));
        }
        if let Some(more) = line.strip_prefix(b" ") {
            let value = &mut headers.last_mut()?.1;
            if !value.ends_with(b"\n") {
                value.push(b'\n');
            }
            value.extend_from_slice(more);
            value.push(b'\n');
            continue;
        }
        let space = line.iter().position(|byte| *byte == b' ')?;
        let (name, value) = line.split_at_checked(space)?;
        headers.push((name.to_vec(), value.get(1..)?.to_vec()));
    }
}

/// Writes a header; the lines after the first one start with a space.
fn push_header(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.push(b' ');
    for (number, line) in value.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(line);
    }
    if !value.ends_with(b"\n") {
        out.push(b'\n');
    }
}
