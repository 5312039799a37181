//! What a path in conflict reads as: markers, or a placeholder where the terms aren't all files.

use jj_lib::backend::MergedTreeValueExt;
use jj_lib::conflicts::{MaterializedTreeValue, materialize_merge_result_to_bytes, materialize_tree_value};
use jj_lib::merge::SameChange;
use jj_lib::repo_path::RepoPath;
use mesa_core::Mode;
use mesa_core::conflict::{Style as Markers3, render, simplify_labels};
use pollster::FutureExt;

use crate::jj::{self, Both};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{fewer_terms, same};
use crate::texts::{Style, labels, show, term_count};
use crate::world::{Node, show_node};

/// Things of any kind at one path.
pub struct Shown;

/// The terms of a path.
#[derive(Clone)]
pub struct Case {
    /// What each term has there.
    pub nodes: Vec<Option<Node>>,
    labels: Vec<String>,
    style: Markers3,
}

/// Files that come from one, some of them absent or executable, and sometimes other things among them.
pub fn related_nodes(rng: &mut Rng, style: &Style, others: bool) -> Vec<Option<Node>> {
    let count = term_count(rng);
    let bits = rng.one_in(3);
    let texts =
        style.related(rng, count).into_iter().map(|text| match rng.below(if others { 24 } else { 20 }) {
            0 | 1 => None,
            20 | 21 => Some(Node::Link(format!("target {}", rng.below(2)))),
            22 => Some(Node::Module(1 + rng.below(2) as u8)),
            23 => Some(Node::EmptyDir),
            _ => Some(Node::File(text, bits && rng.one_in(2))),
        });
    texts.collect()
}

/// Terms, one a line.
pub fn show_nodes(nodes: &[Option<Node>]) -> String {
    let one = |node: &Option<Node>| node.as_ref().map_or("absent".to_owned(), show_node);
    nodes.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Terms with shorter texts.
pub fn smaller_nodes(nodes: &[Option<Node>]) -> Vec<Vec<Option<Node>>> {
    let mut smaller = fewer_terms(nodes);
    for (place, node) in nodes.iter().enumerate() {
        let Some(Node::File(text, bit)) = node else { continue };
        for text in crate::minimise::without_runs(&crate::texts::lines(text)) {
            let mut nodes = nodes.to_vec();
            nodes[place] = Some(Node::File(text.concat(), *bit));
            smaller.push(nodes);
        }
        if *bit {
            let mut nodes = nodes.to_vec();
            nodes[place] = Some(Node::File(text.clone(), false));
            smaller.push(nodes);
        }
    }
    smaller
}

impl Kind for Shown {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        let style = Style::pick(rng);
        let nodes = related_nodes(rng, &style, true);
        let labels = labels(rng, nodes.len());
        Case { nodes, labels, style: *rng.pick(&[Markers3::Snapshot, Markers3::Diff, Markers3::Git]) }
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let (values, terms) = both.values(&case.nodes)?;
        if values.resolve_trivial(SameChange::Accept).is_some() {
            return Ok("resolved");
        }
        let (mut names, mut terms) = (case.labels.clone(), terms);
        let (mut labels, mut values) = (jj::labels(&case.labels), values);
        if values.to_file_merge().is_none() {
            // A path's terms are simplified before anyone sees them, and so are then the labels.
            (names, terms) = simplify_labels(&names, &terms).map_err(|error| error.to_string())?;
            (labels, values) = labels.simplify_with(&values);
        }
        let rendered =
            render(&mut both.pool, &terms, case.style, &names).map_err(|stop| format!("{stop:?}"))?;
        let shown = materialize_tree_value(&both.store, RepoPath::root(), values, &labels).block_on();
        let (text, executable, answer) = match shown.map_err(|error| error.to_string())? {
            MaterializedTreeValue::FileConflict(file) => {
                let options = jj::materialize(case.style);
                let text = materialize_merge_result_to_bytes(&file.contents, &file.labels, &options);
                (text.to_vec(), file.executable.unwrap_or(false), "of files")
            }
            MaterializedTreeValue::OtherConflict { id, labels } => {
                (id.describe(&labels).into_bytes(), false, "of other things")
            }
            _ => return Err("jj sees no conflict".to_owned()),
        };
        same("text", &text, &rendered.bytes.to_vec(), |text| show(text))?;
        let mode = if executable { Mode::Executable } else { Mode::File };
        same("mode", &Some(mode), &rendered.mode, |mode| format!("{mode:?}"))?;
        Ok(answer)
    }

    fn smaller(case: &Case) -> Vec<Case> {
        let mut smaller = Vec::new();
        if !case.labels.is_empty() {
            smaller.push(Case { labels: Vec::new(), ..case.clone() });
        }
        let fits = |nodes: &Vec<_>| case.labels.is_empty() || nodes.len() == case.labels.len();
        let nodes = smaller_nodes(&case.nodes).into_iter().filter(fits);
        smaller.extend(nodes.map(|nodes| Case { nodes, ..case.clone() }));
        smaller
    }

    fn show(case: &Case) -> String {
        format!("{}\n{:?}, labels {:?}", show_nodes(&case.nodes), case.style, case.labels)
    }
}
