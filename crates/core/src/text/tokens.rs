//! Lines as numbers: equal lines of all inputs get the same number, so that comparing them is cheap.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

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
    let mut known: HashMap<&[u8], u32, BuildHasherDefault<DefaultHasher>> = HashMap::default();
    let mut tokens = Tokens { ids: Vec::new(), starts: Vec::new(), count: 0 };
    for text in texts {
        let mut ids = Vec::new();
        let mut starts = vec![0];
        let mut end = 0;
        for line in lines(text) {
            let next = known.len() as u32;
            ids.push(*known.entry(line).or_insert(next));
            end += line.len();
            starts.push(end);
        }
        tokens.ids.push(ids);
        tokens.starts.push(starts);
    }
    tokens.count = known.len();
    tokens
}
