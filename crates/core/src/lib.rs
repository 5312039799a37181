//! The pure core of mesafs-web: git objects, merges over any number of terms, conflict text and tree edits.
//!
//! Nothing here does I/O or reads a clock, and nothing panics on what comes from outside: a computation that
//! lacks an object names it ([`Stop::Missing`]) and the caller asks again once it has put that object into the
//! [`ObjectPool`].

#![forbid(unsafe_code)]

pub mod apply;
pub mod change_id;
pub mod conflict;
pub mod error;
pub mod hash;
pub mod limits;
pub mod merge;
pub mod names;
pub mod object;
pub mod oid;
pub mod patch;
pub mod path;
pub mod pool;
pub mod side;
pub mod sort;
#[cfg(test)]
mod testing;
pub mod text;
pub mod tree;

pub use error::{Answer, CoreError, Need, Result, Stop};
pub use merge::Merge;
pub use object::{Commit, Entry, Kind, Mode, Name, Signature, Terms, Tree, TreeEntry};
pub use oid::Oid;
pub use pool::ObjectPool;
