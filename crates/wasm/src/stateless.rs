//! The functions that need nothing but their arguments.

use mesa_core as core;
use wasm_bindgen::prelude::*;

use crate::convert::*;
use crate::js::ToJs;
use crate::types::{Commit, Entry, TreeEntry};

/// Gives the id of an object of this kind with these bytes.
#[wasm_bindgen(js_name = hashObject)]
pub fn hash_object(
    #[wasm_bindgen(js_name = kind, unchecked_param_type = "ObjectKind")] object_kind: &str,
    bytes: &[u8],
) -> Result<String, JsValue> {
    Ok(core::hash::hash_object(kind(object_kind)?, bytes).to_hex())
}

/// Decodes a tree; entries come in the order of their names' bytes.
#[wasm_bindgen(js_name = decodeTree, unchecked_return_type = "TreeEntry[]")]
pub fn decode_tree(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let tree = core::object::decode_tree(bytes).map_err(throw)?;
    let out = |entry: &core::TreeEntry| TreeEntry {
        name: name_out(&entry.name),
        oid: entry.entry.oid.to_hex(),
        mode: entry.entry.mode.bits(),
    };
    Ok(map(tree.entries(), out).to_js())
}

/// Encodes a tree from entries in any order.
#[wasm_bindgen(js_name = encodeTree)]
pub fn encode_tree(
    #[wasm_bindgen(unchecked_param_type = "TreeEntry[]")] entries: JsValue,
) -> Result<Vec<u8>, JsValue> {
    let entries: Vec<TreeEntry> = decode(entries, "entries")?;
    let entries = try_map(&entries, |TreeEntry { name, oid, mode }| {
        Ok(core::TreeEntry {
            name: name.as_bytes().into(),
            entry: entry(&Entry { oid: oid.clone(), mode: *mode })?,
        })
    });
    let tree = entries.and_then(core::Tree::new);
    Ok(tree.map_err(throw)?.encode())
}

/// Decodes a commit.
#[wasm_bindgen(js_name = decodeCommit, unchecked_return_type = "Commit")]
pub fn decode_commit(bytes: &[u8]) -> Result<JsValue, JsValue> {
    Ok(commit_out(core::object::decode_commit(bytes).map_err(throw)?).to_js())
}

/// Encodes a commit.
#[wasm_bindgen(js_name = encodeCommit)]
pub fn encode_commit(
    #[wasm_bindgen(js_name = commit, unchecked_param_type = "Commit")] value: JsValue,
) -> Result<Vec<u8>, JsValue> {
    let decoded: Commit = decode(value, "commit")?;
    commit(decoded).and_then(|commit| core::object::encode_commit(&commit)).map_err(throw)
}

/// Writes 16 bytes as the 32 letters of a change id.
#[wasm_bindgen(js_name = changeIdFromBytes)]
pub fn change_id_from_bytes(bytes: &[u8]) -> Result<String, JsValue> {
    core::change_id::change_id_from_bytes(bytes).map_err(throw)
}

/// Reads the 16 bytes of a change id.
#[wasm_bindgen(js_name = changeIdToBytes)]
pub fn change_id_to_bytes(id: &str) -> Result<Vec<u8>, JsValue> {
    core::change_id::change_id_to_bytes(id).map(Vec::from).map_err(throw)
}

/// Gives the hunks by which two texts differ, with this many lines of context.
#[wasm_bindgen(js_name = diffText, unchecked_return_type = "TextHunk[]")]
pub fn diff_text(
    before: &[u8],
    after: &[u8],
    #[wasm_bindgen(js_name = contextLines)] context_lines: u32,
) -> Result<JsValue, JsValue> {
    let hunks = core::patch::diff_text(before, after, context_lines as usize);
    Ok(map(&hunks, |hunk| hunk_out(hunk)).to_js())
}

/// Gives the text that texts merge to, `+ − + …`; nothing where they conflict.
#[wasm_bindgen(js_name = mergeTexts)]
pub fn merge_texts(
    #[wasm_bindgen(js_name = terms)] texts: Vec<js_sys::Uint8Array>,
) -> Result<Option<Vec<u8>>, JsValue> {
    let terms = core::Merge::new(map(&texts, js_sys::Uint8Array::to_vec)).map_err(throw)?;
    Ok(match core::text::merge_texts(&terms) {
        core::text::Merged::Resolved(text) => Some(text),
        core::text::Merged::Conflict(_) => None,
    })
}

/// Whether a NUL byte in the first 8,000 tells that this is no text.
#[wasm_bindgen(js_name = isBinary)]
pub fn is_binary(bytes: &[u8]) -> bool {
    core::text::is_binary(bytes)
}

/// Gives the version of the core.
#[wasm_bindgen(js_name = coreVersion)]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Gives the bytes of memory the instance has taken; it never gives any back.
#[wasm_bindgen(js_name = memoryBytes)]
pub fn memory_bytes() -> f64 {
    #[cfg(target_arch = "wasm32")]
    let pages = std::arch::wasm32::memory_size::<0>();
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    pages as f64 * 65_536.0
}
