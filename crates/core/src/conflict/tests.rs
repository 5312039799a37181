use proptest::prelude::*;

use super::*;
use crate::text::{Merged, merge_texts};
use crate::{Entry, Merge, Mode, ObjectPool, Terms};

fn file(pool: &mut ObjectPool, text: &str) -> Option<Entry> {
    Some(Entry { oid: pool.put(crate::Kind::Blob, text.as_bytes().to_vec()), mode: Mode::File })
}

fn terms(pool: &mut ObjectPool, texts: &[&str]) -> Terms {
    Merge::new(texts.iter().map(|text| file(pool, text)).collect()).unwrap()
}

fn rendered(texts: &[&str], style: Style) -> String {
    let mut pool = ObjectPool::new();
    let terms = terms(&mut pool, texts);
    String::from_utf8_lossy(&render(&mut pool, &terms, style, &[]).unwrap().bytes).into_owned()
}

#[test]
fn snapshots_show_every_term() {
    assert_eq!(
        rendered(&["a\nX\nc\n", "a\nb\nc\n", "a\nY\nc\n"], Style::Snapshot),
        "a\n<<<<<<< conflict 1 of 1\n+++++++ side #1\nX\n------- base\nb\n+++++++ side #2\nY\n>>>>>>> conflict 1 of 1 ends\nc\n"
    );
    assert_eq!(
        rendered(&["X\n", "b\n", "Y\n", "c\n", "Z\n"], Style::Git),
        "<<<<<<< conflict 1 of 1\n+++++++ side #1\nX\n------- base #1\nb\n+++++++ side #2\nY\n------- base #2\nc\n\
         +++++++ side #3\nZ\n>>>>>>> conflict 1 of 1 ends\n"
    );
}

#[test]
fn gits_style_shows_two_sides() {
    assert_eq!(
        rendered(&["a\nX\nc\n", "a\nb\nc\n", "a\nY\nc\n"], Style::Git),
        "a\n<<<<<<< side #1\nX\n||||||| base\nb\n=======\nY\n>>>>>>> side #2\nc\n"
    );
}

#[test]
fn diffs_show_one_side_in_full() {
    assert_eq!(
        rendered(&["a\nX\n", "a\nb\n", "Y\nb\n"], Style::Diff),
        "<<<<<<< conflict 1 of 1\n%%%%%%% diff from: base\n\\\\\\\\\\\\\\        to: side #1\n a\n-b\n+X\n+++++++ side #2\nY\nb\n\
         >>>>>>> conflict 1 of 1 ends\n"
    );
    // The side that changed less is the diff.
    assert_eq!(
        rendered(&["all\nnew\nhere\n", "a\nb\n", "a\nc\n"], Style::Diff),
        "<<<<<<< conflict 1 of 1\n+++++++ side #1\nall\nnew\nhere\n%%%%%%% diff from: base\n\\\\\\\\\\\\\\        to: side #2\n a\n-b\n+c\n\
         >>>>>>> conflict 1 of 1 ends\n"
    );
}

#[test]
fn a_missing_line_break_is_told_and_kept() {
    let texts = ["", "base", "right"];
    assert_eq!(
        rendered(&texts, Style::Diff),
        "<<<<<<< conflict 1 of 1\n%%%%%%% diff from: base (no terminating newline)\n\\\\\\\\\\\\\\        to: side #1\n-base\n+\n\
         +++++++ side #2 (no terminating newline)\nright\n>>>>>>> conflict 1 of 1 ends"
    );
}

#[test]
fn markers_are_longer_than_what_looks_like_one() {
    let len = |text: &str| marker_len(&Merge::resolved(text));
    assert_eq!(len("a\n"), 7);
    assert_eq!(len("===\n"), 7);
    assert_eq!(len("====\n"), 8);
    assert_eq!(len("<<<<<<< x\n"), 11);
    assert_eq!(len("<<<<<<<x\n"), 7);
    let text = rendered(&["=======\nX\n", "=======\nb\n", "=======\nY\n"], Style::Snapshot);
    assert!(text.contains("\n<<<<<<<<<<< conflict 1 of 1\n"), "{text}");
}

#[test]
fn markers_follow_the_files_line_breaks() {
    assert!(
        rendered(&["X\r\n", "b\r\n", "Y\r\n"], Style::Snapshot).starts_with("<<<<<<< conflict 1 of 1\r\n")
    );
    assert!(rendered(&["X\r\n", "b\n", "Y\r\n"], Style::Snapshot).starts_with("<<<<<<< conflict 1 of 1\n"));
}

