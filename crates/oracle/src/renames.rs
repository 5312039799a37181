//! Real comparisons of versions, given on standard input by `scripts/corpus.mjs`: the core's renames against those `git diff -M` tells.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};
use std::process::ExitCode;

use mesa_core::tree::{Changed, find_renames};
use mesa_core::{Entry, Kind, Merge, Mode, ObjectPool, Oid};

/// git's own.
const LIMIT: usize = 1_000;

/// Compares all that is given and tells the sum.
pub fn run() -> ExitCode {
    let (mut cases, mut pairs, mut exact, mut failed) = (0, 0, 0, 0);
    let mut input = io::stdin().lock();
    loop {
        match next(&mut input) {
            Ok(Some(Case { name, mut pool, mut changed, git })) => {
                // Where files are equally alike, the first ones in this order are git's choice.
                changed.sort_by(|a, b| a.path.cmp(&b.path));
                let found = find_renames(&mut pool, &changed, LIMIT).unwrap_or_default();
                let path = |place: usize| changed[place].path.as_str();
                let ours: BTreeSet<String> = found
                    .iter()
                    .map(|pair| format!("{} {}\t{}", pair.similarity, path(pair.from), path(pair.to)))
                    .collect();
                (cases, pairs) = (cases + 1, pairs + git.len());
                exact += git.iter().filter(|pair| pair.starts_with("100 ")).count();
                if ours != git {
                    failed += 1;
                    println!("✗ {name}");
                    git.difference(&ours).for_each(|pair| println!("  git:  {pair}"));
                    ours.difference(&git).for_each(|pair| println!("  ours: {pair}"));
                }
            }
            Ok(None) => break,
            Err(error) => {
                eprintln!("the comparisons can't be read: {error}");
                return ExitCode::from(2);
            }
        }
    }
    println!("{cases} comparisons with {pairs} renamed files, {exact} of them by content alone");
    println!("{} passed, {failed} failed", cases - failed);
    if failed == 0 && cases > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Case {
    name: String,
    pool: ObjectPool,
    changed: Vec<Changed>,
    /// `similarity from<tab>to`.
    git: BTreeSet<String>,
}

/// A line `<files> <pairs> <name>`; for each file a line `<+ or -> <mode> <oid> <bytes> <path>` and its bytes; a line for each pair.
fn next(input: &mut impl BufRead) -> io::Result<Option<Case>> {
    let bad = |line: &str| io::Error::new(io::ErrorKind::InvalidData, format!("`{line}` does not fit"));
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let head: Vec<&str> = line.trim_end().splitn(3, ' ').collect();
    let [files, pairs, name] = head[..] else { return Err(bad(&line)) };
    let count = |text: &str| text.parse::<u64>().map_err(|_| bad(text));
    let mut case =
        Case { name: name.to_owned(), pool: ObjectPool::new(), changed: Vec::new(), git: BTreeSet::new() };
    for _ in 0..count(files)? {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let parts: Vec<&str> = line.trim_end_matches('\n').splitn(5, ' ').collect();
        let [sign, mode, oid, len, path] = parts[..] else { return Err(bad(&line)) };
        let bits = u32::from_str_radix(mode, 8).map_err(|_| bad(mode))?;
        let (Ok(mode), Ok(oid)) = (Mode::from_bits(bits), Oid::from_hex(oid)) else { return Err(bad(&line)) };
        let mut bytes = Vec::new();
        input.by_ref().take(count(len)?).read_to_end(&mut bytes)?;
        case.pool.put_trusted(oid, Kind::Blob, bytes);
        let (there, absent) = (Merge::resolved(Some(Entry { oid, mode })), Merge::absent());
        let (before, after) = if sign == "-" { (there, absent) } else { (absent, there) };
        case.changed.push(Changed { path: path.to_owned(), before, after });
    }
    for _ in 0..count(pairs)? {
        let mut line = String::new();
        input.read_line(&mut line)?;
        case.git.insert(line.trim_end_matches('\n').to_owned());
    }
    Ok(Some(case))
}
