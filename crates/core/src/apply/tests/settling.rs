//! Conflicts that two settle at once.

use super::*;

/// A conflict at `a` of these texts, side, base, side and so on.
fn conflicted(texts: &[Option<&str>]) -> (World, Terms) {
    let mut world = World::new(&[]);
    let terms = texts.iter().map(|text| world.terms(*text).as_slice()[0]).collect();
    let was = Merge::new(terms).unwrap();
    assert_eq!(put(&mut world, &Merge::absent(), &was), Outcome::Applied);
    (world, was)
}

fn put(world: &mut World, was: &Terms, entry: &Terms) -> Outcome {
    let (was, entry) = (was.clone(), entry.clone());
    world.apply(&[Edit::Write { path: "a".into(), was, entry, mtime: None }])[0]
}

/// What comes of it when both have seen the conflict.
fn both(texts: &[Option<&str>], one: &[Option<&str>], other: &[Option<&str>]) -> Vec<String> {
    let (mut world, was) = conflicted(texts);
    for texts in [one, other] {
        let terms = texts.iter().map(|text| world.terms(*text).as_slice()[0]).collect();
        put(&mut world, &was, &Merge::new(terms).unwrap());
    }
    world.read("a")
}

const TWO: [Option<&str>; 3] = [Some("left\n"), Some("base\n"), Some("right\n")];

#[test]
fn two_who_take_different_sides_are_in_conflict_still() {
    assert_eq!(both(&TWO, &[Some("left\n")], &[Some("right\n")]), ["left\n", "base\n", "right\n"]);
    assert_eq!(both(&TWO, &[Some("by hand\n")], &[Some("right\n")]), ["by hand\n", "base\n", "right\n"]);
    assert_eq!(both(&TWO, &[Some("right\n")], &[Some("right\n")]), ["right\n"]);
    // Who takes the base changes nothing in it.
    assert_eq!(both(&TWO, &[Some("base\n")], &[Some("left\n")]), ["left\n"]);
    assert_eq!(both(&TWO, &[Some("left\n")], &[Some("base\n")]), ["left\n"]);
    let deleted = [Some("changed\n"), Some("base\n"), None];
    assert_eq!(both(&deleted, &[Some("changed\n")], &[None]), ["changed\n", "base\n", "absent"]);
    assert_eq!(both(&deleted, &[None], &[Some("changed\n")]), ["absent", "base\n", "changed\n"]);
}

#[test]
fn a_side_that_one_has_dropped_and_the_other_taken_is_there() {
    let three = [Some("left\n"), Some("base\n"), Some("right\n"), Some("base\n"), Some("third\n")];
    let left = both(&three, &TWO, &[Some("third\n")]);
    assert_eq!(left, ["left\n", "base\n", "right\n", "base\n", "third\n"]);
    assert_eq!(both(&three, &TWO, &[Some("left\n")]), ["left\n", "base\n", "right\n"]);
    assert_eq!(both(&three, &[Some("left\n")], &TWO), ["left\n", "base\n", "right\n"]);
}

#[test]
fn a_side_that_one_has_taken_and_the_other_left_is_there_once() {
    let base = [Some("left\n"), Some("base, more\n"), Some("right\n")];
    assert_eq!(both(&TWO, &[Some("right\n")], &base), ["left\n", "base, more\n", "right\n"]);
    assert_eq!(both(&TWO, &base, &[Some("right\n")]), ["left\n", "base, more\n", "right\n"]);
}

#[test]
fn what_was_added_to_a_side_stays_a_side() {
    let more = [Some("left, more\n"), Some("base\n"), Some("right\n")];
    assert_eq!(both(&TWO, &more, &[Some("right\n")]), ["left, more\n", "left\n", "right\n"]);
    let (mut world, was) = conflicted(&TWO);
    let left = world.terms(Some("left\n"));
    put(&mut world, &was, &left);
    world.write("a", Some("left\n"), Some("left, more\n"));
    let right = world.terms(Some("right\n"));
    assert_eq!(put(&mut world, &was, &right), Outcome::Conflicted);
    assert_eq!(world.read("a"), ["left, more\n", "base\n", "right\n"]);
}

