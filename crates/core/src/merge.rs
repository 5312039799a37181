//! The algebra of merges: an odd list of terms with alternating signs, `+ − + … +`.

use crate::limits::MAX_TERMS;
use crate::{CoreError, Result};

/// Terms with alternating signs. One term is a resolved merge; `[side1, base, side2]` is a three-way merge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Merge<T> {
    /// Never empty, always odd in number.
    values: Vec<T>,
}

impl<T> Merge<T> {
    /// A merge of a single positive term.
    pub fn resolved(value: T) -> Self {
        Self { values: vec![value] }
    }

    /// A merge of these terms, `+ − + …`; refused unless odd in number and within [`MAX_TERMS`].
    pub fn new(values: Vec<T>) -> Result<Self> {
        if values.len().is_multiple_of(2) {
            return Err(CoreError::BadTerms(format!(
                "an odd number of terms is needed, not {}",
                values.len()
            )));
        }
        if values.len() > MAX_TERMS {
            return Err(CoreError::BadTerms(format!(
                "at most {MAX_TERMS} terms can be merged, not {}",
                values.len()
            )));
        }
        Ok(Self { values })
    }

    /// The three-way merge of two sides with their base.
    pub fn three_way(side1: T, base: T, side2: T) -> Self {
        Self { values: vec![side1, base, side2] }
    }

    /// Interleaves removes and adds; `None` unless there is one more add than removes.
    pub fn from_removes_adds(
        removes: impl IntoIterator<Item = T>,
        adds: impl IntoIterator<Item = T>,
    ) -> Option<Self> {
        let mut adds = adds.into_iter();
        let mut values = vec![adds.next()?];
        for remove in removes {
            values.push(remove);
            values.push(adds.next()?);
        }
        adds.next().is_none().then_some(Self { values })
    }

    /// All terms, adds at even places.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    /// All terms for change in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.values.iter_mut()
    }

    /// All terms as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.values
    }

    /// All terms, handed over.
    pub fn into_vec(self) -> Vec<T> {
        self.values
    }

    /// The positive terms.
    pub fn adds(&self) -> impl ExactSizeIterator<Item = &T> {
        self.values.iter().step_by(2)
    }

    /// The negative terms.
    pub fn removes(&self) -> impl ExactSizeIterator<Item = &T> {
        self.values.iter().skip(1).step_by(2)
    }

    /// Side #1. Every merge has it.
    pub fn first(&self) -> &T {
        #[expect(clippy::indexing_slicing, reason = "the list is never empty")]
        &self.values[0]
    }

    /// The number of positive terms.
    pub fn num_sides(&self) -> usize {
        self.values.len() / 2 + 1
    }

    /// Whether a single term is left.
    pub fn is_resolved(&self) -> bool {
        self.values.len() == 1
    }

    /// The value of a resolved merge.
    pub fn as_resolved(&self) -> Option<&T> {
        match self.values.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// A merge of the same shape with other terms.
    pub fn map<'a, U>(&'a self, mut f: impl FnMut(&'a T) -> U) -> Merge<U> {
        let mut values = Vec::with_capacity(self.values.len());
        for value in &self.values {
            values.push(f(value));
        }
        Merge { values }
    }

    /// A merge of the same shape with other terms, unless one of them fails.
    pub fn try_map<'a, U, E>(
        &'a self,
        mut f: impl FnMut(&'a T) -> std::result::Result<U, E>,
    ) -> std::result::Result<Merge<U>, E> {
        let mut values = Vec::with_capacity(self.values.len());
        for value in &self.values {
            values.push(f(value)?);
        }
        Ok(Merge { values })
    }

    /// Pairs the terms with others of the same shape, or `None` where shapes differ.
    pub fn zip<U>(self, others: Vec<U>) -> Option<Merge<(T, U)>> {
        (self.values.len() == others.len())
            .then(|| Merge { values: self.values.into_iter().zip(others).collect() })
    }

    /// Grows to `num_sides` with pairs of `value` that cancel each other out.
    pub fn pad_to(&mut self, num_sides: usize, value: T)
    where
        T: Clone,
    {
        if num_sides > self.num_sides() {
            self.values.resize(num_sides * 2 - 1, value);
        }
    }
}

