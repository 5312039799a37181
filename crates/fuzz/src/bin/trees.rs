//! Trees and sides nobody in their right mind would write: names twice, entries of the wrong kind, objects that are not there. Whatever is asked of
//! them is answered or refused.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mesa_core::apply::{Edit, apply};
use mesa_core::conflict::{Style, render};
use mesa_core::patch::unified_patch;
use mesa_core::side::merge_sides;
use mesa_core::tree::{conflicts, diff_trees, list, lookup, make_conflict_tree, merge_trees};
use mesa_core::{Kind, Merge, ObjectPool, Oid};
use mesa_fuzz::{Text, given};

#[derive(Arbitrary, Debug)]
struct Case {
    objects: Vec<Object>,
    first: u8,
    others: Vec<(u8, u8)>,
    side: Option<u8>,
    other: u8,
    path: u8,
}

#[derive(Arbitrary, Debug)]
enum Object {
    Blob(Text),
    /// The table of a side.
    Table(Vec<(i8, u8)>),
    Tree(Vec<(u8, u8, u8)>),
    /// The side of a directory: its table, and sides below.
    Side(u8, Vec<(u8, u8)>),
    Raw(Vec<u8>),
}

const NAMES: [&str; 10] = ["a", "a.b", "a0", "b", "A", "", ".git", "x/y", ".", "ü"];
const MODES: [&str; 8] = ["100644", "100755", "120000", "40000", "40000", "160000", "100664", "7777777777"];
const PATHS: [&str; 5] = ["", "a", "a/b", "a/a/a", "b/a0"];

fuzz_target!(|case: Case| {
    let mut pool = ObjectPool::new();
    let mut known: Vec<Oid> = vec![Oid::EMPTY_TREE, Oid::from_bytes([7; 20])];
    for object in case.objects.iter().take(24) {
        let oid = put(&mut pool, &known, object);
        known.push(oid);
    }
    let at = |place: u8| known[usize::from(place) % known.len()];
    let mut roots = vec![at(case.first)];
    roots.extend(case.others.iter().take(3).flat_map(|(base, side)| [at(*base), at(*side)]));
    let Ok(trees) = Merge::new(roots) else { unreachable!() };
    let (side, other) = (case.side.map(at), Merge::resolved(at(case.other)));
    let path = PATHS[usize::from(case.path) % PATHS.len()];
    let Ok(names) = mesa_core::path::split_path(path) else { unreachable!() };

    if let Some(merged) = given(merge_trees(&mut pool, &trees)) {
        assert!(merged.num_sides() <= trees.num_sides());
    }
    given(make_conflict_tree(&mut pool, &trees));
    given(list(&mut pool, &trees, side, &names));
    for (_, terms) in given(conflicts(&mut pool, &trees)).unwrap_or_default() {
        given(render(&mut pool, &terms, Style::Diff, &[]));
    }
    if let Some(changed) = given(diff_trees(&mut pool, &trees, &other)) {
        given(unified_patch(&mut pool, &changed, 3));
    }
    let Some(found) = given(lookup(&mut pool, &trees, side, &names)) else { return };
    given(merge_sides(&mut pool, &Merge::three_way(side, None, Some(at(case.other)))));
    let to = "b/new".to_owned();
    let (was, to_was) = (found.terms.clone(), Merge::absent());
    let edits = [
        Edit::Rename { from: path.to_owned(), to, was, to_was, mtime: Some(i64::MIN) },
        Edit::Write {
            path: "a/new".to_owned(),
            was: Merge::absent(),
            entry: found.terms,
            mtime: Some(i64::MAX),
        },
    ];
    for edit in edits {
        pool.take_created();
        if given(apply(&mut pool, &trees, side, &[edit])).is_none() {
            assert!(pool.take_created().is_empty(), "what failed has left something");
        }
    }
});

fn put(pool: &mut ObjectPool, known: &[Oid], object: &Object) -> Oid {
    let at = |place: u8| known[usize::from(place) % known.len()];
    let line = |mode: &str, name: &str, oid: Oid| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", oid.as_bytes()].concat()
    };
    let name = |place: u8| NAMES[usize::from(place) % NAMES.len()];
    match object {
        Object::Blob(text) => pool.put(Kind::Blob, text.0.clone()),
        Object::Table(lines) => {
            let lines: Vec<String> =
                lines.iter().map(|(time, at)| format!("{time} {}\n", name(*at))).collect();
            pool.put(Kind::Blob, lines.concat().into_bytes())
        }
        Object::Tree(entries) => {
            let lines = entries
                .iter()
                .map(|(mode, at_name, oid)| line(MODES[usize::from(*mode) % 8], name(*at_name), at(*oid)));
            pool.put(Kind::Tree, lines.collect::<Vec<_>>().concat())
        }
        Object::Side(table, dirs) => {
            let dirs = dirs.iter().map(|(at_name, oid)| line("40000", name(*at_name), at(*oid)));
            pool.put(
                Kind::Tree,
                [line("100644", ".", at(*table)), dirs.collect::<Vec<_>>().concat()].concat(),
            )
        }
        Object::Raw(bytes) => pool.put(Kind::Tree, bytes.clone()),
    }
}
