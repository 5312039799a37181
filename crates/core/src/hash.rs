//! Hashing of git objects: whole, or a large blob piece by piece. Batches of small blobs are in `mesa-hash`.

use sha1::{Digest, Sha1};

use crate::{CoreError, Kind, Oid, Result};

/// The id of an object of this kind with these bytes.
pub fn hash_object(kind: Kind, bytes: &[u8]) -> Oid {
    let mut sha = begin(kind, bytes.len() as u64);
    sha.update(bytes);
    Oid::from_bytes(sha.finalize().into())
}

fn begin(kind: Kind, size: u64) -> Sha1 {
    let mut header = Vec::with_capacity(28);
    header.extend_from_slice(kind.as_str().as_bytes());
    header.push(b' ');
    header.extend_from_slice(size.to_string().as_bytes());
    header.push(0);
    let mut sha = Sha1::new();
    sha.update(&header);
    sha
}

/// The id of a blob that comes in pieces. Git hashes the size first, so that it has to be known.
#[derive(Clone)]
pub struct BlobHasher {
    sha: Sha1,
    /// Bytes still to come.
    left: u64,
}

impl BlobHasher {
    /// A hasher of a blob of this many bytes.
    pub fn new(size: u64) -> Self {
        Self { sha: begin(Kind::Blob, size), left: size }
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) -> Result<()> {
        let Some(left) = self.left.checked_sub(piece.len() as u64) else {
            return Err(CoreError::BadArgument(
                "the pieces are longer than the blob was said to be".to_owned(),
            ));
        };
        self.left = left;
        self.sha.update(piece);
        Ok(())
    }

    /// Gives the id once all pieces are there.
    pub fn finish(self) -> Result<Oid> {
        if self.left > 0 {
            return Err(CoreError::BadArgument(
                "the pieces are shorter than the blob was said to be".to_owned(),
            ));
        }
        Ok(Oid::from_bytes(self.sha.finalize().into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_gits() {
        let id = |kind, bytes: &[u8]| hash_object(kind, bytes).to_hex();
        assert_eq!(id(Kind::Blob, b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(id(Kind::Blob, b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(hash_object(Kind::Tree, b""), Oid::EMPTY_TREE);
    }

    #[test]
    fn a_blob_of_another_size_than_said_is_refused() {
        let mut short = BlobHasher::new(3);
        assert_eq!(short.update(b"ab"), Ok(()));
        assert_eq!(short.clone().finish().map_err(|e| e.code()), Err("BAD_ARGUMENT"));
        assert_eq!(short.update(b"cd").map_err(|e| e.code()), Err("BAD_ARGUMENT"));
        // What did not fit was not taken in.
        assert_eq!(short.update(b"c"), Ok(()));
        assert_eq!(short.finish(), Ok(hash_object(Kind::Blob, b"abc")));
    }

    proptest! {
        #[test]
        fn pieces_hash_to_the_whole(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..130), 0..6)) {
            let whole = pieces.concat();
            let mut hasher = BlobHasher::new(whole.len() as u64);
            for piece in &pieces {
                prop_assert_eq!(hasher.update(piece), Ok(()));
            }
            prop_assert_eq!(hasher.finish(), Ok(hash_object(Kind::Blob, &whole)));
        }
    }
}
