//! Merging texts: what resolves holds, and what does not can be shown in every style and read back as it was.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mesa_core::Merge;
use mesa_core::conflict::{Style, marker_eol, marker_len, parse_conflicts, render_hunks};
use mesa_core::text::{Hunk, Merged, fine_hunks, line_hunks, merge_texts, merge_texts_by_word, word_hunks};
use mesa_fuzz::Text;

#[derive(Arbitrary, Debug)]
struct Case {
    first: Text,
    others: Vec<(Text, Text)>,
    labels: bool,
}

fuzz_target!(|case: Case| {
    let mut texts = vec![case.first.0];
    texts.extend(case.others.into_iter().take(4).flat_map(|(base, side)| [base.0, side.0]));
    let Ok(terms) = Merge::new(texts) else { unreachable!() };
    check_hunks(&terms);
    let labels: Vec<String> = if case.labels {
        terms.iter().enumerate().map(|(place, _)| format!("term {place}")).collect()
    } else {
        Vec::new()
    };
    let Merged::Conflict(hunks) = merge_texts(&terms) else {
        return;
    };
    assert!(terms.resolve_trivial().is_none(), "what resolves as a whole resolves by lines");
    let (len, eol) = (marker_len(&terms), marker_eol(&terms));
    for style in [Style::Snapshot, Style::Diff, Style::Git] {
        let text = render_hunks(hunks.clone(), style, len, &labels, eol);
        let read = parse_conflicts(&text, terms.num_sides(), len);
        assert_eq!(read.as_ref(), Some(&hunks), "{style:?}: {}", text.escape_ascii());
    }
});

fn check_hunks(terms: &Merge<Vec<u8>>) {
    let texts: Vec<&[u8]> = terms.iter().map(Vec::as_slice).collect();
    for hunks in [line_hunks(&texts), fine_hunks(&texts), word_hunks(&texts)] {
        for (place, text) in texts.iter().enumerate() {
            let whole: Vec<u8> = hunks.iter().flat_map(|hunk| hunk.parts[place]).copied().collect();
            assert_eq!(whole, *text);
        }
        let equal = |hunk: &Hunk| hunk.parts.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(hunks.iter().all(|hunk| !hunk.matching || equal(hunk)));
    }
}
