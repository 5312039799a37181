//! What the command line asks for.

use crate::kinds;

const USAGE: &str = "usage: oracle [--cases N] [--seed S] [--kind NAME]";

/// What the command line asks for.
#[derive(Debug)]
pub struct Args {
    /// How many cases, all kinds together.
    pub cases: u64,
    /// What all cases follow from, and the first one's own seed.
    pub seed: u64,
    /// The one kind to run.
    pub kind: Option<String>,
}

impl Args {
    /// Reads arguments; the error is a message for people.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self { cases: 20_000, seed: 1, kind: None };
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("`{name}` needs a value\n{USAGE}"))?;
            match name.as_str() {
                "--cases" => args.cases = number(&name, &value)?.max(1),
                "--seed" => args.seed = number(&name, &value)?,
                "--kind" if kinds::ALL.iter().any(|kind| kind.name == value) => args.kind = Some(value),
                "--kind" => {
                    let names: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
                    return Err(format!("no kind is called `{value}`: there are {}", names.join(", ")));
                }
                _ => return Err(format!("unknown argument `{name}`\n{USAGE}")),
            }
        }
        Ok(args)
    }
}

fn number(name: &str, value: &str) -> Result<u64, String> {
    value.replace('_', "").parse().map_err(|_| format!("`{name} {value}`: a whole number is needed\n{USAGE}"))
}
