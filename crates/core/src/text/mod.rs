//! Texts by lines, and by words where asked: what two or more of them have in common, and merging them.

mod hunks;
mod merge;
mod similarity;
mod words;

pub use hunks::{Hunk, line_hunks};
pub use merge::{Merged, merge_texts, merge_texts_by_word};
pub use similarity::{MAX_SCORE, Pieces};
pub use words::{fine_hunks, word_hunks};

use crate::limits::BINARY_PROBE_BYTES;

/// The lines of a text, each with its line break; the last one may lack it.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

/// Whether a NUL byte near the start tells that this is no text.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(BINARY_PROBE_BYTES).any(|byte| *byte == 0)
}
