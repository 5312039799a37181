//! Which tokens of several texts belong together. A crate of its own because it is built for speed, where the rest of
//! the core is built for size: merging spends its time here.

#![forbid(unsafe_code)]

mod anchors;
mod histogram;
mod shared;
mod tokens;

pub use anchors::{Anchors, anchors};
pub use tokens::{Tokens, Visit, tokenize, tokenize_lines};

/// A stretch of tokens that two texts share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    left: u32,
    right: u32,
    len: u32,
}
