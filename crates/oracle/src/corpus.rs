//! Real three-way merges, given on standard input by `scripts/corpus.mjs`: each is merged by the core, by jj-lib and by `git merge-file`.
//!
//! The core and jj-lib have to agree in result and in marker text of every style. git is a witness only: it lines texts up by another rule, so
//! where it disagrees, its other rules are asked, and what agrees then was a question of which lines belong together.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::process::{Command, ExitCode};

use mesa_core::Merge;
use mesa_core::text::{Merged, is_binary, merge_texts};

use crate::kinds::{FileMerge, Markers, MarkersCase};
use crate::run::check;

/// Ways of git to line texts up; the first is what it does unasked.
const ALGORITHMS: [&str; 4] = ["myers", "histogram", "patience", "minimal"];

/// Left, base and right of a file, and where it comes from.
struct Case {
    name: String,
    texts: [Vec<u8>; 3],
}

/// A merge without conflict, or none.
type Clean = Option<Vec<u8>>;

#[derive(Default)]
struct Tally {
    cases: u64,
    binary: u64,
    clean: u64,
    /// Of the rest, by class.
    disagreements: BTreeMap<&'static str, BTreeMap<String, u64>>,
    agree: u64,
    faults: Vec<String>,
    unexplained: Vec<String>,
}

/// Compares all merges and tells the sum.
pub fn run() -> ExitCode {
    let mut tally = Tally::default();
    let mut input = io::stdin().lock();
    loop {
        match next(&mut input) {
            Ok(Some(case)) => compare(&case, &mut tally),
            Ok(None) => break,
            Err(error) => {
                eprintln!("the merges can't be read: {error}");
                return ExitCode::from(2);
            }
        }
    }
    tally.tell()
}

/// A merge is a line `<name> <left> <base> <right>` of a name without line breaks and three lengths, and the three texts.
fn next(input: &mut impl BufRead) -> io::Result<Option<Case>> {
    let mut head = String::new();
    if input.read_line(&mut head)? == 0 {
        return Ok(None);
    }
    let bad =
        || io::Error::new(io::ErrorKind::InvalidData, format!("`{}` is no head of a merge", head.trim_end()));
    let mut words = head.trim_end().rsplitn(4, ' ');
    let mut lengths = [0_u64; 3];
    for length in lengths.iter_mut().rev() {
        *length = words.next().and_then(|word| word.parse().ok()).ok_or_else(bad)?;
    }
    let name = words.next().ok_or_else(bad)?.to_owned();
    let mut texts = [const { Vec::new() }; 3];
    for (text, length) in texts.iter_mut().zip(lengths) {
        input.by_ref().take(length).read_to_end(text)?;
    }
    Ok(Some(Case { name, texts }))
}

fn compare(case: &Case, tally: &mut Tally) {
    tally.cases += 1;
    if case.texts.iter().any(|text| is_binary(text)) {
        tally.binary += 1;
        return;
    }
    let terms = case.texts.to_vec();
    let checks = [
        check::<FileMerge>(&terms),
        check::<Markers>(&MarkersCase { terms: terms.clone(), labels: Vec::new() }),
    ];
    for difference in checks.into_iter().filter_map(Result::err) {
        tally.faults.push(format!("{}: {difference}", case.name));
    }
    let Ok(terms) = Merge::new(terms) else { return };
    let ours = match merge_texts(&terms) {
        Merged::Resolved(text) => Some(text),
        Merged::Conflict(_) => None,
    };
    tally.clean += u64::from(ours.is_some());
    let git = by_git(case, ALGORITHMS[0]);
    if git == ours {
        tally.agree += 1;
        return;
    }
    let class = match (&ours, &git) {
        (Some(_), Some(_)) => "both resolve it, to different texts",
        (Some(_), None) => "git conflicts, jj and the core resolve it",
        (None, _) => "git resolves it, jj and the core conflict",
    };
    let agreeing = ALGORITHMS[1..].iter().find(|algorithm| by_git(case, algorithm) == ours);
    let why = match agreeing {
        Some(algorithm) => format!("git agrees with --diff-algorithm={algorithm}"),
        None => {
            tally.unexplained.push(format!("{}: {class}", case.name));
            "no algorithm of git's agrees".to_owned()
        }
    };
    *tally.disagreements.entry(class).or_default().entry(why).or_default() += 1;
}

/// What git makes of it.
fn by_git(case: &Case, algorithm: &str) -> Clean {
    let folder = std::env::temp_dir().join(format!("mesa-corpus-{}", std::process::id()));
    let names = ["left", "base", "right"];
    std::fs::create_dir_all(&folder).ok()?;
    for (name, text) in names.iter().zip(&case.texts) {
        std::fs::write(folder.join(name), text).ok()?;
    }
    let mut git = Command::new("git");
    git.current_dir(&folder)
        .args(["merge-file", "-p", "-q", &format!("--diff-algorithm={algorithm}")])
        .args(names);
    let output = git.output().ok()?;
    output.status.success().then_some(output.stdout)
}

impl Tally {
    fn tell(&self) -> ExitCode {
        let _ =
            std::fs::remove_dir_all(std::env::temp_dir().join(format!("mesa-corpus-{}", std::process::id())));
        let compared = self.cases - self.binary;
        println!("{} merges of files, {} of them binary and left out", self.cases, self.binary);
        println!(
            "jj-lib and the core: {} of {compared} differ; {} resolve, {} conflict",
            self.faults.len(),
            self.clean,
            compared - self.clean
        );
        println!("git merge-file and the core: {} of {compared} agree", self.agree);
        for (class, reasons) in &self.disagreements {
            println!("  {class}: {}", reasons.values().sum::<u64>());
            for (why, count) in reasons {
                println!("    {count} {why}");
            }
        }
        for name in &self.unexplained {
            println!("  {name}");
        }
        for fault in &self.faults {
            println!("✗ {fault}");
        }
        println!("{} passed, {} failed", compared - self.faults.len() as u64, self.faults.len());
        if self.faults.is_empty() && compared > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
