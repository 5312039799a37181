//! Ids of blobs that come in pieces.

use mesa_core as core;
use wasm_bindgen::prelude::*;

use crate::convert::throw;

/// The id of a blob that comes in pieces: nothing is kept but the state of the hash.
#[wasm_bindgen]
pub struct BlobHasher {
    hasher: core::hash::BlobHasher,
}

#[wasm_bindgen]
impl BlobHasher {
    /// Begins a blob of this many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(size: f64) -> Result<Self, JsValue> {
        if size.fract() != 0.0 || !(0.0..=9_007_199_254_740_991.0).contains(&size) {
            return Err(throw(core::CoreError::BadArgument(
                "a blob's size is a whole number of bytes".to_owned(),
            )));
        }
        Ok(Self { hasher: core::hash::BlobHasher::new(size as u64) })
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) -> Result<(), JsValue> {
        self.hasher.update(piece).map_err(throw)
    }

    /// Gives the id; throws `BAD_ARGUMENT` when the pieces don't have the size said.
    pub fn finish(self) -> Result<String, JsValue> {
        self.hasher.finish().map(core::Oid::to_hex).map_err(throw)
    }
}

/// Makes the next call begin with a fresh instance: after a trap, what this one holds can't be trusted. Arguments of that call are laid out before
/// the fresh instance is there, so it has to be one without.
#[wasm_bindgen]
pub fn restart() {
    wasm_bindgen::handler::schedule_reinit();
}
