//! Listing a directory.

use std::collections::BTreeMap;

use super::entries::{merged_entries, read_trees, tree_ids};
use super::find::{Found, PathKind, find, kind_of, side_at};
use crate::object::is_directory;
use crate::{Answer, Merge, Name, Need, ObjectPool, Oid, Terms};

/// One thing in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: Name,
    /// What is there, trivially resolved or else simplified; absent for a directory only the side has.
    pub terms: Terms,
    /// Its kind.
    pub kind: PathKind,
    /// Its modification time in milliseconds, where the side has one.
    pub mtime: Option<i64>,
}

/// Why a path can't be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFault {
    /// Nothing is there.
    Absent,
    /// It, or something on the way, is no directory.
    NotDirectory,
}

/// The things in a directory, in name order.
pub fn list(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    side: Option<Oid>,
    path: &[Name],
) -> Answer<Result<Vec<Listed>, ListFault>> {
    let mut need = Need::default();
    let found = need.take(find_entries(pool, trees, path))?;
    let side = need.take(side_at(pool, side, path))?.flatten();
    need.finish()?;
    let mut listed: BTreeMap<Name, Listed> = match found {
        Some(Ok(Some(entries))) => entries,
        Some(Ok(None)) if side.is_some() => BTreeMap::new(),
        Some(Ok(None)) | None => return Ok(Err(ListFault::Absent)),
        Some(Err(fault)) => return Ok(Err(fault)),
    };
    if let Some(side) = side {
        for (name, _) in &side.dirs {
            let new =
                || Listed { name: name.clone(), terms: Merge::absent(), kind: PathKind::Dir, mtime: None };
            listed.entry(name.clone()).or_insert_with(new);
        }
        for (name, time) in &side.times {
            if let Some(listed) = listed.get_mut(name) {
                listed.mtime = Some(*time);
            }
        }
    }
    Ok(Ok(listed.into_values().collect()))
}

/// `None` where the trees have nothing; the side may.
#[expect(clippy::type_complexity, reason = "used once")]
fn find_entries(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    path: &[Name],
) -> Answer<Result<Option<BTreeMap<Name, Listed>>, ListFault>> {
    let terms = match find(pool, trees, path)? {
        Found::Terms(terms) => terms,
        Found::Blocked { .. } => return Ok(Err(ListFault::NotDirectory)),
    };
    if terms.is_absent() {
        return Ok(Ok(None));
    }
    if !is_directory(&terms) {
        return Ok(Err(ListFault::NotDirectory));
    }
    let mut listed = BTreeMap::new();
    for (name, terms) in merged_entries(&read_trees(pool, &tree_ids(&terms))?) {
        let terms = terms.normalize();
        if !terms.is_absent() {
            let kind = kind_of(&terms, false);
            listed.insert(name.clone(), Listed { name, terms, kind, mtime: None });
        }
    }
    Ok(Ok(Some(listed)))
}