impl<T: PartialEq> Merge<T> {
    /// The value all terms agree on. Distinct values are counted with their signs; what cancels out is gone;
    /// one value left is the answer, and of two left the positive one: every side made the same change.
    pub fn resolve_trivial(&self) -> Option<&T> {
        match self.values.as_slice() {
            [value] => return Some(value),
            [side1, base, side2] => {
                return if side1 == side2 || side2 == base {
                    Some(side1)
                } else if side1 == base {
                    Some(side2)
                } else {
                    None
                };
            }
            _ => {}
        }
        let mut counts: Vec<(&T, i32)> = Vec::with_capacity(self.values.len());
        for (place, value) in self.values.iter().enumerate() {
            let sign = if place % 2 == 0 { 1 } else { -1 };
            match counts.iter_mut().find(|(other, _)| *other == value) {
                Some((_, count)) => *count += sign,
                None => counts.push((value, sign)),
            }
        }
        counts.retain(|(_, count)| *count != 0);
        match counts.as_slice() {
            [(value, _)] => Some(value),
            [(value1, count1), (value2, _)] => Some(if *count1 > 0 { value1 } else { value2 }),
            _ => None,
        }
    }

    /// For each term of the simplified merge, its place in this one: every add is brought next to the first
    /// remove it equals, and the pair is dropped.
    #[expect(clippy::indexing_slicing, reason = "all places are of this list")]
    pub fn simplified_places(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.values.len()).collect();
        let mut add = 0;
        while add < places.len() {
            let value = &self.values[places[add]];
            let equal = (1..places.len()).step_by(2).find(|remove| self.values[places[*remove]] == *value);
            match equal {
                Some(remove) => {
                    // Moving the add behind its remove keeps every other remove beside the add it was with.
                    places.swap(remove + 1, add);
                    places.drain(remove..remove + 2);
                }
                None => add += 2,
            }
        }
        places
    }

    /// The merge without terms that cancel each other out.
    #[must_use]
    pub fn simplify(&self) -> Self
    where
        T: Clone,
    {
        self.pick(&self.simplified_places())
    }

    /// Trivially resolved if possible, else as it is.
    #[must_use]
    pub fn settle(self) -> Self
    where
        T: Clone,
    {
        match self.resolve_trivial() {
            Some(value) => Self::resolved(value.clone()),
            None => self,
        }
    }

    /// Trivially resolved if possible, else simplified: the form terms are compared in.
    #[must_use]
    pub fn normalize(&self) -> Self
    where
        T: Clone,
    {
        match self.resolve_trivial() {
            Some(value) => Self::resolved(value.clone()),
            None => self.simplify(),
        }
    }

    /// This merge with the terms that simplifying keeps replaced by `edited`, which has one term for each of
    /// them. The terms that cancel out stay. `None` where the number of terms differs.
    pub fn expand_from_simplified(&self, edited: Self) -> Option<Self>
    where
        T: Clone,
    {
        let places = self.simplified_places();
        if places.len() != edited.values.len() {
            return None;
        }
        let mut values = self.values.clone();
        for (place, value) in places.into_iter().zip(edited.values) {
            *values.get_mut(place)? = value;
        }
        Some(Self { values })
    }

    fn pick(&self, places: &[usize]) -> Self
    where
        T: Clone,
    {
        Self { values: places.iter().filter_map(|place| self.values.get(*place)).cloned().collect() }
    }
}

impl<T> Merge<Merge<T>> {
    /// One merge of all the inner terms. A negative inner merge has its signs flipped: its first term moves to
    /// its end and each pair is turned round, so that every diff stays a diff.
    pub fn flatten(self) -> Merge<T> {
        let mut values = Vec::new();
        for (place, inner) in self.values.into_iter().enumerate() {
            if place % 2 == 0 {
                values.extend(inner.values);
                continue;
            }
            let mut terms = inner.values.into_iter();
            let first = terms.next();
            while let (Some(remove), Some(add)) = (terms.next(), terms.next()) {
                values.push(add);
                values.push(remove);
            }
            values.extend(first);
        }
        Merge { values }
    }
}

impl<T> Merge<Option<T>> {
    /// Nothing there.
    pub fn absent() -> Self {
        Self::resolved(None)
    }

