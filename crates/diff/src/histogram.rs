//! Which tokens of two sequences belong together: a histogram diff.
//!
//! The rarest tokens both sequences have equally often are paired, the k-th with the k-th; the longest
//! increasing run of such pairs stands, and each gap between them is treated alike. Where a gap has no such
//! tokens, its common start and then its common end are paired.

#![expect(
    clippy::indexing_slicing,
    reason = "token numbers are below the count the slots were made for, and places come from walking the same lists"
)]

use std::ops::Range;

use crate::Run;

/// A token counted more often than this is as good as any other such token: counting stops there.
const MAX_OCCURRENCES: u8 = 100;

/// A part of both sequences: known to match, or a gap to be looked into.
#[derive(Clone, Copy)]
struct Part {
    left: (u32, u32),
    right: (u32, u32),
    matching: bool,
}

/// A search for runs of equal tokens, increasing in both sequences.
pub(crate) struct Search<'a> {
    pub left: &'a [u32],
    right: &'a [u32],
    /// By token; all zero between two gaps.
    pub slots: Vec<Slot>,
    found: Vec<Run>,
    scratch: Scratch,
}

/// What is counted of a token; counts stop above [`MAX_OCCURRENCES`].
#[derive(Clone, Copy, Default)]
pub(crate) struct Slot {
    left_count: u8,
    pub right_count: u8,
    seen: u8,
    /// Where the token's ranks start plus one, once it is chosen.
    ranks: u32,
}

/// Lists that every gap needs, made once.
#[derive(Default)]
struct Scratch {
    open: Vec<Part>,
    /// The chosen occurrences in left order, and in right order.
    left_places: Vec<u32>,
    right_places: Vec<u32>,
    /// By a token's rank and its k: which chosen occurrence in left order that is.
    ranks: Vec<u32>,
    /// For each chosen occurrence in right order which one in left order it is paired with.
    order: Vec<u32>,
    tops: Vec<u32>,
    before: Vec<u32>,
}

/// No predecessor.
const NONE: u32 = u32::MAX;

/// Each run with the gap before it in both sequences, whose lengths are given; an empty run at the end.
pub(crate) fn gaps(
    left: usize,
    right: usize,
    runs: &[Run],
) -> impl Iterator<Item = (Range<u32>, Range<u32>, Run)> {
    let end = Run { left: left as u32, right: right as u32, len: 0 };
    let mut at = (0, 0);
    runs.iter().copied().chain([end]).map(move |run| {
        let gap = (at.0..run.left, at.1..run.right, run);
        at = (run.left + run.len, run.right + run.len);
        gap
    })
}

impl<'a> Search<'a> {
    /// A search in a sequence that others are compared with; `count` bounds the token numbers.
    pub fn new(left: &'a [u32], count: usize) -> Self {
        let slots = vec![Slot::default(); count];
        Self { left, right: &[], slots, found: Vec::new(), scratch: Scratch::default() }
    }

    /// The runs shared with another sequence. `pairs` are those of them that are known: all that a search would pair first.
    pub fn matches(&mut self, right: &'a [u32], pairs: &[Run]) -> Vec<Run> {
        self.right = right;
        // What is left to do waits on a list, the first of it last: hostile input could nest gaps as deep as it is long.
        let mut open = std::mem::take(&mut self.scratch.open);
        for (left, right, pair) in gaps(self.left.len(), right.len(), pairs) {
            push_gap(&mut open, (left.start, left.end), (right.start, right.end));
            while let Some(part) = open.pop() {
                if part.matching {
                    self.add(Run { left: part.left.0, right: part.right.0, len: part.left.1 - part.left.0 });
                } else {
                    self.visit(part, &mut open);
                }
            }
            self.add(pair);
        }
        self.scratch.open = open;
        std::mem::take(&mut self.found)
    }

    /// Adds a run that comes after all found so far.
    fn add(&mut self, run: Run) {
        match self.found.last_mut() {
            _ if run.len == 0 => {}
            Some(last) if last.left + last.len == run.left && last.right + last.len == run.right => {
                last.len += run.len
            }
            _ => self.found.push(run),
        }
    }

    fn visit(&mut self, gap: Part, open: &mut Vec<Part>) {
        let left = &self.left[gap.left.0 as usize..gap.left.1 as usize];
        let right = &self.right[gap.right.0 as usize..gap.right.1 as usize];
        if left.is_empty() || right.is_empty() {
            return;
        }
        // Equal gaps match token by token: the k-th of anything is in the same place on both sides.
        if left == right {
            self.add(Run { left: gap.left.0, right: gap.right.0, len: left.len() as u32 });
            return;
        }
        pair_rarest(&mut self.slots, &mut self.scratch, left, right);
        for token in left.iter().chain(right) {
            self.slots[*token as usize] = Slot::default();
        }
        let Scratch { left_places, right_places, order, tops, before, .. } = &mut self.scratch;
        let Some(mut place) = longest_increasing(order, tops, before) else {
            self.trim(gap);
            return;
        };
        // From the last pair to the first, so that the first is taken from the list first.
        let (mut left_end, mut right_end) = (gap.left.1, gap.right.1);
        while place != NONE {
            let left = gap.left.0 + left_places[order[place as usize] as usize];
            let right = gap.right.0 + right_places[place as usize];
            place = before[place as usize];
            let touching = left + 1 == left_end && right + 1 == right_end;
            match open.last_mut() {
                Some(next)
                    if touching && next.matching && next.left.0 == left_end && next.right.0 == right_end =>
                {
                    (next.left.0, next.right.0) = (left, right);
                }
                _ => {
                    push_gap(open, (left + 1, left_end), (right + 1, right_end));
                    open.push(Part { left: (left, left + 1), right: (right, right + 1), matching: true });
                }
            }
            (left_end, right_end) = (left, right);
        }
        push_gap(open, (gap.left.0, left_end), (gap.right.0, right_end));
    }

