//! Precision: the share of good recommendations.

use super::metric::{Formula, Judged, Metric};

/// [`AT_25`] cut at 5.
pub(super) const AT_5: Metric = Metric {
    key: "precision_at_5",
    doc: "Relevant items among the first 5 recommendations, divided by 5.",
    formula: Formula::PerUser(|judged| precision(judged, 5)),
};

/// [`AT_25`] cut at 10.
pub(super) const AT_10: Metric = Metric {
    key: "precision_at_10",
    doc: "Relevant items among the first 10 recommendations, divided by 10.",
    formula: Formula::PerUser(|judged| precision(judged, 10)),
};

/// `|relevant items among the first k| / k`, averaged over test users. The divisor is `k` also when the list or the truth
/// is shorter (Amazon Personalize developer guide), so a user with one relevant item can reach 1/k at most.
pub(super) const AT_25: Metric = Metric {
    key: "precision_at_25",
    doc: "Relevant items among the first 25 recommendations, divided by 25.",
    formula: Formula::PerUser(|judged| precision(judged, 25)),
};

fn precision(judged: &Judged, k: usize) -> f64 {
    judged.hits(k).count() as f64 / k as f64
}

#[cfg(test)]
mod tests {
    use super::super::metric::check;
    use super::*;

    #[test]
    fn by_hand() {
        check(&AT_5, &[2, 5], 5, 0, 0.4);
        check(&AT_10, &[2, 5], 5, 9, 0.2);
        check(&AT_25, &[1, 25, 26], 30, 0, 0.08);
        check(&AT_5, &[1, 2, 3, 4, 5], 5, 0, 1.0);
        check(&AT_5, &[], 0, 1, 0.0);
    }
}
