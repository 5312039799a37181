//! Many blobs over four lanes: a lane whose blob ends takes the next one.

use crate::{Block, Digest, START, lanes, slot};

/// The ids of blobs of these lengths, whose slots lie end to end in `slots` with their contents in place; header and padding are written here.
/// Gives whether the slots and the digests are as many and as long as the lengths say.
pub fn hash_slots(slots: &mut [u8], lengths: &[u32], digests: &mut [Digest]) -> bool {
    let mut rest = &mut *slots;
    for length in lengths {
        let length = *length as usize;
        let Some((slot, after)) = rest.split_at_mut_checked(slot::slot_size(length)) else { return false };
        slot::frame(slot, length);
        rest = after;
    }
    if !rest.is_empty() || digests.len() != lengths.len() {
        return false;
    }
    hash(&mut Queue { blocks: slots.as_chunks().0, lengths, next: 0 }, digests);
    true
}

/// A blob being hashed: its place in the batch, and the blocks still to come.
#[derive(Clone, Copy)]
struct Message<'a> {
    place: usize,
    blocks: &'a [Block],
}

struct Queue<'a> {
    blocks: &'a [Block],
    lengths: &'a [u32],
    next: usize,
}

impl<'a> Queue<'a> {
    fn take(&mut self) -> Option<Message<'a>> {
        let length = *self.lengths.get(self.next)? as usize;
        let (blocks, rest) = self.blocks.split_at_checked(slot::slot_size(length) / size_of::<Block>())?;
        let message = Message { place: self.next, blocks };
        self.blocks = rest;
        self.next += 1;
        Some(message)
    }
}

fn hash(queue: &mut Queue<'_>, digests: &mut [Digest]) {
    let mut states = [START; 4];
    let mut messages = [const { None::<Message<'_>> }; 4];
    loop {
        for (message, state) in messages.iter_mut().zip(&mut states) {
            if message.is_none() {
                *message = queue.take();
                *state = START;
            }
        }
        let Some(spare) = messages.iter().flatten().next().map(|message| message.blocks) else { break };
        let steps = messages.iter().flatten().map(|message| message.blocks.len()).min().unwrap_or(0);
        // A lane without a blob goes along with another one's blocks; its state is not looked at.
        let blocks = messages.map(|message| message.map_or(spare, |message| message.blocks));
        lanes::compress(&mut states, blocks.map(|blocks| blocks.get(..steps).unwrap_or_default()));
        for (slot, state) in messages.iter_mut().zip(&states) {
            let Some(message) = slot else { continue };
            message.blocks = message.blocks.get(steps..).unwrap_or_default();
            if message.blocks.is_empty() {
                set(digests, message.place, state);
                *slot = None;
            }
        }
    }
}

fn set(digests: &mut [Digest], place: usize, state: &[u32; 5]) {
    let Some(digest) = digests.get_mut(place) else { return };
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;
    use sha1::{Digest as _, Sha1};

    use super::*;
    use crate::{content_offset, slot_size};

    fn one(blob: &[u8]) -> Digest {
        let mut sha = Sha1::new();
        sha.update(format!("blob {}\0", blob.len()));
        sha.update(blob);
        sha.finalize().into()
    }

    fn check(blobs: &[Vec<u8>]) {
        let lengths: Vec<u32> = blobs.iter().map(|blob| blob.len() as u32).collect();
        // Whatever lay there before must not show.
        let mut slots = vec![0xaa; blobs.iter().map(|blob| slot_size(blob.len())).sum()];
        let mut at = 0;
        for blob in blobs {
            let start = at + content_offset(blob.len());
            slots[start..start + blob.len()].copy_from_slice(blob);
            at += slot_size(blob.len());
        }
        let expected: Vec<Digest> = blobs.iter().map(|blob| one(blob)).collect();
        let mut digests = vec![[0xaa; 20]; blobs.len()];
        assert!(hash_slots(&mut slots, &lengths, &mut digests), "{lengths:?}");
        assert_eq!(digests, expected, "{lengths:?}");
    }

    fn blob(length: usize) -> Vec<u8> {
        (0..length).map(|place| (place * 31 + length) as u8).collect()
    }

    #[test]
    fn every_length_around_the_edges_of_blocks() {
        check(&[]);
        for length in 0..=200 {
            check(&[blob(length)]);
            check(&[blob(length), blob(200 - length), blob(0)]);
        }
        check(&(0..=200).map(blob).collect::<Vec<_>>());
        check(&(0..=200).rev().map(blob).collect::<Vec<_>>());
        check(&[blob(9_999), blob(0), blob(10_000), blob(1), blob(100_000)]);
    }

    #[test]
    fn slots_of_another_size_are_refused() {
        let refused = |slots: usize, lengths: &[u32], digests: usize| {
            !hash_slots(&mut vec![0; slots], lengths, &mut vec![[0; 20]; digests])
        };
        assert!(refused(64, &[], 0));
        assert!(refused(64, &[64], 1));
        assert!(refused(63, &[1], 1));
        assert!(refused(128, &[1, 1, 1], 3));
        assert!(refused(64, &[1], 2));
    }

    proptest! {
        #[test]
        fn mixed_batches(blobs in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::sample::select(vec![54, 55, 56, 63, 64, 118, 119, 120, 4_096]).prop_map(blob),
            (0_usize..3_000).prop_map(blob),
        ], 0..24)) {
            check(&blobs);
        }
    }
}
