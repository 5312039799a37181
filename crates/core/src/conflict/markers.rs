//! Marker lines: one character, repeated, alone or followed by a space and a label.

#![deny(clippy::arithmetic_side_effects)]

use crate::Merge;
use crate::text::lines;

/// The usual length of a marker.
pub const MIN_MARKER_LEN: usize = 7;

/// How much longer than any marker-looking line in the terms a marker must be.
const LONGER_BY: usize = 4;

/// What a marker line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// `<`: a conflict starts.
    Start,
    /// `>`: the conflict ends.
    End,
    /// `+`: the content of a side follows.
    Add,
    /// `-`: the content of a base follows.
    Remove,
    /// `%`: a diff from a base to a side follows.
    Diff,
    /// `\`: goes on with the label of the line before.
    Note,
    /// `|`: the base follows, as git writes it.
    GitBase,
    /// `=`: the second side follows, as git writes it.
    GitSeparator,
}

impl Marker {
    /// The character repeated.
    pub fn byte(self) -> u8 {
        match self {
            Self::Start => b'<',
            Self::End => b'>',
            Self::Add => b'+',
            Self::Remove => b'-',
            Self::Diff => b'%',
            Self::Note => b'\\',
            Self::GitBase => b'|',
            Self::GitSeparator => b'=',
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'<' => Some(Self::Start),
            b'>' => Some(Self::End),
            b'+' => Some(Self::Add),
            b'-' => Some(Self::Remove),
            b'%' => Some(Self::Diff),
            b'\\' => Some(Self::Note),
            b'|' => Some(Self::GitBase),
            b'=' => Some(Self::GitSeparator),
            _ => None,
        }
    }
}

/// The marker a line starts with, and its length, however short.
fn marker_of_any_len(line: &[u8]) -> Option<(Marker, usize)> {
    let first = *line.first()?;
    let marker = Marker::from_byte(first)?;
    let len = line.iter().take_while(|byte| **byte == first).count();
    match line.get(len) {
        Some(next) if !next.is_ascii_whitespace() => None,
        _ => Some((marker, len)),
    }
}

/// The marker a line starts with, unless it is shorter than `min_len`.
pub fn marker_of(line: &[u8], min_len: usize) -> Option<Marker> {
    marker_of_any_len(line).filter(|(_, len)| *len >= min_len).map(|(marker, _)| marker)
}

/// How long the markers of a conflict of these texts are: longer than any line in them that looks like one.
pub fn marker_len<T: AsRef<[u8]>>(terms: &Merge<T>) -> usize {
    let longest = terms.iter().flat_map(|text| lines(text.as_ref())).filter_map(marker_of_any_len);
    longest.map(|(_, len)| len.saturating_add(LONGER_BY)).max().unwrap_or(0).max(MIN_MARKER_LEN)
}

/// The line break of marker lines: CRLF only where every text that has line breaks starts with one.
pub fn marker_eol<T: AsRef<[u8]>>(terms: &Merge<T>) -> &'static [u8] {
    let mut with_breaks = terms.iter().filter_map(|text| {
        let text = text.as_ref();
        let end = text.iter().position(|byte| *byte == b'\n')?;
        Some(end.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\r'))
    });
    match with_breaks.next() {
        Some(true) if with_breaks.all(|crlf| crlf) => b"\r\n",
        _ => b"\n",
    }
}
