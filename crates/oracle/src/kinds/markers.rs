//! Conflicts as text in the three styles, and read back.

use jj_lib::conflicts::{materialize_merge_result_to_bytes, parse_conflict};
use mesa_core::conflict::{Style as Markers3, marker_eol, marker_len, parse_conflicts, render_hunks};
use mesa_core::text::{Merged, merge_texts};

use super::merge::{show_hunks, show_terms};
use crate::jj;
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{both, fewer_terms, jj_hunks, our_hunks, same, shorter_texts};
use crate::texts::{Style, labels, show, term_count};

/// Texts that come from one, rendered as a conflict.
pub struct Markers;

/// Terms and their labels.
#[derive(Clone)]
pub struct Case {
    /// The texts.
    pub terms: Vec<Vec<u8>>,
    /// A label for each of them, or none.
    pub labels: Vec<String>,
}

impl Kind for Markers {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let (style, count) = (Style::pick(rng), term_count(rng));
        Case { terms: style.related(rng, count), labels: labels(rng, count) }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let (jj, ours) = both(&case.terms)?;
        let Merged::Conflict(hunks) = merge_texts(&ours) else { return Ok("without conflict") };
        let (len, eol) = (marker_len(&ours), marker_eol(&ours));
        for style in [Markers3::Snapshot, Markers3::Diff, Markers3::Git] {
            let jj_text =
                materialize_merge_result_to_bytes(&jj, &jj::labels(&case.labels), &jj::materialize(style));
            let text = render_hunks(hunks.clone(), style, len, &case.labels, eol);
            same(&format!("{style:?} text"), &jj_text.to_vec(), &text, |text| show(text))?;
            let jj_read = parse_conflict(&text, jj.num_sides(), len).map(|hunks| jj_hunks(&hunks));
            let read = parse_conflicts(&text, ours.num_sides(), len).map(|hunks| our_hunks(&hunks));
            let show_read = |read: &Option<_>| read.as_ref().map_or("no conflict".to_owned(), show_hunks);
            same(&format!("{style:?} text read back"), &jj_read, &read, show_read)?;
        }
        Ok("rendered and read back")
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller = Vec::new();
        if !case.labels.is_empty() {
            smaller.push(Case { labels: Vec::new(), ..case.clone() });
        }
        let with = |(terms, labels)| Case { terms, labels };
        smaller.extend(fewer_terms(&case.terms).into_iter().zip(fewer_labels(case)).map(with));
        smaller
            .extend(shorter_texts(&case.terms).into_iter().map(|terms| with((terms, case.labels.clone()))));
        smaller
    }

    fn show(case: &Case) -> String {
        format!("{}\nlabels {:?}", show_terms(&case.terms), case.labels)
    }
}

fn fewer_labels(case: &Case) -> Vec<Vec<String>> {
    if case.labels.is_empty() { vec![Vec::new(); case.terms.len()] } else { fewer_terms(&case.labels) }
}
