//! Several texts cut into hunks: stretches of lines all of them share, and what lies between.

#![expect(clippy::indexing_slicing, reason = "places are of tokens that were cut out of these texts")]

use mesa_diff::{Tokens, anchors, tokenize_lines};

/// A stretch of all texts, in the order they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// Whether the texts are known to be equal here.
    pub matching: bool,
    /// Each text's part.
    pub parts: Vec<&'a [u8]>,
}

/// Cuts texts into hunks by comparing every text with the first one, line by line. Lines of the first text that
/// all others have are anchors; edits that touch are one hunk. Where a text is empty there is one hunk only.
pub fn line_hunks<'a>(texts: &[&'a [u8]]) -> Vec<Hunk<'a>> {
    let mut cutter = Cutter::new(texts);
    if texts.len() == 1 {
        cutter.extend_to_end();
    } else {
        let offsets = vec![0; texts.len()];
        cutter.anchor_tokens(texts, &offsets, || tokenize_lines(texts), None);
    }
    cutter.finish()
}

/// Puts anchors together to matching hunks and the gaps between them to differing ones.
pub(super) struct Cutter<'t, 'a> {
    texts: &'t [&'a [u8]],
    hunks: Vec<Hunk<'a>>,
    /// The matching stretch being grown, in bytes of each text.
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl<'t, 'a> Cutter<'t, 'a> {
    pub fn new(texts: &'t [&'a [u8]]) -> Self {
        let zeros = vec![0; texts.len()];
        Self { texts, hunks: Vec::new(), starts: zeros.clone(), ends: zeros }
    }

    fn extend_to_end(&mut self) {
        self.ends = self.texts.iter().map(|text| text.len()).collect();
    }

    /// Puts in the anchors that tokens of these parts of the texts make; `offsets` is where the parts are. `end` tells
    /// where a token ends that starts at its second argument, where that is not the start of the next one.
    pub fn anchor_tokens(
        &mut self,
        parts: &[&'a [u8]],
        offsets: &[usize],
        tokenize: impl FnOnce() -> Tokens,
        end: Option<fn(&[u8], usize) -> usize>,
    ) {
        if parts.iter().any(|part| part.is_empty()) {
            return;
        }
        let tokens = tokenize();
        let mut starts = offsets.to_vec();
        let mut ends = offsets.to_vec();
        for (len, places) in anchors(&tokens).iter() {
            // Tokens that touch are one anchor; others stand by themselves.
            let (times, step) = if end.is_some() { (len, 1) } else { (1, len) };
            for time in 0..times {
                for (text, place) in places.iter().enumerate() {
                    let place = *place as usize + time;
                    let start = tokens.starts[text][place] as usize;
                    starts[text] = offsets[text] + start;
                    ends[text] = offsets[text]
                        + end.map_or(tokens.starts[text][place + step] as usize, |end| {
                            end(parts[text], start)
                        });
                }
                self.anchor(&starts, &ends);
            }
        }
    }

    /// Puts in an anchor; they come in order.
    pub fn anchor(&mut self, starts: &[usize], ends: &[usize]) {
        if self.ends != starts {
            self.close(starts);
            self.starts.copy_from_slice(starts);
        }
        self.ends.copy_from_slice(ends);
    }

    fn close(&mut self, next: &[usize]) {
        if self.starts != self.ends {
            self.push(true, self.starts.clone(), &self.ends.clone());
        }
        self.push(false, self.ends.clone(), next);
    }

    fn push(&mut self, matching: bool, starts: Vec<usize>, ends: &[usize]) {
        let parts = self.texts.iter().zip(starts).zip(ends).map(|((text, start), end)| &text[start..*end]);
        self.hunks.push(Hunk { matching, parts: parts.collect() });
    }

    /// The hunks.
    pub fn finish(mut self) -> Vec<Hunk<'a>> {
        let lengths: Vec<usize> = self.texts.iter().map(|text| text.len()).collect();
        if self.ends != lengths {
            self.close(&lengths);
        } else if self.starts != self.ends {
            self.push(true, self.starts.clone(), &self.ends.clone());
        }
        self.hunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &[(bool, &[&str])]) {
        let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let expected: Vec<Hunk> = expected
            .iter()
            .map(|(matching, parts)| Hunk {
                matching: *matching,
                parts: parts.iter().map(|part| part.as_bytes()).collect(),
            })
            .collect();
        assert_eq!(line_hunks(&bytes), expected, "{texts:?}");
    }

    #[test]
    fn anchors_are_shared_by_all_texts() {
        check(&["", ""], &[]);
        check(&["a\n"], &[(true, &["a\n"])]);
        check(&["", "a\n"], &[(false, &["", "a\n"])]);
        check(&["a\nb\n", "a\nc\n"], &[(true, &["a\n", "a\n"]), (false, &["b\n", "c\n"])]);
        check(
            &["a\nb\nc\n", "a\nx\nb\nc\n", "a\nb\nc\nd\n"],
            &[
                (true, &["a\n", "a\n", "a\n"]),
                (false, &["", "x\n", ""]),
                (true, &["b\nc\n", "b\nc\n", "b\nc\n"]),
                (false, &["", "", "d\n"]),
            ],
        );
        // The last line differs by its line break.
        check(&["a\nb", "a\nb\n"], &[(true, &["a\n", "a\n"]), (false, &["b", "b\n"])]);
    }

    proptest::proptest! {
        #[test]
        fn parts_put_together_are_the_texts(texts in proptest::collection::vec("([abc]{0,2}\n){0,8}[ab]?", 1..5)) {
            let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
            let hunks = line_hunks(&bytes);
            for (number, text) in bytes.iter().enumerate() {
                let whole: Vec<u8> = hunks.iter().flat_map(|hunk| hunk.parts[number].iter().copied()).collect();
                proptest::prop_assert_eq!(&whole[..], *text);
            }
            for hunk in &hunks {
                proptest::prop_assert!(!hunk.matching || hunk.parts.windows(2).all(|w| w[0] == w[1]));
            }
            proptest::prop_assert!(hunks.windows(2).all(|w| w[0].matching != w[1].matching));
        }
    }
}
