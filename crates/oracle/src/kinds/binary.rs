//! The one rule that differs: jj merges any file by lines, the core leaves a conflict with a binary file as it is.

use jj_lib::repo_path::RepoPath;
use jj_lib::tree_merge::resolve_file_values;
use mesa_core::Merge;
use mesa_core::tree::merge_entries;
use pollster::FutureExt;

use super::shown::{related_nodes, show_nodes, smaller_nodes};
use crate::jj::{Both, normal_terms};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::same;
use crate::texts::Style;
use crate::world::Node;

/// How far into a file a NUL makes it binary.
const PROBE: usize = 8_000;

/// Files at one path, NUL in some of them.
pub struct Binary;

impl Kind for Binary {
    type Case = Vec<Option<Node>>;

    fn generate(rng: &mut Rng) -> Self::Case {
        let style = Style::pick(rng);
        let mut nodes = related_nodes(rng, &style, false);
        for _ in 0..rng.below(3) {
            let far = rng.one_in(8);
            let place = rng.below(nodes.len());
            if let Some(Node::File(text, _)) = &mut nodes[place] {
                if far {
                    // On either side of where looking ends.
                    text.resize((PROBE - 2 + rng.below(4)).max(text.len()), b'x');
                }
                let at = if far { text.len() } else { rng.below(text.len() + 1) };
                text.insert(at, 0);
            }
        }
        nodes
    }

    fn check(case: &Self::Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let (values, terms) = both.values(case)?;
        let jj = resolve_file_values(&both.store, RepoPath::root(), values.clone()).block_on();
        let jj = normal_terms(&jj.map_err(|error| error.to_string())?)?;
        let ours = merge_entries(&mut both.pool, Merge::resolved(terms.clone()))
            .map_err(|stop| format!("{stop:?}"))?;
        let show = |terms: &_| format!("{terms:?}");
        let text = |node: &Node| matches!(node, Node::File(text, _) if !text.iter().take(PROBE).any(|byte| *byte == 0));
        if jj == ours || case.iter().flatten().all(text) {
            same("result", &jj, &ours, show)?;
            return Ok("merged alike");
        }
        same("a binary conflict", &normal_terms(&values)?, &ours, show)?;
        Ok("left in conflict")
    }

    fn smaller(case: &Self::Case) -> Vec<Self::Case> {
        smaller_nodes(case)
    }

    fn show(case: &Self::Case) -> String {
        show_nodes(case)
    }
}
