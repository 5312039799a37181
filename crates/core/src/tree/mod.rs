//! Directories, single and merged: finding, listing, changing, merging and comparing them.

mod conflict_tree;
mod diff;
mod edit;
mod entries;
mod files;
mod find;
mod list;
mod merge;
mod renames;

pub use conflict_tree::make_conflict_tree;
pub use diff::{Changed, conflicts, diff_trees};
pub use edit::TreeEdit;
pub(crate) use files::{is_mergeable, read_contents};
pub use find::{Found, Lookup, PathKind, Through, find, find_labelled, lookup};
pub use list::{ListFault, Listed, list};
pub use merge::{merge_entries, merge_labelled_trees, merge_trees};
pub use renames::{Renamed, find_renames};

#[cfg(test)]
mod reads;
#[cfg(test)]
mod tests;
