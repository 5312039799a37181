//! Lines or words as numbers: equal ones of all inputs get the same number, so that comparing them is cheap.

#![expect(
    clippy::indexing_slicing,
    reason = "slots are masked by their number, and what they hold are numbers of tokens known"
)]

/// The tokens of several texts as numbers.
pub(super) struct Tokens {
    /// For each text its tokens' numbers.
    pub ids: Vec<Vec<u32>>,
    /// For each text where each token starts, and last where the text ends.
    pub starts: Vec<Vec<usize>>,
    /// How many different numbers there are.
    pub count: usize,
}

/// Numbers the tokens that `split` finds in each text, told by where they start and what they are.
pub(super) fn tokenize<'a, I>(texts: &[&'a [u8]], split: impl Fn(&'a [u8]) -> I) -> Tokens
where
    I: Iterator<Item = (usize, &'a [u8])>,
{
    let mut known = Known::default();
    let mut tokens = Tokens { ids: Vec::new(), starts: Vec::new(), count: 0 };
    for text in texts {
        let mut ids = Vec::new();
        let mut starts = Vec::new();
        for (start, token) in split(text) {
            ids.push(known.number(token));
            starts.push(start);
        }
        starts.push(text.len());
        tokens.ids.push(ids);
        tokens.starts.push(starts);
    }
    tokens.count = known.tokens.len();
    tokens
}

/// The tokens seen so far, found by a hash table with open addressing.
#[derive(Default)]
struct Known<'a> {
    tokens: Vec<(&'a [u8], u64)>,
    /// Numbers of tokens plus one, at most half full; its length is a power of two.
    slots: Vec<u32>,
}

impl<'a> Known<'a> {
    fn number(&mut self, token: &'a [u8]) -> u32 {
        if self.tokens.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(token);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.slots[slot];
            if number == 0 {
                self.tokens.push((token, hash));
                self.slots[slot] = self.tokens.len() as u32;
                return self.slots[slot] - 1;
            }
            let (other, other_hash) = self.tokens[number as usize - 1];
            if other_hash == hash && other == token {
                return number - 1;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let len = (self.slots.len() * 2).max(256);
        self.slots = vec![0; len];
        for (number, (_, hash)) in self.tokens.iter().enumerate() {
            let mut slot = *hash as usize & (len - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (len - 1);
            }
            self.slots[slot] = number as u32 + 1;
        }
    }
}

/// Eight bytes at a time, multiplied and folded: quick, and good enough for lines and words of text.
fn hash(token: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = token.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut state = token.len() as u64;
    for word in words.iter().chain([&last]) {
        state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        state ^= state >> 29;
    }
    state ^ state >> 32
}
