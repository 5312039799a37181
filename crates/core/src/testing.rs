//! Small worlds for tests: trees from `path = text` lines and back.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::tree::{Found, TreeEdit, diff_trees, find};
use crate::{Entry, Kind, Merge, Mode, ObjectPool, Oid, Terms};

/// A file with this text.
pub fn file(pool: &mut ObjectPool, text: &str) -> Entry {
    Entry { oid: pool.put(Kind::Blob, text.as_bytes().to_vec()), mode: Mode::File }
}

/// Resolved terms of a file with this text.
pub fn file_terms(pool: &mut ObjectPool, text: &str) -> Terms {
    Merge::resolved(Some(file(pool, text)))
}

/// A root tree of files.
pub fn tree(pool: &mut ObjectPool, files: &[(&str, &str)]) -> Oid {
    let mut edit = TreeEdit::open(pool, Oid::EMPTY_TREE).unwrap();
    for (path, text) in files {
        let entry = file(pool, text);
        edit.set(pool, &names(path), Some(entry)).unwrap();
    }
    let oid = edit.write(pool).unwrap();
    pool.take_created();
    oid
}

/// A path's names.
pub fn names(path: &str) -> Vec<crate::Name> {
    crate::path::split_path(path).unwrap()
}

/// What is at a path, each term as its text.
pub fn read(pool: &mut ObjectPool, trees: &Merge<Oid>, path: &str) -> Vec<String> {
    match find(pool, trees, &names(path)).unwrap() {
        Found::Terms(terms) => show(pool, &terms),
        Found::Blocked { depth, terms } => vec![format!("blocked at {depth}: {:?}", show(pool, &terms))],
    }
}

/// Terms as texts.
pub fn show(pool: &mut ObjectPool, terms: &Terms) -> Vec<String> {
    let show = |term: &Option<Entry>| match term {
        None => "absent".to_owned(),
        Some(entry) if entry.is_tree() => "tree".to_owned(),
        Some(entry) => {
            String::from_utf8_lossy(&pool.blob(entry.oid).unwrap_or_else(|_| Rc::from(*b"?"))).into_owned()
        }
    };
    terms.iter().map(show).collect()
}

/// All files of a version, each with its terms as texts.
pub fn files(pool: &mut ObjectPool, trees: &Merge<Oid>) -> BTreeMap<String, Vec<String>> {
    let changed = diff_trees(pool, &Merge::resolved(Oid::EMPTY_TREE), trees).unwrap();
    changed.into_iter().map(|changed| (changed.path, show(pool, &changed.after))).collect()
}
