//! Holds mesa-core against jj-lib 0.45.1: both get the same random input, and every byte of their answers is
//! compared. `npm run oracle -- --cases 200000 --seed 1` runs it.
//!
//! Input is made to be nasty, not likely: lines that repeat, edits that touch, texts without a last line break,
//! conflicts inside conflicts, directories that become files. A case follows from its seed alone, so a
//! difference is told with the seed that shows it, in the smallest form found.
//!
//! One rule differs on purpose, that binary files are not merged by lines; [`kinds::binary`] holds the core to it.
//! Beside it there are two places where jj-lib's own answer is of no use, and the comparison says so where it
//! stands: [`kinds::trees::hidden_dirs`] and [`kinds::parse::FEWEST_SIDES`].

mod args;
mod corpus;
mod damage;
mod jj;
mod kinds;
mod minimise;
mod renames;
mod rng;
mod run;
mod terms;
mod texts;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic is a difference like any other and told as one.
    std::panic::set_hook(Box::new(|_| ()));
    match std::env::args().nth(1).as_deref() {
        Some("corpus") => return corpus::run(),
        Some("renames") => return renames::run(),
        _ => {}
    }
    let args = match args::Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    println!("mesa-core beside jj-lib 0.45.1: {} cases, seed {}", args.cases, args.seed);
    let (mut passed, mut failed) = (0, 0);
    for (kind, cases) in kinds::plan(&args) {
        let report = (kind.run)(kind.name, args.seed, cases);
        println!("{report}");
        if report.failure.is_none() { passed += 1 } else { failed += 1 }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
