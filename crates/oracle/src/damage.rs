//! What people and editors do to a file with conflict markers.

use crate::minimise::without_runs;
use crate::rng::Rng;
use crate::texts::{Style, lines, show};

/// A change of a text. Places are taken modulo what there is, so that a damage fits every text.
#[derive(Clone, Debug)]
pub enum Damage {
    /// A line goes.
    Remove(usize),
    /// A line comes.
    Insert(usize, Vec<u8>),
    /// A line is there again elsewhere.
    Repeat(usize, usize),
    /// A line gets other bytes in front or loses its first.
    Indent(usize, &'static [u8]),
    /// A conflict is replaced by a line, as one resolves it.
    Resolve(usize, Vec<u8>),
    /// Every line break becomes CRLF.
    Crlf,
    /// The last line break goes.
    CutEnd,
    /// Every marker character is doubled or a marker is cut by one.
    Markers(bool),
}

impl Damage {
    /// Some damage, often none.
    pub fn some(rng: &mut Rng, style: &Style) -> Vec<Self> {
        (0..rng.below(4)).map(|_| Self::one(rng, style)).collect()
    }

    fn one(rng: &mut Rng, style: &Style) -> Self {
        let (at, to) = (rng.below(1 << 16), rng.below(1 << 16));
        match rng.below(16) {
            0..3 => Self::Remove(at),
            3..6 => Self::Insert(at, style.line(rng)),
            6..8 => Self::Repeat(at, to),
            8 => Self::Indent(at, rng.pick::<&[u8]>(&[b" ", b"+", b"-", b"\\", b"<"])),
            9..13 => Self::Resolve(at, if rng.one_in(3) { Vec::new() } else { style.line(rng) }),
            13 => Self::Crlf,
            14 => Self::CutEnd,
            _ => Self::Markers(rng.one_in(2)),
        }
    }

    fn apply(&self, text: &[u8]) -> Vec<u8> {
        let mut list: Vec<Vec<u8>> = lines(text).into_iter().map(<[u8]>::to_vec).collect();
        if list.is_empty() {
            return if let Self::Insert(_, line) = self { line.clone() } else { Vec::new() };
        }
        let count = list.len();
        match self {
            Self::Remove(at) => drop(list.remove(at % count)),
            Self::Insert(at, line) => list.insert(at % (count + 1), line.clone()),
            Self::Repeat(at, to) => {
                let line = list[at % count].clone();
                list.insert(to % (count + 1), line);
            }
            Self::Indent(at, bytes) => drop(list[at % count].splice(0..0, bytes.iter().copied())),
            Self::Resolve(at, line) => resolve(&mut list, *at, line),
            Self::Crlf => {
                for line in list.iter_mut().filter(|line| line.ends_with(b"\n") && !line.ends_with(b"\r\n")) {
                    line.insert(line.len() - 1, b'\r');
                }
            }
            Self::CutEnd => drop(list.last_mut().and_then(|line| line.pop_if(|last| *last == b'\n'))),
            Self::Markers(longer) => {
                for line in
                    list.iter_mut().filter(|line| line.len() > 6 && line[..6].iter().all(|b| *b == line[0]))
                {
                    if *longer {
                        line.insert(0, line[0])
                    } else {
                        line.drain(..1);
                    }
                }
            }
        }
        list.concat()
    }
}

/// Replaces the `number`-th conflict.
fn resolve(list: &mut Vec<Vec<u8>>, number: usize, line: &[u8]) {
    let at = |list: &[Vec<u8>], mark: &[u8]| -> Vec<usize> {
        (0..list.len()).filter(|place| list[*place].starts_with(mark)).collect()
    };
    let (starts, ends) = (at(list, b"<<<<<<<"), at(list, b">>>>>>>"));
    let Some(start) = starts.get(number % starts.len().max(1)) else { return };
    let Some(end) = ends.into_iter().find(|end| end > start) else { return };
    list.splice(*start..=end, [line.to_vec()]);
}

/// The text after all damages.
pub fn damaged(text: &[u8], damages: &[Damage]) -> Vec<u8> {
    damages.iter().fold(text.to_vec(), |text, damage| damage.apply(&text))
}

/// Fewer damages.
pub fn less(damages: &[Damage]) -> Vec<Vec<Damage>> {
    without_runs(damages)
}

/// The damages as people read them.
pub fn show_all(damages: &[Damage]) -> String {
    let one = |damage: &Damage| match damage {
        Damage::Insert(at, line) => format!("Insert({at}, {})", show(line)),
        Damage::Resolve(at, line) => format!("Resolve({at}, {})", show(line)),
        other => format!("{other:?}"),
    };
    damages.iter().map(one).collect::<Vec<_>>().join(", ")
}
