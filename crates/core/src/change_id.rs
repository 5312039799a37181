//! Change ids: 16 bytes written in reverse hexadecimal, `z` for 0 down to `k` for 15, so that no change id can
//! be mistaken for a commit id.

#![deny(clippy::arithmetic_side_effects)]

use crate::{CoreError, Result};

/// The 32 letters of a change id.
pub fn change_id_from_bytes(bytes: &[u8]) -> Result<String> {
    if bytes.len() != 16 {
        return Err(CoreError::BadArgument(format!("a change id has 16 bytes, not {}", bytes.len())));
    }
    let letter = |nibble: u8| char::from(b'z'.saturating_sub(nibble));
    Ok(bytes.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect())
}

/// The 16 bytes of a change id.
pub fn change_id_to_bytes(id: &str) -> Result<[u8; 16]> {
    parse(id.as_bytes()).ok_or_else(|| CoreError::BadChangeId(id.to_owned()))
}

/// Whether these are the 32 letters of a change id.
pub fn is_change_id(id: &[u8]) -> bool {
    parse(id).is_some()
}

fn parse(id: &[u8]) -> Option<[u8; 16]> {
    let (pairs, rest) = id.as_chunks::<2>();
    if pairs.len() != 16 || !rest.is_empty() {
        return None;
    }
    let nibble = |letter: u8| (b'k'..=b'z').contains(&letter).then(|| b'z'.saturating_sub(letter));
    let mut bytes = [0; 16];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_run_from_z_down_to_k() {
        let bytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0, 0, 0, 0, 0, 0, 0, 0xff];
        let id = "zyxwvutsrqponmlkzzzzzzzzzzzzzzkk";
        assert_eq!(change_id_from_bytes(&bytes), Ok(id.to_owned()));
        assert_eq!(change_id_to_bytes(id), Ok(bytes));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", "zz", "zyxwvutsrqponmlkzzzzzzzzzzzzzzkj", "ZYXWVUTSRQPONMLKZZZZZZZZZZZZZZKK"] {
            assert_eq!(change_id_to_bytes(bad).map_err(|e| e.code()), Err("BAD_CHANGE_ID"));
        }
        assert_eq!(change_id_from_bytes(&[0; 15]).map_err(|e| e.code()), Err("BAD_ARGUMENT"));
    }
}
