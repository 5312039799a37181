//! Git blob ids in batches: four SHA-1 computations side by side, in the four lanes of a vector.
//!
//! Not part of the core but beside it, as `crates/lanes` builds it: an engine without vectors can't load what has them, and hashes with the core.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod batch;
mod lanes;
mod slot;

pub use batch::hash_slots;
pub use slot::{content_offset, slot_size};

/// The 20 bytes of a SHA-1 digest.
pub type Digest = [u8; 20];

/// A block of the message: what one step of SHA-1 takes in.
type Block = [u8; 64];

/// What SHA-1 starts from.
const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
