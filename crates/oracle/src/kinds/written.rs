//! What a file that was in conflict means once somebody has written it: resolved, in part, or not at all.

use jj_lib::backend::{CopyId, MergedTreeValue, MergedTreeValueExt, TreeValue};
use jj_lib::conflicts::{
    choose_materialized_conflict_marker_len, extract_as_single_hunk, materialize_merge_result_to_bytes,
    parse_conflict, resolve_file_executable, update_from_content,
};
use jj_lib::merge::{Merge as JjMerge, SameChange};
use jj_lib::repo_path::RepoPath;
use mesa_core::conflict::{Style as Markers3, parse};
use pollster::FutureExt;

use super::parse::FEWEST_SIDES;
use super::shown::{related_nodes, show_nodes, smaller_nodes};
use crate::damage::{Damage, damaged, less, show_all};
use crate::jj::{self, Both, terms_of};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::same;
use crate::texts::{Style, show};
use crate::world::Node;

/// The usual length of markers, and the one old tools wrote.
const USUAL_LEN: usize = 7;
const OLD_LEN: usize = 6;

/// A rendered conflict, edited and written back.
pub struct Written;

/// The conflict and the edits.
#[derive(Clone)]
pub struct Case {
    nodes: Vec<Option<Node>>,
    style: Markers3,
    damages: Vec<Damage>,
}

impl Kind for Written {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let style = Style::pick(rng);
        Case {
            nodes: related_nodes(rng, &style, false),
            style: *rng.pick(&[Markers3::Snapshot, Markers3::Diff, Markers3::Git]),
            damages: Damage::some(rng, &style),
        }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let (values, terms) = both.values(&case.nodes)?;
        if values.resolve_trivial(SameChange::Accept).is_some() {
            return Ok("never in conflict");
        }
        if values.to_file_merge().is_some_and(|ids| ids.simplify().num_sides() < FEWEST_SIDES) {
            return Ok("of bits only");
        }
        let (text, expected) = written(&both, &values, case).block_on()?;
        let ours = parse(&mut both.pool, &text, &terms).map_err(|stop| format!("{stop:?}"))?;
        let show_terms = |terms: &_| format!("{terms:?}");
        same(&format!("what {} means", show(&text)), &terms_of(&expected)?, &ours, show_terms)?;
        Ok(match (ours == terms, ours.is_resolved()) {
            (true, _) => "kept",
            (_, true) => "resolved",
            _ => "partly resolved",
        })
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller: Vec<Case> =
            less(&case.damages).into_iter().map(|damages| Case { damages, ..case.clone() }).collect();
        smaller.extend(smaller_nodes(&case.nodes).into_iter().map(|nodes| Case { nodes, ..case.clone() }));
        smaller
    }

    fn show(case: &Case) -> String {
        format!("{}\n{:?}, edited by [{}]", show_nodes(&case.nodes), case.style, show_all(&case.damages))
    }
}

/// The text that is written and what jj makes of it, as its working copy asks for it.
async fn written(
    both: &Both,
    values: &MergedTreeValue,
    case: &Case,
) -> Result<(Vec<u8>, MergedTreeValue), String> {
    let fault = |error: jj_lib::backend::BackendError| error.to_string();
    let (Some(ids), Some(bits)) = (values.to_file_merge(), values.to_executable_merge()) else {
        return Err("not all terms are files".to_owned());
    };
    let (store, path) = (&both.store, RepoPath::root());
    let contents = extract_as_single_hunk(&ids.simplify(), store, path).await.map_err(fault)?;
    let text = materialize_merge_result_to_bytes(&contents, &jj::labels(&[]), &jj::materialize(case.style));
    let text = damaged(&text, &case.damages);
    let mut len = choose_materialized_conflict_marker_len(&contents);
    // The one thing jj leaves to its caller: what length to look for. The core looks for old markers too.
    if len == USUAL_LEN && parse_conflict(&text, contents.num_sides(), len).is_none() {
        len = OLD_LEN;
    }
    let new = update_from_content(&ids, store, path, &text, len).await.map_err(fault)?;
    let value = match new.as_resolved() {
        Some(Some(id)) => {
            let executable = resolve_file_executable(&bits).unwrap_or(false);
            JjMerge::normal(TreeValue::File { id: id.clone(), executable, copy_id: CopyId::placeholder() })
        }
        Some(None) => JjMerge::absent(),
        None if new == ids => values.clone(),
        None => values.with_new_file_ids(&new),
    };
    Ok((text, value))
}
