//! Batches of blob ids as a WebAssembly file of its own, with vectors: small enough to travel inside the JavaScript, so that an engine without
//! vectors has nothing to fetch. JavaScript lays blobs and their lengths out in this memory, which is all there is: nothing is allocated.
//!
//! Unsafe code only here and in `crates/checked`: what JavaScript writes into is a static, and exports have names.

#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

use core::cell::UnsafeCell;

use mesa_hash::{Digest, hash_slots};

/// Bytes a batch's slots may have together: little enough for the processor's cache.
const SLOTS: usize = 256 * 1024;
/// Blobs a batch may have: as many as the smallest slots are.
const BLOBS: usize = SLOTS / 64;

/// Memory that JavaScript reads and writes between calls.
struct Shared<T>(UnsafeCell<T>);

// Sound: the instance has one thread, and no reference into the memory outlives a call.
unsafe impl<T> Sync for Shared<T> {}

static BLOB_SLOTS: Shared<[u8; SLOTS]> = Shared(UnsafeCell::new([0; SLOTS]));
static LENGTHS: Shared<[u32; BLOBS]> = Shared(UnsafeCell::new([0; BLOBS]));
static DIGESTS: Shared<[Digest; BLOBS]> = Shared(UnsafeCell::new([[0; 20]; BLOBS]));
static DIGITS: Shared<[[u8; 40]; BLOBS]> = Shared(UnsafeCell::new([[0; 40]; BLOBS]));

/// Where the slots are laid out, end to end; see `mesa_hash` for what a slot is.
#[unsafe(no_mangle)]
pub extern "C" fn slots() -> *mut u8 {
    BLOB_SLOTS.0.get().cast()
}

/// Where the blobs' lengths are put.
#[unsafe(no_mangle)]
pub extern "C" fn lengths() -> *mut u32 {
    LENGTHS.0.get().cast()
}

/// Hashes as many blobs, whose slots have `bytes` together. Gives where their ids are, 40 hexadecimal digits each; null when the slots are not as
/// long as the lengths say.
#[unsafe(no_mangle)]
pub extern "C" fn hash(blobs: usize, bytes: usize) -> *const u8 {
    // Sound: no other call runs meanwhile, and JavaScript waits for this one.
    let (slots, lengths, digests, digits) =
        unsafe { (&mut *BLOB_SLOTS.0.get(), &*LENGTHS.0.get(), &mut *DIGESTS.0.get(), &mut *DIGITS.0.get()) };
    let (Some(slots), Some(lengths), Some(digests)) =
        (slots.get_mut(..bytes), lengths.get(..blobs), digests.get_mut(..blobs))
    else {
        return core::ptr::null();
    };
    if !hash_slots(slots, lengths, digests) {
        return core::ptr::null();
    }
    for (digits, digest) in digits.iter_mut().zip(digests) {
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
            *pair = [digit(*byte >> 4), digit(*byte & 15)];
        }
    }
    digits.as_ptr().cast()
}

fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
