//! What can go wrong, and how a computation says which objects it lacks.

use crate::Oid;
use crate::sort::sort_unique;

/// A fault in outside input. The message names the value, the [`code`](CoreError::code) is for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// A string that is no object id.
    #[error("`{0}` is not an object id: 40 lowercase hexadecimal digits are needed")]
    BadOid(String),
    /// Bytes that are no git tree, or entries no tree may have.
    #[error("malformed tree: {0}")]
    BadTree(String),
    /// Bytes that are no git commit, or fields no commit may have.
    #[error("malformed commit: {0}")]
    BadCommit(String),
    /// A path no file may have.
    #[error("bad path `{path}`: {reason}")]
    BadPath {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file mode git does not store.
    #[error("bad mode {0:o}: 100644, 100755, 120000, 40000 and 160000 are known")]
    BadMode(u32),
    /// An object kind other than blob, tree and commit.
    #[error("bad object kind `{0}`: blob, tree and commit are known")]
    BadKind(String),
    /// A list of terms that is no merge.
    #[error("bad terms: {0}")]
    BadTerms(String),
    /// A change id that is not 32 letters k to z.
    #[error("`{0}` is not a change id: 32 letters from k to z are needed")]
    BadChangeId(String),
    /// A modification time that is not a whole number of milliseconds a double can hold.
    #[error("bad mtime {0}: a finite number of milliseconds is needed")]
    BadTime(String),
    /// A side table that can't be read.
    #[error("malformed side table: {0}")]
    BadSide(String),
    /// An object that is there, but of another kind than its use demands.
    #[error("object {oid} is a {actual}, a {expected} is needed")]
    WrongKind {
        /// The object.
        oid: Oid,
        /// The kind its use demands.
        expected: &'static str,
        /// The kind it has.
        actual: &'static str,
    },
    /// Bytes that do not hash to the id they came with.
    #[error("hash mismatch: the bytes given for {expected} hash to {actual}")]
    HashMismatch {
        /// The id that was claimed.
        expected: Oid,
        /// The id the bytes have.
        actual: Oid,
    },
    /// Directories nested beyond [`MAX_DEPTH`](crate::limits::MAX_DEPTH).
    #[error("tree too deep: directories may nest {} levels", crate::limits::MAX_DEPTH)]
    TooDeep,
    /// Arguments that contradict each other.
    #[error("bad argument: {0}")]
    BadArgument(String),
}

impl CoreError {
    /// The stable name of the fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadOid(_) => "BAD_OID",
            Self::BadTree(_) => "BAD_TREE",
            Self::BadCommit(_) => "BAD_COMMIT",
            Self::BadPath { .. } => "BAD_PATH",
            Self::BadMode(_) => "BAD_MODE",
            Self::BadKind(_) => "BAD_KIND",
            Self::BadTerms(_) => "BAD_TERMS",
            Self::BadChangeId(_) => "BAD_CHANGE_ID",
            Self::BadTime(_) => "BAD_TIME",
            Self::BadSide(_) => "BAD_SIDE",
            Self::WrongKind { .. } => "WRONG_KIND",
            Self::HashMismatch { .. } => "HASH_MISMATCH",
            Self::TooDeep => "TOO_DEEP",
            Self::BadArgument(_) => "BAD_ARGUMENT",
        }
    }
}

/// The result of a computation that needs no objects.
pub type Result<T> = std::result::Result<T, CoreError>;

/// Why a computation over the pool ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// These objects are not in the pool: in order, each once, never none.
    Missing(Vec<Oid>),
    /// The input is at fault.
    Error(CoreError),
}

impl Stop {
    /// One object is missing.
    pub fn missing(oid: Oid) -> Self {
        Self::Missing(vec![oid])
    }
}

impl From<CoreError> for Stop {
    fn from(error: CoreError) -> Self {
        Self::Error(error)
    }
}

/// The result of a computation over the pool.
pub type Answer<T> = std::result::Result<T, Stop>;

/// Gathers what several steps lack, so that one round names everything that can be known in it.
#[derive(Debug, Default)]
pub struct Need {
    missing: Vec<Oid>,
}

impl Need {
    /// Takes a step's value, or notes what it lacks and gives `None`.
    pub fn take<T>(&mut self, answer: Answer<T>) -> Result<Option<T>> {
        match answer {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Missing(missing)) => {
                self.missing.extend(missing);
                Ok(None)
            }
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// Whether nothing is lacking so far.
    pub fn is_met(&self) -> bool {
        self.missing.is_empty()
    }

    /// Ends the round: fails when anything was lacking.
    pub fn finish(mut self) -> Answer<()> {
        sort_unique(&mut self.missing);
        if self.missing.is_empty() { Ok(()) } else { Err(Stop::Missing(self.missing)) }
    }
}
