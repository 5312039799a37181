//! Limits on outside input, so that hostile objects end in an error and not in an exhausted stack or heap.

/// Deepest directory nesting any computation walks into.
pub const MAX_DEPTH: usize = 1_000;

/// Most terms a merge may have: far beyond what racing writers make, low enough that quadratic passes stay cheap.
pub const MAX_TERMS: usize = 1_001;

/// A blob above this size is never merged by lines; its terms are kept instead.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// How far into a blob a NUL byte makes it binary, as git and jj look.
pub const BINARY_PROBE_BYTES: usize = 8_000;
