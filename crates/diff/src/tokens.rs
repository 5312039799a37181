//! Lines or words as numbers: equal ones of all inputs get the same number, so that comparing them is cheap.

#![expect(
    clippy::indexing_slicing,
    reason = "slots are masked by their number, what they hold are numbers of tokens known, and lines end inside their text"
)]

use crate::Run;
use crate::shared::REPEATED;

/// The tokens of several texts as numbers.
pub struct Tokens {
    /// For each text its tokens' numbers.
    pub ids: Vec<Vec<u32>>,
    /// For each text where each token starts, and last where the text ends.
    pub starts: Vec<Vec<u32>>,
    /// How many different numbers there are.
    pub count: usize,
    /// By number, in which place the first text has it first, with [`REPEATED`] where it has it again. Empty where `shared` is.
    pub(crate) places: Vec<u32>,
    /// For each text but the first what it is known to share with that: stretches of equal tokens, increasing in both.
    pub(crate) shared: Vec<Vec<Run>>,
}

impl Tokens {
    fn new() -> Self {
        Self { ids: Vec::new(), starts: Vec::new(), count: 0, places: Vec::new(), shared: Vec::new() }
    }
}

/// Is told of a token: where it starts, and what it is.
pub type Visit<'v, 'a> = &'v mut dyn FnMut(usize, &'a [u8]);

/// Numbers the tokens that `split` finds in each text.
pub fn tokenize<'a>(texts: &[&'a [u8]], split: &mut dyn FnMut(&'a [u8], Visit<'_, 'a>)) -> Tokens {
    let mut known = Known::default();
    let mut tokens = Tokens::new();
    for text in texts {
        let (mut ids, mut starts) = (Vec::new(), Vec::new());
        split(text, &mut |start, token| {
            ids.push(known.number(token, hash(token)));
            starts.push(start as u32);
        });
        starts.push(text.len() as u32);
        tokens.ids.push(ids);
        tokens.starts.push(starts);
    }
    tokens.shared.resize(texts.len().saturating_sub(1), Vec::new());
    tokens.count = known.tokens.len();
    tokens
}

/// Numbers the lines of each text, each with its line break; the last one may lack it.
pub fn tokenize_lines(texts: &[&[u8]]) -> Tokens {
    let mut tokens = Tokens::new();
    let Some((base, others)) = texts.split_first() else { return tokens };
    let likely = likely_lines(base);
    let mut known = Known::sized(likely);
    let (mut ids, mut starts) = (Vec::with_capacity(likely), Vec::with_capacity(likely + 1));
    let mut places: Vec<u32> = Vec::with_capacity(likely);
    let mut start = 0;
    while start < base.len() {
        let (end, hash) = line(base, start);
        let id = known.number(&base[start..end], hash);
        match places.get_mut(id as usize) {
            Some(place) => *place |= REPEATED,
            None => places.push(ids.len() as u32),
        }
        ids.push(id);
        starts.push(start as u32);
        start = end;
    }
    starts.push(base.len() as u32);
    let base = Base { text: base, ids: &ids, starts: &starts, places: &places };
    let (mut all_ids, mut all_starts) = (Vec::new(), Vec::new());
    for text in others {
        let (ids, starts, shared) = beside(&base, text, &mut known);
        all_ids.push(ids);
        all_starts.push(starts);
        tokens.shared.push(shared);
    }
    all_ids.insert(0, ids);
    all_starts.insert(0, starts);
    tokens.ids = all_ids;
    tokens.starts = all_starts;
    tokens.places = places;
    tokens.count = known.tokens.len();
    tokens
}

/// The first text, with its lines' numbers.
struct Base<'a> {
    text: &'a [u8],
    ids: &'a [u32],
    starts: &'a [u32],
    places: &'a [u32],
}

