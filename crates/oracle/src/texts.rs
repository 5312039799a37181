//! Texts made to be hard to merge, and hard to find markers in.

use crate::rng::Rng;

/// Lines that markers could be taken for, or that line handling trips over.
const SPECIAL: [&[u8]; 22] = [
    b"<<<<<<< x",
    b"=======",
    b">>>>>>>",
    b"+++++++ side",
    b"-",
    b"%%%%",
    b"\\\\\\",
    b"",
    b"======",
    b"------",
    b" +a",
    b"|||||||||| q",
    b"=======\tq",
    b"=======\x0bq",
    b"=======\x0c",
    b"<<<<<<<<",
    b">>>>>> x",
    b"\r",
    b" ",
    b"\xff\xfe",
    b"-------x",
    "=======\u{a0}".as_bytes(),
];

/// What the texts of a case have in common.
pub struct Style {
    /// How many different plain lines there are.
    alphabet: usize,
    /// One line in so many is special.
    special: usize,
    /// One line in so many ends in CRLF; 1 for all, 0 for none.
    crlf: usize,
    shortest: usize,
    longest: usize,
    /// Edits are within this many lines of one place, so that they touch.
    spread: usize,
    /// Fewer edits than this make a text from another.
    edits: usize,
}

impl Style {
    /// A style for a case.
    pub fn pick(rng: &mut Rng) -> Self {
        // Long texts of few different lines meet the limit of 100 on how often a line may occur.
        let long = rng.one_in(40);
        Self {
            alphabet: *rng.pick(if long { &[1, 1, 2, 3, 200] } else { &[3, 6, 30, 1000] }),
            special: *rng.pick(if long { &[12, 50, 50, 200] } else { &[4, 12, 12, 50] }),
            crlf: *rng.pick(&[0, 0, 0, 1, 12, 3]),
            shortest: if long { *rng.pick(&[0, 98]) } else { 0 },
            longest: if long { *rng.pick(&[106, 260]) } else { *rng.pick(&[4, 9, 14, 14, 30]) },
            spread: *rng.pick(&[1, 3, 1000, 1000]),
            edits: *rng.pick(&[2, 3, 5]),
        }
    }

    /// One line with its line break.
    pub fn line(&self, rng: &mut Rng) -> Vec<u8> {
        let mut line = if rng.one_in(self.special) {
            rng.pick(&SPECIAL).to_vec()
        } else {
            format!("l{}", rng.below(self.alphabet)).into_bytes()
        };
        line.extend_from_slice(if self.crlf > 0 && rng.one_in(self.crlf) { b"\r\n" } else { b"\n" });
        line
    }

    fn lines(&self, rng: &mut Rng) -> Vec<Vec<u8>> {
        (0..self.shortest + rng.below(self.longest - self.shortest + 1)).map(|_| self.line(rng)).collect()
    }

    fn edited(&self, rng: &mut Rng, base: &[Vec<u8>], spot: usize) -> Vec<Vec<u8>> {
        let mut lines = base.to_vec();
        for _ in 0..rng.below(self.edits) {
            let at = (spot + rng.below(self.spread)) % (lines.len() + 1);
            match rng.below(6) {
                0 | 1 => lines.insert(at, self.line(rng)),
                2 if at < lines.len() => drop(lines.remove(at)),
                3 if at < lines.len() => {
                    let line = lines.remove(at);
                    lines.insert(rng.below(lines.len() + 1), line);
                }
                4 if at < lines.len() => {
                    let end = (at + 1 + rng.below(4)).min(lines.len());
                    let block = lines[at..end].to_vec();
                    lines.splice(at..at, block);
                }
                _ if at < lines.len() => lines[at] = self.line(rng),
                _ => {}
            }
        }
        lines
    }

    /// A text.
    pub fn text(&self, rng: &mut Rng) -> Vec<u8> {
        let lines = self.lines(rng);
        end(rng, lines)
    }

    /// A text that comes from this one.
    pub fn edit(&self, rng: &mut Rng, text: &[u8]) -> Vec<u8> {
        let base: Vec<Vec<u8>> = lines(text).into_iter().map(<[u8]>::to_vec).collect();
        let spot = rng.below(base.len() + 1);
        let lines = self.edited(rng, &base, spot);
        end(rng, lines)
    }

    /// Texts that come from one.
    pub fn related(&self, rng: &mut Rng, count: usize) -> Vec<Vec<u8>> {
        let base = self.lines(rng);
        let spot = rng.below(base.len() + 1);
        let mut texts: Vec<Vec<u8>> = Vec::with_capacity(count);
        for _ in 0..count {
            let text = match rng.below(30) {
                0 | 1 => Vec::new(),
                2 => self.text(rng),
                3..6 if !texts.is_empty() => rng.pick(&texts).clone(),
                _ => {
                    let lines = self.edited(rng, &base, spot);
                    end(rng, lines)
                }
            };
            texts.push(text);
        }
        texts
    }
}

/// Joins lines; some texts lose their last line break, or half of it.
fn end(rng: &mut Rng, lines: Vec<Vec<u8>>) -> Vec<u8> {
    let mut text = lines.concat();
    if rng.one_in(5) && text.pop_if(|last| *last == b'\n').is_some() && rng.one_in(2) {
        text.pop_if(|last| *last == b'\r');
    }
    text
}

/// How many terms a merge has: mostly three, up to seven sides.
pub fn term_count(rng: &mut Rng) -> usize {
    rng.pick(&[2, 2, 2, 2, 3, 3, 4, 5, 6, 7]) * 2 - 1
}

/// Labels for that many terms: none, or some of them empty.
pub fn labels(rng: &mut Rng, count: usize) -> Vec<String> {
    if rng.one_in(2) {
        return Vec::new();
    }
    (0..count).map(|place| if rng.one_in(3) { String::new() } else { format!("label {place}") }).collect()
}

/// A text's lines.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// A text as people read it.
pub fn show(text: &[u8]) -> String {
    format!("\"{}\"", text.escape_ascii())
}
