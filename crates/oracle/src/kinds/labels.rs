//! Merges of trees that have names: which labels are left, and what every conflicted path reads as with them.

use jj_lib::backend::MergedTreeValueExt;
use jj_lib::conflict_labels::ConflictLabels;
use jj_lib::conflicts::{MaterializedTreeValue, materialize_merge_result_to_bytes, materialize_tree_value};
use jj_lib::merge::Merge as JjMerge;
use jj_lib::merged_tree::MergedTree;
use jj_lib::repo_path::RepoPath;
use mesa_core::Merge;
use mesa_core::conflict::{Style, render};
use mesa_core::tree::{Found, conflicts, find_labelled, merge_labelled_trees};
use pollster::FutureExt;

use super::trees::{Case as Versions, hidden_dirs};
use crate::jj::{Both, materialize, normal_terms};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::same;
use crate::texts::show;

/// Versions merged, each with a label.
pub struct Labels;

/// The versions, and how labels are given: a name for each place, where the place isn't left out.
#[derive(Clone)]
pub struct Case {
    versions: Versions,
    without: Vec<usize>,
    style: Style,
}

impl Case {
    fn label(&self, group: usize, term: usize) -> String {
        let place = group * 8 + term;
        if self.without.contains(&(place % 5)) { String::new() } else { format!("version {group}.{term}") }
    }
}

impl Kind for Labels {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let versions = Versions { last: None, ..Versions::generate(rng) };
        let without = (0..rng.below(4)).map(|_| rng.below(5)).collect();
        Case { versions, without, style: *rng.pick(&[Style::Snapshot, Style::Diff, Style::Git]) }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let stop = |stop| format!("{stop:?}");
        let (mut jj, mut ours, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (number, files) in case.versions.groups.iter().enumerate() {
            let (tree, trees) = both.merged(files)?;
            // A version in conflict has labels of its own terms; another one is given one here.
            let own: Vec<String> = (0..files.len()).map(|term| case.label(number, term)).collect();
            let (ids, _) = tree.into_tree_ids_and_labels();
            let of_terms = if ids.is_resolved() { Vec::new() } else { own.clone() };
            let tree = MergedTree::new(both.store.clone(), ids, ConflictLabels::from_vec(of_terms));
            jj.push((tree, own[0].clone()));
            ours.push(trees);
            labels.push(Merge::new(own).map_err(|error| error.to_string())?);
        }
        let jj = MergedTree::merge(JjMerge::from_vec(jj)).block_on().map_err(|error| error.to_string())?;
        let ours = Merge::new(ours).map_err(|error| error.to_string())?.flatten();
        let labels = Merge::new(labels).map_err(|error| error.to_string())?.flatten().into_vec();
        let (trees, labels) = merge_labelled_trees(&mut both.pool, &ours, &labels).map_err(stop)?;
        same("labels", &jj.labels().as_slice().to_vec(), &labels, |labels| format!("{labels:?}"))?;

        let all = conflicts(&mut both.pool, &trees).map_err(stop)?;
        let mut hidden = Vec::new();
        for (path, value) in jj.conflicts() {
            let terms = normal_terms(&value.map_err(|error| error.to_string())?)?;
            hidden.extend(hidden_dirs([(&path.as_internal_file_string().to_owned(), &terms)].into_iter()));
        }
        let mut answer = "resolved";
        for (path, _) in all {
            if hidden.iter().any(|dir| path.starts_with(dir.as_str())) {
                continue;
            }
            answer = if labels.is_empty() { "without labels" } else { "with labels" };
            let names = mesa_core::path::split_path(&path).map_err(|error| error.to_string())?;
            let (found, labels) = find_labelled(&mut both.pool, &trees, &labels, &names).map_err(stop)?;
            let Found::Terms(terms) = found else { return Err(format!("`{path}` is blocked")) };
            let rendered = render(&mut both.pool, &terms, case.style, &labels).map_err(stop)?;
            let theirs = text_by_jj(&both, &jj, &path, case.style)?;
            same(&format!("text of `{path}`"), &theirs, &rendered.bytes.to_vec(), |text| show(text))?;
        }
        Ok(answer)
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller: Vec<Case> =
            case.versions.smaller().into_iter().map(|versions| Case { versions, ..case.clone() }).collect();
        if !case.without.is_empty() {
            smaller.push(Case { without: Vec::new(), ..case.clone() });
        }
        smaller
    }

    fn show(case: &Case) -> String {
        format!("{}{:?}, without labels {:?}", case.versions.show(), case.style, case.without)
    }
}

fn text_by_jj(both: &Both, tree: &MergedTree, path: &str, style: Style) -> Result<Vec<u8>, String> {
    let path = RepoPath::from_internal_string(path).map_err(|error| error.to_string())?;
    let value = tree.path_value(path).block_on().map_err(|error| error.to_string())?;
    // As jj's commands do, a path that isn't all files is simplified with its labels before it is shown.
    let (labels, value) = tree.labels().simplify_with(&value);
    let shown = materialize_tree_value(&both.store, path, value, &labels).block_on();
    match shown.map_err(|error| error.to_string())? {
        MaterializedTreeValue::FileConflict(file) => {
            Ok(materialize_merge_result_to_bytes(&file.contents, &file.labels, &materialize(style)).to_vec())
        }
        MaterializedTreeValue::OtherConflict { id, labels } => Ok(id.describe(&labels).into_bytes()),
        _ => Err("jj sees no conflict".to_owned()),
    }
}
