//! Text that somebody wrote over a conflict: any bytes, often with markers, read as hunks and as what becomes of the path.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mesa_core::conflict::{Style, conflict_hunks, parse, parse_conflicts, render};
use mesa_core::{Entry, Kind, Merge, Mode, ObjectPool, Terms};
use mesa_fuzz::{Text, given};

#[derive(Arbitrary, Debug)]
struct Case {
    first: Term,
    others: Vec<(Term, Term)>,
    written: Text,
    sides: u8,
    min_len: u8,
    /// Cut the rendered text here and put what was written there.
    splice: Option<(u16, u16)>,
    style: u8,
}

#[derive(Arbitrary, Debug)]
enum Term {
    Absent,
    File(Text, bool),
    Link,
    Tree,
    Module,
}

fuzz_target!(|case: Case| {
    let (sides, min_len) = (usize::from(case.sides % 6), usize::from(case.min_len % 12));
    for hunk in parse_conflicts(&case.written.0, sides, min_len).into_iter().flatten() {
        assert!(hunk.is_resolved() || hunk.num_sides() == sides);
    }
    let mut pool = ObjectPool::new();
    let mut values = vec![entry(&mut pool, &case.first)];
    for (base, side) in case.others.iter().take(4) {
        values.extend([entry(&mut pool, base), entry(&mut pool, side)]);
    }
    let Ok(terms) = Merge::new(values) else { unreachable!() };
    let style = [Style::Snapshot, Style::Diff, Style::Git][usize::from(case.style % 3)];
    let Some(rendered) = given(render(&mut pool, &terms, style, &[])) else { return };
    let Some(hunks) = given(conflict_hunks(&mut pool, &terms)) else { return };
    assert!(rendered.hunks == hunks.hunks.len(), "{} rendered, {} told", rendered.hunks, hunks.hunks.len());
    if terms.resolve_trivial().is_none() {
        let kept = given(parse(&mut pool, &rendered.bytes, &terms));
        // A binary conflict reads as a side of it, so writing that back takes the side.
        assert!(
            hunks.binary || kept.as_ref() == Some(&terms),
            "writing what was read changes {terms:?} to {kept:?}"
        );
    }
    let written = match case.splice {
        Some((from, to)) => {
            let end = rendered.bytes.len();
            let (from, to) = (usize::from(from).min(end), usize::from(to).min(end));
            [&rendered.bytes[..from.min(to)], &case.written.0, &rendered.bytes[from.max(to)..]].concat()
        }
        None => case.written.0,
    };
    if let Some(after) = given(parse(&mut pool, &written, &terms)) {
        check(&mut pool, &after, &terms);
    }
});

/// What was written can be shown again, and has as many terms as there were, or one.
fn check(pool: &mut ObjectPool, after: &Terms, before: &Terms) {
    assert!(after.is_resolved() || after.num_sides() == before.num_sides());
    assert!(given(render(pool, after, Style::Snapshot, &[])).is_some());
}

fn entry(pool: &mut ObjectPool, term: &Term) -> Option<Entry> {
    let (mode, bytes): (Mode, &[u8]) = match term {
        Term::Absent => return None,
        Term::File(text, false) => (Mode::File, &text.0),
        Term::File(text, true) => (Mode::Executable, &text.0),
        Term::Link => (Mode::Symlink, b"to"),
        Term::Tree => (Mode::Tree, b""),
        Term::Module => (Mode::Submodule, b"module"),
    };
    let kind = if mode == Mode::Tree { Kind::Tree } else { Kind::Blob };
    Some(Entry { oid: pool.put(kind, bytes.to_vec()), mode })
}
