//! Which files that went are the ones that came, under other names: the same content first, then the most alike,
//! in the order git decides in.

use std::cmp::{Ordering, Reverse};

use super::Changed;
use crate::limits::MAX_TEXT_BYTES;
use crate::sort::sort_by;
use crate::text::{MAX_SCORE, Pieces};
use crate::{Answer, Entry, Need, ObjectPool};

/// Half of a file must be in the other one.
const LEAST_SCORE: u64 = MAX_SCORE / 2;

/// For files of a name nothing else that came or went has, three quarters are enough to look no further.
const LEAST_NAMESAKE_SCORE: u64 = MAX_SCORE * 3 / 4;

/// How many sources are kept in mind for a file that came.
const CANDIDATES: usize = 4;

/// A file that went and came back elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The place of what went, in the list of changes.
    pub from: usize,
    /// The place of what came.
    pub to: usize,
    /// How alike they are, in hundredths: of the larger file, the bytes of lines that are in both.
    pub similarity: u8,
}

/// Finds renamed files among changes. Files that changed are compared where both numbers, of those that went and
/// of those that came, multiplied are at most the square of `limit`; of larger sets only files of the same content
/// or the same rare name are found; where it is 0, of the same content only, and no content is read. Files above
/// [`MAX_TEXT_BYTES`] are compared by their ids only. Of files that are equally alike the first ones are paired.
pub fn find_renames(pool: &mut ObjectPool, changed: &[Changed], limit: usize) -> Answer<Vec<Renamed>> {
    let mut search = Search::new(changed);
    search.pair_equal();
    if limit > 0 {
        search.pair_namesakes(pool)?;
    }
    let (sources, targets) = (search.open_sources().count(), search.open_targets().count());
    if sources.saturating_mul(targets) <= limit.saturating_mul(limit) {
        search.pair_alike(pool)?;
    }
    Ok(search.found)
}

struct Search<'a> {
    /// What went, and what came.
    sources: Vec<File<'a>>,
    targets: Vec<File<'a>>,
    found: Vec<Renamed>,
}

struct File<'a> {
    place: usize,
    path: &'a str,
    entry: Entry,
    paired: bool,
    pieces: Option<Pieces>,
}

impl File<'_> {
    fn name(&self) -> &[u8] {
        self.path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Cuts the content; a large file has no pieces.
    fn cut(&mut self, pool: &ObjectPool) -> Answer<()> {
        if self.pieces.is_none() {
            let bytes = pool.blob(self.entry.oid)?;
            self.pieces = Some(Pieces::new(if bytes.len() > MAX_TEXT_BYTES { &[] } else { &bytes }));
        }
        Ok(())
    }
}

impl<'a> Search<'a> {
    fn new(changed: &'a [Changed]) -> Self {
        let files = |side: fn(&Changed) -> [&crate::Terms; 2]| {
            let rows = changed.iter().enumerate().filter_map(|(place, row)| {
                let [there, absent] = side(row);
                let entry = there.as_resolved().copied().flatten().filter(|_| absent.is_absent())?;
                Some(File { place, path: &row.path, entry, paired: false, pieces: None })
            });
            rows.collect()
        };
        let (sources, targets) =
            (files(|row| [&row.before, &row.after]), files(|row| [&row.after, &row.before]));
        Self { sources, targets, found: Vec::new() }
    }