/// Numbers the lines of a text that mostly goes on like the first one: stretches they share are found by comparing
/// bytes and take over the numbers; only other lines are looked up. The numbers are the same either way.
fn beside<'a>(base: &Base<'_>, text: &'a [u8], known: &mut Known<'a>) -> (Vec<u32>, Vec<u32>, Vec<Run>) {
    let mut shared: Vec<Run> = Vec::new();
    let mut ids = Vec::with_capacity(base.ids.len() + base.ids.len() / 16);
    let mut starts = Vec::with_capacity(base.starts.len() + base.starts.len() / 16);
    let (mut start, mut next) = (0, 0);
    // Lines of the base that the text's next one may be: the same, one that those before it lead to, or what follows an equal one.
    let mut guesses = [0; 4];
    while start < text.len() {
        // The longest stretch; a long one is taken at once.
        let (mut lines, mut guess) = (0, 0);
        for from in guesses {
            let found = shared_lines(base, from, &text[start..]);
            if found > lines {
                (lines, guess) = (found, from);
            }
            if lines >= ENOUGH_LINES {
                break;
            }
        }
        if lines > 0 {
            let from = base.starts[guess];
            add_stretch(&mut shared, Run { left: guess as u32, right: ids.len() as u32, len: lines as u32 });
            ids.extend_from_slice(&base.ids[guess..guess + lines]);
            starts.extend(base.starts[guess..guess + lines].iter().map(|at| at - from + start as u32));
            next = guess + lines;
            start += (base.starts[next] - from) as usize;
        }
        if start == text.len() {
            break;
        }
        let (end, hash) = line(text, start);
        let id = known.number(&text[start..end], hash);
        ids.push(id);
        starts.push(start as u32);
        start = end;
        let equal = base
            .places
            .get(id as usize)
            .map(|place| (place & !REPEATED) as usize)
            .filter(|line| *line >= next);
        guesses = [next, next + 1, next + 2, equal.map_or(next, |line| line + 1)];
    }
    starts.push(text.len() as u32);
    (ids, starts, shared)
}

/// A stretch this long hardly goes on alike by chance.
const ENOUGH_LINES: usize = 4;

/// Adds a stretch to those known; of stretches in another order the longer ones stay.
fn add_stretch(shared: &mut Vec<Run>, run: Run) {
    while let Some(last) = shared.last()
        && last.left + last.len > run.left
    {
        if last.len >= run.len {
            return;
        }
        shared.pop();
    }
    shared.push(run);
}

/// How many lines of the base, from one on, the text begins with. A last line without a line break is not counted.
fn shared_lines(base: &Base<'_>, from: usize, text: &[u8]) -> usize {
    let Some(start) = base.starts.get(from) else { return 0 };
    let rest = &base.text[*start as usize..];
    let shared = shared_bytes(rest, text);
    let end = start + shared as u32;
    let lines = base.starts[from + 1..].partition_point(|next| *next <= end);
    let cut = from + lines == base.ids.len() && base.text.last() != Some(&b'\n');
    lines - usize::from(cut && lines > 0)
}

fn shared_bytes(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let same = words.take_while(|(a, b)| u64::from_le_bytes(**a) == u64::from_le_bytes(**b)).count() * 8;
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(state: u64, word: u64) -> u64 {
    let product = (state ^ word).wrapping_mul(FACTOR);
    product ^ (product >> 29)
}

fn finish(state: u64, len: usize) -> u64 {
    let state = mix(state, len as u64);
    state ^ (state >> 32)
}

/// Where the line ends that starts here, and its hash: eight bytes are looked at together.
fn line(text: &[u8], start: usize) -> (usize, u64) {
    const BREAKS: u64 = 0x0a0a_0a0a_0a0a_0a0a;
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut state = 0;
    let (words, rest) = text[start..].as_chunks::<8>();
    let mut at = start;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let others = word ^ BREAKS;
        // The lowest high bit set marks the first byte that is zero in `others`, which is the first line break.
        let found = others.wrapping_sub(LOW) & !others & HIGH;
        if found != 0 {
            let bits = found.trailing_zeros() + 1;
            at += (bits / 8) as usize;
            return (at, finish(mix(state, word & (u64::MAX >> (64 - bits))), at - start));
        }
        state = mix(state, word);
        at += 8;
    }
    let len = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |place| place + 1);
    if len > 0 {
        let mut last = [0; 8];
        last[..len].copy_from_slice(&rest[..len]);
        state = mix(state, u64::from_le_bytes(last));
    }
    at += len;
    (at, finish(state, at - start))
}

/// Eight bytes at a time, multiplied and folded: quick, and good enough for words of text.
fn hash(token: &[u8]) -> u64 {
    let (words, rest) = token.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let state = words.iter().fold(0, |state, word| mix(state, u64::from_le_bytes(*word)));
    finish(mix(state, u64::from_le_bytes(last)), token.len())
}

