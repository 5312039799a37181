//! The steps of SHA-1 on four messages at once.
//!
//! No index here comes from outside: each is a constant, a lane, or masked to the sixteen words of the ring.
#![allow(clippy::indexing_slicing)]

use crate::Block;

/// Takes as many blocks of each message into its state as the shortest of the four has.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[inline(never)]
pub(crate) fn compress(states: &mut [[u32; 5]; 4], messages: [&[Block]; 4]) {
    let [first, second, third, fourth] = messages;
    let lane = |word: usize| words::from(states.each_ref().map(|state| state[word]));
    let mut state = [lane(0), lane(1), lane(2), lane(3), lane(4)];
    let mut ring = [words::splat(0); 16];
    for (((first, second), third), fourth) in first.iter().zip(second).zip(third).zip(fourth) {
        state = block(state, [first, second, third, fourth], &mut ring);
    }
    for (place, words) in state.into_iter().enumerate() {
        for (state, word) in states.iter_mut().zip(words::to(words)) {
            state[place] = word;
        }
    }
}

/// `ring` has the last sixteen words of the schedule; the next ones are made while their rounds run, which keeps all units of the processor busy.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[inline]
fn block(state: [words::Words; 5], blocks: [&Block; 4], ring: &mut [words::Words; 16]) -> [words::Words; 5] {
    use words::*;

    for (at, quarter) in ring.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *quarter = turned(blocks, at * 16);
    }
    let [mut a, mut b, mut c, mut d, mut e] = state;
    macro_rules! round {
        ($t:expr, $a:ident $b:ident $c:ident $d:ident $e:ident, $f:expr, $k:expr, $schedule:expr) => {
            let word = ring[$t & 15];
            $e = add(add(add($e, $k), word), add(rotate::<5, 27>($a), $f($b, $c, $d)));
            $b = rotate::<30, 2>($b);
            if $schedule {
                let mixed =
                    xor(xor(ring[($t + 13) & 15], ring[($t + 8) & 15]), xor(ring[($t + 2) & 15], word));
                ring[$t & 15] = rotate_by_one(mixed);
            }
        };
    }
    // After five rounds every word is back in its place, so that none has to be moved.
    macro_rules! rounds {
        ($from:expr, $to:expr, $f:expr, $k:expr, $schedule:expr) => {
            let k = splat($k);
            for t in ($from..$to).step_by(5) {
                round!(t, a b c d e, $f, k, $schedule);
                round!(t + 1, e a b c d, $f, k, $schedule);
                round!(t + 2, d e a b c, $f, k, $schedule);
                round!(t + 3, c d e a b, $f, k, $schedule);
                round!(t + 4, b c d e a, $f, k, $schedule);
            }
        };
    }
    rounds!(0_usize, 20, choose, 0x5a82_7999, true);
    rounds!(20_usize, 40, parity, 0x6ed9_eba1, true);
    rounds!(40_usize, 60, majority, 0x8f1b_bcdc, true);
    rounds!(60_usize, 65, parity, 0xca62_c1d6, true);
    rounds!(65_usize, 80, parity, 0xca62_c1d6, false);
    [add(state[0], a), add(state[1], b), add(state[2], c), add(state[3], d), add(state[4], e)]
}

/// Four 32-bit words, one of each message, as WebAssembly has them.
#[cfg(target_arch = "wasm32")]
mod words {
    use core::arch::wasm32::*;

    use crate::Block;

