//! Trees: directories in git's encoding.
//!
//! In memory the entries are in the order of their names, which merging walks in step; in the encoding a
//! directory sorts as if its name ended in `/`.

#![deny(clippy::arithmetic_side_effects)]

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Entry, Mode, Name};
use crate::sort::sort_by;
use crate::{CoreError, Oid, Result};

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub entry: Entry,
}

/// A directory: entries in name order, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: Vec<TreeEntry>,
}

impl Tree {
    /// A directory of entries that are already in name order, each name once and fit for a tree.
    pub fn from_sorted(entries: Vec<TreeEntry>) -> Self {
        debug_assert!(entries.is_sorted_by(|a, b| a.name < b.name), "entries must be in name order");
        Self { entries }
    }

    /// A directory of these entries in any order.
    pub fn new(mut entries: Vec<TreeEntry>) -> Result<Self> {
        for entry in &entries {
            check_name(&entry.name)?;
        }
        sort_by(&mut entries, |a, b| a.name.cmp(&b.name));
        check_unique(&entries)?;
        Ok(Self { entries })
    }

    /// The entries in name order.
    pub fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of this name.
    pub fn get(&self, name: &[u8]) -> Option<Entry> {
        let place = self.entries.binary_search_by(|entry| (*entry.name).cmp(name)).ok()?;
        self.entries.get(place).map(|entry| entry.entry)
    }

    /// Git's encoding.
    pub fn encode(&self) -> Vec<u8> {
        encode_entries(&self.entries)
    }
}

/// Decodes a tree, refusing what git would not have written: wrong order, names twice, names no file may have.
pub fn decode_tree(bytes: &[u8]) -> Result<Tree> {
    let mut entries = parse_entries(bytes)?;
    for entry in &entries {
        check_name(&entry.name)?;
    }
    sort_by(&mut entries, |a, b| a.name.cmp(&b.name));
    check_unique(&entries)?;
    Ok(Tree { entries })
}

/// Reads entries in git's order without judging their names.
pub fn parse_entries(mut bytes: &[u8]) -> Result<Vec<TreeEntry>> {
    let mut entries: Vec<TreeEntry> = Vec::with_capacity(bytes.len() / 32);
    while !bytes.is_empty() {
        let (entry, rest) = parse_entry(bytes).ok_or_else(|| {
            let at = entries.len();
            CoreError::BadTree(format!("entry {at} is cut short or has no mode and name"))
        })?;
        let entry = entry?;
        if let Some(last) = entries.last()
            && git_order(last, &entry) != Ordering::Less
        {
            return Err(CoreError::BadTree(format!("`{}` is out of order", show(&entry.name))));
        }
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

/// Encodes entries, putting them into git's order.
pub fn encode_entries(entries: &[TreeEntry]) -> Vec<u8> {
    let mut sorted: Vec<&TreeEntry> = entries.iter().collect();
    sort_by(&mut sorted, |a, b| git_order(a, b));
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.name.len().saturating_add(28)).sum());
    for TreeEntry { name, entry } in sorted {
        let mode: &[u8] = match entry.mode {
            Mode::File => b"100644 ",
            Mode::Executable => b"100755 ",
            Mode::Symlink => b"120000 ",
            Mode::Tree => b"40000 ",
            Mode::Submodule => b"160000 ",
        };
        bytes.extend_from_slice(mode);
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(entry.oid.as_bytes());
    }
    bytes
}

/// Why no file may have this name, if so.
pub fn name_fault(name: &[u8]) -> Option<&'static str> {
    match name {
        b"" => Some("a name is empty"),
        b"." | b".." => Some("`.` and `..` are no names"),
        _ if name.eq_ignore_ascii_case(b".git") => Some("`.git` is git's own"),
        _ if name.contains(&0) => Some("a name contains NUL"),
        _ if name.contains(&b'/') => Some("a name contains `/`"),
        _ => None,
    }
}

fn check_name(name: &[u8]) -> Result<()> {
    match name_fault(name) {
        Some(fault) => Err(CoreError::BadTree(format!("entry `{}`: {fault}", show(name)))),
        None => Ok(()),
    }
}

fn check_unique(sorted: &[TreeEntry]) -> Result<()> {
    match sorted.array_windows::<2>().find(|[a, b]| a.name == b.name) {
        Some([twice, _]) => Err(CoreError::BadTree(format!("`{}` is there twice", show(&twice.name)))),
        None => Ok(()),
    }
}

fn parse_entry(bytes: &[u8]) -> Option<(Result<TreeEntry>, &[u8])> {
    let space = bytes.iter().take(8).position(|byte| *byte == b' ')?;
    let (mode, rest) = bytes.split_at_checked(space)?;
    let rest = rest.split_first()?.1;
    let nul = rest.iter().position(|byte| *byte == 0)?;
    let (name, rest) = rest.split_at_checked(nul)?;
    let (oid, rest) = rest.split_first()?.1.split_first_chunk::<20>()?;
    let bits = mode.iter().try_fold(0_u32, |bits, digit| {
        matches!(digit, b'0'..=b'7').then(|| bits << 3 | u32::from(digit & 7))
    });
    let entry = match bits.filter(|_| !mode.is_empty()) {
        Some(bits) => Mode::from_bits(bits).map(|mode| TreeEntry {
            name: Rc::from(name),
            entry: Entry { oid: Oid::from_bytes(*oid), mode },
        }),
        None => Err(CoreError::BadTree(format!("`{}` is no mode", show(mode)))),
    };
    Some((entry, rest))
}

fn git_order(a: &TreeEntry, b: &TreeEntry) -> Ordering {
    let common = a.name.len().min(b.name.len());
    match a.name.iter().take(common).cmp(b.name.iter().take(common)) {
        Ordering::Equal => {}
        other => return other,
    }
    // A directory compares as if a slash followed its name; everything else as if it ended there.
    let next = |entry: &TreeEntry| match entry.name.get(common) {
        Some(byte) => *byte,
        None if entry.entry.is_tree() => b'/',
        None => 0,
    };
    next(a).cmp(&next(b)).then_with(|| a.name.len().cmp(&b.name.len()))
}

fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
