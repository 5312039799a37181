//! Merging trees, path by path and by git's ids.

use std::collections::BTreeMap;

use jj_lib::merge::Merge as JjMerge;
use jj_lib::merged_tree::MergedTree;
use jj_lib::object_id::ObjectId;
use jj_lib::repo_path::RepoPath;
use mesa_core::object::is_directory;
use mesa_core::tree::{Found, conflicts, diff_trees, find, merge_trees};
use mesa_core::{Merge, Oid, Terms};
use pollster::FutureExt;

use crate::jj::{Both, normal_terms};
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{fewer_terms, same};
use crate::world::{Files, Theme, show_files, smaller_versions};

/// Versions of a tree, merged; then, as a writer who comes last, one more change on top.
pub struct Trees;

/// The versions.
#[derive(Clone)]
pub struct Case {
    /// A merge of merges.
    pub groups: Vec<Vec<Files>>,
    /// A base and a side to merge the result with.
    pub last: Option<[Files; 2]>,
}

impl Case {
    /// Versions that all come from one.
    pub fn generate(rng: &mut Rng) -> Self {
        let theme = Theme::pick(rng);
        let root = theme.files(rng);
        let mut known = vec![root];
        let groups = (0..*rng.pick(&[3, 3, 3, 3, 5, 7])).map(|_| {
            let terms = (0..*rng.pick(&[1, 1, 1, 1, 3, 5])).map(|_| {
                let from = rng.pick(&known).clone();
                let files = if rng.one_in(6) { from } else { theme.edited(rng, &from) };
                known.push(files.clone());
                files
            });
            terms.collect::<Vec<_>>()
        });
        let groups = groups.collect();
        let last = rng.one_in(3).then(|| {
            let base = rng.pick(&known).clone();
            let side = theme.edited(rng, &base);
            [base, side]
        });
        Self { groups, last }
    }

    /// Cases a little smaller.
    pub fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        if self.last.is_some() {
            smaller.push(Self { last: None, ..self.clone() });
        }
        smaller.extend(fewer_terms(&self.groups).into_iter().map(|groups| Self { groups, ..self.clone() }));
        for (place, group) in self.groups.iter().enumerate() {
            smaller.extend(fewer_terms(group).into_iter().map(|group| {
                let mut case = self.clone();
                case.groups[place] = group;
                case
            }));
        }
        let mut all: Vec<Files> = self.groups.concat();
        all.extend(self.last.iter().flatten().cloned());
        smaller.extend(smaller_versions(&all).into_iter().map(|versions| self.with(versions)));
        smaller
    }

    /// The same shape with other versions.
    fn with(&self, versions: Vec<Files>) -> Self {
        let mut versions = versions.into_iter();
        let groups = self.groups.iter().map(|group| versions.by_ref().take(group.len()).collect()).collect();
        Self { groups, last: versions.next().zip(versions.next()).map(|(base, side)| [base, side]) }
    }

    /// The case as people read it.
    pub fn show(&self) -> String {
        let mut text = String::new();
        for (place, group) in self.groups.iter().enumerate() {
            text.push_str(if place % 2 == 0 { "+\n" } else { "-\n" });
            for (place, files) in group.iter().enumerate() {
                text.push_str(&format!(
                    "  {} {}\n",
                    if place % 2 == 0 { '+' } else { '-' },
                    show_files(files)
                ));
            }
        }
        if let Some([base, side]) = &self.last {
            text.push_str(&format!("then - {}\n     + {}\n", show_files(base), show_files(side)));
        }
        text
    }
}

impl Kind for Trees {
    type Case = Case;

    fn generate(rng: &mut Rng) -> Case {
        Case::generate(rng)
    }

    fn check(case: &Case) -> Result<&'static str, String> {
        let mut both = Both::new();
        let groups = case.groups.iter().map(|group| both.merged(group)).collect::<Result<Vec<_>, _>>()?;
        let (jj, ours) = merge_both(&mut both, groups)?;
        same_trees(&mut both, &jj, &ours)?;
        let answer = if ours.is_resolved() { "resolved" } else { "in conflict" };
        let Some([base, side]) = &case.last else { return Ok(answer) };
        let (base, side) =
            (both.merged(std::slice::from_ref(base))?, both.merged(std::slice::from_ref(side))?);
        let (jj, ours) = merge_both(&mut both, vec![(jj, ours), base, side])?;
        same_trees(&mut both, &jj, &ours)
            .map_err(|difference| format!("after the last writer, {difference}"))?;
        Ok(answer)
    }

    fn smaller(case: &Case) -> Vec<Case> {
        case.smaller()
    }

    fn show(case: &Case) -> String {
        case.show()
    }
}

