//! Conflicted text with markers, in three styles.

use super::markers::Marker;
use crate::Merge;
use crate::text::{Hunk, line_hunks, lines};

/// How a conflict is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Every term in full.
    Snapshot,
    /// One side in full, the others as diffs from their bases.
    Diff,
    /// As `git merge` does with `diff3`; with more than two sides as [`Snapshot`](Style::Snapshot).
    Git,
}

/// The text of merged hunks. `labels` names the terms, or is empty for `side #1`, `base` and so on.
pub fn render_hunks(
    hunks: Vec<Merge<Vec<u8>>>,
    style: Style,
    marker_len: usize,
    labels: &[String],
    eol: &[u8],
) -> Vec<u8> {
    let total = hunks.iter().filter(|hunk| !hunk.is_resolved()).count();
    let mut number = 0;
    let mut writer = Writer { out: Vec::new(), marker_len, eol };
    for hunk in hunks {
        if let Some(text) = hunk.as_resolved() {
            writer.out.extend_from_slice(text);
            continue;
        }
        number += 1;
        // A term without a final line break gets one that is not its own; leaving the one after the end marker
        // off says so.
        let complete = hunk.iter().all(|text| text.last().is_none_or(|last| *last == b'\n'));
        let mut terms = label_terms(hunk, labels);
        if !complete {
            for term in terms.iter_mut() {
                term.text.extend_from_slice(eol);
            }
        }
        match (style, terms.as_slice()) {
            (Style::Git, [left, base, right]) => writer.git_conflict(left, base, right),
            _ => writer.conflict(&terms, style, &format!("conflict {number} of {total}")),
        }
        if complete {
            writer.out.extend_from_slice(eol);
        }
    }
    writer.out
}

struct Term {
    text: Vec<u8>,
    label: String,
}

fn label_terms(hunk: Merge<Vec<u8>>, labels: &[String]) -> Merge<Term> {
    let bases = hunk.num_sides() - 1;
    let mut place = 0;
    let mut label_next = |text: &Vec<u8>| {
        let own = labels.get(place).filter(|label| !label.is_empty()).cloned();
        let mut label = own.unwrap_or_else(|| match place {
            _ if place % 2 == 0 => format!("side #{}", place / 2 + 1),
            _ if bases == 1 => "base".to_owned(),
            _ => format!("base #{}", place / 2 + 1),
        });
        place += 1;
        if text.last().is_some_and(|last| *last != b'\n') {
            label.push_str(" (no terminating newline)");
        }
        Term { text: text.clone(), label }
    };
    hunk.map(&mut label_next)
}

struct Writer<'a> {
    out: Vec<u8>,
    marker_len: usize,
    eol: &'a [u8],
}

impl Writer<'_> {
    fn conflict(&mut self, terms: &Merge<Term>, style: Style, title: &str) {
        self.marker(Marker::Start, title);
        self.line_end();
        let adds: Vec<&Term> = terms.adds().collect();
        // Diffs need one side in full to start from; until one is written, the next side may take that place.
        let mut snapshot_due = style == Style::Diff;
        if !snapshot_due {
            self.side(terms.first());
        }
        for (number, base) in terms.removes().enumerate() {
            let place = if snapshot_due { number } else { number + 1 };
            let Some(side) = adds.get(place) else { continue };
            if style != Style::Diff {
                self.snapshot(Marker::Remove, base);
                self.side(side);
                continue;
            }
            let diff = line_hunks(&[&base.text, &side.text]);
            if snapshot_due && let Some(next) = adds.get(place + 1) {
                let next_diff = line_hunks(&[&base.text, &next.text]);
                if diff_size(&next_diff) < diff_size(&diff) {
                    self.side(side);
                    self.diff(base, next, &next_diff);
                    snapshot_due = false;
                    continue;
                }
            }
            self.diff(base, side, &diff);
        }
        if snapshot_due && let Some(last) = adds.last() {
            self.side(last);
        }
        self.marker(Marker::End, &format!("{title} ends"));
    }

    fn git_conflict(&mut self, left: &Term, base: &Term, right: &Term) {
        self.snapshot(Marker::Start, left);
        self.snapshot(Marker::GitBase, base);
        // Editors that know git's markers want nothing behind the separator.
        self.marker(Marker::GitSeparator, "");
        self.line_end();
        self.out.extend_from_slice(&right.text);
        self.marker(Marker::End, &right.label);
    }

    fn side(&mut self, side: &Term) {
        self.snapshot(Marker::Add, side);
    }

    fn snapshot(&mut self, marker: Marker, term: &Term) {
        self.marker(marker, &term.label);
        self.line_end();
        self.out.extend_from_slice(&term.text);
    }

    fn diff(&mut self, base: &Term, side: &Term, hunks: &[Hunk]) {
        self.marker(Marker::Diff, &format!("diff from: {}", base.label));
        self.line_end();
        self.marker(Marker::Note, &format!("       to: {}", side.label));
        self.line_end();
        for hunk in hunks {
            let signs: &[u8] = if hunk.matching { b" " } else { b"-+" };
            for (sign, part) in signs.iter().zip(&hunk.parts) {
                for line in lines(part) {
                    self.out.push(*sign);
                    self.out.extend_from_slice(line);
                }
            }
        }
    }

    fn marker(&mut self, marker: Marker, label: &str) {
        self.out.resize(self.out.len() + self.marker_len, marker.byte());
        if !label.is_empty() {
            self.out.push(b' ');
            self.out.extend_from_slice(label.as_bytes());
        }
    }

    fn line_end(&mut self) {
        self.out.extend_from_slice(self.eol);
    }
}

fn diff_size(hunks: &[Hunk]) -> usize {
    let differing = hunks.iter().filter(|hunk| !hunk.matching);
    differing.map(|hunk| hunk.parts.iter().map(|part| part.len()).sum::<usize>()).sum()
}