    fn trim(&mut self, gap: Part) {
        let left = &self.left[gap.left.0 as usize..gap.left.1 as usize];
        let right = &self.right[gap.right.0 as usize..gap.right.1 as usize];
        let head = left.iter().zip(right).take_while(|(l, r)| l == r).count();
        let tail =
            left[head..].iter().rev().zip(right[head..].iter().rev()).take_while(|(l, r)| l == r).count();
        let (head, tail) = (head as u32, tail as u32);
        self.add(Run { left: gap.left.0, right: gap.right.0, len: head });
        self.add(Run { left: gap.left.1 - tail, right: gap.right.1 - tail, len: tail });
    }
}

fn push_gap(open: &mut Vec<Part>, left: (u32, u32), right: (u32, u32)) {
    if left.0 < left.1 && right.0 < right.1 {
        open.push(Part { left, right, matching: false });
    }
}

/// Pairs the rarest tokens that occur equally often in both; none where all occur too often.
fn pair_rarest(slots: &mut [Slot], scratch: &mut Scratch, left: &[u32], right: &[u32]) {
    let Scratch { left_places, right_places, ranks, order, .. } = scratch;
    left_places.clear();
    right_places.clear();
    ranks.clear();
    order.clear();
    for token in left {
        let slot = &mut slots[*token as usize];
        slot.left_count = (slot.left_count + 1).min(MAX_OCCURRENCES + 1);
    }
    let rarest = left.iter().map(|token| slots[*token as usize].left_count).min();
    if rarest.is_none_or(|count| count > MAX_OCCURRENCES) {
        return;
    }
    for token in right {
        let slot = &mut slots[*token as usize];
        slot.right_count = (slot.right_count + 1).min(MAX_OCCURRENCES + 1);
    }
    let shared = left.iter().map(|token| slots[*token as usize]);
    let Some(count) = shared.filter(|s| s.left_count == s.right_count).map(|s| s.left_count).min() else {
        return;
    };
    for (place, token) in left.iter().enumerate() {
        let slot = &mut slots[*token as usize];
        if slot.left_count != count || slot.right_count != count {
            continue;
        }
        if slot.ranks == 0 {
            slot.ranks = ranks.len() as u32 + 1;
            ranks.resize(ranks.len() + usize::from(count), 0);
        }
        if slot.seen < count {
            ranks[slot.ranks as usize - 1 + usize::from(slot.seen)] = left_places.len() as u32;
            slot.seen += 1;
            left_places.push(place as u32);
        }
    }
    for token in left {
        slots[*token as usize].seen = 0;
    }
    for (place, token) in right.iter().enumerate() {
        let slot = &mut slots[*token as usize];
        if slot.ranks != 0 && slot.seen < count {
            order.push(ranks[slot.ranks as usize - 1 + usize::from(slot.seen)]);
            slot.seen += 1;
            right_places.push(place as u32);
        }
    }
}

