use std::io::Write;
use std::process::{Command, Stdio};
use std::rc::Rc;

use super::*;
use crate::hash::hash_object;

fn oid(digit: &str) -> Oid {
    Oid::from_hex(&digit.repeat(40)).unwrap()
}

fn entry(name: &str, mode: Mode) -> TreeEntry {
    TreeEntry { name: Rc::from(name.as_bytes()), entry: Entry { oid: oid("1"), mode } }
}

/// What git itself says the object's id is, checking its form.
fn git_id(kind: Kind, bytes: &[u8]) -> String {
    let mut git = Command::new("git")
        .args(["hash-object", "--stdin", "-t", kind.as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(bytes).unwrap();
    String::from_utf8(git.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_tree_is_encoded_in_gits_order() {
    let names = [
        ("a.b", Mode::File),
        ("a", Mode::Tree),
        ("a0", Mode::Symlink),
        ("b", Mode::Executable),
        ("z", Mode::Submodule),
    ];
    let tree = Tree::new(names.map(|(name, mode)| entry(name, mode)).to_vec()).unwrap();
    let bytes = tree.encode();
    let order: Vec<Name> = parse_entries(&bytes).unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(order, ["a.b", "a", "a0", "b", "z"].map(|name| Rc::from(name.as_bytes())));
    assert_eq!(decode_tree(&bytes), Ok(tree));
    assert_eq!(git_id(Kind::Tree, &bytes), hash_object(Kind::Tree, &bytes).to_hex());
}

#[test]
fn trees_git_would_not_write_are_refused() {
    let raw = |entries: &[(&str, &str)]| -> Vec<u8> {
        entries
            .iter()
            .flat_map(|(mode, name)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[7; 20]].concat())
            .collect()
    };
    let check = |bytes: &[u8], code: &str| {
        assert_eq!(decode_tree(bytes).map_err(|e| e.code()), Err(code), "{bytes:?}")
    };
    for name in ["", ".", "..", ".git", ".GIT", "a/b"] {
        check(&raw(&[("100644", name)]), "BAD_TREE");
    }
    check(&raw(&[("100644", "b"), ("100644", "a")]), "BAD_TREE");
    check(&raw(&[("100644", "a"), ("100644", "a")]), "BAD_TREE");
    check(&raw(&[("100644", "a"), ("100644", "a.b"), ("40000", "a")]), "BAD_TREE");
    check(&raw(&[("100648", "a")]), "BAD_TREE");
    check(&raw(&[("170000", "a")]), "BAD_MODE");
    check(&raw(&[("", "a")]), "BAD_TREE");
    let whole = raw(&[("100644", "a")]);
    for end in 1..whole.len() {
        check(&whole[..end], "BAD_TREE");
    }
    assert_eq!(decode_tree(&raw(&[("100664", "a")])).unwrap().get(b"a").map(|e| e.mode), Some(Mode::File));
}

fn commit() -> Commit {
    let author = Signature {
        name: "Ann".into(),
        email: "ann@example.org".into(),
        timestamp: 1_700_000_000_000,
        tz_offset: -210,
    };
    Commit {
        trees: Merge::resolved(oid("1")),
        tree: oid("1"),
        labels: vec![],
        parents: vec![oid("2"), oid("3")],
        committer: Signature { name: String::new(), timestamp: -1_500, tz_offset: 330, ..author.clone() },
        author,
        message: "subject\n\nbody\n".into(),
        change_id: Some("z".repeat(32)),
        extra: vec![],
    }
}

#[test]
fn a_commit_is_encoded_as_git_does() {
    let bytes = encode_commit(&commit()).unwrap();
    let (one, two, three, id) = ("1".repeat(40), "2".repeat(40), "3".repeat(40), "z".repeat(32));
    let expected = format!(
        "tree {one}\nparent {two}\nparent {three}\nauthor Ann <ann@example.org> 1700000000 -0330\n\
         committer JJ_EMPTY_STRING <ann@example.org> -2 +0530\nchange-id {id}\n\nsubject\n\nbody\n"
    );
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    let mut read = commit();
    read.committer.timestamp = -2_000;
    assert_eq!(decode_commit(&bytes), Ok(read));
}

#[test]
fn a_conflicted_commit_has_jjs_headers() {
    let mut conflicted = commit();
    conflicted.committer.timestamp = 5_000;
    conflicted.trees = Merge::three_way(oid("4"), oid("5"), oid("6"));
    conflicted.labels = vec!["ours".into(), String::new(), "theirs".into()];
    let bytes = encode_commit(&conflicted).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let trees = ["4", "5", "6"].map(|digit| digit.repeat(40)).join(" ");
    assert!(
        text.contains(&format!("\njj:conflict-labels ours\n \n theirs\njj:trees {trees}\nchange-id zzz")),
        "{text}"
    );
    assert_eq!(decode_commit(&bytes), Ok(conflicted));
    assert_eq!(git_id(Kind::Commit, &bytes), hash_object(Kind::Commit, &bytes).to_hex());
}

#[test]
fn unknown_headers_survive() {
    let mut signed = commit();
    signed.change_id = None;
    signed.committer.timestamp = 0;
    signed.extra = vec![
        (b"encoding".to_vec(), b"latin1".to_vec()),
        (b"gpgsig".to_vec(), b"-----BEGIN-----\n\nabc\n-----END-----\n".to_vec()),
        (b"change-id".to_vec(), b"not a change id".to_vec()),
    ];
    let bytes = encode_commit(&signed).unwrap();
    assert!(
        String::from_utf8_lossy(&bytes)
            .contains("\ngpgsig -----BEGIN-----\n \n abc\n -----END-----\nchange-id not")
    );
    assert_eq!(decode_commit(&bytes), Ok(signed));
}

#[test]
fn malformed_commits_are_refused() {
    let good = String::from_utf8(encode_commit(&commit()).unwrap()).unwrap();
    let one = "1".repeat(40);
    for bad in [
        String::new(),
        good.replace("tree ", "trie "),
        good.replace(&one, "1"),
        good.replace("author Ann <ann@example.org>", "author Ann"),
        good.replace("committer", "comitter"),
        good.replace("change-id", &format!("jj:trees {one}\nchange-id")),
        good.replace("change-id", &format!("jj:trees {one} {one}\nchange-id")),
        good.split("\n\n").next().unwrap().to_owned(),
        format!(" {good}"),
    ] {
        assert_eq!(decode_commit(bad.as_bytes()).map_err(|e| e.code()), Err("BAD_COMMIT"), "{bad}");
    }
    let mut bad = commit();
    bad.author.name = "a\nb".into();
    assert_eq!(encode_commit(&bad).map_err(|e| e.code()), Err("BAD_COMMIT"));
    let mut bad = commit();
    bad.tree = oid("9");
    assert_eq!(encode_commit(&bad).map_err(|e| e.code()), Err("BAD_COMMIT"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_decoders_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = decode_tree(&bytes);
        let _ = decode_commit(&bytes);
    }

    #[test]
    fn no_change_to_a_commit_makes_the_decoder_panic(at in 0_usize..300, byte in proptest::num::u8::ANY) {
        let mut bytes = encode_commit(&commit()).unwrap();
        if let Some(slot) = bytes.get_mut(at) {
            *slot = byte;
        }
        let _ = decode_commit(&bytes);
    }
}
