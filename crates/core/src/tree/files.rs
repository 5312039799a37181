//! Merging regular files: the content by lines, the executable bit apart from it.

use std::rc::Rc;

use crate::limits::MAX_TEXT_BYTES;
use crate::text::{Merged, is_binary, merge_texts};
use crate::{Answer, Entry, Merge, Mode, Need, ObjectPool, Oid, Terms};

/// The file these terms merge to, or `None` where they aren't all regular files, or conflict.
pub(super) fn merge_files(pool: &mut ObjectPool, terms: &Terms) -> Answer<Option<Entry>> {
    let simplified = terms.simplify();
    let files = simplified.try_map(|term| term.filter(|entry| entry.mode.is_file()).ok_or(()));
    let Ok(files) = files else { return Ok(None) };
    let modes = files.map(|file| file.mode == Mode::Executable);
    let Some(executable) = modes.resolve_trivial() else { return Ok(None) };
    let mode = if *executable { Mode::Executable } else { Mode::File };
    let ids = files.map(|file| file.oid);
    if let Some(oid) = ids.resolve_trivial() {
        return Ok(Some(Entry { oid: *oid, mode }));
    }
    // Terms that differ by the bit only are equal now, so there may be less to read.
    let contents = read_contents(pool, &ids.simplify().map(|oid| Some(*oid)))?;
    if !is_mergeable(&contents) {
        return Ok(None);
    }
    match merge_texts(&contents) {
        Merged::Resolved(bytes) => Ok(Some(Entry { oid: pool.make_blob(bytes), mode })),
        Merged::Conflict(_) => Ok(None),
    }
}

/// The contents of files; an absent one reads as empty.
pub(crate) fn read_contents(pool: &mut ObjectPool, ids: &Merge<Option<Oid>>) -> Answer<Merge<Rc<[u8]>>> {
    let mut need = Need::default();
    let contents = ids.try_map(|id| match id {
        Some(oid) => need.take(pool.blob(*oid)),
        None => Ok(Some(Rc::from([]))),
    })?;
    need.finish()?;
    Ok(contents.map(|bytes| bytes.clone().unwrap_or_else(|| Rc::from([]))))
}

/// Whether every term is text of a size worth merging.
pub(crate) fn is_mergeable(contents: &Merge<Rc<[u8]>>) -> bool {
    contents.iter().all(|bytes| bytes.len() <= MAX_TEXT_BYTES && !is_binary(bytes))
}
