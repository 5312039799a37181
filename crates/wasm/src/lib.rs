//! The core for JavaScript: decode the arguments, call, encode the result.
//!
//! Object ids cross as 40 hexadecimal digits, contents as `Uint8Array`, everything else as small plain objects
//! whose TypeScript types are generated from the structs in [`types`].

mod convert;
mod js;
mod pool;
mod stateless;
mod types;

pub use pool::ObjectPool;
pub use stateless::*;
