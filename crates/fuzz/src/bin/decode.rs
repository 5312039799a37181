//! Objects, paths and ids as they come from a network or a disk: what can be read is written back the same.

#![no_main]

use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use mesa_core::change_id::{change_id_from_bytes, change_id_to_bytes};
use mesa_core::object::{decode_commit, decode_tree, encode_commit};
use mesa_core::path::{join_path, split_path};
use mesa_core::side::SideDir;
use mesa_core::{Mode, Oid};

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    match kind % 5 {
        0 => tree(data),
        1 => commit(data),
        2 => side(data),
        3 => path(data),
        _ => ids(data),
    }
});

fn tree(data: &[u8]) {
    let Ok(tree) = decode_tree(data) else { return };
    let encoded = tree.encode();
    assert_eq!(decode_tree(&encoded), Ok(tree.clone()));
    for entry in tree.entries() {
        assert_eq!(Mode::from_bits(entry.entry.mode.bits()), Ok(entry.entry.mode));
        assert_eq!(tree.get(&entry.name), Some(entry.entry));
    }
}

fn commit(data: &[u8]) {
    let Ok(commit) = decode_commit(data) else { return };
    // What git and jj allow to be read may be more than may be written: labels that fit no terms, say.
    let Ok(encoded) = encode_commit(&commit) else { return };
    let again = decode_commit(&encoded).expect("what was written can be read");
    assert_eq!(encode_commit(&again), Ok(encoded));
}

fn side(data: &[u8]) {
    let Some((len, data)) = data.split_first() else { return };
    let (table, data) = data.split_at(usize::from(*len).min(data.len()));
    let Ok(side) = SideDir::decode(data, |_| Ok(Rc::from(table))) else { return };
    let table: Rc<[u8]> = side.encode_table().unwrap_or_default().into();
    let oid = side.encode_table().map(|_| Oid::EMPTY_TREE);
    assert_eq!(SideDir::decode(&side.encode(oid), |_| Ok(table.clone())), Ok(side));
}

fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(names) = split_path(text) {
        assert_eq!(join_path(&names), text);
    }
}

fn ids(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(oid) = Oid::from_hex(text) {
            assert_eq!(oid.to_hex(), text);
        }
        if let Ok(bytes) = change_id_to_bytes(text) {
            assert_eq!(change_id_from_bytes(&bytes).as_deref(), Ok(text));
        }
    }
    if let Ok(id) = change_id_from_bytes(data) {
        assert_eq!(change_id_to_bytes(&id).as_ref().map(|bytes| &bytes[..]), Ok(data));
    }
}
