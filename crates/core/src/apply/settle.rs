//! Settling a conflict that somebody else has settled, or gone on with, meanwhile.
//!
//! By the algebra alone, `head − was + entry`, two who take different sides undo each other and the base comes back:
//! each is taken to have removed what the other kept. Where that would be, what the two have made of the conflict is
//! merged over the base it had.

use crate::hash::hash_object;
use crate::text::line_hunks;
use crate::tree::{is_mergeable, merge_entries, read_contents};
use crate::{Answer, Entry, Kind, Merge, Mode, ObjectPool, Terms};

/// What `head` becomes when a writer who saw the conflict `was` writes `entry`.
pub(super) fn settle(pool: &mut ObjectPool, head: &Terms, was: &Terms, entry: &Terms) -> Answer<Terms> {
    let (settled, is_partial) = settled(head, was, entry);
    let texts = if is_partial { settle_texts(pool, head, was, entry)? } else { None };
    merge_entries(pool, Merge::resolved(texts.unwrap_or(settled)))
}

/// Where one of the two has settled a part of a text's conflicts only: hunk by hunk.
fn settle_texts(pool: &mut ObjectPool, head: &Terms, was: &Terms, entry: &Terms) -> Answer<Option<Terms>> {
    let mut ids = Vec::new();
    for terms in [head, was, entry] {
        for term in terms.iter() {
            match term {
                Some(file) if file.mode.is_file() => ids.push(Some(file.oid)),
                _ => return Ok(None),
            }
        }
    }
    let contents = read_contents(pool, &Merge::new(ids)?)?;
    if !is_mergeable(&contents) {
        return Ok(None);
    }
    let heads = head.as_slice().len();
    let mut texts: Vec<&[u8]> = contents.iter().map(AsRef::as_ref).collect();
    // All are compared with the first one, which is to be the base.
    texts.swap(0, heads + 1);
    let mut hunks = Vec::new();
    let mut sides = 1;
    for mut hunk in line_hunks(&texts) {
        hunk.parts.swap(0, heads + 1);
        // Each part goes by the id it would have as a blob.
        let mut names = Vec::new();
        for part in &hunk.parts {
            names.push(Some(Entry { oid: hash_object(Kind::Blob, part), mode: Mode::File }));
        }
        let mut rest = names.clone();
        let entry = Merge::new(rest.split_off(heads + was.as_slice().len()))?.normalize();
        let was = Merge::new(rest.split_off(heads))?.normalize();
        let merge = settled(&Merge::new(rest)?.normalize(), &was, &entry).0;
        sides = sides.max(merge.num_sides());
        hunks.push((hunk.parts, names, merge));
    }
    let mut terms = vec![Vec::new(); sides * 2 - 1];
    for (parts, names, mut merge) in hunks {
        let first = *merge.first();
        merge.pad_to(sides, first);
        for (term, name) in terms.iter_mut().zip(merge.iter()) {
            let place = names.iter().position(|other| other == name);
            term.extend_from_slice(place.and_then(|place| parts.get(place)).copied().unwrap_or_default());
        }
    }
    // The bit is the head's, unless the writer has changed it.
    let mode = |terms: &Terms| terms.first().map_or(Mode::File, |file| file.mode);
    let mode = if mode(was) == mode(entry) { mode(head) } else { mode(entry) };
    let mut entries = Vec::new();
    for text in terms {
        entries.push(Some(Entry { oid: pool.make_blob(text), mode }));
    }
    Ok(Some(Merge::new(entries)?))
}

/// What becomes of an entry, or of one hunk of its text. Tells as well whether both have changed it and one of them
/// has left it in conflict.
fn settled(head: &Terms, was: &Terms, entry: &Terms) -> (Terms, bool) {
    if head == entry {
        return (head.clone(), false);
    }
    let over =
        |base: &Terms| Merge::three_way(head.clone(), base.clone(), entry.clone()).flatten().normalize();
    let merged = over(was);
    let Some(base) = was.as_slice().get(1) else { return (merged, false) };
    let are_settled = head.is_resolved() && entry.is_resolved();
    let mut revives = false;
    for side in merged.adds() {
        revives |= !has_side(head, side) && !has_side(entry, side);
    }
    // One has settled for a side, and the other has done away with it while going on with the rest:
    // nothing at all would be left.
    let chosen = |terms: &Terms| terms.is_resolved() && terms.first().is_some();
    let loses = merged.adds().all(Option::is_none) && (chosen(head) || chosen(entry));
    if !are_settled && !revives && !loses {
        return (merged, false);
    }
    // A side that is still there need not be there twice.
    let kept = if entry.is_resolved() && has_side(head, entry.first()) {
        head.clone()
    } else if head.is_resolved() && has_side(entry, head.first()) {
        entry.clone()
    } else {
        over(&Merge::resolved(*base))
    };
    (kept, !are_settled)
}

fn has_side(terms: &Terms, side: &Option<Entry>) -> bool {
    for other in terms.adds() {
        if other == side {
            return true;
        }
    }
    false
}
