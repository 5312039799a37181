//! Making a failing case small, so that a person can see what it is about.

/// Attempts after which the smallest case so far is good enough.
const ATTEMPTS: usize = 20_000;

/// Takes the first smaller case that still fails, and goes on from there until none does.
pub fn minimise<T>(mut case: T, smaller: impl Fn(&T) -> Vec<T>, fails: impl Fn(&T) -> bool) -> T {
    let mut attempts = 0;
    'again: loop {
        for candidate in smaller(&case) {
            attempts += 1;
            if attempts > ATTEMPTS {
                return case;
            }
            if fails(&candidate) {
                case = candidate;
                continue 'again;
            }
        }
        return case;
    }
}

/// The list without one of its runs of elements: long runs first, since they save most.
pub fn without_runs<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let mut shorter = Vec::new();
    let mut len = list.len();
    while len > 0 {
        for start in (0..list.len()).step_by(len) {
            let end = (start + len).min(list.len());
            shorter.push([&list[..start], &list[end..]].concat());
        }
        len /= 2;
    }
    shorter
}
