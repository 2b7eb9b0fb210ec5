//! Coverage: how much of the catalog ever gets recommended.

use super::metric::{Formula, Judged, LIST_LEN, Metric};
use std::collections::HashSet;

/// `|union over test users of their top 25| / |unique items in the Interactions and Items datasets|`.
///
/// Definition: Amazon Personalize developer guide, "Evaluating a solution version with metrics". The guide leaves open
/// which lists count; here it is the top 25 of every test user. Without items the value is 0.
pub(super) const COVERAGE: Metric = Metric {
    key: "coverage",
    doc: "The share of all items that appears in at least one test user's first 25 recommendations.",
    formula: Formula::Overall(coverage),
};

fn coverage(judged: &[Judged], catalog_len: usize) -> f64 {
    if catalog_len == 0 {
        return 0.0;
    }
    let shown: HashSet<u32> = judged.iter().flat_map(|j| j.ranked.iter().take(LIST_LEN).copied()).collect();
    shown.len() as f64 / catalog_len as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let long: Vec<u32> = (0..40).collect();
        let list = |ranked| Judged { ranked, truth: &[0] };
        let cases: &[(&[Judged], usize, f64)] = &[
            (&[list(&[1, 2]), list(&[2, 3])], 10, 0.3),
            (&[list(&[1, 2]), list(&[1, 2])], 2, 1.0),
            (&[list(&long)], 50, 0.5),
            (&[list(&[])], 7, 0.0),
            (&[], 7, 0.0),
            (&[], 0, 0.0),
        ];
        for (judged, catalog_len, expected) in cases {
            assert_eq!(coverage(judged, *catalog_len), *expected, "{judged:?} of {catalog_len}");
        }
    }
}
