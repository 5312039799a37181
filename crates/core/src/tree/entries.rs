//! Walking several trees in step.

use std::rc::Rc;

use crate::object::is_directory;
use crate::{Answer, Merge, Name, Need, ObjectPool, Oid, Terms, Tree};

/// Reads the trees of a merged directory; an absent term reads as an empty tree.
pub(super) fn read_trees(pool: &mut ObjectPool, dirs: &Merge<Option<Oid>>) -> Answer<Merge<Rc<Tree>>> {
    let mut need = Need::default();
    let trees = dirs.try_map(|dir| need.take(pool.tree(dir.unwrap_or(Oid::EMPTY_TREE))))?;
    need.finish()?;
    Ok(trees.map(|tree| tree.clone().unwrap_or_default()))
}

/// The trees to read a directory from, or `None` where these terms are none. They are taken as they are: without
/// terms that cancel out, what is inside would show its terms in another order than on its own. Where something
/// else than a tree cancels out, it takes simplifying to see the directory.
pub(super) fn directory_trees(terms: &Terms) -> Option<Merge<Option<Oid>>> {
    if is_directory(terms) {
        return Some(tree_ids(terms));
    }
    let simple = terms.simplify();
    is_directory(&simple).then(|| tree_ids(&simple))
}

/// The trees a directory's terms stand for.
pub(super) fn tree_ids(terms: &Terms) -> Merge<Option<Oid>> {
    terms.map(|term| term.filter(|entry| entry.is_tree()).map(|entry| entry.oid))
}

/// Each name in any of the trees, in name order, with what every tree has there, not yet resolved.
pub(super) fn merged_entries(trees: &Merge<Rc<Tree>>) -> impl Iterator<Item = (Name, Terms)> + use<> {
    let trees = trees.clone();
    let mut places = vec![0; trees.as_slice().len()];
    std::iter::from_fn(move || {
        let next = trees.iter().zip(&places).filter_map(|(tree, place)| tree.entries().get(*place));
        let name = next.map(|entry| &entry.name).min()?.clone();
        let mut places = places.iter_mut();
        let terms = trees.map(|tree| {
            let place = places.next()?;
            let entry = tree.entries().get(*place).filter(|entry| entry.name == name)?;
            *place += 1;
            Some(entry.entry)
        });
        Some((name, terms))
    })
}
