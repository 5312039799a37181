//! The one rule for edits, used by the authority and by a client's rebase alike.
//!
//! An edit says what its writer saw (`was`). Where that is still there, the edit applies as it is; otherwise what
//! is there now, what was seen and what was written are merged, and what doesn't resolve is kept as terms.

mod content;
mod names;
mod settle;
mod state;

pub use content::Content;

use crate::path::split_entry_path;
use crate::{Answer, CoreError, Merge, Name, Need, ObjectPool, Oid, Result, Terms};
use state::State;

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts something at a path, or removes what is there (`entry` absent). A whole directory is one entry.
    Write {
        /// Where.
        path: String,
        /// What the writer saw there.
        was: Terms,
        /// What is to be there.
        entry: Terms,
        /// Its modification time in milliseconds.
        mtime: Option<i64>,
    },
    /// Moves what is at a path, with its times and explicit directories.
    Rename {
        /// From where.
        from: String,
        /// To where.
        to: String,
        /// What the writer saw at `from`.
        was: Terms,
        /// What the writer saw at `to`.
        to_was: Terms,
        /// A new modification time in milliseconds.
        mtime: Option<i64>,
    },
    /// Makes an explicit directory.
    Mkdir {
        /// Where.
        path: String,
        /// Its modification time in milliseconds.
        mtime: Option<i64>,
    },
    /// Sets a modification time.
    Utimes {
        /// Of what.
        path: String,
        /// Milliseconds.
        mtime: i64,
    },
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was seen was there: the edit stands as written.
    Applied,
    /// Something else was there, and both merged.
    Merged,
    /// Something else was there, and both sides are kept as a conflict.
    Conflicted,
    /// Nothing changed, times apart: every path holds what it did, and no directory came or went.
    Unchanged,
}

/// What became of an edit, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditResult {
    /// What became of it.
    pub outcome: Outcome,
    /// The paths it touched.
    pub paths: Vec<String>,
}

/// A version after edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The root trees.
    pub trees: Merge<Oid>,
    /// The side.
    pub side: Option<Oid>,
    /// One result for each edit.
    pub results: Vec<EditResult>,
}

/// Applies edits one after the other: all of them, or none.
pub fn apply(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    side: Option<Oid>,
    edits: &[Edit],
) -> Answer<Applied> {
    pool.transact(
        |pool| {
            let edits = edits.iter().map(Resolved::new).collect::<Result<Vec<_>>>()?;
            let mut state = State::open(pool, trees, side)?;
            let mut results = Vec::with_capacity(edits.len());
            let mut need = Need::default();
            let mut waiting: Vec<&[Name]> = Vec::new();
            for edit in &edits {
                if edit.is_after(&waiting) {
                    waiting.extend(edit.paths());
                    continue;
                }
                match need.take(state.edit(pool, edit)) {
                    Ok(Some(result)) => results.push(result),
                    Err(error) if need.is_met() => return Err(error.into()),
                    // After an edit that lacked something the state is not what this one would have seen.
                    _ => waiting.extend(edit.paths()),
                }
                if waiting.len() > MAX_WAITING {
                    break;
                }
            }
            need.finish()?;
            let (trees, side) = state.close(pool)?;
            Ok(Applied { trees, side, results })
        },
        |applied| applied.trees.iter().copied().chain(applied.side).collect(),
    )
}

/// Edits that a round may pass over; the next one is made once it has what they lack.
const MAX_WAITING: usize = 1_000;

/// An edit with its paths split.
enum Resolved<'a> {
    Write { path: Vec<Name>, was: &'a Terms, entry: &'a Terms, mtime: Option<i64> },
    Rename { from: Vec<Name>, to: Vec<Name>, was: &'a Terms, to_was: &'a Terms, mtime: Option<i64> },
    Mkdir { path: Vec<Name>, mtime: Option<i64> },
    Utimes { path: Vec<Name>, mtime: i64 },
}

impl<'a> Resolved<'a> {
    fn paths(&self) -> impl Iterator<Item = &[Name]> {
        let (path, other) = match self {
            Self::Write { path, .. } | Self::Mkdir { path, .. } | Self::Utimes { path, .. } => (path, None),
            Self::Rename { from, to, .. } => (from, Some(to)),
        };
        std::iter::once(path).chain(other).map(Vec::as_slice)
    }

    /// Whether it sees what one of the edits at these paths has made: what it says was there may be that.
    fn is_after(&self, waiting: &[&[Name]]) -> bool {
        self.paths()
            .any(|path| waiting.iter().any(|other| path.starts_with(other) || other.starts_with(path)))
    }

    fn new(edit: &'a Edit) -> Result<Self> {
        Ok(match edit {
            Edit::Write { path, was, entry, mtime } => {
                Self::Write { path: split_entry_path(path)?, was, entry, mtime: *mtime }
            }
            Edit::Rename { from, to, was, to_was, mtime } => {
                let (from, to) = (split_entry_path(from)?, split_entry_path(to)?);
                if to.len() > from.len() && to.starts_with(&from) {
                    let path = crate::path::join_path(&to);
                    return Err(CoreError::BadPath { path, reason: "a directory can't move into itself" });
                }
                Self::Rename { from, to, was, to_was, mtime: *mtime }
            }
            Edit::Mkdir { path, mtime } => Self::Mkdir { path: split_entry_path(path)?, mtime: *mtime },
            Edit::Utimes { path, mtime } => Self::Utimes { path: split_entry_path(path)?, mtime: *mtime },
        })
    }
}

#[cfg(test)]
mod tests;
