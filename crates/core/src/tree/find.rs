//! What stands at a path.

use std::rc::Rc;

use super::entries::{directory_trees, read_trees};
use crate::conflict::simplify_labels;
use crate::object::is_directory;
use crate::side::SideDir;
use crate::{Answer, Entry, Merge, Mode, Name, Need, ObjectPool, Oid, Terms};

/// What following a path through merged trees gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What is there, trivially resolved or else simplified.
    Terms(Terms),
    /// The first `depth` names lead to something that is no directory.
    Blocked {
        /// How many names.
        depth: usize,
        /// What is there.
        terms: Terms,
    },
}

impl Found {
    fn normalize(self) -> Self {
        match self {
            Self::Terms(terms) => Self::Terms(terms.normalize()),
            Self::Blocked { depth, terms } => Self::Blocked { depth, terms: terms.normalize() },
        }
    }

    /// Whether the path could lead somewhere, but nothing is there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Terms(terms) if terms.is_absent())
    }
}

/// What kind of thing stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A directory, in every term that has anything there, or an explicitly made one.
    Dir,
    /// A submodule.
    Submodule,
    /// Anything unresolved that is not a directory.
    Conflict,
    /// Nothing.
    Absent,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// What is there, trivially resolved or else simplified.
    pub terms: Terms,
    /// Its kind.
    pub kind: PathKind,
    /// Its modification time in milliseconds, where the side has one.
    pub mtime: Option<i64>,
    /// Where the path goes through something that is no directory.
    pub through: Option<Through>,
}

/// A proper prefix of a path that is there but no directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// How many of the path's names.
    pub depth: usize,
    /// What is there.
    pub terms: Terms,
}

/// Follows a path from the root trees.
pub fn find(pool: &mut ObjectPool, trees: &Merge<Oid>, path: &[Name]) -> Answer<Found> {
    Ok(find_unsimplified(pool, trees, path)?.normalize())
}

/// As [`find`], with a label for each root tree, or none; gives the labels of the terms that are left. Below a directory
/// that takes simplifying to be seen as one, terms have lost their places, and so their labels.
pub fn find_labelled(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    labels: &[String],
    path: &[Name],
) -> Answer<(Found, Vec<String>)> {
    let found = find_unsimplified(pool, trees, path)?;
    let (Found::Terms(terms) | Found::Blocked { terms, .. }) = &found;
    if terms.resolve_trivial().is_some() || terms.num_sides() != trees.num_sides() {
        return Ok((found.normalize(), Vec::new()));
    }
    let (labels, _) = simplify_labels(labels, terms)?;
    Ok((found.normalize(), labels))
}

/// As [`find`], but what does not resolve keeps terms that cancel out: the form to go on into a directory from.
pub(super) fn find_unsimplified(pool: &mut ObjectPool, trees: &Merge<Oid>, path: &[Name]) -> Answer<Found> {
    let mut terms = trees.map(|tree| Some(Entry::tree(*tree))).settle();
    for (depth, name) in path.iter().enumerate() {
        // The usual case, a directory all agree on, needs no list of trees.
        if let Some(Some(Entry { oid, mode: Mode::Tree })) = terms.as_resolved() {
            terms = Merge::resolved(pool.tree(*oid)?.get(name));
        } else if let Some(dirs) = directory_trees(&terms) {
            terms = read_trees(pool, &dirs)?.map(|tree| tree.get(name)).settle();
        } else if terms.is_absent() {
            return Ok(Found::Terms(terms));
        } else {
            return Ok(Found::Blocked { depth, terms });
        }
    }
    Ok(Found::Terms(terms))
}

/// Looks up a path in the trees and the side.
pub fn lookup(pool: &mut ObjectPool, trees: &Merge<Oid>, side: Option<Oid>, path: &[Name]) -> Answer<Lookup> {
    let mut need = Need::default();
    let found = need.take(find(pool, trees, path))?;
    let (dir, mtime) = match path.split_last() {
        Some((name, parent)) => match need.take(side_at(pool, side, parent))?.flatten() {
            Some(parent) => (parent.dir(name).is_some(), parent.time(name)),
            None => (false, None),
        },
        None => (true, None),
    };
    need.finish()?;
    Ok(match found {
        Some(Found::Terms(terms)) => {
            let kind = kind_of(&terms, dir);
            let mtime = mtime.filter(|_| kind != PathKind::Absent);
            Lookup { terms, kind, mtime, through: None }
        }
        Some(Found::Blocked { depth, terms }) => {
            let through = Some(Through { depth, terms });
            Lookup { terms: Merge::absent(), kind: PathKind::Absent, mtime: None, through }
        }
        None => Lookup { terms: Merge::absent(), kind: PathKind::Absent, mtime: None, through: None },
    })
}

/// The side of the directory at a path, if it has one.
pub(super) fn side_at(
    pool: &mut ObjectPool,
    side: Option<Oid>,
    path: &[Name],
) -> Answer<Option<Rc<SideDir>>> {
    let Some(root) = side else { return Ok(None) };
    let mut dir = pool.side_dir(root)?;
    for name in path {
        let Some(next) = dir.dir(name) else { return Ok(None) };
        dir = pool.side_dir(next)?;
    }
    Ok(Some(dir))
}

/// The kind of what these terms are; `dir` says that the side has a directory there.
pub(super) fn kind_of(terms: &Terms, dir: bool) -> PathKind {
    match terms.as_resolved() {
        Some(Some(entry)) => match entry.mode {
            Mode::File | Mode::Executable => PathKind::File,
            Mode::Symlink => PathKind::Symlink,
            Mode::Tree => PathKind::Dir,
            Mode::Submodule => PathKind::Submodule,
        },
        Some(None) if dir => PathKind::Dir,
        Some(None) => PathKind::Absent,
        None if is_directory(terms) => PathKind::Dir,
        None => PathKind::Conflict,
    }
}
