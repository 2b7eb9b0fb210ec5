//! Mean reciprocal rank: how far down the first good recommendation is.

use super::metric::{Formula, Judged, LIST_LEN, Metric};

/// `1 / rank of the first relevant item` within 25, else 0; averaged over test users.
///
/// Voorhees, "The TREC-8 Question Answering Track Report", 1999; cut at 25 as the Amazon Personalize developer guide
/// defines it.
pub(super) const AT_25: Metric = Metric {
    key: "mean_reciprocal_rank_at_25",
    doc: "One divided by the rank of the first relevant item among 25 recommendations; 0 if there is none.",
    formula: Formula::PerUser(reciprocal_rank),
};

fn reciprocal_rank(judged: &Judged) -> f64 {
    judged.hits(LIST_LEN).next().map_or(0.0, |rank| 1.0 / rank as f64)
}

#[cfg(test)]
mod tests {
    use super::super::metric::check;
    use super::*;

    #[test]
    fn by_hand() {
        check(&AT_25, &[2, 5], 5, 0, 0.5);
        check(&AT_25, &[1], 25, 3, 1.0);
        check(&AT_25, &[25], 25, 0, 0.04);
        check(&AT_25, &[26], 30, 0, 0.0);
        check(&AT_25, &[], 25, 1, 0.0);
        check(&AT_25, &[], 0, 1, 0.0);
    }

    #[test]
    fn mean_of_the_developer_guide() {
        let ranked: Vec<u32> = (1..=10).collect();
        let rr = |rank: u32| reciprocal_rank(&Judged { ranked: &ranked, truth: &[rank] });
        let mean = (rr(4) + rr(2) + rr(6)) / 3.0;
        assert!((mean - 0.3056).abs() < 5e-5, "{mean}");
    }
}