/// The tokens seen so far, found by a hash table with open addressing.
#[derive(Default)]
struct Known<'a> {
    tokens: Vec<(&'a [u8], u64)>,
    /// Numbers of tokens plus one, at most half full; its length is a power of two.
    slots: Vec<u32>,
}

/// How many lines a text has, judged by its start, so that lists are made as long as they will be. However short the lines, the lists
/// stay in proportion to the text.
fn likely_lines(text: &[u8]) -> usize {
    let start = text.get(..SAMPLE_BYTES).unwrap_or(text);
    let breaks = start.iter().filter(|byte| **byte == b'\n').count();
    (text.len() / start.len().max(1) * (breaks + 1)).min(text.len() / SHORTEST_LINE)
}

const SAMPLE_BYTES: usize = 4096;
const SHORTEST_LINE: usize = 8;

impl<'a> Known<'a> {
    /// With room for this many tokens.
    fn sized(count: usize) -> Self {
        let slots = vec![0; (count * 2).next_power_of_two().max(1024)];
        Self { tokens: Vec::with_capacity(count), slots }
    }

    fn number(&mut self, token: &'a [u8], hash: u64) -> u32 {
        if self.tokens.len() * 2 >= self.slots.len() {
            self.grow();
        }
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
            if other_hash == hash && equal(other, token) {
                return number - 1;
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let len = (self.slots.len() * 4).max(1024);
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

/// Whether two tokens are the same, eight bytes at a time: WebAssembly has no instruction that compares memory.
fn equal(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let same = |a: &[u8; 8], b: &[u8; 8]| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    a.len() == b.len() && a_words.iter().zip(b_words).all(|(a, b)| same(a, b)) && a_rest.iter().eq(b_rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(tokens: &Tokens, texts: &[&[u8]]) -> Vec<Vec<Vec<u8>>> {
        let cut = |(starts, text): (&Vec<u32>, &&[u8])| {
            starts.windows(2).map(|ends| text[ends[0] as usize..ends[1] as usize].to_vec()).collect()
        };
        tokens.starts.iter().zip(texts).map(cut).collect()
    }

    fn check(texts: &[Vec<u8>]) {
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        let tokens = tokenize_lines(&texts);
        let lines = |text: &&[u8]| text.split_inclusive(|byte| *byte == b'\n').map(<[_]>::to_vec).collect();
        let lines: Vec<Vec<Vec<u8>>> = texts.iter().map(lines).collect();
        assert_eq!(numbered(&tokens, &texts), lines);
        let mut seen: Vec<&Vec<u8>> = Vec::new();
        for (line, id) in lines.iter().flatten().zip(tokens.ids.iter().flatten()) {
            let number = seen.iter().position(|other| *other == line).unwrap_or(seen.len());
            if number == seen.len() {
                seen.push(line);
            }
            assert_eq!(number as u32, *id, "{lines:?}");
        }
        assert_eq!(seen.len(), tokens.count);
    }

    proptest! {
        #[test]
        fn equal_lines_have_equal_numbers(
            lines in prop::collection::vec("([ab]{0,3}|[a-z]{6,20}|[\\x00-\\x0b\u{80}]{0,9})(\n|\r\n|)", 0..12),
            parts in 1_usize..4,
        ) {
            let lines: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
            let texts: Vec<Vec<u8>> = lines.chunks(lines.len().div_ceil(parts).max(1)).map(<[_]>::concat).collect();
            check(&texts);
        }

        #[test]
        fn texts_that_go_on_alike(
            lines in prop::collection::vec(("([ab]{0,2}|[a-z]{6,20})\n", 1_u8..16), 0..40),
            last in prop::collection::vec("(|a|abc\n|abcdefghij)", 4),
        ) {
            // Each text has the lines of which it has the bit: stretches all have, and some of their own.
            let text = |number: usize| -> Vec<u8> {
                let own = lines.iter().filter(|(_, texts)| texts >> number & 1 == 1).map(|(line, _)| line.as_bytes());
                own.chain([last[number].as_bytes()]).collect::<Vec<_>>().concat()
            };
            check(&(0..4).map(text).collect::<Vec<_>>());
        }
    }
}
