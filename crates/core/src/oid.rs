//! Object ids: SHA-1 as git uses it.

#![expect(
    clippy::indexing_slicing,
    reason = "slots are masked by their number, and what they hold are places of entries, which are never removed"
)]

use std::fmt;

use crate::{CoreError, Result};

/// The id of a git object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid([u8; 20]);

impl Oid {
    /// The tree without entries, known to every pool.
    pub const EMPTY_TREE: Oid = Oid([
        0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb,
        0xee, 0x49, 0x04,
    ]);

    /// An id from its 20 bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The 20 bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Reads 40 lowercase hexadecimal digits.
    pub fn from_hex(hex: &str) -> Result<Self> {
        Self::from_hex_bytes(hex.as_bytes()).ok_or_else(|| CoreError::BadOid(hex.to_owned()))
    }

    /// Reads 40 lowercase hexadecimal digits out of an object's bytes.
    pub fn from_hex_bytes(hex: &[u8]) -> Option<Self> {
        let (pairs, rest) = hex.as_chunks::<2>();
        if pairs.len() != 20 || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; 20];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Self(bytes))
    }

    /// The 40 hexadecimal digits.
    pub fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = String::with_capacity(40);
        for byte in self.0 {
            for digit in [byte >> 4, byte & 15] {
                hex.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
            }
        }
        hex
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// A map keyed by ids, with open addressing: an id is a digest already, so its first bytes serve as the hash.
#[derive(Clone, Debug)]
pub struct OidMap<V> {
    /// A removed value leaves its id behind.
    entries: Vec<(Oid, Option<V>)>,
    /// Places in `entries` plus one, at most half of them in use; the length is a power of two.
    slots: Vec<u32>,
}

impl<V> Default for OidMap<V> {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: vec![0; 64] }
    }
}

impl<V> OidMap<V> {
    /// The value of an id.
    pub fn get(&self, oid: &Oid) -> Option<&V> {
        self.entries.get(self.place(oid)?)?.1.as_ref()
    }

    /// The value of an id, for change.
    pub fn get_mut(&mut self, oid: &Oid) -> Option<&mut V> {
        let place = self.place(oid)?;
        self.entries.get_mut(place)?.1.as_mut()
    }

    /// Sets the value of an id.
    pub fn insert(&mut self, oid: Oid, value: V) {
        match self.place(&oid) {
            Some(place) => self.entries[place].1 = Some(value),
            None => {
                self.entries.push((oid, Some(value)));
                if self.entries.len() * 2 > self.slots.len() {
                    self.slots = vec![0; self.slots.len() * 2];
                    for place in 0..self.entries.len() {
                        self.link(place);
                    }
                } else {
                    self.link(self.entries.len() - 1);
                }
            }
        }
    }

    /// Removes the value of an id.
    pub fn remove(&mut self, oid: &Oid) {
        if let Some(place) = self.place(oid) {
            self.entries[place].1 = None;
        }
    }

    fn place(&self, oid: &Oid) -> Option<usize> {
        let mut slot = self.first_slot(oid);
        loop {
            let place = (self.slots[slot] as usize).checked_sub(1)?;
            if self.entries[place].0 == *oid {
                return Some(place);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn link(&mut self, place: usize) {
        let mut slot = self.first_slot(&self.entries[place].0);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = place as u32 + 1;
    }

    fn first_slot(&self, oid: &Oid) -> usize {
        let [a, b, c, d, ..] = oid.0;
        u32::from_le_bytes([a, b, c, d]) as usize & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_rejects_what_is_no_id() {
        let hex = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        assert_eq!(Oid::from_hex(hex), Ok(Oid::EMPTY_TREE));
        assert_eq!(Oid::EMPTY_TREE.to_hex(), hex);
        for bad in
            ["", "4b", "4B825DC642CB6EB9A060E54BF8D69288FBEE4904", &format!("{hex}0"), &hex.replace('b', "g")]
        {
            assert_eq!(Oid::from_hex(bad).map_err(|e| e.code()), Err("BAD_OID"), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_map_is_a_map(steps in proptest::collection::vec((0_u16..300, proptest::option::of(0_u8..9)), 0..600)) {
            let mut ours = OidMap::default();
            let mut model = std::collections::BTreeMap::new();
            for (key, value) in steps {
                // Many ids share their first bytes, so that slots collide.
                let mut bytes = [0; 20];
                bytes[0] = (key % 7) as u8;
                bytes[10..12].copy_from_slice(&key.to_le_bytes());
                let oid = Oid::from_bytes(bytes);
                match value {
                    Some(value) => {
                        ours.insert(oid, value);
                        model.insert(oid, value);
                    }
                    None => {
                        ours.remove(&oid);
                        model.remove(&oid);
                    }
                }
                proptest::prop_assert_eq!(ours.get(&oid), model.get(&oid));
            }
            for (oid, value) in &mut model {
                proptest::prop_assert_eq!(ours.get_mut(oid), Some(value));
            }
        }
    }
}
