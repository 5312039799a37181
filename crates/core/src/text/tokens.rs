//! Lines as numbers: equal lines of all inputs get the same number, so that comparing them is cheap.

#![expect(
    clippy::indexing_slicing,
    reason = "slots are masked by their number, and what they hold are numbers of lines known"
)]

use super::lines;

/// The lines of several texts as numbers.
pub(super) struct Tokens {
    /// For each text its lines' numbers.
    pub ids: Vec<Vec<u32>>,
    /// For each text where each line starts, and last where the text ends.
    pub starts: Vec<Vec<usize>>,
    /// How many different numbers there are.
    pub count: usize,
}

pub(super) fn tokenize(texts: &[&[u8]]) -> Tokens {
    let mut known = Known::default();
    let mut tokens = Tokens { ids: Vec::new(), starts: Vec::new(), count: 0 };
    for text in texts {
        let mut ids = Vec::new();
        let mut starts = vec![0];
        let mut end = 0;
        for line in lines(text) {
            ids.push(known.number(line));
            end += line.len();
            starts.push(end);
        }
        tokens.ids.push(ids);
        tokens.starts.push(starts);
    }
    tokens.count = known.lines.len();
    tokens
}

/// The lines seen so far, found by a hash table with open addressing.
#[derive(Default)]
struct Known<'a> {
    lines: Vec<(&'a [u8], u64)>,
    /// Numbers of lines plus one, at most half full; its length is a power of two.
    slots: Vec<u32>,
}

impl<'a> Known<'a> {
    fn number(&mut self, line: &'a [u8]) -> u32 {
        if self.lines.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(line);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.slots[slot];
            if number == 0 {
                self.lines.push((line, hash));
                self.slots[slot] = self.lines.len() as u32;
                return self.slots[slot] - 1;
            }
            let (other, other_hash) = self.lines[number as usize - 1];
            if other_hash == hash && other == line {
                return number - 1;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let len = (self.slots.len() * 2).max(256);
        self.slots = vec![0; len];
        for (number, (_, hash)) in self.lines.iter().enumerate() {
            let mut slot = *hash as usize & (len - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (len - 1);
            }
            self.slots[slot] = number as u32 + 1;
        }
    }
}

/// Eight bytes at a time, multiplied and folded: quick, and good enough for lines of text.
fn hash(line: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = line.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut state = line.len() as u64;
    for word in words.iter().chain([&last]) {
        state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        state ^= state >> 29;
    }
    state ^ state >> 32
}
