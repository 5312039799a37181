//! A version while edits are made.

use super::names::nest;
use super::settle::settle;
use super::{Content, EditResult, Outcome, Resolved};
use crate::object::is_directory;
use crate::path::join_path;
use crate::side::SideEdit;
use crate::tree::{Found, merge_entries};
use crate::{Answer, Entry, Merge, Name, Need, ObjectPool, Oid, Terms};

pub(super) struct State {
    content: Content,
    side: SideEdit,
    trees_before: Merge<Oid>,
    side_before: Option<Oid>,
    content_changed: bool,
    side_changed: bool,
}

impl State {
    pub fn open(pool: &mut ObjectPool, trees: &Merge<Oid>, side: Option<Oid>) -> Answer<Self> {
        let mut need = Need::default();
        let content = need.take(Content::open(pool, trees))?;
        let side_edit = need.take(SideEdit::open(pool, side))?;
        need.finish()?;
        Ok(Self {
            content: content.unwrap_or_default(),
            side: side_edit.unwrap_or_default(),
            trees_before: trees.clone(),
            side_before: side,
            content_changed: false,
            side_changed: false,
        })
    }

    /// The version's trees and side. What no edit touched is given back as it came.
    pub fn close(self, pool: &mut ObjectPool) -> Answer<(Merge<Oid>, Option<Oid>)> {
        let trees = if self.content_changed { self.content.write(pool)? } else { self.trees_before };
        let side = if self.side_changed {
            Some(self.side.write(pool)?).filter(|side| *side != Oid::EMPTY_TREE)
        } else {
            self.side_before
        };
        Ok((trees, side))
    }

    pub fn edit(&mut self, pool: &mut ObjectPool, edit: &Resolved<'_>) -> Answer<EditResult> {
        match edit {
            Resolved::Write { path, was, entry, mtime } => self.write(pool, path, was, entry, *mtime),
            Resolved::Rename { from, to, was, to_was, mtime } => {
                self.rename(pool, from, to, was, to_was, *mtime)
            }
            Resolved::Mkdir { path, mtime } => self.mkdir(pool, path, *mtime),
            Resolved::Utimes { path, mtime } => self.utimes(pool, path, *mtime),
        }
    }

    fn write(
        &mut self,
        pool: &mut ObjectPool,
        path: &[Name],
        was: &Terms,
        entry: &Terms,
        mtime: Option<i64>,
    ) -> Answer<EditResult> {
        let (found, had_side) = self.look(pool, path)?;
        let head = match found {
            Found::Terms(head) => head,
            Found::Blocked { depth, terms } => return self.collide(pool, path, depth, &terms, was, entry),
        };
        let (result, mut outcome) = combine(pool, &head, was, entry)?;
        if outcome != Outcome::Unchanged {
            self.set(pool, path, &result)?;
        }
        if result.is_absent() {
            if !head.is_absent() || had_side {
                self.remove_side(pool, path)?;
            }
            if had_side && outcome == Outcome::Unchanged {
                outcome = Outcome::Applied;
            }
        } else {
            if !is_directory(&result) && result.is_resolved() && had_side {
                self.side.cut_dir(pool, path)?;
                self.side_changed = true;
            }
            if entry.is_absent()
                && had_side
                && is_directory(&result)
                && self.prune(pool, &mut path.to_vec())?
                && outcome == Outcome::Unchanged
            {
                outcome = Outcome::Merged;
            }
            self.touch(pool, path, mtime)?;
        }
        Ok(EditResult { outcome, paths: vec![join_path(path)] })
    }

