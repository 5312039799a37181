//! Differences and merges by words within lines.

use jj_lib::diff::{ContentDiff, DiffHunkKind, diff};
use jj_lib::files::{FileMergeHunkLevel, MergeResult, merge_hunks};
use jj_lib::tree_merge::MergeOptions;
use mesa_core::text::{Hunk, Merged, fine_hunks, merge_texts_by_word, word_hunks};

use super::merge::{show_hunks, show_terms};
use crate::jj;
use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{both, fewer_terms, jj_hunks, our_hunks, same, shorter_texts};
use crate::texts::{Style, show, term_count};

/// Texts of few words that come from one.
pub struct Words;

type Cut = Vec<(bool, Vec<Vec<u8>>)>;

const WORDS: [&[u8]; 14] = [
    b"a",
    b"b",
    b"ab",
    b"_x1",
    b" ",
    b" ",
    b"  ",
    b"\n",
    b"\n",
    b",",
    b"(",
    b")",
    "\u{e9}".as_bytes(),
    b"\xff",
];

impl Kind for Words {
    type Case = Vec<Vec<u8>>;

    fn generate(rng: &mut Rng) -> Self::Case {
        let count = term_count(rng);
        if rng.one_in(3) {
            return Style::pick(rng).related(rng, count);
        }
        let base: Vec<&[u8]> = (0..rng.below(24)).map(|_| *rng.pick(&WORDS)).collect();
        let edited = |rng: &mut Rng| {
            let mut words = base.clone();
            for _ in 0..rng.below(4) {
                let at = rng.below(words.len() + 1);
                match rng.below(3) {
                    0 => words.insert(at, *rng.pick(&WORDS)),
                    1 if at < words.len() => drop(words.remove(at)),
                    _ if at < words.len() => words[at] = *rng.pick(&WORDS),
                    _ => {}
                }
            }
            words.concat()
        };
        (0..count).map(|_| edited(rng)).collect()
    }

    fn check(case: &Self::Case) -> Result<&'static str, String> {
        let texts: Vec<&[u8]> = case.iter().map(Vec::as_slice).collect();
        same(
            "lines, words and bytes",
            &jj_cut(diff(texts.iter().copied())),
            &our_cut(fine_hunks(&texts)),
            show_cut,
        )?;
        let by_word = ContentDiff::by_word(texts.iter().copied());
        same("words and bytes", &jj_cut(by_word.hunks()), &our_cut(word_hunks(&texts)), show_cut)?;
        let (jj, ours) = both(case)?;
        let options = MergeOptions { hunk_level: FileMergeHunkLevel::Word, ..jj::options() };
        match (merge_hunks(&jj, &options), merge_texts_by_word(&ours)) {
            (MergeResult::Resolved(jj), Merged::Resolved(ours)) => {
                same("text", &jj.to_vec(), &ours, |text| show(text))?;
                Ok("resolved")
            }
            (MergeResult::Conflict(jj), Merged::Conflict(ours)) => {
                same("hunks", &jj_hunks(&jj), &our_hunks(&ours), show_hunks)?;
                Ok("in conflict")
            }
            (jj, ours) => Err(format!("one resolves it\njj:   {jj:?}\nours: {ours:?}")),
        }
    }

    fn smaller(case: &Self::Case) -> Vec<Self::Case> {
        let mut smaller = [fewer_terms(case), shorter_texts(case)].concat();
        for (place, text) in case.iter().enumerate() {
            for at in 0..text.len() {
                let mut case = case.clone();
                case[place].remove(at);
                smaller.push(case);
            }
        }
        smaller
    }

    fn show(case: &Self::Case) -> String {
        show_terms(case)
    }
}

fn jj_cut<'a>(hunks: impl IntoIterator<Item = jj_lib::diff::DiffHunk<'a>>) -> Cut {
    let parts = |hunk: jj_lib::diff::DiffHunk| hunk.contents.iter().map(|part| part.to_vec()).collect();
    hunks.into_iter().map(|hunk| (hunk.kind == DiffHunkKind::Matching, parts(hunk))).collect()
}

fn our_cut(hunks: Vec<Hunk>) -> Cut {
    let parts = |hunk: &Hunk| hunk.parts.iter().map(|part| part.to_vec()).collect();
    hunks.iter().map(|hunk| (hunk.matching, parts(hunk))).collect()
}

fn show_cut(cut: &Cut) -> String {
    let hunk = |(matching, parts): &(bool, Vec<Vec<u8>>)| {
        let parts: Vec<String> = parts.iter().map(|part| show(part)).collect();
        format!("{}[{}]", if *matching { '=' } else { '≠' }, parts.join(", "))
    };
    cut.iter().map(hunk).collect::<Vec<_>>().join(" ")
}
