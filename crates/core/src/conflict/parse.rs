//! Reading conflicts out of text, whichever style they were written in.

#![deny(clippy::arithmetic_side_effects)]

use super::markers::{Marker, marker_of};
use crate::Merge;
use crate::text::lines;

/// The hunks of a text with conflicts of `num_sides` sides, or `None` if it has none. What looks like a conflict
/// but isn't well-formed, or has another number of sides, is text. Markers shorter than `min_len` are text too.
pub fn parse_conflicts(text: &[u8], num_sides: usize, min_len: usize) -> Option<Vec<Merge<Vec<u8>>>> {
    let mut hunks: Vec<Merge<Vec<u8>>> = Vec::new();
    let mut resolved_from = 0;
    let mut open: Option<Open> = None;
    let mut at: usize = 0;
    for line in lines(text) {
        let next = at.saturating_add(line.len());
        match marker_of(line, min_len) {
            // Another start drops the one before: an unfinished conflict is text.
            Some(Marker::Start) => {
                open = Some(Open { start: at, body: next, crlf: line.ends_with(b"\r\n") });
            }
            Some(Marker::End) => {
                if let Some(open) = open.take()
                    && let Some(mut terms) = parse_body(text.get(open.body..at)?, min_len)
                    && terms.num_sides() == num_sides
                {
                    if !line.ends_with(b"\n") {
                        open.drop_last_breaks(&mut terms);
                    }
                    push_resolved(&mut hunks, text.get(resolved_from..open.start)?);
                    hunks.push(terms);
                    resolved_from = next;
                }
            }
            _ => {}
        }
        at = next;
    }
    if hunks.is_empty() {
        return None;
    }
    push_resolved(&mut hunks, text.get(resolved_from..)?);
    Some(hunks)
}

struct Open {
    start: usize,
    body: usize,
    crlf: bool,
}

impl Open {
    /// An end marker without a line break says that the terms' last ones are separators. They are written like
    /// the start marker's own, so a CR before a bare LF is content.
    fn drop_last_breaks(&self, terms: &mut Merge<Vec<u8>>) {
        for term in terms.iter_mut() {
            if term.pop_if(|last| *last == b'\n').is_some() && self.crlf {
                term.pop_if(|last| *last == b'\r');
            }
        }
    }
}

fn push_resolved(hunks: &mut Vec<Merge<Vec<u8>>>, text: &[u8]) {
    if !text.is_empty() {
        hunks.push(Merge::resolved(text.to_vec()));
    }
}

/// The first line tells the style: git's conflicts start with content or with the base.
fn parse_body(body: &[u8], min_len: usize) -> Option<Merge<Vec<u8>>> {
    match lines(body).next().and_then(|line| marker_of(line, min_len)) {
        Some(Marker::Add | Marker::Remove | Marker::Diff) => parse_jj_body(body, min_len),
        Some(Marker::GitBase) | None => parse_git_body(body, min_len),
        Some(_) => None,
    }
}

fn parse_jj_body(body: &[u8], min_len: usize) -> Option<Merge<Vec<u8>>> {
    let mut section = None;
    let mut adds: Vec<Vec<u8>> = Vec::new();
    let mut removes: Vec<Vec<u8>> = Vec::new();
    for line in lines(body) {
        match marker_of(line, min_len) {
            Some(Marker::Note) => continue,
            Some(marker @ (Marker::Add | Marker::Remove | Marker::Diff)) => {
                if marker != Marker::Remove {
                    adds.push(Vec::new());
                }
                if marker != Marker::Add {
                    removes.push(Vec::new());
                }
                section = Some(marker);
                continue;
            }
            _ => {}
        }
        match section? {
            Marker::Add => adds.last_mut()?.extend_from_slice(line),
            Marker::Remove => removes.last_mut()?.extend_from_slice(line),
            _ => {
                let (sign, content) = match line.split_first()? {
                    // An editor may have stripped the space off an empty line.
                    _ if matches!(line, b"\n" | b"\r\n") => (b' ', line),
                    (sign, content) => (*sign, content),
                };
                if !matches!(sign, b' ' | b'-' | b'+') {
                    return None;
                }
                if sign != b'+' {
                    removes.last_mut()?.extend_from_slice(content);
                }
                if sign != b'-' {
                    adds.last_mut()?.extend_from_slice(content);
                }
            }
        }
    }
    Merge::from_removes_adds(removes, adds)
}

fn parse_git_body(body: &[u8], min_len: usize) -> Option<Merge<Vec<u8>>> {
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    for line in lines(body) {
        match (marker_of(line, min_len), parts.len()) {
            (Some(Marker::GitBase), 1) | (Some(Marker::GitSeparator), 2) => parts.push(Vec::new()),
            (Some(Marker::GitBase | Marker::GitSeparator), _) => return None,
            _ => parts.last_mut()?.extend_from_slice(line),
        }
    }
    Merge::new(parts).ok().filter(|parts| parts.num_sides() == 2)
}
