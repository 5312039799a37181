//! Listing a directory.

use super::entries::{directory_trees, merged_entries, read_trees};
use super::find::{Found, PathKind, find_unsimplified, kind_of, side_at};
use crate::sort::sort_by;
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
    let mut listed = match found {
        Some(Ok(Some(entries))) => entries,
        Some(Ok(None)) if side.is_some() => Vec::new(),
        Some(Ok(None)) | None => return Ok(Err(ListFault::Absent)),
        Some(Err(fault)) => return Ok(Err(fault)),
    };
    if let Some(side) = side {
        let known = listed.len();
        for (name, _) in &side.dirs {
            if listed
                .get(..known)
                .is_none_or(|known| known.binary_search_by(|listed| listed.name.cmp(name)).is_err())
            {
                let name = name.clone();
                listed.push(Listed { name, terms: Merge::absent(), kind: PathKind::Dir, mtime: None });
            }
        }
        sort_by(&mut listed, |a, b| a.name.cmp(&b.name));
        for listed in &mut listed {
            listed.mtime = side.time(&listed.name);
        }
    }
    Ok(Ok(listed))
}

/// `None` where the trees have nothing; the side may.
fn find_entries(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    path: &[Name],
) -> Answer<Result<Option<Vec<Listed>>, ListFault>> {
    let terms = match find_unsimplified(pool, trees, path)? {
        Found::Terms(terms) => terms,
        Found::Blocked { .. } => return Ok(Err(ListFault::NotDirectory)),
    };
    if terms.is_absent() {
        return Ok(Ok(None));
    }
    let Some(dirs) = directory_trees(&terms) else { return Ok(Err(ListFault::NotDirectory)) };
    let mut listed = Vec::new();
    for (name, terms) in merged_entries(&read_trees(pool, &dirs)?) {
        let terms = terms.normalize();
        if !terms.is_absent() {
            let kind = kind_of(&terms, false);
            listed.push(Listed { name, terms, kind, mtime: None });
        }
    }
    Ok(Ok(Some(listed)))
}