    pub type Words = v128;

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn from(words: [u32; 4]) -> Words {
        u32x4(words[0], words[1], words[2], words[3])
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn to(words: Words) -> [u32; 4] {
        [
            u32x4_extract_lane::<0>(words),
            u32x4_extract_lane::<1>(words),
            u32x4_extract_lane::<2>(words),
            u32x4_extract_lane::<3>(words),
        ]
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn splat(word: u32) -> Words {
        u32x4_splat(word)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn add(a: Words, b: Words) -> Words {
        u32x4_add(a, b)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn xor(a: Words, b: Words) -> Words {
        v128_xor(a, b)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn rotate<const LEFT: u32, const RIGHT: u32>(a: Words) -> Words {
        v128_or(u32x4_shl(a, LEFT), u32x4_shr(a, RIGHT))
    }

    /// Rotates by one; a sum runs where shifts would have to wait.
    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn rotate_by_one(a: Words) -> Words {
        v128_or(u32x4_add(a, a), u32x4_shr(a, 31))
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn choose(b: Words, c: Words, d: Words) -> Words {
        v128_bitselect(c, d, b)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn parity(b: Words, c: Words, d: Words) -> Words {
        v128_xor(v128_xor(b, c), d)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn majority(b: Words, c: Words, d: Words) -> Words {
        v128_bitselect(d, c, v128_xor(b, c))
    }

    /// Four words in a row of each block, turned so that each vector has one word of all four.
    #[target_feature(enable = "simd128")]
    #[inline]
    pub fn turned(blocks: [&Block; 4], at: usize) -> [Words; 4] {
        let [r0, r1, r2, r3] =
            [row(blocks[0], at), row(blocks[1], at), row(blocks[2], at), row(blocks[3], at)];
        let (a, b) = (i32x4_shuffle::<0, 4, 1, 5>(r0, r1), i32x4_shuffle::<2, 6, 3, 7>(r0, r1));
        let (c, d) = (i32x4_shuffle::<0, 4, 1, 5>(r2, r3), i32x4_shuffle::<2, 6, 3, 7>(r2, r3));
        [
            i64x2_shuffle::<0, 2>(a, c),
            i64x2_shuffle::<1, 3>(a, c),
            i64x2_shuffle::<0, 2>(b, d),
            i64x2_shuffle::<1, 3>(b, d),
        ]
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    fn row(block: &Block, at: usize) -> Words {
        let half = |at: usize| {
            let bytes = block.get(at..).and_then(|rest| rest.first_chunk());
            u64::from_le_bytes(*bytes.unwrap_or(&[0; 8]))
        };
        let row = u64x2(half(at), half(at + 8));
        i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(row, row)
    }
}

/// The same on any machine, for native tests.
#[cfg(not(target_arch = "wasm32"))]
mod words {
    use core::array::from_fn;

    use crate::Block;

    pub type Words = [u32; 4];

    pub fn from(words: [u32; 4]) -> Words {
        words
    }

    pub fn to(words: Words) -> [u32; 4] {
        words
    }

    pub fn splat(word: u32) -> Words {
        [word; 4]
    }

    pub fn add(a: Words, b: Words) -> Words {
        from_fn(|lane| a[lane].wrapping_add(b[lane]))
    }

    pub fn xor(a: Words, b: Words) -> Words {
        from_fn(|lane| a[lane] ^ b[lane])
    }

    pub fn rotate<const LEFT: u32, const RIGHT: u32>(a: Words) -> Words {
        const { assert!(LEFT + RIGHT == 32) };
        a.map(|word| word.rotate_left(LEFT))
    }

    pub fn rotate_by_one(a: Words) -> Words {
        a.map(|word| word.rotate_left(1))
    }

    pub fn choose(b: Words, c: Words, d: Words) -> Words {
        from_fn(|lane| (b[lane] & c[lane]) | (!b[lane] & d[lane]))
    }

    pub fn parity(b: Words, c: Words, d: Words) -> Words {
        from_fn(|lane| b[lane] ^ c[lane] ^ d[lane])
    }

    pub fn majority(b: Words, c: Words, d: Words) -> Words {
        from_fn(|lane| (b[lane] & c[lane]) | (b[lane] & d[lane]) | (c[lane] & d[lane]))
    }

    pub fn turned(blocks: [&Block; 4], at: usize) -> [Words; 4] {
        from_fn(|word| {
            from_fn(|lane| {
                let bytes = blocks[lane].get(at + word * 4..).and_then(|rest| rest.first_chunk());
                u32::from_be_bytes(*bytes.unwrap_or(&[0; 4]))
            })
        })
    }
}