/// The last place of a longest increasing run; `before` leads from each place to the one before it. Of several
/// predecessors that would do, the nearest is taken, and of several longest runs the one whose end comes first: with
/// distinct values that is what patience sorting gives.
fn longest_increasing(order: &[u32], tops: &mut Vec<u32>, before: &mut Vec<u32>) -> Option<u32> {
    tops.clear();
    before.clear();
    let mut end = None;
    for (place, value) in order.iter().enumerate() {
        let place = place as u32;
        match tops.last() {
            // Mostly, order is kept.
            Some(top) if order[*top as usize] < *value => {
                before.push(*top);
                tops.push(place);
                end = Some(place);
            }
            None => {
                before.push(NONE);
                tops.push(place);
                end = Some(place);
            }
            Some(_) => {
                let pile = tops.partition_point(|top| order[*top as usize] < *value);
                before.push(pile.checked_sub(1).map_or(NONE, |pile| tops[pile]));
                tops[pile] = place;
            }
        }
    }
    end
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

    fn longest(order: &[u32]) -> Vec<usize> {
        let (mut tops, mut before) = (Vec::new(), Vec::new());
        let mut run = Vec::new();
        let mut place = longest_increasing(order, &mut tops, &mut before).unwrap_or(NONE);
        while place != NONE {
            run.push(place as usize);
            place = before[place as usize];
        }
        run.reverse();
        run
    }

    fn pairs(left: &[u32], right: &[u32], count: usize) -> Vec<(usize, usize)> {
        let runs = Search::new(left, count).matches(right, &[]);
        let pairs = runs.iter().flat_map(|run| (0..run.len).map(|at| (run.left + at, run.right + at)));
        pairs.map(|(left, right)| (left as usize, right as usize)).collect()
    }

    /// The same without runs, lists made once and equal gaps taken whole.
    fn pairs_slowly(left: &[u32], right: &[u32], from: (usize, usize), found: &mut Vec<(usize, usize)>) {
        let count = |side: &[u32], token: u32| side.iter().filter(|t| **t == token).count().min(101);
        let rarest = left.iter().map(|token| count(left, *token)).min().unwrap_or(101);
        let shared = left.iter().map(|token| (count(left, *token), count(right, *token)));
        let chosen = shared
            .filter(|(l, r)| l == r)
            .map(|(l, _)| l)
            .min()
            .filter(|_| rarest <= 100 && !right.is_empty());
        let Some(chosen) = chosen else {
            if left.is_empty() || right.is_empty() {
                return;
            }
            let head = left.iter().zip(right).take_while(|(l, r)| l == r).count();
            let tail =
                left[head..].iter().rev().zip(right[head..].iter().rev()).take_while(|(l, r)| l == r).count();
            found.extend((0..head).map(|i| (from.0 + i, from.1 + i)));
            found.extend((1..=tail).map(|i| (from.0 + left.len() - i, from.1 + right.len() - i)));
            return;
        };
        let is_chosen = |token: &u32| count(left, *token) == chosen && count(right, *token) == chosen;
        // More than a hundred are not told apart: the first so many count.
        let places = |side: &[u32]| -> Vec<(usize, (u32, usize))> {
            let mut seen = std::collections::HashMap::new();
            let mut places = Vec::new();
            for (place, token) in side.iter().enumerate().filter(|(_, token)| is_chosen(token)) {
                let k = seen.entry(*token).or_insert(0_usize);
                if *k < chosen {
                    places.push((place, (*token, *k)));
                    *k += 1;
                }
            }
            places
        };
        let (lefts, rights) = (places(left), places(right));
        let order: Vec<usize> =
            rights.iter().filter_map(|(_, name)| lefts.iter().position(|(_, other)| other == name)).collect();
        let mut start = (0, 0);
        for place in longest_increasing_slowly(&order) {
            let pair = (lefts[order[place]].0, rights[place].0);
            pairs_slowly(
                &left[start.0..pair.0],
                &right[start.1..pair.1],
                (from.0 + start.0, from.1 + start.1),
                found,
            );
            found.push((from.0 + pair.0, from.1 + pair.1));
            start = (pair.0 + 1, pair.1 + 1);
        }
        pairs_slowly(&left[start.0..], &right[start.1..], (from.0 + start.0, from.1 + start.1), found);
    }

    fn check(left: &[u32], right: &[u32], count: usize) -> Vec<(usize, usize)> {
        let mut expected = Vec::new();
        pairs_slowly(left, right, (0, 0), &mut expected);
        expected.sort_unstable();
        let found = pairs(left, right, count);
        assert_eq!(found, expected, "{left:?} {right:?}");
        found
    }

    proptest::proptest! {
        #[test]
        fn patience_takes_the_nearest_predecessor(keys in proptest::collection::vec(0_u16..500, 1..60)) {
            let mut sorted: Vec<usize> = (0..keys.len()).collect();
            sorted.sort_by_key(|place| keys[*place]);
            let small: Vec<u32> = sorted.iter().map(|place| *place as u32).collect();
            proptest::prop_assert_eq!(longest(&small), longest_increasing_slowly(&sorted));
        }

        #[test]
        fn matches_increase_and_are_equal(
            left in proptest::collection::vec(0_u32..6, 0..40),
            right in proptest::collection::vec(0_u32..6, 0..40),
        ) {
            let found = check(&left, &right, 6);
            proptest::prop_assert!(found.iter().all(|(l, r)| left[*l] == right[*r]));
            proptest::prop_assert!(found.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            if left == right {
                proptest::prop_assert_eq!(found.len(), left.len());
            }
        }

        #[test]
        fn tokens_too_frequent_to_count(
            left in proptest::collection::vec(0_u32..3, 95..230),
            right in proptest::collection::vec(0_u32..3, 95..230),
            rare in 0_usize..90,
        ) {
            let with = |mut side: Vec<u32>, at: usize| {
                side.insert(at, 3);
                side
            };
            check(&left, &right, 4);
            check(&with(left, rare), &with(right, 90 - rare), 4);
        }
    }

    #[test]
    fn a_token_everywhere_pairs_at_the_ends_only() {
        let left = vec![0; 150];
        let mut right = vec![0; 151];
        assert_eq!(check(&left, &right, 1).len(), 150);
        right[0] = 1;
        assert_eq!(check(&left, &right, 2).len(), 150);
    }
}
