//! What holds for any edits.

use super::*;

/// Edits as two writers who don't see each other's would make them.
fn any_edit() -> impl Strategy<Value = Drawn> {
    let path = || prop::sample::select(vec!["a", "b", "d", "d/a", "d/e", "d/e/f"]);
    let text = || {
        prop::sample::select(vec![
            None,
            Some("1\n2\n3\n"),
            Some("one\n2\n3\n"),
            Some("1\n2\nthree\n"),
            Some("x\n"),
        ])
    };
    (0_u8..8, path(), path(), text(), text())
}

proptest! {
    #[test]
    fn one_by_one_is_as_in_a_batch(edits in prop::collection::vec(any_edit(), 1..12)) {
        let mut world = World::new(&[("a", "1\n2\n3\n"), ("d/a", "x\n")]);
        let batch: Vec<Edit> = edits.into_iter().map(|edit| world.edit(edit)).collect();
        let whole = apply(&mut world.pool, &world.trees, world.side, &batch).unwrap();
        let mut results = Vec::new();
        for edit in &batch {
            let step = apply(&mut world.pool, &world.trees, world.side, std::slice::from_ref(edit)).unwrap();
            world.trees = step.trees;
            world.side = step.side;
            results.extend(step.results);
        }
        prop_assert_eq!(&world.trees, &whole.trees, "{:?}", batch);
        prop_assert_eq!(world.side, whole.side);
        prop_assert_eq!(results, whole.results);
    }

    #[test]
    fn what_edits_leave_is_in_its_final_form(edits in prop::collection::vec(any_edit(), 1..16)) {
        let mut world = World::new(&[("a", "1\n2\n3\n"), ("d/a", "x\n")]);
        let batch: Vec<Edit> = edits.into_iter().map(|edit| world.edit(edit)).collect();
        world.apply(&batch);
        let settled = crate::tree::merge_trees(&mut world.pool, &world.trees).unwrap();
        prop_assert_eq!(settled, world.trees);
    }

    #[test]
    fn an_edit_of_what_is_there_sets_exactly(edits in prop::collection::vec(any_edit(), 0..8), last in any_edit()) {
        let mut world = World::new(&[("a", "1\n2\n3\n"), ("d/a", "x\n")]);
        for (_, path, _, was, text) in edits {
            world.write(path, was, text);
        }
        let (_, path, _, _, text) = last;
        let looked_up = world.look(path);
        if looked_up.through.is_some() {
            return Ok(());
        }
        let entry = world.terms(text);
        world.apply(&[Edit::Write { path: path.into(), was: looked_up.terms, entry: entry.clone(), mtime: None }]);
        prop_assert_eq!(world.seen(path), entry);
    }

    #[test]
    fn unchanged_is_what_looks_the_same(edits in prop::collection::vec(any_edit(), 1..12)) {
        let mut world = World::new(&[("a", "1\n2\n3\n"), ("d/a", "x\n")]);
        for edit in edits {
            let before = world.everything("");
            let edit = world.edit(edit);
            let outcome = world.apply(std::slice::from_ref(&edit))[0];
            let same = before == world.everything("");
            match (&edit, outcome) {
                (_, Outcome::Unchanged) => prop_assert!(same, "{:?}", edit),
                (Edit::Utimes { .. }, _) => {}
                // A rename may put back what it took, and a new term may cancel out another but for the order.
                (Edit::Rename { .. }, _) | (_, Outcome::Conflicted) => {}
                _ => prop_assert!(!same, "{:?} {:?}", edit, outcome),
            }
        }
    }

    #[test]
    fn nothing_written_is_lost(texts in prop::collection::vec("[a-z]{3}\n", 1..6)) {
        let mut world = World::new(&[("f", "base\n")]);
        for text in &texts {
            world.write("f", Some("base\n"), Some(text));
        }
        let kept = files(&mut world.pool, &world.trees);
        let kept = &kept["f"];
        prop_assert!(texts.iter().all(|text| kept.contains(text)), "{:?} in {:?}", texts, kept);
    }

    #[test]
    fn other_paths_are_left_alone(edits in prop::collection::vec(any_edit(), 0..8)) {
        let mut world = World::new(&[("keep/me", "kept"), ("a", "1\n2\n3\n")]);
        for (_, path, _, was, text) in edits {
            world.write(path, was, text);
            prop_assert_eq!(world.read("keep/me"), ["kept"]);
        }
        let one = file(&mut world.pool, "kept");
        prop_assert_eq!(show(&mut world.pool, &Merge::resolved(Some(one))), ["kept"]);
    }
}