#[test]
fn labels_name_the_terms() {
    let mut pool = ObjectPool::new();
    let terms = terms(&mut pool, &["X\n", "b\n", "Y\n"]);
    let labels = ["side #1 (ann)", "", "side #2 (bob)"].map(str::to_owned);
    let text = render(&mut pool, &terms, Style::Snapshot, &labels).unwrap().bytes;
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("+++++++ side #1 (ann)\nX\n------- base\nb\n+++++++ side #2 (bob)\n"), "{text}");
    let fault = render(&mut pool, &terms, Style::Snapshot, &labels[..2]);
    assert!(matches!(fault, Err(crate::Stop::Error(error)) if error.code() == "BAD_ARGUMENT"));
}

#[test]
fn different_kinds_read_as_a_placeholder() {
    let mut pool = ObjectPool::new();
    let file = file(&mut pool, "x");
    let link = file.map(|entry| Entry { mode: Mode::Symlink, ..entry });
    let terms = Merge::three_way(file, None, link);
    let text = render(&mut pool, &terms, Style::Snapshot, &[]).unwrap();
    let id = file.unwrap().oid;
    assert_eq!(
        String::from_utf8_lossy(&text.bytes),
        format!("Conflict:\n  Adding file with id {id}\n  Adding symlink with id {id}\n")
    );
    assert_eq!((text.mode, text.conflicted, text.hunks), (Some(Mode::File), true, 0));
    assert_eq!(parse(&mut pool, &text.bytes, &terms), Ok(terms.clone()));
    assert!(parse(&mut pool, b"mine\n", &terms).unwrap().is_resolved());
}

fn parse_two(text: &str) -> Option<Vec<Merge<String>>> {
    let hunks = parse_conflicts(text.as_bytes(), 2, 7)?;
    Some(hunks.iter().map(|hunk| hunk.map(|text| String::from_utf8_lossy(text).into_owned())).collect())
}

fn conflict(terms: [&str; 3]) -> Merge<String> {
    Merge::new(terms.map(str::to_owned).to_vec()).unwrap()
}

