//! SHA-1 that tells bytes made to collide, as a WebAssembly file of its own: only a server takes in objects from anyone, so no page has to load it.
//! JavaScript lays the bytes out in this memory piece by piece; nothing is allocated.
//!
//! What is told is an attack, not two inputs: while it hashes, the `sha1-checked` crate looks for the traces that every known way to make a collision
//! leaves in one of the two (Stevens, "Counter-cryptanalysis", 2013), as git does. The digest is the plain one.
//!
//! Unsafe for the reasons of `crates/lanes`: what JavaScript writes into is a static, and exports have names.

#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

use core::cell::UnsafeCell;

use sha1_checked::{Digest, Sha1};

/// Bytes a piece may have.
const ROOM: usize = 256 * 1024;

/// Memory that JavaScript reads and writes between calls.
struct Shared<T>(UnsafeCell<T>);

// Sound: the instance has one thread, and no reference into the memory outlives a call.
unsafe impl<T> Sync for Shared<T> {}

static PIECE: Shared<[u8; ROOM]> = Shared(UnsafeCell::new([0; ROOM]));
static HASHER: Shared<Option<Sha1>> = Shared(UnsafeCell::new(None));
static DIGEST: Shared<[u8; 21]> = Shared(UnsafeCell::new([0; 21]));

/// Where a piece is laid out.
#[unsafe(no_mangle)]
pub extern "C" fn piece() -> *mut u8 {
    PIECE.0.get().cast()
}

/// Takes in the first `bytes` of the piece; the first piece after an end begins anew. Gives 0 when a piece is never as long.
#[unsafe(no_mangle)]
pub extern "C" fn update(bytes: usize) -> u32 {
    // Sound: no other call runs meanwhile, and JavaScript waits for this one.
    let (piece, hasher) = unsafe { (&*PIECE.0.get(), &mut *HASHER.0.get()) };
    let Some(piece) = piece.get(..bytes) else {
        return 0;
    };
    hasher.get_or_insert_with(plain).update(piece);
    1
}

/// Ends. Gives where the digest is, 20 bytes, and after it a byte: 1 when the bytes show an attack, else 0.
#[unsafe(no_mangle)]
pub extern "C" fn finish() -> *const u8 {
    // Sound: as above.
    let (hasher, digest) = unsafe { (&mut *HASHER.0.get(), &mut *DIGEST.0.get()) };
    let result = hasher.take().unwrap_or_else(plain).try_finalize();
    let [digest @ .., attacked] = digest;
    digest.copy_from_slice(result.hash());
    *attacked = u8::from(result.has_collision());
    digest.as_ptr()
}

/// Gives the digest that collided, not another in its place.
fn plain() -> Sha1 {
    Sha1::builder().safe_hash(false).build()
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
