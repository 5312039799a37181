//! The kinds of questions asked to both.

mod algebra;
pub mod binary;
mod diff;
mod edits;
mod labels;
mod markers;
mod merge;
pub mod parse;
mod shown;
pub mod trees;
mod words;
mod written;

pub use markers::{Case as MarkersCase, Markers};
pub use merge::FileMerge;

use crate::args::Args;
use crate::run::{Report, run};

/// A kind by name.
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Its part of all cases, in hundredths.
    share: u64,
    /// Runs cases of it.
    pub run: fn(&'static str, u64, u64) -> Report,
}

/// All kinds, the quick ones first.
pub const ALL: [Named; 12] = [
    Named { name: "algebra", share: 10, run: run::<algebra::Algebra> },
    Named { name: "merge", share: 22, run: run::<merge::FileMerge> },
    Named { name: "words", share: 4, run: run::<words::Words> },
    Named { name: "markers", share: 20, run: run::<markers::Markers> },
    Named { name: "parse", share: 14, run: run::<parse::Parse> },
    Named { name: "shown", share: 5, run: run::<shown::Shown> },
    Named { name: "written", share: 8, run: run::<written::Written> },
    Named { name: "trees", share: 8, run: run::<trees::Trees> },
    Named { name: "labels", share: 2, run: run::<labels::Labels> },
    Named { name: "edits", share: 2, run: run::<edits::Edits> },
    Named { name: "diff", share: 4, run: run::<diff::Diffs> },
    Named { name: "binary", share: 1, run: run::<binary::Binary> },
];

/// Which kinds to run, and how many cases of each.
pub fn plan(args: &Args) -> Vec<(&'static Named, u64)> {
    match &args.kind {
        Some(name) => ALL.iter().filter(|kind| kind.name == name).map(|kind| (kind, args.cases)).collect(),
        None => ALL.iter().map(|kind| (kind, (args.cases * kind.share / 100).max(1))).collect(),
    }
}
