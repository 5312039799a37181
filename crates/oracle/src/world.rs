//! Versions of a directory tree that come from one another by what people do to trees.

use std::collections::BTreeMap;

use crate::minimise::without_runs;
use crate::rng::Rng;
use crate::texts::{Style, lines, show};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A file, executable or not.
    File(Vec<u8>, bool),
    /// A symbolic link.
    Link(String),
    /// A submodule at some commit.
    Module(u8),
    /// A tree without entries, as git can store but neither git nor jj writes.
    EmptyDir,
}

/// Files by path. No path leads through another one.
pub type Files = BTreeMap<String, Node>;

/// Names whose order, case or composition is easily got wrong: `a.b` sorts before the directory `a`, `a0` after.
const NAMES: [&str; 14] =
    ["a", "A", "b", "c", "d", "e\u{301}", "\u{e9}", "a.b", "a-b", "a0", "ß", "SS", "x y", "\u{1f44d}"];

/// What the trees of a case have in common.
pub struct Theme {
    texts: Style,
    names: usize,
    deepest: usize,
    empty_dirs: bool,
}

impl Theme {
    /// A theme for a case.
    pub fn pick(rng: &mut Rng) -> Self {
        let (names, deepest) = (*rng.pick(&[3, 5, NAMES.len()]), *rng.pick(&[1, 2, 3, 4]));
        Self { texts: Style::pick(rng), names, deepest, empty_dirs: rng.one_in(10) }
    }

    /// Where something may stand.
    pub fn path(&self, rng: &mut Rng) -> String {
        let names: Vec<&str> = (0..=rng.below(self.deepest)).map(|_| NAMES[rng.below(self.names)]).collect();
        names.join("/")
    }

    /// What may stand at a path.
    pub fn node(&self, rng: &mut Rng) -> Node {
        match rng.below(16) {
            0 | 1 => Node::Link(format!("target {}", rng.below(3))),
            2 => Node::Module(1 + rng.below(3) as u8),
            3 if self.empty_dirs => Node::EmptyDir,
            _ => Node::File(self.texts.text(rng), rng.one_in(4)),
        }
    }

    /// A version to start from.
    pub fn files(&self, rng: &mut Rng) -> Files {
        let mut files = Files::new();
        for _ in 0..rng.below(9) {
            let (path, node) = (self.path(rng), self.node(rng));
            put(&mut files, path, node);
        }
        files
    }

    /// A version that came from this one.
    pub fn edited(&self, rng: &mut Rng, files: &Files) -> Files {
        let mut files = files.clone();
        for _ in 0..rng.below(5) {
            self.edit(rng, &mut files);
        }
        files
    }

    fn edit(&self, rng: &mut Rng, files: &mut Files) {
        let paths: Vec<String> = files.keys().cloned().collect();
        let (new, choice) = (self.path(rng), rng.below(14));
        if paths.is_empty() || choice == 0 {
            let node = self.node(rng);
            return put(files, new, node);
        }
        let path = rng.pick(&paths).clone();
        let dir = path.rsplit_once('/').map(|(dir, _)| dir.to_owned());
        let Some(node) = files.get(&path).cloned() else { return };
        match (choice, node, dir) {
            (1..6, Node::File(text, bit), _) => {
                files.insert(path, Node::File(self.texts.edit(rng, &text), bit));
            }
            (6 | 7, Node::File(text, bit), _) => drop(files.insert(path, Node::File(text, !bit))),
            (8, node, _) => {
                files.remove(&path);
                put(files, new, node);
            }
            (9, _, Some(dir)) => move_dir(files, &dir, &new),
            (10, _, Some(dir)) => {
                let node = self.node(rng);
                put(files, dir, node);
            }
            (11, node, _) => put(files, format!("{path}/{}", NAMES[rng.below(self.names)]), node),
            (12, _, Some(dir)) => files.retain(|path, _| !path.starts_with(&format!("{dir}/"))),
            (13, ..) => drop(files.insert(path, self.node(rng))),
            _ => drop(files.remove(&path)),
        }
    }
}

/// Puts something at a path in place of what is there, below it, or in its way.
fn put(files: &mut Files, path: String, node: Node) {
    let in_the_way = |other: &str| {
        let below =
            |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('/'));
        below(other, &path) || below(&path, other)
    };
    files.retain(|other, _| !in_the_way(other));
    files.insert(path, node);
}

fn move_dir(files: &mut Files, from: &str, to: &str) {
    let prefix = format!("{from}/");
    let moved: Vec<(String, Node)> = files.extract_if(.., |path, _| path.starts_with(&prefix)).collect();
    for (path, node) in moved {
        put(files, format!("{to}/{}", &path[prefix.len()..]), node);
    }
}

/// Versions with a path less, or a shorter file.
pub fn smaller_versions(versions: &[Files]) -> Vec<Vec<Files>> {
    let mut smaller = Vec::new();
    let mut paths: Vec<&String> = versions.iter().flat_map(|files| files.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in &paths {
        let mut versions = versions.to_vec();
        versions.iter_mut().for_each(|files| drop(files.remove(*path)));
        smaller.push(versions);
    }
    let mut replace = |place: usize, path: &String, node: Option<Node>| {
        let mut versions = versions.to_vec();
        match node {
            Some(node) => drop(versions[place].insert(path.clone(), node)),
            None => drop(versions[place].remove(path)),
        }
        smaller.push(versions);
    };
    for (place, files) in versions.iter().enumerate() {
        for (path, node) in files {
            replace(place, path, None);
            let Node::File(text, bit) = node else { continue };
            for text in without_runs(&lines(text)) {
                replace(place, path, Some(Node::File(text.concat(), *bit)));
            }
        }
    }
    smaller
}

/// A version as people read it.
pub fn show_files(files: &Files) -> String {
    let one = |(path, node): (&String, &Node)| format!("{path:?}: {}", show_node(node));
    format!("{{{}}}", files.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// What stands at a path, as people read it.
pub fn show_node(node: &Node) -> String {
    match node {
        Node::File(text, false) => show(text),
        Node::File(text, true) => format!("executable {}", show(text)),
        other => format!("{other:?}"),
    }
}
