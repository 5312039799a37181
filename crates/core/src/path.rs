//! Paths of files inside a repo: `/`-separated, relative, without the names git can't hold.

use std::rc::Rc;

use crate::limits::MAX_DEPTH;
use crate::object::name_fault;
use crate::{CoreError, Name, Result};

/// Splits a path into its names. The empty path is the root and has none.
pub fn split_path(path: &str) -> Result<Vec<Name>> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let bad = |reason| CoreError::BadPath { path: path.to_owned(), reason };
    let mut names = Vec::new();
    for name in path.split('/') {
        if let Some(reason) = name_fault(name.as_bytes()) {
            return Err(bad(reason));
        }
        names.push(Rc::from(name.as_bytes()));
    }
    if names.len() > MAX_DEPTH {
        return Err(CoreError::TooDeep);
    }
    Ok(names)
}

/// Splits the path of something that has a parent: the root is refused.
pub fn split_entry_path(path: &str) -> Result<Vec<Name>> {
    if path.is_empty() {
        return Err(CoreError::BadPath {
            path: String::new(),
            reason: "the root can't be the object of this edit",
        });
    }
    split_path(path)
}

/// Joins names to a path, with bytes that are not UTF-8 replaced.
pub fn join_path(names: &[Name]) -> String {
    let mut path = Vec::new();
    for name in names {
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
    }
    String::from_utf8_lossy(&path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_git_cannot_hold_are_refused() {
        for bad in ["/a", "a/", "a//b", ".", "a/..", ".git", "a/.GiT/config", "a\0b", "/"] {
            assert_eq!(split_path(bad).map_err(|e| e.code()), Err("BAD_PATH"), "{bad:?}");
        }
        assert_eq!(split_path("").map(|names| names.len()), Ok(0));
        assert_eq!(
            split_path("a/.gitignore/ü").map(|names| join_path(&names)),
            Ok("a/.gitignore/ü".to_owned())
        );
        assert_eq!(split_path(&"a/".repeat(2000)).map_err(|e| e.code()), Err("BAD_PATH"));
        assert_eq!(split_path(&vec!["a"; 1001].join("/")).map_err(|e| e.code()), Err("TOO_DEEP"));
    }
}