    /// Whether this resolves to nothing there.
    pub fn is_absent(&self) -> bool {
        matches!(self.as_resolved(), Some(None))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn merge(values: &[i32]) -> Merge<i32> {
        Merge { values: values.to_vec() }
    }

    fn weights(merge: &Merge<i32>) -> BTreeMap<i32, i32> {
        let mut weights = BTreeMap::new();
        for (place, value) in merge.iter().enumerate() {
            *weights.entry(*value).or_default() += if place % 2 == 0 { 1 } else { -1 };
        }
        weights.retain(|_, weight| *weight != 0);
        weights
    }

    fn any_merge() -> impl Strategy<Value = Merge<i32>> {
        prop::collection::vec(0..4, 0..4).prop_flat_map(|pairs| {
            prop::collection::vec(0..4, pairs.len() * 2 + 1).prop_map(|values| Merge { values })
        })
    }

    #[test]
    fn an_even_number_of_terms_is_no_merge() {
        for values in [vec![], vec![1, 2], vec![0; MAX_TERMS + 2]] {
            assert_eq!(Merge::new(values).map_err(|e| e.code()), Err("BAD_TERMS"));
        }
    }

    #[test]
    fn one_changed_side_or_two_alike_resolve() {
        let check = |values: &[i32], expected: Option<i32>| {
            assert_eq!(merge(values).resolve_trivial().copied(), expected, "{values:?}");
        };
        check(&[1], Some(1));
        check(&[1, 0, 0], Some(1));
        check(&[0, 0, 1], Some(1));
        check(&[1, 0, 1], Some(1));
        check(&[1, 0, 2], None);
        check(&[0, 1, 0, 1, 0], Some(0));
        check(&[1, 0, 2, 1, 0], Some(2));
        check(&[1, 0, 2, 3, 4], None);
    }

    #[test]
    fn terms_that_cancel_out_go_in_pairs() {
        let check = |values: &[i32], expected: &[i32]| assert_eq!(merge(values).simplify(), merge(expected));
        check(&[0, 0, 1], &[1]);
        check(&[0, 1, 2], &[0, 1, 2]);
        check(&[0, 1, 2, 2, 3], &[0, 1, 3]);
        check(&[0, 1, 1, 2, 3], &[0, 2, 3]);
        check(&[0, 1, 2, 0, 3], &[3, 1, 2]);
    }

    #[test]
    fn a_third_racer_makes_one_flat_merge() {
        let (head, was, entry) = (merge(&[1, 0, 2]), merge(&[0]), merge(&[3]));
        assert_eq!(Merge::three_way(head, was, entry).flatten(), merge(&[1, 0, 2, 0, 3]));
        let nested = Merge::three_way(merge(&[1]), merge(&[2, 3, 4]), merge(&[5]));
        assert_eq!(nested.flatten(), merge(&[1, 4, 3, 2, 5]));
    }

    proptest! {
        #[test]
        fn simplifying_keeps_the_sum_and_ends(merge in any_merge()) {
            let simplified = merge.simplify();
            prop_assert_eq!(weights(&simplified), weights(&merge));
            prop_assert_eq!(simplified.simplify(), simplified.clone());
            prop_assert!(simplified.adds().all(|add| simplified.removes().all(|remove| remove != add)));
            prop_assert_eq!(simplified.resolve_trivial(), merge.resolve_trivial());
        }

        #[test]
        fn expanding_undoes_simplifying(merge in any_merge()) {
            prop_assert_eq!(merge.expand_from_simplified(merge.simplify()), Some(merge.clone()));
            let edited = merge.simplify().map(|value| value + 10);
            let expanded = merge.expand_from_simplified(edited.clone());
            prop_assert_eq!(expanded.map(|expanded| expanded.simplify().as_slice().len()), Some(edited.as_slice().len()));
        }

        #[test]
        fn flattening_adds_up(merges in prop::collection::vec(any_merge(), 3)) {
            let mut sum = BTreeMap::new();
            for (place, merge) in merges.iter().enumerate() {
                for (value, weight) in weights(merge) {
                    *sum.entry(value).or_insert(0) += if place == 1 { -weight } else { weight };
                }
            }
            sum.retain(|_, weight| *weight != 0);
            let flat = Merge { values: merges }.flatten();
            prop_assert_eq!(weights(&flat), sum);
        }
    }
}
