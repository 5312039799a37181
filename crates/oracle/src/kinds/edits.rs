//! Edits of a version, one after the other: what `apply` makes of them, and jj's own builder of merged trees.

use jj_lib::backend::TreeValue;
use jj_lib::merge::Merge as JjMerge;
use jj_lib::merged_tree::MergedTree;
use jj_lib::merged_tree_builder::MergedTreeBuilder;
use jj_lib::repo_path::RepoPathBuf;
use mesa_core::apply::{Edit, Outcome, apply};
use mesa_core::tree::{Found, find};
use mesa_core::{Merge, Oid};
use pollster::FutureExt;

use super::shown::show_nodes;
use super::trees::{Case as Versions, merge_both, same_trees};
use crate::jj::Both;
use crate::minimise::without_runs;
use crate::rng::Rng;
use crate::run::Kind;
use crate::world::{Node, Theme};

/// Versions merged, and edits of what comes out.
pub struct Edits;

/// The versions and the edits: at a path, the terms it is to have.
#[derive(Clone)]
pub struct Case {
    versions: Versions,
    edits: Vec<(String, Vec<Option<Node>>)>,
}

impl Kind for Edits {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let mut versions = Versions::generate(rng);
        versions.last = None;
        let theme = Theme::pick(rng);
        let known: Vec<String> =
            versions.groups.iter().flatten().flat_map(|files| files.keys().cloned()).collect();
        let edits = (0..1 + rng.below(4)).map(|_| {
            let path =
                if known.is_empty() || rng.one_in(4) { theme.path(rng) } else { rng.pick(&known).clone() };
            let count = *rng.pick(&[1, 1, 1, 3, 3, 5, 7]);
            let nodes = (0..count).map(|_| (!rng.one_in(4)).then(|| theme.node(rng)));
            (path, nodes.map(|node| node.filter(|node| *node != Node::EmptyDir)).collect())
        });
        Case { edits: edits.collect(), versions }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let groups =
            case.versions.groups.iter().map(|group| both.merged(group)).collect::<Result<Vec<_>, _>>()?;
        let (mut jj, mut ours) = merge_both(&mut both, groups)?;
        let mut answer = "nothing to edit";
        for (number, (path, nodes)) in case.edits.iter().enumerate() {
            let Some(edited) = edit_both(&mut both, (&jj, &ours), path, nodes)? else { continue };
            answer = if edited.1.is_resolved() { "resolved" } else { "in conflict" };
            same_trees(&mut both, &edited.0, &edited.1)
                .map_err(|fault| format!("after edit {number}, {fault}"))?;
            (jj, ours) = edited;
        }
        Ok(answer)
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller: Vec<Case> =
            without_runs(&case.edits).into_iter().map(|edits| Case { edits, ..case.clone() }).collect();
        smaller.extend(case.versions.smaller().into_iter().map(|versions| Case { versions, ..case.clone() }));
        smaller
    }

    fn show(case: &Case) -> String {
        let edits =
            case.edits.iter().map(|(path, nodes)| format!("{path:?} becomes\n{}\n", show_nodes(nodes)));
        format!("{}{}", case.versions.show(), edits.collect::<String>())
    }
}

/// Makes one edit with both; `None` where it changes nothing, or something that is no directory is in the way, if only in terms that cancel out: jj leaves that to its
/// callers.
fn edit_both(
    both: &mut Both,
    (jj, ours): (&MergedTree, &Merge<Oid>),
    path: &str,
    nodes: &[Option<Node>],
) -> Result<Option<(MergedTree, Merge<Oid>)>, String> {
    let stop = |stop| format!("{stop:?}");
    let names = mesa_core::path::split_path(path).map_err(|error| error.to_string())?;
    let Found::Terms(was) = find(&mut both.pool, ours, &names).map_err(stop)? else { return Ok(None) };
    for tree in jj.tree_ids().iter() {
        // Each term on its own: merged, what cancels out would not be seen.
        let term = MergedTree::resolved(both.store.clone(), tree.clone());
        for (end, _) in path.match_indices('/') {
            let above = RepoPathBuf::from_internal_string(&path[..end]).map_err(|error| error.to_string())?;
            let above = term.path_value(&above).block_on().map_err(|error| error.to_string())?;
            if above.iter().flatten().any(|value| !matches!(value, TreeValue::Tree(_))) {
                return Ok(None);
            }
        }
    }
    let (values, entry) = both.values(nodes)?;
    // jj wants as many sides as the trees have, or one.
    let mut values = match values.resolve_trivial(jj_lib::merge::SameChange::Accept) {
        Some(value) => JjMerge::resolved(value.clone()),
        None => values.simplify(),
    };
    if !values.is_resolved() {
        values.pad_to(jj.tree_ids().num_sides(), &None);
    }
    let mut builder = MergedTreeBuilder::new(jj.clone());
    builder
        .set_or_remove(RepoPathBuf::from_internal_string(path).map_err(|error| error.to_string())?, values);
    let jj = builder.write_tree().block_on().map_err(|error| error.to_string())?;
    let edit = Edit::Write { path: path.to_owned(), was, entry, mtime: None };
    let applied = apply(&mut both.pool, ours, None, &[edit]).map_err(stop)?;
    // jj writes the trees on the way even then, and drops those without entries.
    let unchanged = applied.results.iter().all(|result| result.outcome == Outcome::Unchanged);
    Ok((!unchanged).then_some((jj, applied.trees)))
}
