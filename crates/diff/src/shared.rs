//! Where it is known which long stretches two sequences share, most of a histogram diff need not be searched for.
//!
//! A token that each sequence has once is as rare as can be: all such tokens are paired first, and where they come in the
//! same order in both, all these pairs stand. Between two of them in one stretch the sequences are equal, which matches
//! as a whole. What is left to search are the gaps between stretches.

#![expect(
    clippy::indexing_slicing,
    reason = "token numbers are below the count the lists were made for, and stretches lie in both sequences"
)]

use crate::Run;
use crate::histogram::{Search, gaps};

/// Is set in a token's place where the first sequence has it more than once.
pub(crate) const REPEATED: u32 = 1 << 31;

/// The runs that a search of both sequences finds. `places` is, by token, where the first sequence has it; `shared` are stretches they
/// are known to share, increasing in both.
pub(crate) fn matches<'a>(
    search: &mut Search<'a>,
    right: &'a [u32],
    places: &[u32],
    shared: &[Run],
) -> Vec<Run> {
    let mut pairs = Vec::new();
    if !shared.is_empty() {
        count_outside(search, right, shared, true);
        let in_order = add_pairs(search, right, places, shared, &mut pairs);
        count_outside(search, right, shared, false);
        if !in_order {
            pairs.clear();
        }
    }
    search.matches(right, &pairs)
}

/// Counts what of the other sequence is in no stretch, or forgets these counts.
fn count_outside(search: &mut Search<'_>, right: &[u32], shared: &[Run], count: bool) {
    for (_, gap, _) in gaps(0, right.len(), shared) {
        for token in &right[gap.start as usize..gap.end as usize] {
            let outside = &mut search.slots[*token as usize].right_count;
            *outside = if count { outside.saturating_add(1) } else { 0 };
        }
    }
}

/// Adds the pairs, and those of one stretch with all between them as one run. Answers whether they come in the same order in
/// both sequences.
fn add_pairs(
    search: &Search<'_>,
    right: &[u32],
    places: &[u32],
    shared: &[Run],
    pairs: &mut Vec<Run>,
) -> bool {
    // Where the first sequence has a token that it has once, if the other has it as often outside the stretches.
    let once = |token: u32, outside: u8| {
        let place = places.get(token as usize).copied().filter(|place| place & REPEATED == 0);
        place.filter(|_| search.slots[token as usize].right_count == outside)
    };
    for (left_gap, right_gap, run) in gaps(search.left.len(), right.len(), shared) {
        let mut next = left_gap.start;
        for at in right_gap {
            match once(right[at as usize], 1) {
                Some(place) if (next..left_gap.end).contains(&place) => {
                    pairs.push(Run { left: place, right: at, len: 1 });
                    next = place + 1;
                }
                Some(place) if !is_in(shared, place) => return false,
                _ => {}
            }
        }
        let tokens = &search.left[run.left as usize..(run.left + run.len) as usize];
        let is_pair = |token: &u32| once(*token, 0).is_some();
        if let (Some(first), Some(last)) = (tokens.iter().position(is_pair), tokens.iter().rposition(is_pair))
        {
            let (first, last) = (first as u32, last as u32);
            pairs.push(Run { left: run.left + first, right: run.right + first, len: last + 1 - first });
        }
    }
    true
}

/// Whether a place of the first sequence is in one of the stretches.
fn is_in(shared: &[Run], place: u32) -> bool {
    let next = shared.partition_point(|run| run.left + run.len <= place);
    shared.get(next).is_some_and(|run| run.left <= place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stretches that go on alike from a place guessed by the last ones, as far as they go.
    fn stretches(left: &[u32], right: &[u32], guesses: &[usize]) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        let (mut from, mut at) = (0, 0);
        for guess in guesses {
            let (start, skipped) = (from + guess % 3, at + guess / 3);
            if start >= left.len() || skipped >= right.len() {
                break;
            }
            let len = left[start..].iter().zip(&right[skipped..]).take_while(|(l, r)| l == r).count();
            if len > 0 {
                found.push(Run { left: start as u32, right: skipped as u32, len: len as u32 });
                (from, at) = (start + len, skipped + len);
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn stretches_change_nothing(
            tokens in prop::collection::vec((prop_oneof![0_u32..6, 0_u32..60], 0_u8..12), 0..60),
            moved in (0_usize..60, 0_usize..60, any::<bool>()),
            guesses in prop::collection::vec(0_usize..9, 0..20),
        ) {
            // Most tokens are in both sequences, some in one, and one may be moved.
            let left: Vec<u32> = tokens.iter().filter(|(_, kind)| *kind != 0).map(|(token, _)| *token).collect();
            let mut right: Vec<u32> = tokens.iter().filter(|(_, kind)| *kind != 1).map(|(token, _)| *token).collect();
            if moved.2 && !right.is_empty() {
                let token = right.remove(moved.0 % right.len());
                right.insert(moved.1 % (right.len() + 1), token);
            }
            let shared = stretches(&left, &right, &guesses);
            let mut places = vec![REPEATED; 60];
            for (at, token) in left.iter().enumerate() {
                let again = left[..at].contains(token);
                places[*token as usize] = if again { REPEATED } else { at as u32 };
            }
            let mut search = Search::new(&left, 60);
            let slowly = search.matches(&right, &[]);
            prop_assert_eq!(matches(&mut search, &right, &places, &shared), slowly.clone());
            // The search is as it was.
            prop_assert_eq!(matches(&mut search, &right, &places, &shared), slowly);
        }
    }
}
