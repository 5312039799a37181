//! Which tokens of two sequences belong together: a histogram diff.
//!
//! The rarest tokens both sequences have equally often are paired, the k-th with the k-th; the longest
//! increasing run of such pairs stands, and each gap between them is treated alike. Where a gap has no such
//! tokens, its common start and then its common end are paired.

#![expect(
    clippy::indexing_slicing,
    reason = "token numbers are below the count the slots were made for, and places come from walking the same lists"
)]

use crate::sort::sort_by;

/// A token counted more often than this is as good as any other such token: counting stops there.
const MAX_OCCURRENCES: u32 = 100;

/// Pairs of positions `(left, right)` of equal tokens, increasing in both. `count` bounds the token numbers.
pub(super) fn matches(left: &[u32], right: &[u32], count: usize) -> Vec<(usize, usize)> {
    let mut search = Search { left, right, slots: vec![Slot::default(); count], found: Vec::new() };
    // Gaps wait on a list of their own, since hostile input could nest them as deep as it is long.
    let mut gaps = vec![Gap { left: (0, left.len()), right: (0, right.len()) }];
    while let Some(gap) = gaps.pop() {
        search.visit(&gap, &mut gaps);
    }
    sort_by(&mut search.found, |a, b| a.0.cmp(&b.0));
    search.found
}

struct Gap {
    left: (usize, usize),
    right: (usize, usize),
}

struct Search<'a> {
    left: &'a [u32],
    right: &'a [u32],
    /// By token; all zero between two gaps.
    slots: Vec<Slot>,
    found: Vec<(usize, usize)>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    left_count: u32,
    right_count: u32,
    /// Where the token's ranks start, once it is chosen.
    ranks: u32,
    chosen: bool,
    seen: u32,
}

impl Search<'_> {
    fn visit(&mut self, gap: &Gap, gaps: &mut Vec<Gap>) {
        let (left, right) = (&self.left[gap.left.0..gap.left.1], &self.right[gap.right.0..gap.right.1]);
        if left.is_empty() || right.is_empty() {
            return;
        }
        let pairs = rarest_pairs(&mut self.slots, left, right);
        for token in left.iter().chain(right) {
            self.slots[*token as usize] = Slot::default();
        }
        if pairs.is_empty() {
            self.trim(gap);
            return;
        }
        let (mut left_start, mut right_start) = (gap.left.0, gap.right.0);
        for (left, right) in pairs {
            let (left, right) = (gap.left.0 + left, gap.right.0 + right);
            self.found.push((left, right));
            gaps.push(Gap { left: (left_start, left), right: (right_start, right) });
            (left_start, right_start) = (left + 1, right + 1);
        }
        gaps.push(Gap { left: (left_start, gap.left.1), right: (right_start, gap.right.1) });
    }

    fn trim(&mut self, gap: &Gap) {
        let (left, right) = (&self.left[gap.left.0..gap.left.1], &self.right[gap.right.0..gap.right.1]);
        let head = left.iter().zip(right).take_while(|(l, r)| l == r).count();
        let tail =
            left[head..].iter().rev().zip(right[head..].iter().rev()).take_while(|(l, r)| l == r).count();
        self.found.extend((0..head).map(|i| (gap.left.0 + i, gap.right.0 + i)));
        self.found.extend((1..=tail).map(|i| (gap.left.1 - i, gap.right.1 - i)));
    }
}