    fn open_sources(&self) -> impl Iterator<Item = &File<'a>> {
        self.sources.iter().filter(|file| !file.paired)
    }

    fn open_targets(&self) -> impl Iterator<Item = &File<'a>> {
        self.targets.iter().filter(|file| !file.paired)
    }

    fn pair(&mut self, source: usize, target: usize, score: u64) {
        let (Some(from), Some(to)) = (self.sources.get_mut(source), self.targets.get_mut(target)) else {
            return;
        };
        (from.paired, to.paired) = (true, true);
        let similarity = (score * 100 / MAX_SCORE).min(100) as u8;
        self.found.push(Renamed { from: from.place, to: to.place, similarity });
    }

    /// The same content; of several sources the one of the same name, else the first.
    fn pair_equal(&mut self) {
        for target in 0..self.targets.len() {
            let Some(to) = self.targets.get(target) else { continue };
            let fits = |from: &File| {
                let kinds =
                    from.entry.mode.is_file() && to.entry.mode.is_file() || from.entry.mode == to.entry.mode;
                !from.paired && from.entry.oid == to.entry.oid && kinds
            };
            let fitting = || self.sources.iter().enumerate().filter(|(_, from)| fits(from));
            let source = fitting().find(|(_, from)| from.name() == to.name()).or_else(|| fitting().next());
            if let Some((source, _)) = source {
                self.pair(source, target, MAX_SCORE);
            }
        }
    }

    /// Files whose name, without directories, is the only one of its kind on both sides.
    fn pair_namesakes(&mut self, pool: &mut ObjectPool) -> Answer<()> {
        let mut pairs = Vec::new();
        for (source, from) in self.sources.iter().enumerate().filter(|(_, file)| !file.paired) {
            let mut namesakes = self.open_sources().filter(|file| file.name() == from.name());
            let mut there = self
                .targets
                .iter()
                .enumerate()
                .filter(|(_, file)| !file.paired && file.name() == from.name());
            if let (Some(_), None, Some((target, to)), None) =
                (namesakes.next(), namesakes.next(), there.next(), there.next())
                && from.entry.mode.is_file()
                && to.entry.mode.is_file()
            {
                pairs.push((source, target));
            }
        }
        let (sources, targets): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
        self.cut(pool, |source| sources.contains(&source), |target| targets.contains(&target))?;
        for (source, target) in pairs {
            let score = self.score(source, target, LEAST_NAMESAKE_SCORE);
            if score >= LEAST_NAMESAKE_SCORE {
                self.pair(source, target, score);
            }
        }
        Ok(())
    }

    /// All others, the most alike first.
    fn pair_alike(&mut self, pool: &mut ObjectPool) -> Answer<()> {
        if self.open_sources().next().is_none() || self.open_targets().next().is_none() {
            return Ok(());
        }
        self.cut(pool, |_| true, |_| true)?;
        let mut all: Vec<Candidate> = Vec::new();
        for (target, to) in self.targets.iter().enumerate().filter(|(_, file)| !file.paired) {
            let mut best: Vec<Candidate> = Vec::new();
            for (source, from) in self.sources.iter().enumerate().filter(|(_, file)| !file.paired) {
                let score = self.score(source, target, LEAST_SCORE);
                let candidate = Candidate { source, target, score, namesake: from.name() == to.name() };
                if best.len() < CANDIDATES {
                    best.push(candidate);
                } else if let Some(worst) = worst(&mut best)
                    && candidate.order(worst) == Ordering::Less
                {
                    *worst = candidate;
                }
            }
            all.extend(best);
        }
        sort_by(&mut all, Candidate::order);
        for Candidate { source, target, score, .. } in all {
            let open = |files: &[File], place: usize| files.get(place).is_some_and(|file| !file.paired);
            if score >= LEAST_SCORE && open(&self.sources, source) && open(&self.targets, target) {
                self.pair(source, target, score);
            }
        }
        Ok(())
    }

    /// Cuts the files that are to be compared.
    fn cut(
        &mut self,
        pool: &ObjectPool,
        source: impl Fn(usize) -> bool,
        target: impl Fn(usize) -> bool,
    ) -> Answer<()> {
        let mut need = Need::default();
        let sources = self.sources.iter_mut().enumerate().filter(|(place, _)| source(*place));
        let targets = self.targets.iter_mut().enumerate().filter(|(place, _)| target(*place));
        for (_, file) in sources.chain(targets) {
            if !file.paired && file.entry.mode.is_file() {
                need.take(file.cut(pool))?;
            }
        }
        need.finish()
    }

    fn score(&self, source: usize, target: usize, at_least: u64) -> u64 {
        fn pieces<'f>(files: &'f [File], place: usize) -> Option<&'f Pieces> {
            files.get(place)?.pieces.as_ref()
        }
        match (pieces(&self.sources, source), pieces(&self.targets, target)) {
            (Some(from), Some(to)) => from.score(to, at_least),
            _ => 0,
        }
    }
}

struct Candidate {
    source: usize,
    target: usize,
    score: u64,
    namesake: bool,
}

impl Candidate {
    /// The better one comes first.
    fn order(&self, other: &Self) -> Ordering {
        (Reverse(self.score), !self.namesake).cmp(&(Reverse(other.score), !other.namesake))
    }
}

