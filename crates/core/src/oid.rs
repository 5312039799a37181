//! Object ids: SHA-1 as git uses it.

use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::{CoreError, Result};

/// The id of a git object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl Hash for Oid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut head = [0; 8];
        head.copy_from_slice(self.0.first_chunk::<8>().unwrap_or(&[0; 8]));
        state.write_u64(u64::from_le_bytes(head));
    }
}

/// A map keyed by ids. An id is a digest already, so its first bytes serve as the hash.
pub type OidMap<V> = std::collections::HashMap<Oid, V, BuildHasherDefault<DigestHasher>>;

/// Passes eight digest bytes through as the hash.
#[derive(Default)]
pub struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
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
}
