//! Running the cases of one kind.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::minimise::minimise;
use crate::rng::Rng;

const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// One kind of question asked to both libraries.
pub trait Kind {
    /// The input.
    type Case: Clone;

    /// Makes a case.
    fn generate(rng: &mut Rng) -> Self::Case;

    /// Asks both. `Ok` names what the answer was, so that a report shows what was covered; `Err` tells how the
    /// answers differ.
    fn check(case: &Self::Case) -> Result<&'static str, String>;

    /// Cases that are a little smaller.
    fn smaller(case: &Self::Case) -> Vec<Self::Case>;

    /// The case as people read it.
    fn show(case: &Self::Case) -> String;
}

/// What running cases of a kind gave.
pub struct Report {
    name: &'static str,
    cases: u64,
    took: Duration,
    answers: BTreeMap<&'static str, u64>,
    /// The first difference, if there was any; no more cases of the kind were run after it.
    pub failure: Option<Failure>,
}

/// A difference between the two.
pub struct Failure {
    number: u64,
    seed: u64,
    case: String,
    difference: String,
}

/// Runs cases until one differs.
pub fn run<K: Kind>(name: &'static str, first_seed: u64, cases: u64) -> Report {
    let began = Instant::now();
    let mut told = began;
    let mut report = Report { name, cases: 0, took: Duration::ZERO, answers: BTreeMap::new(), failure: None };
    for number in 0..cases {
        let seed = seed_of(first_seed, number);
        let case = K::generate(&mut Rng::new(seed));
        report.cases += 1;
        match check::<K>(&case) {
            Ok(answer) => *report.answers.entry(answer).or_default() += 1,
            Err(_) => {
                let case = minimise(case, K::smaller, |case| check::<K>(case).is_err());
                let difference = check::<K>(&case).err().unwrap_or_default();
                report.failure = Some(Failure { number: number + 1, seed, case: K::show(&case), difference });
                break;
            }
        }
        if told.elapsed() > PROGRESS_EVERY {
            told = Instant::now();
            eprintln!("  {name}: {} of {cases}", report.cases);
        }
    }
    report.took = began.elapsed();
    report
}

/// The first case has the seed that was asked for, so that any case can be run again on its own; the others are
/// far from it, so that runs with seeds side by side have no case in common.
fn seed_of(first: u64, number: u64) -> u64 {
    if number == 0 { first } else { Rng::new(first).next().wrapping_add(number) }
}

/// Asks both; a panic is a difference too.
pub fn check<K: Kind>(case: &K::Case) -> Result<&'static str, String> {
    catch_unwind(AssertUnwindSafe(|| K::check(case))).unwrap_or_else(|cause| {
        let message = cause.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(format!("a panic: {message}"))
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.failure.is_none() { '✓' } else { '✗' };
        write!(f, "{mark} {:<10} {:>7} cases in {:>5.1} s:", self.name, self.cases, self.took.as_secs_f64())?;
        for (place, (answer, count)) in self.answers.iter().enumerate() {
            write!(f, "{} {count} {answer}", if place == 0 { "" } else { "," })?;
        }
        let Some(failure) = &self.failure else { return Ok(()) };
        write!(
            f,
            "\n  case {} differs; again: --kind {} --seed {} --cases 1\n{}\n  {}",
            failure.number,
            self.name,
            failure.seed,
            indent(&failure.case),
            indent(&failure.difference).trim_start(),
        )
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
