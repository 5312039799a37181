//! How much of a file another one holds, estimated as git does it: files are cut into lines, long lines into
//! pieces, and what counts is how many bytes of pieces both have.

use super::is_binary;
use crate::sort::sort_by;

/// The score of equal files.
pub const MAX_SCORE: u64 = 60_000;

/// A piece is no longer than this.
const PIECE_BYTES: u32 = 64;

/// Pieces are told apart by a number below this prime, so that different ones may rarely be taken for the same.
const HASH_BASE: u32 = 107_927;

/// A file's pieces: of each number, in order, how many bytes have it.
#[derive(Clone, Debug)]
pub struct Pieces {
    counts: Vec<(u32, u64)>,
    len: u64,
}

impl Pieces {
    /// Cuts a file.
    pub fn new(bytes: &[u8]) -> Self {
        let text = !is_binary(bytes);
        let mut counts: Vec<(u32, u64)> = Vec::new();
        let (mut low, mut high, mut len) = (0_u32, 0_u32, 0_u32);
        let mut rest = bytes.iter().peekable();
        while let Some(byte) = rest.next() {
            // The two kinds of line breaks are the same.
            if text && *byte == b'\r' && rest.peek() == Some(&&b'\n') {
                continue;
            }
            let before = low;
            low = (low << 7) ^ (high >> 25);
            high = (high << 7) ^ (before >> 25);
            low = low.wrapping_add(u32::from(*byte));
            len += 1;
            if len == PIECE_BYTES || *byte == b'\n' {
                counts.push((number(low, high), u64::from(len)));
                (low, high, len) = (0, 0, 0);
            }
        }
        if len > 0 {
            counts.push((number(low, high), u64::from(len)));
        }
        sort_by(&mut counts, |a, b| a.0.cmp(&b.0));
        counts.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self { counts, len: bytes.len() as u64 }
    }

    /// How much of this file, or of the other one if that is larger, is in both; 0 where that can't reach
    /// `at_least`.
    pub fn score(&self, other: &Self, at_least: u64) -> u64 {
        let (larger, smaller) = (self.len.max(other.len), self.len.min(other.len));
        if other.len == 0 || larger * (MAX_SCORE - at_least) < (larger - smaller) * MAX_SCORE {
            return 0;
        }
        let mut others = other.counts.iter().peekable();
        let mut shared = 0;
        for (number, count) in &self.counts {
            while others.next_if(|(other, _)| other < number).is_some() {}
            if let Some((_, other)) = others.next_if(|(other, _)| other == number) {
                shared += count.min(other);
            }
        }
        shared * MAX_SCORE / larger
    }
}

fn number(low: u32, high: u32) -> u32 {
    low.wrapping_add(high.wrapping_mul(0x61)) % HASH_BASE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(a: &str, b: &str) -> u64 {
        Pieces::new(a.as_bytes()).score(&Pieces::new(b.as_bytes()), 0)
    }

    #[test]
    fn bytes_of_shared_lines_count() {
        assert_eq!(score("one\ntwo\n", "one\ntwo\n"), MAX_SCORE);
        assert_eq!(score("two\none\n", "one\r\ntwo\r\n"), MAX_SCORE * 8 / 10);
        assert_eq!(score("one\ntwo\n", "one\nTWO\n"), MAX_SCORE / 2);
        assert_eq!(score("one\n", ""), 0);
        let long = "x".repeat(128);
        assert_eq!(score(&long, &format!("{}y", "x".repeat(127))), MAX_SCORE / 2);
    }
}
