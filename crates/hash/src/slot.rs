//! How a blob lies in memory for hashing: header, content and padding in whole blocks, so that no block has to be put together.

use crate::Block;

const BLOCK: usize = size_of::<Block>();

/// The header git hashes before a blob's content: `blob <length>\0`. Gives its bytes and how many they are.
fn header(length: usize) -> ([u8; 32], usize) {
    let mut header = [0; 32];
    let mut digits = [0; 20];
    let mut count = 0;
    let mut rest = length;
    for digit in &mut digits {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    for (to, from) in header.iter_mut().zip(b"blob ".iter().chain(digits.iter().take(count).rev())) {
        *to = *from;
    }
    (header, 5 + count + 1)
}

/// Where in its slot the content of a blob of this length begins.
pub fn content_offset(length: usize) -> usize {
    header(length).1
}

/// How many bytes the slot of a blob of this length has.
pub fn slot_size(length: usize) -> usize {
    // A byte that ends the message and eight with its length come after the content.
    (content_offset(length) + length + 9).next_multiple_of(BLOCK)
}

/// Writes what surrounds the content of a blob of this length: the header before it, the padding after it.
pub(crate) fn frame(slot: &mut [u8], length: usize) {
    let (header, offset) = header(length);
    let Some((before, rest)) = slot.split_at_mut_checked(offset) else { return };
    for (to, from) in before.iter_mut().zip(header) {
        *to = from;
    }
    let Some(padding) = rest.get_mut(length..) else { return };
    padding.fill(0);
    if let Some(first) = padding.first_mut() {
        *first = 0x80;
    }
    let bits = ((offset + length) as u64) * 8;
    if let Some(end) = padding.last_chunk_mut() {
        *end = bits.to_be_bytes();
    }
}
