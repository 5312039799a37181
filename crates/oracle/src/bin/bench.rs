//! jj-lib's merge of three texts, timed beside the core's by `npm run bench -- merge`.
//!
//! A question is a line: three lengths, a name, and the texts (left, base, right) behind it; or a name alone, for a
//! round with texts sent before. The answer is a line with the milliseconds the merge took, and the most memory the
//! process had meanwhile, in bytes; 0 where the system does not tell.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

use jj_lib::files::{self, FileMergeHunkLevel};
use jj_lib::merge::{Merge, SameChange};
use jj_lib::tree_merge::MergeOptions;

/// Makes Linux measure the peak from here on.
fn forget_peak() {
    // Where that is not to be had, the peak is the whole process's.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.unwrap_or(0) * 1024
}

fn main() -> io::Result<()> {
    let options = MergeOptions { hunk_level: FileMergeHunkLevel::Line, same_change: SameChange::Accept };
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut known: HashMap<String, Merge<Vec<u8>>> = HashMap::new();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((name, lengths)) = words.split_last() else { continue };
        if !lengths.is_empty() {
            let mut texts = Vec::new();
            for length in lengths {
                let mut text = vec![0; length.parse().map_err(io::Error::other)?];
                input.read_exact(&mut text)?;
                texts.push(text);
            }
            known.insert((*name).to_owned(), Merge::from_vec(texts));
        }
        let texts =
            known.get(*name).ok_or_else(|| io::Error::other(format!("no texts were sent for {name}")))?;
        forget_peak();
        let began = Instant::now();
        let merged = files::try_merge(black_box(texts), &options);
        let took = began.elapsed();
        if merged.is_none() {
            return Err(io::Error::other(format!("the texts of {name} conflict")));
        }
        writeln!(output, "{} {}", took.as_secs_f64() * 1_000.0, peak_bytes())?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
