//! jj-lib, asked the way the core is: its options, a store in memory, and values of both side by side.

mod backend;
mod both;

pub use both::{Both, normal_terms, terms_of};

use jj_lib::conflict_labels::ConflictLabels;
use jj_lib::conflicts::{ConflictMarkerStyle, ConflictMaterializeOptions};
use jj_lib::files::FileMergeHunkLevel;
use jj_lib::merge::SameChange;
use jj_lib::tree_merge::MergeOptions;
use mesa_core::conflict::Style;

/// jj's defaults, which are the core's rules.
pub fn options() -> MergeOptions {
    MergeOptions { hunk_level: FileMergeHunkLevel::Line, same_change: SameChange::Accept }
}

/// Options for rendering in this style.
pub fn materialize(style: Style) -> ConflictMaterializeOptions {
    let marker_style = match style {
        Style::Snapshot => ConflictMarkerStyle::Snapshot,
        Style::Diff => ConflictMarkerStyle::Diff,
        Style::Git => ConflictMarkerStyle::Git,
    };
    ConflictMaterializeOptions { marker_style, marker_len: None, merge: options() }
}

/// Labels of terms; none for an empty list.
pub fn labels(labels: &[String]) -> ConflictLabels {
    ConflictLabels::from_vec(labels.to_vec())
}
