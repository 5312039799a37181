//! Merging trees entry by entry, reading only the directories that don't resolve by their ids.

use super::entries::{merged_entries, read_trees, tree_ids};
use super::files::merge_files;
use crate::conflict::simplify_labels;
use crate::limits::MAX_DEPTH;
use crate::object::is_directory;
use crate::{Answer, CoreError, Entry, Merge, Name, Need, ObjectPool, Oid, Terms, Tree, TreeEntry};

/// Merges root trees over any number of terms: simplified, resolved as far as possible, and simplified again.
pub fn merge_trees(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Merge<Oid>> {
    Ok(resolve_trees(pool, &trees.simplify())?.simplify())
}

/// As [`merge_trees`], with a label for each tree, or none: labels stay with their trees, and go with them.
pub fn merge_labelled_trees(
    pool: &mut ObjectPool,
    trees: &Merge<Oid>,
    labels: &[String],
) -> Answer<(Merge<Oid>, Vec<String>)> {
    let (labels, trees) = simplify_labels(labels, trees)?;
    let merged = resolve_trees(pool, &trees)?;
    if merged.is_resolved() {
        return Ok((merged, Vec::new()));
    }
    let (labels, trees) = simplify_labels(&labels, &merged)?;
    Ok((trees, labels))
}

/// The result is resolved or has as many terms as went in.
fn resolve_trees(pool: &mut ObjectPool, trees: &Merge<Oid>) -> Answer<Merge<Oid>> {
    match trees.resolve_trivial() {
        Some(tree) => Ok(Merge::resolved(*tree)),
        None => merge_dir(pool, &trees.map(|tree| Some(*tree)), 0),
    }
}

/// Merges what stands at one path: flattened, simplified, directories entry by entry and regular files by
/// content. What doesn't resolve stays as terms.
pub fn merge_entries(pool: &mut ObjectPool, terms: Merge<Terms>) -> Answer<Terms> {
    let terms = terms.flatten().normalize();
    if terms.is_resolved() {
        return Ok(terms);
    }
    if is_directory(&terms) {
        return Ok(to_terms(&merge_dir(pool, &tree_ids(&terms), 0)?).normalize());
    }
    Ok(match merge_files(pool, &terms)? {
        Some(entry) => Merge::resolved(Some(entry)),
        None => terms,
    })
}

/// The result is resolved or has as many terms as went in.
fn merge_dir(pool: &mut ObjectPool, dirs: &Merge<Option<Oid>>, depth: usize) -> Answer<Merge<Oid>> {
    if depth > MAX_DEPTH {
        return Err(CoreError::TooDeep.into());
    }
    let trees = read_trees(pool, dirs)?;
    let mut need = Need::default();
    let mut resolved: Vec<TreeEntry> = Vec::new();
    let mut conflicts: Vec<(Name, Terms)> = Vec::new();
    for (name, terms) in merged_entries(&trees) {
        let terms = match terms.resolve_trivial() {
            Some(entry) => Merge::resolved(*entry),
            None => match need.take(merge_entry(pool, terms, depth))? {
                Some(terms) => terms,
                None => continue,
            },
        };
        match terms.resolve_trivial() {
            Some(Some(entry)) => resolved.push(TreeEntry { name, entry: *entry }),
            Some(None) => {}
            None => conflicts.push((name, terms)),
        }
    }
    need.finish()?;
    if conflicts.is_empty() {
        return Ok(Merge::resolved(pool.make_tree(Tree::from_sorted(resolved))));
    }
    let mut place = 0;
    Ok(dirs.map(|_| {
        let tree = with_term(&resolved, &conflicts, place);
        place += 1;
        pool.make_tree(tree)
    }))
}

fn merge_entry(pool: &mut ObjectPool, terms: Terms, depth: usize) -> Answer<Terms> {
    if is_directory(&terms) {
        return Ok(to_terms(&merge_dir(pool, &tree_ids(&terms), depth + 1)?));
    }
    Ok(match merge_files(pool, &terms)? {
        Some(entry) => Merge::resolved(Some(entry)),
        None => terms,
    })
}

/// A directory without entries is none.
fn to_terms(trees: &Merge<Oid>) -> Terms {
    trees.map(|tree| (*tree != Oid::EMPTY_TREE).then(|| Entry::tree(*tree)))
}

/// The tree of one term: what is resolved, and of each conflict that term.
fn with_term(resolved: &[TreeEntry], conflicts: &[(Name, Terms)], place: usize) -> Tree {
    let mut entries = Vec::with_capacity(resolved.len() + conflicts.len());
    let mut resolved = resolved.iter().peekable();
    for (name, terms) in conflicts {
        while let Some(entry) = resolved.next_if(|entry| entry.name < *name) {
            entries.push(entry.clone());
        }
        if let Some(Some(entry)) = terms.as_slice().get(place) {
            entries.push(TreeEntry { name: name.clone(), entry: *entry });
        }
    }
    entries.extend(resolved.cloned());
    Tree::from_sorted(entries)
}