/// The worst of some candidates, the first of several.
fn worst(candidates: &mut [Candidate]) -> Option<&mut Candidate> {
    candidates
        .iter_mut()
        .reduce(|worst, next| if next.order(worst) == Ordering::Greater { next } else { worst })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;
    use crate::testing::tree;
    use crate::tree::diff_trees;
    use crate::{Merge, Oid};

    fn renames(pool: &mut ObjectPool, before: Oid, after: Oid) -> Vec<String> {
        let [before, after] = [before, after].map(Merge::resolved);
        let mut changed = diff_trees(pool, &before, &after).unwrap();
        changed.sort_by(|a, b| a.path.cmp(&b.path));
        let found = find_renames(pool, &changed, 1_000).unwrap();
        let path = |place: usize| &changed[place].path;
        found.iter().map(|r| format!("{} {} {}", path(r.from), path(r.to), r.similarity)).collect()
    }

    #[test]
    fn content_and_names_tell_what_was_renamed() {
        let mut pool = ObjectPool::new();
        let text = "one\ntwo\nthree\nfour\n";
        let before =
            tree(&mut pool, &[("a/x", text), ("b/x", text), ("c", "1\n2\n"), ("d", "other\n"), ("e", "")]);
        let edited = "one\ntwo\nthree\nFOUR\n";
        let after = tree(&mut pool, &[("n/x", text), ("m", edited), ("z/d", "nothing alike\n"), ("f", "")]);
        assert_eq!(renames(&mut pool, before, after), ["e f 100", "a/x n/x 100", "b/x m 73"]);
        assert_eq!(renames(&mut pool, before, before), [""; 0]);
    }

    #[test]
    fn many_files_are_paired_by_content_only() {
        let mut pool = ObjectPool::new();
        let before = tree(&mut pool, &[("a", "1\n2\n3\n"), ("b", "same\n")]);
        let after = tree(&mut pool, &[("c", "1\n2\n3\n4\n"), ("d", "same\n")]);
        let [before, after] = [before, after].map(Merge::resolved);
        let changed = diff_trees(&mut pool, &before, &after).unwrap();
        assert_eq!(find_renames(&mut pool, &changed, 1).unwrap().len(), 2);
        assert_eq!(find_renames(&mut pool, &changed, 0).unwrap().len(), 1);
    }

    /// Files of few lines under few names, and where some of them went.
    fn moves() -> impl Strategy<Value = [BTreeMap<String, String>; 2]> {
        let name = || "[ab]/[xyz]|[xyz]|[ab]/[ab]/[xyz]";
        let files = prop::collection::btree_map(name(), "([a-h]{1,4}\n){0,6}[a-c]?", 0..8);
        let steps = prop::collection::vec((name(), name(), "([a-h]{1,4}\n){0,2}", 0_u8..4), 0..8);
        (files, steps).prop_map(|(before, steps)| {
            let mut after = before.clone();
            for (from, to, line, kind) in steps {
                let in_the_way = |path: &String| {
                    path.starts_with(&format!("{to}/")) || to.starts_with(&format!("{path}/"))
                };
                if after.keys().any(in_the_way) {
                    continue;
                }
                match after.get(&from).cloned() {
                    Some(text) if kind < 3 => {
                        after.remove(&from);
                        after.insert(to, if kind == 0 { text } else { format!("{line}{text}") });
                    }
                    _ => drop(after.insert(to, line)),
                }
            }
            [before, after]
        })
    }

    /// What `git diff -M` makes of the same two versions.
    fn by_git(versions: &[BTreeMap<String, String>; 2]) -> Vec<String> {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("mesa-renames-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let git = |args: &[&str]| {
            let mut git = Command::new("git");
            git.current_dir(&dir).env("GIT_CEILING_DIRECTORIES", std::env::temp_dir()).args(args);
            git
        };
        git(&["init", "--quiet", "--bare", "."]).status().unwrap();
        let mut stream = String::new();
        for (name, files) in ["old", "new"].iter().zip(versions) {
            stream.push_str(&format!("commit refs/heads/{name}\ncommitter a <b> 1 +0000\ndata 0\n"));
            for (path, text) in files {
                stream.push_str(&format!("M 644 inline {path}\ndata {}\n{text}\n", text.len()));
            }
        }
        let mut import = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(import.wait().unwrap().success());
        let output = git(&["diff-tree", "-r", "-M", "--raw", "old", "new"]).output().unwrap().stdout;
        std::fs::remove_dir_all(&dir).unwrap();
        let lines = String::from_utf8(output).unwrap();
        let renamed = lines.lines().filter_map(|line| {
            let mut parts = line.split('\t');
            let score = parts.next()?.rsplit(' ').next()?.strip_prefix('R')?.parse::<u8>().ok()?;
            Some(format!("{} {} {score}", parts.next()?, parts.next()?))
        });
        renamed.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn git_finds_the_same(versions in moves()) {
            let mut pool = ObjectPool::new();
            let [before, after] = versions.each_ref().map(|files| {
                let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
                tree(&mut pool, &files)
            });
            let mut ours = renames(&mut pool, before, after);
            let mut git = by_git(&versions);
            ours.sort();
            git.sort();
            prop_assert_eq!(ours, git);
        }
    }
}
