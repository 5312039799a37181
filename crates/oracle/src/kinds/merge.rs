//! Merging texts by lines.

use jj_lib::conflicts::choose_materialized_conflict_marker_len;
use jj_lib::files::{MergeResult, merge_hunks};
use mesa_core::conflict::marker_len;
use mesa_core::text::{Merged, merge_texts};

use crate::jj;
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{both, fewer_terms, jj_hunks, our_hunks, same, shorter_texts};
use crate::texts::{Style, show, term_count};

/// Texts that come from one, merged.
pub struct FileMerge;

impl Kind for FileMerge {
    type Case = Vec<Vec<u8>>;

    fn generate(rng: &mut Rng) -> Self::Case {
        let (style, count) = (Style::pick(rng), term_count(rng));
        style.related(rng, count)
    }

    fn check(case: &Self::Case) -> Result<&'static str, String> {
        let (jj, ours) = both(case)?;
        same(
            "marker length",
            &choose_materialized_conflict_marker_len(&jj),
            &marker_len(&ours),
            usize::to_string,
        )?;
        match (merge_hunks(&jj, &jj::options()), merge_texts(&ours)) {
            (MergeResult::Resolved(jj), Merged::Resolved(ours)) => {
                same("text", &jj.to_vec(), &ours, |text| show(text))?;
                Ok("resolved")
            }
            (MergeResult::Conflict(jj), Merged::Conflict(ours)) => {
                same("hunks", &jj_hunks(&jj), &our_hunks(&ours), show_hunks)?;
                Ok("in conflict")
            }
            (MergeResult::Resolved(jj), Merged::Conflict(ours)) => {
                Err(format!("jj resolves it\njj:   {}\nours: {}", show(&jj), show_hunks(&our_hunks(&ours))))
            }
            (MergeResult::Conflict(jj), Merged::Resolved(ours)) => {
                Err(format!("jj conflicts\njj:   {}\nours: {}", show_hunks(&jj_hunks(&jj)), show(&ours)))
            }
        }
    }

    fn smaller(case: &Self::Case) -> Vec<Self::Case> {
        [fewer_terms(case), shorter_texts(case)].concat()
    }

    fn show(case: &Self::Case) -> String {
        show_terms(case)
    }
}

/// Terms, one a line.
pub fn show_terms(terms: &[Vec<u8>]) -> String {
    let term = |(place, text): (usize, &Vec<u8>)| {
        format!("{} {}", if place % 2 == 0 { '+' } else { '-' }, show(text))
    };
    terms.iter().enumerate().map(term).collect::<Vec<_>>().join("\n")
}

/// Hunks as plain lists.
pub type Hunks = Vec<Vec<Vec<u8>>>;

/// Hunks, each as the list of its terms.
pub fn show_hunks(hunks: &Hunks) -> String {
    let hunk = |hunk: &Vec<Vec<u8>>| {
        format!("[{}]", hunk.iter().map(|text| show(text)).collect::<Vec<_>>().join(", "))
    };
    hunks.iter().map(hunk).collect::<Vec<_>>().join(" ")
}