    fn rename(
        &mut self,
        pool: &mut ObjectPool,
        from: &[Name],
        to: &[Name],
        was: &Terms,
        to_was: &Terms,
        mtime: Option<i64>,
    ) -> Answer<EditResult> {
        if from == to {
            return Ok(unchanged(&[from, to]));
        }
        let mut need = Need::default();
        let looked = need.take(self.look(pool, from))?;
        need.take(self.look(pool, to))?;
        need.finish()?;
        let Some((found, had_side)) = looked else { return Ok(unchanged(&[from, to])) };
        let head = match found {
            Found::Terms(head) => head,
            Found::Blocked { depth, terms } => {
                self.collide(pool, from, depth, &terms, was, &Merge::absent())?;
                Merge::absent()
            }
        };
        if head.is_absent() && was.is_absent() && !had_side {
            return Ok(unchanged(&[from, to]));
        }
        // What a racer deleted lives on under its new name, as it was when it was renamed.
        let moved = if head.is_absent() { was.normalize() } else { head.clone() };
        let node = self.side.cut(pool, from)?;
        self.side_changed = true;
        if !head.is_absent() {
            self.set(pool, from, &Merge::absent())?;
        }
        let mut result = match self.content.find(pool, to)? {
            Found::Blocked { depth, terms } => {
                let result = self.collide(pool, to, depth, &terms, to_was, &moved)?;
                let outcome = match result.outcome {
                    // What was at `from` has gone all the same.
                    Outcome::Unchanged => Outcome::Merged,
                    outcome => outcome,
                };
                EditResult { outcome, ..result }
            }
            Found::Terms(there) => {
                let (result, outcome) = combine(pool, &there, to_was, &moved)?;
                if outcome != Outcome::Unchanged {
                    self.set(pool, to, &result)?;
                }
                self.side.paste(pool, to, node)?;
                if !result.is_absent() {
                    self.touch(pool, to, mtime)?;
                }
                let outcome = match outcome {
                    Outcome::Conflicted => Outcome::Conflicted,
                    Outcome::Applied if head == was.normalize() => Outcome::Applied,
                    Outcome::Unchanged if moved.is_absent() => Outcome::Applied,
                    _ => Outcome::Merged,
                };
                EditResult { outcome, paths: vec![join_path(to)] }
            }
        };
        if !head.is_absent() || had_side {
            self.keep_parent(pool, from)?;
        }
        result.paths.insert(0, join_path(from));
        Ok(result)
    }

    fn mkdir(&mut self, pool: &mut ObjectPool, path: &[Name], mtime: Option<i64>) -> Answer<EditResult> {
        match self.look(pool, path)? {
            (Found::Terms(head), false) if head.is_absent() => {}
            _ => return Ok(unchanged(&[path])),
        }
        self.side.make_dir(pool, path)?;
        self.side_changed = true;
        self.touch(pool, path, mtime)?;
        Ok(EditResult { outcome: Outcome::Applied, paths: vec![join_path(path)] })
    }

    fn utimes(&mut self, pool: &mut ObjectPool, path: &[Name], mtime: i64) -> Answer<EditResult> {
        match self.look(pool, path)? {
            (Found::Terms(head), side) if !head.is_absent() || side => {}
            _ => return Ok(unchanged(&[path])),
        }
        self.touch(pool, path, Some(mtime))?;
        Ok(EditResult { outcome: Outcome::Applied, paths: vec![join_path(path)] })
    }

    /// The path leads through something that is no directory: both stay, as a conflict of that something and a
    /// directory that holds what was written.
    fn collide(
        &mut self,
        pool: &mut ObjectPool,
        path: &[Name],
        depth: usize,
        there: &Terms,
        was: &Terms,
        entry: &Terms,
    ) -> Answer<EditResult> {
        let adds = !combine(pool, &Merge::absent(), was, entry)?.0.is_absent();
        let (prefix, rest) = path.split_at_checked(depth).unwrap_or((path, &[]));
        let (was, entry) = (nest(pool, rest, was), nest(pool, rest, entry));
        let merged = match self.merge_into_tree_side(pool, there, &was, &entry)? {
            Some(merged) => merged,
            None if adds || tree_side(there).is_some() => {
                merge_entries(pool, Merge::three_way(there.clone(), was, entry))?
            }
            // What is not there can't be deleted.
            None => there.clone(),
        };
        let outcome = match merged.is_resolved() {
            _ if merged == *there => Outcome::Unchanged,
            true => Outcome::Merged,
            false => Outcome::Conflicted,
        };
        if outcome != Outcome::Unchanged {
            self.set(pool, prefix, &merged)?;
        }
        Ok(EditResult { outcome, paths: vec![join_path(prefix), join_path(path)] })
    }

