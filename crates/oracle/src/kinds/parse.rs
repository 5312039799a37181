//! Reading conflicts out of text that people have edited.

use jj_lib::conflicts::parse_conflict;
use mesa_core::conflict::{Style as Markers3, marker_eol, marker_len, parse_conflicts, render_hunks};
use mesa_core::text::{Merged, merge_texts};

use super::merge::{show_hunks, show_terms};
use crate::damage::{Damage, damaged, less, show_all};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{both, fewer_terms, jj_hunks, our_hunks, same, shorter_texts};
use crate::texts::{Style, show, term_count};

/// With one side there is no conflict to look for. Asked all the same, jj reads a conflict that is cut short as
/// empty text, and so drops it; the core leaves it as it is.
pub const FEWEST_SIDES: usize = 2;

/// A rendered conflict, damaged.
pub struct Parse;

/// The conflict and the damage.
#[derive(Clone)]
pub struct Case {
    terms: Vec<Vec<u8>>,
    style: Markers3,
    damages: Vec<Damage>,
    /// Added to the length of markers and the number of sides that are looked for.
    off: (usize, usize),
}

impl Kind for Parse {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let (style, count) = (Style::pick(rng), term_count(rng));
        Case {
            terms: style.related(rng, count),
            style: *rng.pick(&[Markers3::Snapshot, Markers3::Diff, Markers3::Git]),
            damages: Damage::some(rng, &style),
            off: (*rng.pick(&[1, 1, 1, 0, 2]), *rng.pick(&[1, 1, 1, 1, 0, 2])),
        }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let (_, ours) = both(&case.terms)?;
        let (len, eol) = (marker_len(&ours), marker_eol(&ours));
        let text = match merge_texts(&ours) {
            Merged::Conflict(hunks) => render_hunks(hunks, case.style, len, &[], eol),
            Merged::Resolved(text) => text,
        };
        let text = damaged(&text, &case.damages);
        let (sides, len) = ((ours.num_sides() + case.off.1 - 1).max(FEWEST_SIDES), len + case.off.0 - 1);
        let jj = parse_conflict(&text, sides, len).map(|hunks| jj_hunks(&hunks));
        let read = parse_conflicts(&text, sides, len).map(|hunks| our_hunks(&hunks));
        same(&format!("what {} means", show(&text)), &jj, &read, |read| {
            read.as_ref().map_or("no conflict".to_owned(), show_hunks)
        })?;
        Ok(if read.is_some() { "with conflicts" } else { "plain" })
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller: Vec<Case> =
            less(&case.damages).into_iter().map(|damages| Case { damages, ..case.clone() }).collect();
        if case.off != (1, 1) {
            smaller.push(Case { off: (1, 1), ..case.clone() });
        }
        let terms = [fewer_terms(&case.terms), shorter_texts(&case.terms)].concat();
        smaller.extend(terms.into_iter().map(|terms| Case { terms, ..case.clone() }));
        smaller
    }

    fn show(case: &Case) -> String {
        let off = (case.off.0 as isize - 1, case.off.1 as isize - 1);
        let damages = show_all(&case.damages);
        format!(
            "{}\n{:?}, damaged by [{damages}], length and sides off by {off:?}",
            show_terms(&case.terms),
            case.style
        )
    }
}