/// The longest increasing run of pairs of the rarest tokens that occur equally often in both.
fn rarest_pairs(slots: &mut [Slot], left: &[u32], right: &[u32]) -> Vec<(usize, usize)> {
    for token in left {
        let slot = &mut slots[*token as usize];
        slot.left_count = (slot.left_count + 1).min(MAX_OCCURRENCES + 1);
    }
    let rarest = left.iter().map(|token| slots[*token as usize].left_count).min();
    if rarest.is_none_or(|count| count > MAX_OCCURRENCES) {
        return Vec::new();
    }
    for token in right {
        let slot = &mut slots[*token as usize];
        slot.right_count = (slot.right_count + 1).min(MAX_OCCURRENCES + 1);
    }
    let shared = left.iter().map(|token| slots[*token as usize]);
    let Some(count) = shared.filter(|s| s.left_count == s.right_count).map(|s| s.left_count).min() else {
        return Vec::new();
    };

    // The chosen occurrences in left order; `ranks` finds a token's k-th one there.
    let mut left_places: Vec<usize> = Vec::new();
    let mut ranks: Vec<usize> = Vec::new();
    for (place, token) in left.iter().enumerate() {
        let slot = &mut slots[*token as usize];
        if slot.left_count != count || slot.right_count != count {
            continue;
        }
        if !slot.chosen {
            slot.chosen = true;
            slot.ranks = ranks.len() as u32;
            ranks.resize(ranks.len() + count as usize, 0);
        }
        if slot.seen < count {
            ranks[(slot.ranks + slot.seen) as usize] = left_places.len();
            slot.seen += 1;
            left_places.push(place);
        }
    }
    for token in left {
        slots[*token as usize].seen = 0;
    }
    let mut right_places: Vec<usize> = Vec::new();
    let mut order: Vec<usize> = Vec::new();
    for (place, token) in right.iter().enumerate() {
        let slot = &mut slots[*token as usize];
        if slot.chosen && slot.seen < count {
            order.push(ranks[(slot.ranks + slot.seen) as usize]);
            slot.seen += 1;
            right_places.push(place);
        }
    }
    longest_increasing(&order).into_iter().map(|i| (left_places[order[i]], right_places[i])).collect()
}

/// Places of a longest increasing run. Of several predecessors that would do, the nearest is taken, and of
/// several longest runs the one whose end comes first: with distinct values that is what patience sorting gives.
fn longest_increasing(order: &[usize]) -> Vec<usize> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(order.len());
    let mut end = None;
    for (place, value) in order.iter().enumerate() {
        let pile = tops.partition_point(|top| order[*top] < *value);
        before.push(pile.checked_sub(1).map(|pile| tops[pile]));
        if pile == tops.len() {
            tops.push(place);
            end = Some(place);
        } else {
            tops[pile] = place;
        }
    }
    let mut run = Vec::with_capacity(tops.len());
    while let Some(place) = end {
        run.push(place);
        end = before[place];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same choice by trying all predecessors from the nearest to the farthest.
    fn longest_increasing_slowly(order: &[usize]) -> Vec<usize> {
        let mut chain: Vec<(usize, Option<usize>)> = Vec::new();
        let (mut best, mut end) = (1, 0);
        for (place, value) in order.iter().enumerate() {
            let mut link = (1, None);
            for earlier in (0..place).rev() {
                if order[earlier] < *value && chain[earlier].0 + 1 > link.0 {
                    link = (chain[earlier].0 + 1, Some(earlier));
                }
            }
            if link.0 > best {
                (best, end) = (link.0, place);
            }
            chain.push(link);
        }
        let mut run = vec![end];
        while let Some(place) = run.last().and_then(|place| chain[*place].1) {
            run.push(place);
        }
        run.reverse();
        run
    }

    proptest::proptest! {
        #[test]
        fn patience_takes_the_nearest_predecessor(keys in proptest::collection::vec(0_u16..500, 1..60)) {
            let mut sorted: Vec<usize> = (0..keys.len()).collect();
            sorted.sort_by_key(|place| keys[*place]);
            proptest::prop_assert_eq!(longest_increasing(&sorted), longest_increasing_slowly(&sorted));
        }

        #[test]
        fn matches_increase_and_are_equal(
            left in proptest::collection::vec(0_u32..6, 0..40),
            right in proptest::collection::vec(0_u32..6, 0..40),
        ) {
            let found = matches(&left, &right, 6);
            proptest::prop_assert!(found.iter().all(|(l, r)| left[*l] == right[*r]));
            proptest::prop_assert!(found.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            if left == right {
                proptest::prop_assert_eq!(found.len(), left.len());
            }
        }
    }

    #[test]
    fn a_token_everywhere_pairs_at_the_ends_only() {
        let left = vec![0; 150];
        let mut right = vec![0; 151];
        assert_eq!(matches(&left, &right, 1).len(), 150);
        right[0] = 1;
        assert_eq!(matches(&left, &right, 2).len(), 150);
    }
}
