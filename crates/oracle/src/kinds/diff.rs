//! What differs between two versions, either of which may be in conflict.

use std::collections::BTreeMap;

use futures::StreamExt;
use jj_lib::matchers::EverythingMatcher;
use mesa_core::Terms;
use mesa_core::tree::diff_trees;
use pollster::FutureExt;

use super::trees::{Case, drop_below, hidden_dirs, merge_both, same_paths};
use crate::jj::{Both, normal_terms};
use crate::rng::Rng;
use crate::run::Kind;

/// The first versions as they are, against all of them merged.
pub struct Diffs;

impl Kind for Diffs {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        Case { last: None, ..Case::generate(rng) }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let groups = case.groups.iter().map(|group| both.merged(group)).collect::<Result<Vec<_>, _>>()?;
        let Some((jj_before, before)) = groups.first().cloned() else { return Ok("empty") };
        let (jj_after, after) = merge_both(&mut both, groups)?;
        let ours = diff_trees(&mut both.pool, &before, &after).map_err(|stop| format!("{stop:?}"))?;
        let mut ours: BTreeMap<String, (Terms, Terms)> =
            ours.into_iter().map(|changed| (changed.path, (changed.before, changed.after))).collect();
        let stream = jj_before.diff_stream(&jj_after, &EverythingMatcher);
        let mut theirs = BTreeMap::new();
        for entry in stream.collect::<Vec<_>>().block_on() {
            let values = entry.values.map_err(|error| error.to_string())?;
            let pair = (normal_terms(&values.before)?, normal_terms(&values.after)?);
            // jj compares terms as they are, so those that simplify to the same show up as a change of nothing.
            if pair.0 == pair.1 {
                continue;
            }
            theirs.insert(entry.path.as_internal_file_string().to_owned(), pair);
        }
        let (befores, afters): (Vec<_>, Vec<_>) =
            theirs.iter().map(|(path, (before, after))| ((path, before), (path, after))).unzip();
        let hidden = hidden_dirs(befores.into_iter().chain(afters));
        drop_below(&hidden, &mut theirs);
        drop_below(&hidden, &mut ours);
        same_paths("changes", &theirs, &ours)?;
        Ok(match (ours.is_empty(), ours.values().any(|(_, after)| !after.is_resolved())) {
            (true, _) => "without change",
            (_, true) => "changed, in conflict",
            _ => "changed",
        })
    }

    fn smaller(case: &Case) -> Vec<Case> {
        case.smaller()
    }

    fn show(case: &Case) -> String {
        case.show()
    }
}