    /// Where one side of the collision is a directory already, what was written goes into that.
    fn merge_into_tree_side(
        &mut self,
        pool: &mut ObjectPool,
        there: &Terms,
        was: &Terms,
        entry: &Terms,
    ) -> Answer<Option<Terms>> {
        let Some((place, side)) = tree_side(there) else { return Ok(None) };
        let merge = Merge::three_way(Merge::resolved(*side), was.clone(), entry.clone());
        let merged = merge_entries(pool, merge)?;
        let Some(side) = merged.as_resolved() else { return Ok(None) };
        let mut there = there.clone();
        if let Some(term) = there.iter_mut().nth(place) {
            *term = *side;
        }
        Ok(Some(there.normalize()))
    }

    fn look(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<(Found, bool)> {
        let mut need = Need::default();
        let found = need.take(self.content.find(pool, path))?;
        let side = need.take(self.side.has_dir(pool, path))?;
        need.finish()?;
        Ok((found.unwrap_or(Found::Terms(Merge::absent())), side.unwrap_or(false)))
    }

    fn set(&mut self, pool: &mut ObjectPool, path: &[Name], terms: &Terms) -> Answer<()> {
        self.content_changed = true;
        self.content.set(pool, path, terms)
    }

    fn touch(&mut self, pool: &mut ObjectPool, path: &[Name], mtime: Option<i64>) -> Answer<()> {
        if let Some(mtime) = mtime {
            self.side_changed = true;
            self.side.set_time(pool, path, mtime)?;
        }
        Ok(())
    }

    fn remove_side(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<()> {
        self.side_changed = true;
        self.side.cut(pool, path)?;
        self.keep_parent(pool, path)
    }

    /// A directory does not go with the last thing in it: git drops it, so the side keeps it.
    fn keep_parent(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<()> {
        match path.split_last() {
            Some((_, parent)) if !parent.is_empty() && self.content.is_empty_at(pool, parent)? => {
                self.side_changed = true;
                self.side.make_dir(pool, parent)
            }
            _ => Ok(()),
        }
    }

    /// After a directory was deleted but racers' things keep it: drops the sides of what went. Tells whether a
    /// directory was among that.
    fn prune(&mut self, pool: &mut ObjectPool, path: &mut Vec<Name>) -> Answer<bool> {
        self.side_changed = true;
        let mut pruned = false;
        for name in self.side.names_at(pool, path)? {
            path.push(name);
            let terms = match self.content.find(pool, path)? {
                Found::Terms(terms) => terms,
                Found::Blocked { .. } => Merge::absent(),
            };
            if terms.is_absent() {
                pruned |= self.side.cut(pool, path)?.dir.is_some();
            } else if is_directory(&terms) {
                pruned |= self.prune(pool, path)?;
            }
            path.pop();
        }
        Ok(pruned)
    }
}

/// The last side of a collision that is a directory, and its place among the terms.
fn tree_side(terms: &Terms) -> Option<(usize, &Option<Entry>)> {
    terms.iter().enumerate().step_by(2).rev().find(|(_, side)| side.is_some_and(|side| side.is_tree()))
}

/// What `head` becomes when a writer who saw `was` writes `entry`.
fn combine(pool: &mut ObjectPool, head: &Terms, was: &Terms, entry: &Terms) -> Answer<(Terms, Outcome)> {
    let entry = entry.normalize();
    if *head == entry {
        return Ok((entry, Outcome::Unchanged));
    }
    let was = was.normalize();
    if *head == was {
        return Ok((entry, Outcome::Applied));
    }
    // Who changes nothing leaves a conflict's terms in their order, too.
    if was == entry {
        return Ok((head.clone(), Outcome::Unchanged));
    }
    let merged = if was.is_resolved() {
        merge_entries(pool, Merge::three_way(head.clone(), was, entry))?
    } else {
        settle(pool, head, &was, &entry)?
    };
    let outcome = match merged.is_resolved() {
        _ if merged == *head => Outcome::Unchanged,
        true => Outcome::Merged,
        false => Outcome::Conflicted,
    };
    Ok((merged, outcome))
}

fn unchanged(paths: &[&[Name]]) -> EditResult {
    EditResult { outcome: Outcome::Unchanged, paths: paths.iter().map(|path| join_path(path)).collect() }
}