#[test]
fn what_one_has_settled_for_stays_when_the_other_deletes_the_rest() {
    let (mut world, was) = conflicted(&[Some("left\n"), None, Some("right\n")]);
    world.write("a", Some("right\n"), Some("right, more\n"));
    let seen = Merge::new(
        [Some("left\n"), None, Some("right, more\n")]
            .iter()
            .map(|text| world.terms(*text).as_slice()[0])
            .collect(),
    )
    .unwrap();
    put(&mut world, &was, &Merge::absent());
    assert_eq!(world.read("a"), ["right, more\n", "right\n", "absent"]);
    let left = world.terms(Some("left\n"));
    put(&mut world, &seen, &left);
    assert!(world.read("a").contains(&"left\n".to_string()));
}

/// What a writer makes of one place in conflict.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    Leave,
    Take(&'static str),
}

fn any_choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = prop::sample::select(vec![
        Choice::Leave,
        Choice::Take("left"),
        Choice::Take("right"),
        Choice::Take("by hand"),
    ]);
    prop::collection::vec(choice, 3)
}

/// The text of one side, where each place is as it was chosen, or as this side has it.
fn text(choices: &[Choice], side: &'static str) -> String {
    let place = |(at, choice): (usize, &Choice)| {
        let chosen = match choice {
            Choice::Leave => side,
            Choice::Take(taken) => taken,
        };
        format!("before {at}\n{chosen} {at}\nafter {at}\n")
    };
    choices.iter().enumerate().map(place).collect()
}

proptest! {
    #[test]
    fn places_are_settled_one_by_one(one in any_choices(), other in any_choices()) {
        let texts = ["left", "base", "right"].map(|side| text(&[Choice::Leave; 3], side));
        let (mut world, was) = conflicted(&texts.each_ref().map(|text| Some(text.as_str())));
        for choices in [&one, &other] {
            let terms = ["left", "base", "right"].map(|side| world.terms(Some(&text(choices, side))).as_slice()[0]);
            let entry = Merge::new(terms.to_vec()).unwrap();
            put(&mut world, &was, &entry);
        }
        let found = world.read("a");
        for (at, (one, other)) in one.iter().zip(&other).enumerate() {
            let shown: Vec<&str> = found.iter().map(|text| text.lines().nth(at * 3 + 1).unwrap_or_default()).collect();
            let expected = |text: &str| format!("{text} {at}");
            let places = Merge::new(shown).unwrap();
            let resolved = places.resolve_trivial().map(|text| (*text).to_owned());
            match (one, other) {
                (Choice::Leave, Choice::Leave) => {
                    prop_assert_eq!(resolved, None);
                    for side in ["left", "right"] {
                        prop_assert!(places.normalize().adds().any(|add| *add == expected(side)), "{:?}", found);
                    }
                }
                (Choice::Take(taken), Choice::Leave) | (Choice::Leave, Choice::Take(taken)) => {
                    prop_assert_eq!(resolved, Some(expected(taken)), "{:?}", found);
                }
                (Choice::Take(one), Choice::Take(other)) if one == other => {
                    prop_assert_eq!(resolved, Some(expected(one)), "{:?}", found);
                }
                (Choice::Take(one), Choice::Take(other)) => {
                    prop_assert_eq!(resolved, None, "{:?}", found);
                    for taken in [one, other] {
                        prop_assert!(places.normalize().adds().any(|add| *add == expected(taken)), "{:?}", found);
                    }
                }
            }
        }
        let final_form = crate::tree::merge_trees(&mut world.pool, &world.trees).unwrap();
        prop_assert_eq!(final_form, world.trees);
    }
}
