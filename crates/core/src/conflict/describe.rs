//! The placeholder a conflict of different kinds of things reads as.

use crate::{Entry, Mode, Terms};

/// One line for each term, bases first.
pub fn describe(terms: &Terms, labels: &[String]) -> String {
    let mut text = String::from("Conflict:\n");
    for (first, verb) in [(1, "Removing"), (0, "Adding")] {
        for (place, term) in terms.iter().enumerate().skip(first).step_by(2) {
            let Some(Entry { oid, mode }) = term else { continue };
            let kind = match mode {
                Mode::File => "file",
                Mode::Executable => "executable file",
                Mode::Symlink => "symlink",
                Mode::Tree => "tree",
                Mode::Submodule => "Git submodule",
            };
            text.push_str(&format!("  {verb} {kind} with id {oid}"));
            if let Some(label) = labels.get(place).filter(|label| !label.is_empty()) {
                text.push_str(&format!(" ({label})"));
            }
            text.push('\n');
        }
    }
    text
}
