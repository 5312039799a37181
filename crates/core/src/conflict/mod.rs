//! Conflicts as text: rendering terms with markers, reading such text back, and what a written file resolves.

mod describe;
mod file;
mod labels;
mod markers;
mod parse;
mod render;
#[cfg(test)]
mod tests;

pub use describe::describe;
pub use file::{ConflictHunk, ConflictHunks, Rendered, conflict_hunks, parse, render};
pub use labels::simplify_labels;
pub use markers::{marker_eol, marker_len};
pub use parse::parse_conflicts;
pub use render::{Style, render_hunks};
