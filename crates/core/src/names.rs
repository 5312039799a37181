//! A map from names, in name order.

#![expect(clippy::indexing_slicing, reason = "places come from the search in the same list")]

use crate::Name;

/// A sorted list of names with values. It only grows: a value can be replaced, but not removed. Names mostly
/// come in order, where adding one costs nothing more than its place at the end.
#[derive(Clone, Debug)]
pub struct NameMap<V> {
    entries: Vec<(Name, V)>,
}

impl<V> Default for NameMap<V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<V> NameMap<V> {
    /// The value of a name.
    pub fn get(&self, name: &Name) -> Option<&V> {
        self.entries.get(self.place(name).ok()?).map(|(_, value)| value)
    }

    /// The value of a name, for change.
    pub fn get_mut(&mut self, name: &Name) -> Option<&mut V> {
        let place = self.place(name).ok()?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// Sets the value of a name and gives it back for change.
    pub fn insert(&mut self, name: Name, value: V) -> &mut V {
        let place = match self.place(&name) {
            Ok(place) => {
                self.entries[place].1 = value;
                place
            }
            Err(place) => {
                self.entries.insert(place, (name, value));
                place
            }
        };
        &mut self.entries[place].1
    }

    /// The value of a name, made if there is none.
    pub fn get_or_default(&mut self, name: &Name) -> &mut V
    where
        V: Default,
    {
        match self.place(name) {
            Ok(place) => &mut self.entries[place].1,
            Err(_) => self.insert(name.clone(), V::default()),
        }
    }

    /// Names and values in name order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Name, V)> {
        self.entries.iter()
    }

    fn place(&self, name: &Name) -> Result<usize, usize> {
        place_of(self.entries.len(), &|place| &self.entries[place].0, name)
    }
}

/// Binary search, once for all kinds of values. The end is looked at first.
fn place_of<'a>(len: usize, at: &dyn Fn(usize) -> &'a Name, name: &Name) -> Result<usize, usize> {
    if len == 0 || at(len - 1) < name {
        return Err(len);
    }
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        match at(middle).cmp(name) {
            std::cmp::Ordering::Equal => return Ok(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_a_map(entries in proptest::collection::vec(("[a-d]{1,2}", 0_u8..9), 0..40)) {
            let mut ours = NameMap::default();
            let mut model = BTreeMap::new();
            for (name, value) in entries {
                let name: Name = Rc::from(name.as_bytes());
                ours.insert(name.clone(), value);
                model.insert(name.clone(), value);
                proptest::prop_assert_eq!(ours.get(&name), Some(&value));
            }
            proptest::prop_assert!(ours.iter().map(|(n, v)| (n, v)).eq(model.iter()));
        }
    }
}
