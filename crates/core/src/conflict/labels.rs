//! Labels of a conflict's terms.

use crate::{CoreError, Merge, Result};

/// Simplifies terms together with their labels. Labels are one for each term, or none at all, which gives none.
pub fn simplify_labels<T: PartialEq + Clone>(
    labels: &[String],
    terms: &Merge<T>,
) -> Result<(Vec<String>, Merge<T>)> {
    let simplified = terms.simplify();
    if labels.iter().all(String::is_empty) {
        return Ok((Vec::new(), simplified));
    }
    if labels.len() != terms.as_slice().len() {
        return Err(CoreError::BadArgument(format!(
            "{} labels were given for {} terms",
            labels.len(),
            terms.as_slice().len()
        )));
    }
    let labels: Vec<String> =
        terms.simplified_places().into_iter().filter_map(|place| labels.get(place).cloned()).collect();
    let none_left = labels.len() == 1 || labels.iter().all(String::is_empty);
    Ok((if none_left { Vec::new() } else { labels }, simplified))
}
