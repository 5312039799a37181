//! Side trees: modification times and explicitly made directories, kept beside the git trees in git's encoding.
//!
//! The side of a directory is a tree with an entry `.` (the table: a line `<mtime> <name>` for each thing directly
//! inside that has a time) and one directory for each sub-directory that has a side. A directory with a side
//! exists even where git has no tree.

#![deny(clippy::arithmetic_side_effects)]

mod edit;
mod merge;

use std::rc::Rc;

pub use edit::SideEdit;
pub use merge::merge_sides;

use crate::object::{encode_entries, name_fault, parse_entries};
use crate::sort::sort_by;
use crate::{Answer, CoreError, Entry, Mode, Name, Oid, Result, TreeEntry};

/// The side of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideDir {
    /// Times in milliseconds, in name order.
    pub times: Vec<(Name, i64)>,
    /// Sub-directories with a side, in name order.
    pub dirs: Vec<(Name, Oid)>,
}

const TABLE: &[u8] = b".";

impl SideDir {
    /// Decodes the side of a directory; `blob` gives the table's bytes.
    pub fn decode(bytes: &[u8], blob: impl Fn(Oid) -> Answer<Rc<[u8]>>) -> Answer<Self> {
        let mut side = Self::default();
        for TreeEntry { name, entry } in parse_entries(bytes)? {
            if *name == *TABLE && entry.mode == Mode::File {
                side.times = decode_table(&blob(entry.oid)?)?;
            } else if entry.mode == Mode::Tree && name_fault(&name).is_none() {
                side.dirs.push((name, entry.oid));
            } else {
                let name = String::from_utf8_lossy(&name).into_owned();
                return Err(
                    CoreError::BadSide(format!("`{name}` is neither the table nor a directory")).into()
                );
            }
        }
        sort_by(&mut side.dirs, |(a, _), (b, _)| a.cmp(b));
        Ok(side)
    }

    /// The encoding, given the table's blob.
    pub fn encode(&self, table: Option<Oid>) -> Vec<u8> {
        let mut entries = Vec::with_capacity(self.dirs.len().saturating_add(1));
        if let Some(oid) = table {
            entries.push(TreeEntry { name: Rc::from(TABLE), entry: Entry { oid, mode: Mode::File } });
        }
        for (name, oid) in &self.dirs {
            entries.push(TreeEntry { name: name.clone(), entry: Entry::tree(*oid) });
        }
        encode_entries(&entries)
    }

    /// The table's bytes, or `None` where nothing has a time.
    pub fn encode_table(&self) -> Option<Vec<u8>> {
        if self.times.is_empty() {
            return None;
        }
        let mut table = Vec::new();
        for (name, time) in &self.times {
            table.extend_from_slice(time.to_string().as_bytes());
            table.push(b' ');
            table.extend_from_slice(name);
            table.push(b'\n');
        }
        Some(table)
    }

    /// The time of what has this name.
    pub fn time(&self, name: &[u8]) -> Option<i64> {
        get(&self.times, name)
    }

    /// The side of the sub-directory of this name.
    pub fn dir(&self, name: &[u8]) -> Option<Oid> {
        get(&self.dirs, name)
    }

    /// The sides of all sub-directories.
    pub fn children(&self) -> impl Iterator<Item = Oid> {
        self.dirs.iter().map(|(_, oid)| *oid)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty() && self.dirs.is_empty()
    }
}

/// Whether a name can be in a table: one with a line break can't, and goes without a time.
pub fn can_have_time(name: &[u8]) -> bool {
    !name.contains(&b'\n')
}

fn get<T: Copy>(sorted: &[(Name, T)], name: &[u8]) -> Option<T> {
    let place = sorted.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
    sorted.get(place).map(|(_, value)| *value)
}

fn decode_table(bytes: &[u8]) -> Result<Vec<(Name, i64)>> {
    let bad = |what: &str| CoreError::BadSide(what.to_owned());
    let Some(bytes) = bytes.strip_suffix(b"\n") else {
        return Err(bad("the table does not end in a line break"));
    };
    let mut times: Vec<(Name, i64)> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b' ');
        let time = parts.next().and_then(|time| std::str::from_utf8(time).ok());
        let time = time.and_then(|time| time.parse().ok()).ok_or_else(|| bad("a line has no time"))?;
        let name = parts.next().ok_or_else(|| bad("a line has no name"))?;
        if name_fault(name).is_some() {
            return Err(bad("a line has a name no file may have"));
        }
        if times.last().is_some_and(|(last, _)| **last >= *name) {
            return Err(bad("the lines are out of order"));
        }
        times.push((Rc::from(name), time));
    }
    Ok(times)
}

#[cfg(test)]
mod tests;
