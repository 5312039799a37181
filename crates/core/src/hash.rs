//! Hashing of git objects, one at a time or many blobs in a single call.

use sha1::{Digest, Sha1};

use crate::{CoreError, Kind, Oid, Result};

/// The id of an object of this kind with these bytes.
pub fn hash_object(kind: Kind, bytes: &[u8]) -> Oid {
    let mut header = Vec::with_capacity(28);
    header.extend_from_slice(kind.as_str().as_bytes());
    header.push(b' ');
    header.extend_from_slice(bytes.len().to_string().as_bytes());
    header.push(0);
    let mut sha = Sha1::new();
    sha.update(&header);
    sha.update(bytes);
    Oid::from_bytes(sha.finalize().into())
}

/// The ids of blobs that lie end to end in `bytes`, 20 bytes each: one call for a whole directory of files.
pub fn hash_blobs(mut bytes: &[u8], lengths: &[u32]) -> Result<Vec<u8>> {
    let mut ids = Vec::with_capacity(lengths.len().saturating_mul(20));
    for length in lengths {
        let Some((blob, rest)) = bytes.split_at_checked(*length as usize) else {
            return Err(CoreError::BadArgument("the lengths add up to more than the bytes given".to_owned()));
        };
        ids.extend_from_slice(hash_object(Kind::Blob, blob).as_bytes());
        bytes = rest;
    }
    if !bytes.is_empty() {
        return Err(CoreError::BadArgument("the lengths add up to less than the bytes given".to_owned()));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_gits() {
        let id = |kind, bytes: &[u8]| hash_object(kind, bytes).to_hex();
        assert_eq!(id(Kind::Blob, b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(id(Kind::Blob, b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(hash_object(Kind::Tree, b""), Oid::EMPTY_TREE);
    }

    #[test]
    fn a_batch_equals_single_calls() {
        let ids = hash_blobs(b"hello\nab", &[6, 0, 2]);
        let expected: Vec<u8> = [&b"hello\n"[..], b"", b"ab"]
            .iter()
            .flat_map(|b| *hash_object(Kind::Blob, b).as_bytes())
            .collect();
        assert_eq!(ids, Ok(expected));
        assert_eq!(hash_blobs(b"ab", &[3]).map_err(|e| e.code()), Err("BAD_ARGUMENT"));
        assert_eq!(hash_blobs(b"ab", &[1]).map_err(|e| e.code()), Err("BAD_ARGUMENT"));
    }
}
