//! The core for JavaScript: decode the arguments, call, encode the result.
//!
//! Object ids cross as 40 hexadecimal digits, contents as `Uint8Array`, everything else as small plain objects
//! whose TypeScript types are generated from the structs in [`types`].

mod convert;
mod hasher;
mod js;
mod pool;
mod stateless;
mod types;

pub use hasher::*;
pub use pool::ObjectPool;
pub use stateless::*;

/// A third of what the standard library's allocator adds to the file.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
