//! Stretches of tokens that all of several texts share.

#![expect(
    clippy::indexing_slicing,
    reason = "a stretch has a place for each text before the one that is put in"
)]

use crate::Tokens;
use crate::histogram::Search;
use crate::shared::matches;

/// The stretches, in order: of each how many tokens it has, and where it begins in each text.
pub struct Anchors {
    /// A length and as many places as there are texts, one stretch after the other.
    flat: Vec<u32>,
    texts: usize,
}

impl Anchors {
    /// Each stretch's length in tokens, and its place in each text.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let stretches = self.flat.chunks_exact(self.texts + 1);
        stretches.filter_map(|stretch| stretch.split_first().map(|(len, places)| (*len as usize, places)))
    }
}

/// Compares every text with the first one: what of it all others have, stands.
pub fn anchors(tokens: &Tokens) -> Anchors {
    let mut anchors = Anchors { flat: Vec::new(), texts: 1 };
    let Some((base, others)) = tokens.ids.split_first() else { return anchors };
    anchors.flat.extend([base.len() as u32, 0]);
    let mut search = Search::new(base, tokens.count);
    for (other, shared) in others.iter().zip(&tokens.shared) {
        let mut kept = Vec::with_capacity(anchors.flat.len() + anchors.flat.len() / 2);
        let mut runs = matches(&mut search, other, &tokens.places, shared).into_iter().peekable();
        for (len, places) in anchors.iter() {
            let (start, end) = (places[0], places[0] + len as u32);
            while runs.next_if(|run| run.left + run.len <= start).is_some() {}
            while let Some(run) = runs.peek().copied()
                && run.left < end
            {
                let from = run.left.max(start);
                let to = (run.left + run.len).min(end);
                kept.push(to - from);
                kept.extend(places.iter().map(|place| place + (from - start)));
                kept.push(run.right + (from - run.left));
                // What reaches beyond may go on in the next stretch.
                if run.left + run.len > end {
                    break;
                }
                runs.next();
            }
        }
        anchors = Anchors { flat: kept, texts: anchors.texts + 1 };
    }
    anchors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by single tokens.
    fn slowly(ids: &[Vec<u32>], count: usize) -> Vec<Vec<u32>> {
        let mut found: Vec<Vec<u32>> = (0..ids[0].len() as u32).map(|place| vec![place]).collect();
        for other in &ids[1..] {
            let pairs: Vec<(u32, u32)> = Search::new(&ids[0], count)
                .matches(other, &[])
                .iter()
                .flat_map(|run| (0..run.len).map(|at| (run.left + at, run.right + at)))
                .collect();
            found.retain_mut(|anchor| match pairs.iter().find(|(left, _)| *left == anchor[0]) {
                Some((_, right)) => {
                    anchor.push(*right);
                    true
                }
                None => false,
            });
        }
        found
    }

    proptest! {
        #[test]
        fn stretches_are_the_tokens_all_share(ids in prop::collection::vec(prop::collection::vec(0_u32..8, 1..30), 1..5)) {
            let shared = vec![Vec::new(); ids.len() - 1];
            let tokens = Tokens { starts: Vec::new(), count: 8, ids, places: Vec::new(), shared };
            let (anchors, ids) = (anchors(&tokens), &tokens.ids);
            let tokens: Vec<Vec<u32>> = anchors
                .iter()
                .flat_map(|(len, places)| (0..len as u32).map(move |at| places.iter().map(|place| place + at).collect()))
                .collect();
            prop_assert_eq!(tokens, slowly(ids, 8));
        }
    }
}