/// Merges merged trees with both.
pub fn merge_both(
    both: &mut Both,
    trees: Vec<(MergedTree, Merge<Oid>)>,
) -> Result<(MergedTree, Merge<Oid>), String> {
    let (jj, ours): (Vec<_>, Vec<_>) =
        trees.into_iter().map(|(jj, ours)| ((jj, String::new()), ours)).unzip();
    let jj = MergedTree::merge(JjMerge::from_vec(jj)).block_on().map_err(|error| error.to_string())?;
    let ours = Merge::new(ours).map_err(|error| error.to_string())?.flatten();
    let ours = merge_trees(&mut both.pool, &ours).map_err(|stop| format!("{stop:?}"))?;
    Ok((jj, ours))
}

/// Compares the paths first, since they tell more, then the trees' ids.
pub fn same_trees(both: &mut Both, jj: &MergedTree, ours: &Merge<Oid>) -> Result<(), String> {
    let stop = |stop| format!("{stop:?}");
    let empty = Merge::resolved(Oid::EMPTY_TREE);
    let theirs = jj.entries().map(|(path, value)| path_and_terms(&path, value.map_err(|e| e.to_string())));
    let mut theirs = theirs.collect::<Result<BTreeMap<_, _>, String>>()?;
    let all = diff_trees(&mut both.pool, &empty, ours).map_err(stop)?;
    let mut all: BTreeMap<_, _> = all.into_iter().map(|changed| (changed.path, changed.after)).collect();
    let hidden = hidden_dirs(theirs.iter());
    drop_below(&hidden, &mut theirs);
    drop_below(&hidden, &mut all);
    same_paths("entries", &theirs, &all)?;

    let theirs = jj.conflicts().map(|(path, value)| path_and_terms(&path, value.map_err(|e| e.to_string())));
    let mut theirs = theirs.collect::<Result<BTreeMap<_, _>, String>>()?;
    let mut found = conflicts(&mut both.pool, ours).map_err(stop)?.into_iter().collect();
    drop_below(&hidden, &mut theirs);
    drop_below(&hidden, &mut found);
    same_paths("conflicts", &theirs, &found)?;

    for path in all.keys() {
        let names = mesa_core::path::split_path(path).map_err(|error| error.to_string())?;
        let repo_path = RepoPath::from_internal_string(path).map_err(|error| error.to_string())?;
        let value = jj.path_value(repo_path).block_on().map_err(|error| error.to_string())?;
        let found = match find(&mut both.pool, ours, &names).map_err(stop)? {
            Found::Terms(terms) => terms,
            Found::Blocked { depth, .. } => return Err(format!("`{path}` is blocked at {depth}")),
        };
        same(&format!("what is at `{path}`"), &normal_terms(&value)?, &found, show_terms)?;
    }
    let ids: Vec<String> = jj.tree_ids().iter().map(|id| id.hex()).collect();
    let oids: Vec<String> = ours.iter().map(ToString::to_string).collect();
    same("the list of trees", &ids, &oids, |ids| ids.join(" "))
}

/// The directories jj shows as one conflict, since in one of the terms that cancel out something else stands
/// there. The core looks at what is left and goes in: the trees are the same, more of them is seen.
pub fn hidden_dirs<'a>(paths: impl Iterator<Item = (&'a String, &'a Terms)>) -> Vec<String> {
    paths.filter(|(_, terms)| is_directory(terms)).map(|(path, _)| path.clone()).collect()
}

/// Forgets these directories and all in them.
pub fn drop_below<T>(dirs: &[String], paths: &mut BTreeMap<String, T>) {
    let below = |path: &str, dir: &str| {
        path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    paths.retain(|path, _| !dirs.iter().any(|dir| below(path, dir)));
}

fn path_and_terms(
    path: &RepoPath,
    value: Result<jj_lib::backend::MergedTreeValue, String>,
) -> Result<(String, Terms), String> {
    Ok((path.as_internal_file_string().to_owned(), normal_terms(&value?)?))
}

/// Compares what stands at paths, and tells those that differ only.
pub fn same_paths<T: PartialEq + std::fmt::Debug>(
    what: &str,
    jj: &BTreeMap<String, T>,
    ours: &BTreeMap<String, T>,
) -> Result<(), String> {
    if jj == ours {
        return Ok(());
    }
    let mut difference = format!("{what} differ");
    let paths: std::collections::BTreeSet<&String> = jj.keys().chain(ours.keys()).collect();
    for path in paths.into_iter().filter(|path| jj.get(*path) != ours.get(*path)) {
        difference.push_str(&format!("\n{path:?}\n  jj:   {:?}\n  ours: {:?}", jj.get(path), ours.get(path)));
    }
    Err(difference)
}

fn show_terms(terms: &Terms) -> String {
    format!("{terms:?}")
}
