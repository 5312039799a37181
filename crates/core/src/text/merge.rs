//! Merging texts hunk by hunk.

use super::hunks::line_hunks;
use crate::Merge;

/// What merging texts gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Every hunk resolved.
    Resolved(Vec<u8>),
    /// The text in order: resolved stretches (one term) and conflicts (as many terms as were merged).
    Conflict(Vec<Merge<Vec<u8>>>),
}

/// Merges texts: the first remove is the base all others are compared with, and a hunk resolves where its terms
/// do so trivially. Resolved neighbours are joined.
pub fn merge_texts<T: AsRef<[u8]>>(terms: &Merge<T>) -> Merged {
    let num_removes = terms.num_sides() - 1;
    let texts: Vec<&[u8]> = terms.removes().chain(terms.adds()).map(AsRef::as_ref).collect();
    let mut hunks: Vec<Merge<Vec<u8>>> = Vec::new();
    let mut resolved: Vec<u8> = Vec::new();
    for hunk in line_hunks(&texts) {
        let (removes, adds) = hunk.parts.split_at(num_removes);
        let conflict = match Merge::from_removes_adds(removes.iter().copied(), adds.iter().copied()) {
            Some(parts) if !hunk.matching => match parts.resolve_trivial() {
                Some(part) => {
                    resolved.extend_from_slice(part);
                    continue;
                }
                None => parts.map(|part| part.to_vec()),
            },
            _ => {
                resolved.extend_from_slice(hunk.parts.first().copied().unwrap_or_default());
                continue;
            }
        };
        if !resolved.is_empty() {
            hunks.push(Merge::resolved(std::mem::take(&mut resolved)));
        }
        hunks.push(conflict);
    }
    if hunks.is_empty() {
        return Merged::Resolved(resolved);
    }
    if !resolved.is_empty() {
        hunks.push(Merge::resolved(resolved));
    }
    Merged::Conflict(hunks)
}
