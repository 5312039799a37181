//! Three-way merge of side trees: of two changed times the newer one, and a directory stays unless one side
//! deleted it and the other put nothing into it.

use super::SideDir;
use crate::limits::MAX_DEPTH;
use crate::sort::sort_unique;
use crate::{Answer, CoreError, Merge, Name, Need, ObjectPool, Oid};

/// Merges the sides of two versions with that of their base. `None` is a version without a side.
pub fn merge_sides(pool: &mut ObjectPool, sides: &Merge<Option<Oid>>) -> Answer<Option<Oid>> {
    if let Some(side) = sides.resolve_trivial() {
        return Ok(*side);
    }
    let [side1, base, side2] = sides.as_slice() else {
        return Err(CoreError::BadTerms("side trees merge in three terms".to_owned()).into());
    };
    merge_dir(pool, *side1, *base, *side2, 0)
}

fn merge_dir(
    pool: &mut ObjectPool,
    side1: Option<Oid>,
    base: Option<Oid>,
    side2: Option<Oid>,
    depth: usize,
) -> Answer<Option<Oid>> {
    if side1 == side2 || side2 == base {
        return Ok(side1);
    }
    if side1 == base {
        return Ok(side2);
    }
    if depth > MAX_DEPTH {
        return Err(CoreError::TooDeep.into());
    }
    let mut need = Need::default();
    let mut read = |side: Option<Oid>| match side {
        Some(oid) => need.take(pool.side_dir(oid)),
        None => Ok(Some(Default::default())),
    };
    let (dir1, dir0, dir2) = (read(side1)?, read(base)?, read(side2)?);
    need.finish()?;
    let (Some(dir1), Some(dir0), Some(dir2)) = (dir1, dir0, dir2) else { return Ok(None) };

    let mut merged = SideDir::default();
    for name in names(&[&dir1.times, &dir0.times, &dir2.times]) {
        let (time1, time0, time2) = (dir1.time(&name), dir0.time(&name), dir2.time(&name));
        let time = if time1 == time0 {
            time2
        } else if time2 == time0 {
            time1
        } else {
            time1.max(time2)
        };
        if let Some(time) = time {
            merged.times.push((name, time));
        }
    }
    let mut need = Need::default();
    for name in names(&[&dir1.dirs, &dir0.dirs, &dir2.dirs]) {
        let dir = merge_dir(pool, dir1.dir(&name), dir0.dir(&name), dir2.dir(&name), depth.saturating_add(1));
        if let Some(Some(dir)) = need.take(dir)? {
            merged.dirs.push((name, dir));
        }
    }
    need.finish()?;
    // Where one side deleted the directory and the other changed it, it lives on only by what it holds.
    let deleted = base.is_some() && (side1.is_none() || side2.is_none());
    if merged.is_empty() && (deleted || depth == 0) {
        return Ok(None);
    }
    Ok(Some(pool.make_side_dir(merged)))
}

fn names<T>(lists: &[&[(Name, T)]]) -> Vec<Name> {
    let mut names = Vec::new();
    for list in lists {
        names.extend(list.iter().map(|(name, _)| name.clone()));
    }
    sort_unique(&mut names);
    names
}
