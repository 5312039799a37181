use super::*;
use crate::testing::names;
use crate::{Kind, Merge, ObjectPool, Stop};

fn side(pool: &mut ObjectPool, times: &[(&str, i64)], dirs: &[&str]) -> Option<Oid> {
    let mut edit = SideEdit::open(pool, None).unwrap();
    for (path, time) in times {
        edit.set_time(pool, &names(path), *time).unwrap();
    }
    for dir in dirs {
        edit.make_dir(pool, &names(dir)).unwrap();
    }
    Some(edit.write(pool).unwrap())
}

type Content<'a> = (&'a [(&'a str, i64)], &'a [&'a str]);

fn check(versions: [Content; 3], expected: Content) {
    let mut pool = ObjectPool::new();
    let sides = versions.map(|(times, dirs)| side(&mut pool, times, dirs));
    let expected = side(&mut pool, expected.0, expected.1);
    let merged = merge_sides(&mut pool, &Merge::new(sides.to_vec()).unwrap());
    assert_eq!(merged.unwrap_or_default().unwrap_or(Oid::EMPTY_TREE), expected.unwrap(), "{versions:?}");
}

#[test]
fn the_encoding_is_a_tree_with_a_table() {
    let mut pool = ObjectPool::new();
    let oid = side(&mut pool, &[("b", 2), ("a", -1), ("a.d/x", 3)], &["a/e"]).unwrap();
    let dir = pool.side_dir(oid).unwrap();
    assert_eq!(dir.encode_table(), Some(b"-1 a\n2 b\n".to_vec()));
    let entries = parse_entries(&pool.get(oid).unwrap().1).unwrap();
    let order: Vec<&[u8]> = entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(order, [&b"."[..], b"a.d", b"a"]);
    let fresh = SideDir::decode(&pool.get(oid).unwrap().1, |table| pool.blob(table)).unwrap();
    assert_eq!(fresh, *dir);
}

#[test]
fn a_name_with_a_line_break_goes_without_a_time() {
    let mut pool = ObjectPool::new();
    assert_eq!(side(&mut pool, &[("a\nb", 2)], &[]), Some(Oid::EMPTY_TREE));
}

#[test]
fn malformed_sides_are_refused() {
    let code = |table: &[u8]| {
        let mut pool = ObjectPool::new();
        let oid = pool.put(Kind::Blob, table.to_vec());
        let entry = TreeEntry { name: Rc::from(*b"."), entry: Entry { oid, mode: Mode::File } };
        let tree = pool.put(Kind::Tree, encode_entries(&[entry]));
        match pool.side_dir(tree) {
            Err(Stop::Error(error)) => error.code(),
            _ => "read",
        }
    };
    assert_eq!(code(b"1 a\n2 b\n"), "read");
    for table in
        [&b""[..], b"1 a", b"a\n", b"x a\n", b"1 \n", b"1 a\n1 a\n", b"1 b\n1 a\n", b"1 a/b\n", b"1 a\n\n"]
    {
        assert_eq!(code(table), "BAD_SIDE", "{table:?}");
    }
}

#[test]
fn of_two_changed_times_the_newer_stays() {
    check([(&[("a", 5)], &[]), (&[("a", 1)], &[]), (&[("a", 3)], &[])], (&[("a", 5)], &[]));
    check([(&[("a", 1)], &[]), (&[("a", 1)], &[]), (&[("a", 0)], &[])], (&[("a", 0)], &[]));
    check([(&[], &[]), (&[("a", 1)], &[]), (&[("a", 2)], &[])], (&[("a", 2)], &[]));
    check([(&[], &[]), (&[("a", 1)], &[]), (&[("a", 1), ("b", 1)], &[])], (&[("b", 1)], &[]));
    check(
        [(&[("d/a", 5)], &[]), (&[("d/a", 1)], &[]), (&[("d/a", 1), ("d/b", 3)], &[])],
        (&[("d/a", 5), ("d/b", 3)], &[]),
    );
}

#[test]
fn a_directory_goes_when_one_side_deletes_it_and_the_other_keeps_it() {
    check([(&[], &[]), (&[], &["d"]), (&[], &["d"])], (&[], &[]));
    check([(&[], &["d"]), (&[], &[]), (&[], &["e"])], (&[], &["d", "e"]));
    check([(&[], &[]), (&[], &["d"]), (&[], &["d/new"])], (&[], &["d/new"]));
    check([(&[], &[]), (&[("d/x", 1)], &["d/e"]), (&[("d/x", 2)], &["d/e"])], (&[("d/x", 2)], &[]));
}

#[test]
fn versions_without_a_side_merge() {
    let mut pool = ObjectPool::new();
    let one = side(&mut pool, &[("a", 1)], &[]);
    let two = side(&mut pool, &[("b", 1)], &[]);
    let both = side(&mut pool, &[("a", 1), ("b", 1)], &[]);
    let mut merge =
        |terms: [Option<Oid>; 3]| merge_sides(&mut pool, &Merge::new(terms.to_vec()).unwrap()).unwrap();
    assert_eq!(merge([one, None, two]), both);
    assert_eq!(merge([None, one, both]), two);
    assert_eq!(merge([None, None, one]), one);
    let fault = merge_sides(&mut pool, &Merge::new(vec![one, two, both, None, two]).unwrap());
    assert!(matches!(fault, Err(Stop::Error(error)) if error.code() == "BAD_TERMS"));
}
