//! Git's objects and their encoding.

mod commit;
mod signature;
mod tree;

#[cfg(test)]
mod tests;

use std::rc::Rc;

pub use commit::{Commit, Header, decode_commit, encode_commit};
pub use signature::Signature;
pub use tree::{Tree, TreeEntry, decode_tree, encode_entries, name_fault, parse_entries};

use crate::{CoreError, Merge, Oid, Result};

/// The name of an entry in a directory: bytes, as git keeps them.
pub type Name = Rc<[u8]>;

/// What stands at a path: a merge of entries, `None` where there is nothing.
pub type Terms = Merge<Option<Entry>>;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The content of a file or the target of a symlink.
    Blob,
    /// A directory.
    Tree,
    /// A commit.
    Commit,
}

impl Kind {
    /// The name git gives the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "blob" => Ok(Self::Blob),
            "tree" => Ok(Self::Tree),
            "commit" => Ok(Self::Commit),
            _ => Err(CoreError::BadKind(name.to_owned())),
        }
    }
}

/// What a tree's entry is. The order is of no meaning but stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A regular file, 100644.
    File,
    /// An executable file, 100755.
    Executable,
    /// A symbolic link, 120000.
    Symlink,
    /// A directory, 40000.
    Tree,
    /// A submodule's commit, 160000.
    Submodule,
}

impl Mode {
    /// The number git stores.
    pub fn bits(self) -> u32 {
        match self {
            Self::File => 0o100_644,
            Self::Executable => 0o100_755,
            Self::Symlink => 0o120_000,
            Self::Tree => 0o40_000,
            Self::Submodule => 0o160_000,
        }
    }

    /// The mode of this number; any permission bits of a regular file are read as git reads them.
    pub fn from_bits(bits: u32) -> Result<Self> {
        match bits {
            0o40_000 => Ok(Self::Tree),
            0o120_000 => Ok(Self::Symlink),
            0o160_000 => Ok(Self::Submodule),
            _ if bits >> 12 == 0o10 && bits & 0o7_000 == 0 => {
                Ok(if bits & 0o111 == 0 { Self::File } else { Self::Executable })
            }
            _ => Err(CoreError::BadMode(bits)),
        }
    }

    /// Whether this is a regular file, executable or not.
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }
}

/// An object in its place in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The object.
    pub oid: Oid,
    /// What the object is there.
    pub mode: Mode,
}

impl Entry {
    /// A directory.
    pub fn tree(oid: Oid) -> Self {
        Self { oid, mode: Mode::Tree }
    }

    /// Whether this is a directory.
    pub fn is_tree(&self) -> bool {
        self.mode == Mode::Tree
    }
}

/// Whether these terms are a directory: something is there, and every term is a tree or absent.
pub fn is_directory(terms: &Terms) -> bool {
    terms.iter().any(Option::is_some) && terms.iter().flatten().all(Entry::is_tree)
}
