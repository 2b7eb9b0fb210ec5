//! NDCG: how many good recommendations there are and how far up.

use super::discount::gain;
use super::metric::{Formula, Judged, Metric};

/// [`AT_25`] cut at 5.
pub(super) const AT_5: Metric = Metric {
    key: "normalized_discounted_cumulative_gain_at_5",
    doc: "Relevant items among 5 recommendations, discounted by rank, against the best possible order.",
    formula: Formula::PerUser(|judged| ndcg(judged, 5)),
};

/// [`AT_25`] cut at 10.
pub(super) const AT_10: Metric = Metric {
    key: "normalized_discounted_cumulative_gain_at_10",
    doc: "Relevant items among 10 recommendations, discounted by rank, against the best possible order.",
    formula: Formula::PerUser(|judged| ndcg(judged, 10)),
};

/// `DCG@k / ideal DCG@k` with `DCG@k = sum over relevant ranks p <= k of 1 / log2(1 + p)` and the ideal list holding
/// `min(k, |truth|)` relevant items at its head; averaged over test users.
///
/// Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002, with gain 1 per relevant item
/// as in the Amazon Personalize developer guide. A user without truth has no ideal and is excluded by the report.
pub(super) const AT_25: Metric = Metric {
    key: "normalized_discounted_cumulative_gain_at_25",
    doc: "Relevant items among 25 recommendations, discounted by rank, against the best possible order.",
    formula: Formula::PerUser(|judged| ndcg(judged, 25)),
};

fn ndcg(judged: &Judged, k: usize) -> f64 {
    let ideal = gain(1..=k.min(judged.truth.len()));
    if ideal == 0.0 { 0.0 } else { gain(judged.hits(k)) / ideal }
}

#[cfg(test)]
mod tests {
    use super::super::metric::check;
    use super::*;

    #[test]
    fn by_hand() {
        // The developer guide's example: (1/log 3 + 1/log 6) / (1/log 2 + 1/log 3).
        check(&AT_5, &[2, 5], 5, 0, 0.6241);
        check(&AT_5, &[1], 5, 0, 1.0);
        check(&AT_5, &[6], 25, 0, 0.0);
        check(&AT_10, &[6], 25, 0, 0.3562);
        check(&AT_25, &[25], 25, 0, 0.2127);
        check(&AT_25, &[], 25, 2, 0.0);
        check(&AT_5, &[], 0, 1, 0.0);
        check(&AT_5, &[], 5, 0, 0.0);
    }

    #[test]
    fn the_ideal_counts_missed_items_up_to_k() {
        // One hit at the head, one missed: 1 / (1 + 1/log2 3).
        check(&AT_5, &[1], 5, 1, 0.6131);
        // More relevant items than ranks: a full list is perfect.
        check(&AT_5, &[1, 2, 3, 4, 5], 5, 20, 1.0);
        check(&AT_10, &[1, 2, 3, 4, 5], 5, 20, 0.6489);
    }
}
