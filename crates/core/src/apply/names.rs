//! What stands at a path, as seen from one of the directories above it.

use crate::{Entry, Name, ObjectPool, Terms, TreeEntry};

/// The terms of an entry `rest` below a directory, as terms of that directory with nothing else in it.
pub(super) fn nest(pool: &mut ObjectPool, rest: &[Name], terms: &Terms) -> Terms {
    terms.map(|term| {
        let mut entry = (*term)?;
        for name in rest.iter().rev() {
            entry = Entry::tree(pool.make_single(TreeEntry { name: name.clone(), entry }));
        }
        Some(entry)
    })
}