#[test]
fn older_styles_are_read() {
    let expected = Some(vec![conflict(["left\n", "base\n", "right\n"])]);
    for text in [
        "<<<<<<< Conflict 1 of 1\n%%%%%%% Changes from base to side #1\n-base\n+left\n+++++++ Contents of side #2\nright\n>>>>>>> Conflict 1 of 1 ends\n",
        "<<<<<<<\n+++++++\nleft\n-------\nbase\n+++++++\nright\n>>>>>>>\n",
        "<<<<<<< HEAD\nleft\n||||||| 1234567\nbase\n=======\nright\n>>>>>>> topic\n",
        "<<<<<<< conflict\n%%%%%%% diff from: base\n\\\\\\\\\\\\\\        to: side #1\n-base\n+left\n+++++++ side #2\nright\n>>>>>>> ends\n",
    ] {
        assert_eq!(parse_two(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_conflict_is_text() {
    for text in [
        "",
        "plain\n",
        "<<<<<<<\n+++++++\nleft\n>>>>>>>\n",
        "<<<<<<<\nleft\n=======\nright\n>>>>>>>\n",
        "<<<<<<<\n%%%%%%%\n?\n+++++++\nright\n>>>>>>>\n",
        "<<<<<< \n+++++++\nleft\n-------\nbase\n+++++++\nright\n>>>>>>>\n",
        "<<<<<<<\n>>>>>>>\n",
        "<<<<<<<\n>>>>>>>x\n",
        "<<<<<<<\n+++++++\na\n-------\nb\n+++++++\nc\n-------\nd\n+++++++\ne\n>>>>>>>\n",
    ] {
        assert_eq!(parse_two(text), None, "{text}");
    }
    // A second start drops the first one.
    let text = "<<<<<<<\nx\n<<<<<<<\nleft\n|||||||\nbase\n=======\nright\n>>>>>>>\ny\n";
    let (head, tail) = (Merge::resolved("<<<<<<<\nx\n".to_owned()), Merge::resolved("y\n".to_owned()));
    assert_eq!(parse_two(text), Some(vec![head, conflict(["left\n", "base\n", "right\n"]), tail]));
}

#[test]
fn a_written_file_keeps_resolves_or_half_resolves() {
    let mut pool = ObjectPool::new();
    let texts = ["X\nm\nP\n", "b\nm\nc\n", "Y\nm\nQ\n"];
    let terms = terms(&mut pool, &texts);
    for style in [Style::Snapshot, Style::Diff, Style::Git] {
        let text = render(&mut pool, &terms, style, &[]).unwrap();
        assert_eq!(text.hunks, 2);
        assert_eq!(parse(&mut pool, &text.bytes, &terms), Ok(terms.clone()), "{style:?}");
        // A person resolves the first conflict and leaves the second.
        let text = String::from_utf8_lossy(&text.bytes).into_owned();
        let rest = text
            .split_once("conflict 1 of 2 ends\n")
            .or_else(|| text.split_once(">>>>>>> side #2\n"))
            .unwrap()
            .1;
        let half = parse(&mut pool, format!("B\n{rest}").as_bytes(), &terms).unwrap();
        assert_eq!(half, self::terms(&mut pool, &["B\nm\nP\n", "B\nm\nc\n", "B\nm\nQ\n"]), "{style:?}");
        let done = parse(&mut pool, b"done\n", &half).unwrap();
        assert_eq!(done, self::terms(&mut pool, &["done\n"]));
    }
    let six = "<<<<<<\n++++++\nZ\n------\nb\n++++++\nY\n>>>>>>\nm\nc\n";
    let parsed = parse(&mut pool, six.as_bytes(), &terms).unwrap();
    assert_eq!(parsed, self::terms(&mut pool, &["Z\nm\nc\n", "b\nm\nc\n", "Y\nm\nc\n"]));
}

#[test]
fn a_deleted_side_stays_deleted_until_it_gets_text() {
    let mut pool = ObjectPool::new();
    let (base, side) = (file(&mut pool, "a\nb\n"), file(&mut pool, "a\nc\n"));
    let terms = Merge::three_way(None, base, side);
    let text = render(&mut pool, &terms, Style::Snapshot, &[]).unwrap();
    assert_eq!(text.hunks, 1);
    assert_eq!(parse(&mut pool, &text.bytes, &terms), Ok(terms.clone()));
    let edited = String::from_utf8_lossy(&text.bytes).replace("c\n", "d\n");
    let edited = parse(&mut pool, edited.as_bytes(), &terms).unwrap();
    assert_eq!(edited, Merge::three_way(None, base, file(&mut pool, "a\nd\n")));
}

#[test]
fn terms_that_cancel_out_are_kept_when_a_conflict_is_edited() {
    let mut pool = ObjectPool::new();
    let terms = terms(&mut pool, &["X\n", "b\n", "q\n", "q\n", "Y\n"]);
    let text = render(&mut pool, &terms, Style::Snapshot, &[]).unwrap();
    let edited = String::from_utf8_lossy(&text.bytes).replace("Y\n", "Z\n");
    let edited = parse(&mut pool, edited.as_bytes(), &terms).unwrap();
    assert_eq!(edited, self::terms(&mut pool, &["X\n", "b\n", "q\n", "q\n", "Z\n"]));
}

#[test]
fn the_executable_bit_merges_apart() {
    let mut pool = ObjectPool::new();
    let mut terms = terms(&mut pool, &["X\n", "b\n", "Y\n"]);
    for term in terms.iter_mut().take(1).flatten() {
        term.mode = Mode::Executable;
    }
    assert_eq!(render(&mut pool, &terms, Style::Snapshot, &[]).unwrap().mode, Some(Mode::Executable));
    let done = parse(&mut pool, b"done\n", &terms).unwrap();
    assert_eq!(done.as_resolved().copied().flatten().map(|entry| entry.mode), Some(Mode::Executable));
}

#[test]
fn binary_conflicts_read_as_side_one() {
    let mut pool = ObjectPool::new();
    let terms = terms(&mut pool, &["X\0\n", "b\n", "Y\n"]);
    let text = render(&mut pool, &terms, Style::Snapshot, &[]).unwrap();
    assert_eq!((&*text.bytes, text.conflicted, text.hunks), (&b"X\0\n"[..], true, 0));
    assert!(conflict_hunks(&mut pool, &terms).unwrap().binary);
    let chosen = parse(&mut pool, b"X\0\n", &terms).unwrap();
    assert_eq!(chosen, Merge::resolved(*terms.first()));
    assert!(parse(&mut pool, b"other", &terms).unwrap().is_resolved());
}

#[test]
fn hunks_tell_their_place_and_keep_their_id() {
    let mut pool = ObjectPool::new();
    let terms = terms(&mut pool, &["n\na\nX\nc\nd\nP", "a\nb\nc\nd\ne\n", "a\nY\nZ\nc\nd\nQ\n"]);
    let found = conflict_hunks(&mut pool, &terms).unwrap();
    let places: Vec<_> =
        found.hunks.iter().map(|h| (h.old_start, h.old_lines, h.new_start, h.new_lines)).collect();
    let text = render(&mut pool, &terms, Style::Snapshot, &[]).unwrap().bytes;
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(places, [(2, 1, 3, 9), (5, 1, 14, 10)], "{text}");
    for (_, _, start, count) in places {
        assert!(
            lines[start - 1].starts_with("<<<<<<<") && lines[start + count - 2].starts_with(">>>>>>>"),
            "{text}"
        );
    }
    assert_eq!(found, conflict_hunks(&mut pool, &terms).unwrap());
    assert_ne!(found.hunks[0].hunk_id, found.hunks[1].hunk_id);
    assert_eq!(
        found.hunks[0].terms,
        [Some(b"X\n".to_vec()), Some(b"b\n".to_vec()), Some(b"Y\nZ\n".to_vec())]
    );
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let oid = |digit: &str| crate::Oid::from_hex(&digit.repeat(40)).unwrap();
    let entry = |digit: &str| Some(Entry { oid: oid(digit), mode: Mode::File });
    let mut pool = ObjectPool::new();
    let terms = Merge::three_way(entry("3"), entry("1"), entry("2"));
    let missing = Err(crate::Stop::Missing(vec![oid("1"), oid("2"), oid("3")]));
    assert_eq!(render(&mut pool, &terms, Style::Diff, &[]), missing);
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = "([abc]{0,2}(\r)?\n|[<>+=%|\\\\-]{1,9}( x)?\n){0,5}[ab]{0,2}";
    (1_usize..4).prop_flat_map(move |pairs| prop::collection::vec(text, pairs * 2 + 1))
}

proptest! {
    #[test]
    fn parsing_undoes_rendering(texts in texts(), style in prop::sample::select(vec![Style::Snapshot, Style::Diff, Style::Git])) {
        let merge = Merge::new(texts).unwrap();
        if let Merged::Conflict(hunks) = merge_texts(&merge) {
            let (len, eol) = (marker_len(&merge), marker_eol(&merge));
            let text = render_hunks(hunks.clone(), style, len, &[], eol);
            prop_assert_eq!(parse_conflicts(&text, merge.num_sides(), len), Some(hunks), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn editing_one_conflict_leaves_the_others_as_they_are(
        count in 2_usize..6,
        edited in 0_usize..6,
        with in prop::sample::select(vec!["", "resolved\n", "two\nlines\n"]),
        style in prop::sample::select(vec![Style::Snapshot, Style::Diff, Style::Git]),
        end in prop::sample::select(vec!["", "last", "last\n"]),
    ) {
        let mut pool = ObjectPool::new();
        let text = |name: &str| (0..count).map(|n| format!("{name} {n}\nsame {n}\n")).collect::<String>() + end;
        let before = terms(&mut pool, &[&text("left"), &text("base"), &text("right")]);
        let shown = render(&mut pool, &before, style, &[]).unwrap().bytes;
        let edited = edited % count;
        let (mut written, mut number, mut inside) = (Vec::new(), 0, false);
        for line in crate::text::lines(&shown) {
            inside |= line.starts_with(b"<<<<<<<");
            if !(inside && number == edited) {
                written.extend_from_slice(line);
            }
            if line.starts_with(b">>>>>>>") {
                if number == edited {
                    written.extend_from_slice(with.as_bytes());
                }
                (inside, number) = (false, number + 1);
            }
        }
        let mut expected: Vec<_> = conflict_hunks(&mut pool, &before).unwrap().hunks.into_iter().map(|hunk| hunk.terms).collect();
        prop_assert_eq!(expected.len(), count);
        expected.remove(edited);
        let after = parse(&mut pool, &written, &before).unwrap();
        let left: Vec<_> = conflict_hunks(&mut pool, &after).unwrap().hunks.into_iter().map(|hunk| hunk.terms).collect();
        prop_assert_eq!(left, expected);
    }

    #[test]
    fn no_text_makes_parsing_panic(lines in prop::collection::vec("[<>+%|=\\\\-]{6,8}( x)?\r?\n?|[ab+ -]{0,3}\n", 0..20)) {
        let mut pool = ObjectPool::new();
        let terms = terms(&mut pool, &["X\n", "b\n", "Y\n"]);
        prop_assert!(parse(&mut pool, lines.concat().as_bytes(), &terms).is_ok());
    }
}
