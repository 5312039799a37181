//! Merges of plain values: trivial resolution, simplifying and back, flattening, padding.

use jj_lib::merge::{Merge as JjMerge, SameChange};
use mesa_core::Merge;

use crate::rng::Rng;
use crate::run::Kind;
use crate::terms::{both, fewer_terms, same};

/// Values, few enough of them that many are equal; each place is a merge of its own.
pub struct Algebra;

type Values = Vec<Vec<u8>>;

impl Kind for Algebra {
    type Case = Values;

    fn generate(rng: &mut Rng) -> Values {
        let distinct = *rng.pick(&[2, 3, 4, 6]);
        let merge = |rng: &mut Rng, counts: &[usize]| {
            let count = *rng.pick(counts);
            (0..count).map(|_| rng.below(distinct) as u8).collect::<Vec<u8>>()
        };
        let outer = *rng.pick(&[1, 3, 3, 3, 5, 7]);
        (0..outer)
            .map(|_| merge(rng, if outer == 1 { &[1, 3, 5, 7, 9, 13] } else { &[1, 1, 1, 3, 5] }))
            .collect()
    }

    fn check(case: &Values) -> Result<&'static str, String> {
        let inner = case.iter().map(|values| both(values)).collect::<Result<Vec<_>, _>>()?;
        let (jj, ours): (Vec<_>, Vec<_>) = inner.into_iter().unzip();
        let jj = JjMerge::from_vec(jj).flatten();
        let ours = Merge::new(ours).map_err(|error| error.to_string())?.flatten();
        let show = |values: &Vec<u8>| format!("{values:?}");
        let list = |jj: &JjMerge<u8>| jj.as_slice().to_vec();
        same("flatten", &list(&jj), &ours.as_slice().to_vec(), show)?;
        let simple = jj.simplify();
        same("simplify", &list(&simple), &ours.simplify().into_vec(), show)?;
        let resolved = jj.resolve_trivial(SameChange::Accept);
        same("resolve_trivial", &resolved, &ours.resolve_trivial(), |value| format!("{value:?}"))?;
        // Other values in the simplified merge, and back into the whole one.
        let edited: Vec<u8> = simple.iter().map(|value| value + 100).collect();
        let back = jj.clone().update_from_simplified(JjMerge::from_vec(edited.clone()));
        let ours_back = Merge::new(edited).ok().and_then(|edited| ours.expand_from_simplified(edited));
        let ours_back = ours_back.map(Merge::into_vec).unwrap_or_default();
        same("expand_from_simplified", &list(&back), &ours_back, show)?;
        let (mut jj_padded, mut padded) = (jj.clone(), ours.clone());
        jj_padded.pad_to(5, &9);
        padded.pad_to(5, 9);
        same("pad_to", &list(&jj_padded), &padded.into_vec(), show)?;
        Ok(if resolved.is_some() { "resolved" } else { "unresolved" })
    }

    fn smaller(case: &Values) -> Vec<Values> {
        let mut smaller = fewer_terms(case);
        for (place, inner) in case.iter().enumerate() {
            smaller.extend(fewer_terms(inner).into_iter().map(|inner| {
                let mut case = case.clone();
                case[place] = inner;
                case
            }));
        }
        smaller
    }

    fn show(case: &Values) -> String {
        format!("{case:?}")
    }
}
