//! Terms of a merge as lists: making them smaller, and comparing what both libraries make of them.

use jj_lib::merge::Merge as JjMerge;
use mesa_core::Merge;

use crate::minimise::without_runs;
use crate::texts::lines;

/// The terms with one pair of a side and a base less, or one term replaced by its neighbour's.
pub fn fewer_terms<T: Clone + PartialEq>(terms: &[T]) -> Vec<Vec<T>> {
    let mut fewer = Vec::new();
    for place in 0..terms.len().saturating_sub(1) {
        let mut terms = terms.to_vec();
        terms.drain(place..place + 2);
        fewer.push(terms);
    }
    fewer
}

/// The terms with one text a little shorter, or a line gone from all of them.
pub fn shorter_texts(terms: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
    let mut shorter = Vec::new();
    let mut all: Vec<&[u8]> = terms.iter().flat_map(|text| lines(text)).collect();
    all.sort();
    all.dedup();
    for gone in all {
        let keep = |text: &Vec<u8>| {
            lines(text).into_iter().filter(|line| *line != gone).collect::<Vec<_>>().concat()
        };
        shorter.push(terms.iter().map(keep).collect());
    }
    for place in 0..terms.len() {
        for text in without_runs(&lines(&terms[place])) {
            let mut terms = terms.to_vec();
            terms[place] = text.concat();
            shorter.push(terms);
        }
    }
    shorter
}

/// A merge for each library.
pub fn both<T: Clone>(terms: &[T]) -> Result<(JjMerge<T>, Merge<T>), String> {
    let ours = Merge::new(terms.to_vec()).map_err(|error| error.to_string())?;
    Ok((JjMerge::from_vec(terms.to_vec()), ours))
}

/// Hunks as plain lists.
pub fn jj_hunks<T: AsRef<[u8]>>(hunks: &[JjMerge<T>]) -> Vec<Vec<Vec<u8>>> {
    hunks.iter().map(|hunk| hunk.iter().map(|text| text.as_ref().to_vec()).collect()).collect()
}

/// Hunks as plain lists.
pub fn our_hunks(hunks: &[Merge<Vec<u8>>]) -> Vec<Vec<Vec<u8>>> {
    hunks.iter().map(|hunk| hunk.as_slice().to_vec()).collect()
}

/// Fails unless the two answers are equal.
pub fn same<T: PartialEq>(what: &str, jj: &T, ours: &T, show: impl Fn(&T) -> String) -> Result<(), String> {
    if jj == ours {
        return Ok(());
    }
    Err(format!("{what} differs\njj:   {}\nours: {}", show(jj), show(ours)))
}
