//! Edits of a side tree, held back until all are made, so that each changed directory is written once.

use std::rc::Rc;

use super::{SideDir, can_have_time};
use crate::names::NameMap;
use crate::sort::sort_unique;
use crate::{Answer, Name, ObjectPool, Oid};

/// A directory's side with changes on top. Nothing is made before [`write`](SideEdit::write).
#[derive(Clone, Debug, Default)]
pub struct SideEdit {
    base: Rc<SideDir>,
    times: NameMap<Option<i64>>,
    dirs: NameMap<Option<SideEdit>>,
}

/// Something cut out of a side, to be put elsewhere.
#[derive(Clone, Debug, Default)]
pub struct SideNode {
    /// Its time.
    pub time: Option<i64>,
    /// Its own side, when it is a directory.
    pub dir: Option<SideEdit>,
}

impl SideEdit {
    /// Starts from a side, or from nothing.
    pub fn open(pool: &mut ObjectPool, side: Option<Oid>) -> Answer<Self> {
        let base = match side {
            Some(oid) => pool.side_dir(oid)?,
            None => Rc::default(),
        };
        Ok(Self { base, ..Self::default() })
    }

    /// Whether the directory at this path has a side. The root always counts.
    pub fn has_dir(&self, pool: &mut ObjectPool, path: &[Name]) -> Answer<bool> {
        let Some((name, rest)) = path.split_first() else { return Ok(true) };
        match self.dirs.get(name) {
            Some(Some(dir)) => dir.has_dir(pool, rest),
            Some(None) => Ok(false),
            None => has_stored_dir(pool, self.base.dir(name), rest),
        }
    }

    /// Sets the time of what is at the path, making sides on the way.
    pub fn set_time(&mut self, pool: &mut ObjectPool, path: &[Name], time: i64) -> Answer<()> {
        if let Some((name, parent)) = path.split_last()
            && can_have_time(name)
        {
            self.descend(pool, parent)?.times.insert(name.clone(), Some(time));
        }
        Ok(())
    }

    /// Gives the directory at the path a side, and so every directory above it.
    pub fn make_dir(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<()> {
        self.descend(pool, path).map(|_| ())
    }

    /// Removes the time and the side of what is at the path and gives them to the caller.
    pub fn cut(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<SideNode> {
        let Some((name, parent)) = path.split_last() else { return Ok(SideNode::default()) };
        if !self.has_dir(pool, parent)? {
            return Ok(SideNode::default());
        }
        let parent = self.descend(pool, parent)?;
        let time = match parent.times.get(name) {
            Some(time) => *time,
            None => parent.base.time(name),
        };
        let dir = match parent.dirs.get_mut(name) {
            Some(dir) => dir.take(),
            None => match parent.base.dir(name) {
                Some(oid) => Some(Self::open(pool, Some(oid))?),
                None => None,
            },
        };
        if time.is_some() {
            parent.times.insert(name.clone(), None);
        }
        if dir.is_some() {
            parent.dirs.insert(name.clone(), None);
        }
        Ok(SideNode { time, dir })
    }

    /// Removes the side of the directory at the path, but not its time.
    pub fn cut_dir(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<()> {
        let Some((name, parent)) = path.split_last() else { return Ok(()) };
        if self.has_dir(pool, path)? {
            self.descend(pool, parent)?.dirs.insert(name.clone(), None);
        }
        Ok(())
    }

    /// Puts what was cut out to the path.
    pub fn paste(&mut self, pool: &mut ObjectPool, path: &[Name], node: SideNode) -> Answer<()> {
        let Some((name, parent)) = path.split_last() else { return Ok(()) };
        if node.time.is_none() && node.dir.is_none() && !self.has_dir(pool, parent)? {
            return Ok(());
        }
        let parent = self.descend(pool, parent)?;
        if can_have_time(name) {
            parent.times.insert(name.clone(), node.time);
        }
        parent.dirs.insert(name.clone(), node.dir);
        Ok(())
    }

    /// The names of the sub-directories with a side, and of everything with a time, at the path.
    pub fn names_at(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<Vec<Name>> {
        if !self.has_dir(pool, path)? {
            return Ok(Vec::new());
        }
        let here = self.descend(pool, path)?;
        let base =
            here.base.times.iter().map(|(name, _)| name).chain(here.base.dirs.iter().map(|(name, _)| name));
        let times = here.times.iter().filter(|(_, time)| time.is_some()).map(|(name, _)| name);
        let dirs = here.dirs.iter().filter(|(_, dir)| dir.is_some()).map(|(name, _)| name);
        let mut names: Vec<Name> = base.chain(times).chain(dirs).cloned().collect();
        sort_unique(&mut names);
        Ok(names)
    }

    /// Writes what changed and gives the id of the whole. A directory without content is written as an empty
    /// one, since its being there is what it says.
    pub fn write(&self, pool: &mut ObjectPool) -> Answer<Oid> {
        let mut dirs = Vec::new();
        for (name, dir) in self.dirs.iter() {
            let oid = match dir {
                Some(dir) => Some(dir.write(pool)?),
                None => None,
            };
            dirs.push((name.clone(), oid));
        }
        let times: Vec<_> = self.times.iter().cloned().collect();
        let side = SideDir { times: overlay(&self.base.times, times), dirs: overlay(&self.base.dirs, dirs) };
        Ok(pool.make_side_dir(side))
    }

    fn descend(&mut self, pool: &mut ObjectPool, path: &[Name]) -> Answer<&mut Self> {
        let mut here = self;
        for name in path {
            let base = match here.dirs.get(name) {
                Some(Some(_)) => None,
                Some(None) => Some(Self::default()),
                None => Some(Self::open(pool, here.base.dir(name))?),
            };
            here = match base {
                Some(dir) => here.dirs.insert(name.clone(), Some(dir)),
                None => here.dirs.get_or_default(name),
            }
            .get_or_insert_default();
        }
        Ok(here)
    }
}

fn has_stored_dir(pool: &mut ObjectPool, dir: Option<Oid>, path: &[Name]) -> Answer<bool> {
    let mut dir = dir;
    for name in path {
        let Some(oid) = dir else { return Ok(false) };
        dir = pool.side_dir(oid)?.dir(name);
    }
    Ok(dir.is_some())
}

/// Lays changes over a sorted list: a value replaces or adds, `None` removes.
fn overlay<T: Clone>(
    base: &[(Name, T)],
    changes: impl IntoIterator<Item = (Name, Option<T>)>,
) -> Vec<(Name, T)> {
    let mut result = Vec::with_capacity(base.len().saturating_add(1));
    let mut base = base.iter().peekable();
    for (name, value) in changes {
        while let Some(kept) = base.next_if(|(other, _)| *other < name) {
            result.push(kept.clone());
        }
        base.next_if(|(other, _)| *other == name);
        if let Some(value) = value {
            result.push((name, value));
        }
    }
    result.extend(base.cloned());
    result
}
