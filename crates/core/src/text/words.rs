//! Differences finer than lines: by words, then by the bytes between words.

use mesa_diff::{Visit, tokenize};

use super::hunks::{Cutter, Hunk, line_hunks};

/// Cuts texts into hunks by lines, then cuts what differs by words and by single other bytes.
pub fn fine_hunks<'a>(texts: &[&'a [u8]]) -> Vec<Hunk<'a>> {
    let by_words = refine(texts, line_hunks(texts), words, word_end);
    refine(texts, by_words, others, |_, start| start.saturating_add(1))
}

/// Cuts texts into hunks by words and by single other bytes; for texts that differ as a whole, like a hunk's parts.
pub fn word_hunks<'a>(texts: &[&'a [u8]]) -> Vec<Hunk<'a>> {
    let whole = vec![Hunk { matching: texts.len() == 1, parts: texts.to_vec() }];
    let by_words = refine(texts, whole, words, word_end);
    refine(texts, by_words, others, |_, start| start.saturating_add(1))
}

/// Letters, digits, `_`, and all that is not ASCII, so that a character is never cut.
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Visits tokens with where they start.
type Split = for<'a> fn(&'a [u8], Visit<'_, 'a>);

fn words<'a>(text: &'a [u8], visit: Visit<'_, 'a>) {
    let mut at: usize = 0;
    for run in text.chunk_by(|a, b| is_word_byte(*a) == is_word_byte(*b)) {
        if run.first().is_some_and(|first| is_word_byte(*first)) {
            visit(at, run);
        }
        at = at.saturating_add(run.len());
    }
}

fn word_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    rest.iter().position(|byte| !is_word_byte(*byte)).map_or(text.len(), |len| start.saturating_add(len))
}

fn others<'a>(text: &'a [u8], visit: Visit<'_, 'a>) {
    for (at, byte) in text.chunks(1).enumerate() {
        if byte.first().is_some_and(|byte| !is_word_byte(*byte)) {
            visit(at, byte);
        }
    }
}

/// Cuts the hunks that differ once more, by other tokens.
fn refine<'a>(
    texts: &[&'a [u8]],
    hunks: Vec<Hunk<'a>>,
    split: Split,
    end: fn(&[u8], usize) -> usize,
) -> Vec<Hunk<'a>> {
    let mut cutter = Cutter::new(texts);
    let mut starts = vec![0_usize; texts.len()];
    for hunk in hunks {
        let lengths = hunk.parts.iter().map(|part| part.len());
        let ends: Vec<usize> =
            starts.iter().zip(lengths).map(|(start, len)| start.saturating_add(len)).collect();
        if hunk.matching {
            cutter.anchor(&starts, &ends);
        } else {
            let tokens = || tokenize(&hunk.parts, &mut |text, visit| split(text, visit));
            cutter.anchor_tokens(&hunk.parts, &starts, tokens, Some(end));
        }
        starts = ends;
    }
    cutter.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(hunks: &[Hunk]) -> String {
        let part = |part: &&[u8]| String::from_utf8_lossy(part).into_owned();
        let hunk = |hunk: &Hunk| match hunk.matching {
            true => part(&hunk.parts[0]),
            false => format!("[{}]", hunk.parts.iter().map(part).collect::<Vec<_>>().join("|")),
        };
        hunks.iter().map(hunk).collect()
    }

    #[test]
    fn words_and_what_is_between_them_are_anchors() {
        let words =
            |texts: &[&str]| show(&word_hunks(&texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>()));
        assert_eq!(words(&["let a = f(x);", "let b = f(x, y);"]), "let [a|b] = f(x[|, y]);");
        assert_eq!(words(&["über alles", "unter alles"]), "[über|unter] alles");
        assert_eq!(words(&["a b c", "a XX c", "a b "]), "a [b|XX|b] [c|c|]");
        assert_eq!(words(&["", "a"]), "[|a]");
        assert_eq!(words(&["same"]), "same");
        let fine = show(&fine_hunks(&[b"1\nfoo(a)\n3\n", b"1\nfoo(b)\n3\n"]));
        assert_eq!(fine, "1\nfoo([a|b])\n3\n");
    }

    proptest::proptest! {
        #[test]
        fn parts_put_together_are_the_texts(texts in proptest::collection::vec("[ab ,\\nü]{0,12}", 1..4)) {
            let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
            for hunks in [fine_hunks(&bytes), word_hunks(&bytes)] {
                for (number, text) in bytes.iter().enumerate() {
                    let whole: Vec<u8> = hunks.iter().flat_map(|hunk| hunk.parts[number].iter().copied()).collect();
                    proptest::prop_assert_eq!(&whole[..], *text);
                }
                proptest::prop_assert!(hunks.iter().all(|hunk| !hunk.matching || hunk.parts.windows(2).all(|w| w[0] == w[1])));
                proptest::prop_assert!(hunks.windows(2).all(|w| w[0].matching != w[1].matching));
            }
        }
    }
}
