//! Metrics in which relevant items are worth different amounts.
//!
//! | key | value |
//! |---|---|
//! | `normalized_discounted_cumulative_gain_with_event_weights_at_5`, `_10`, `_25` | as the plain one (`ndcg`), with a gain of the event's weight over the mean weight in place of 1; the ideal list has the greatest gains first |
//! | `average_rewards_at_k` | rewards of the relevant items among the first 25 over the rewards of all relevant items |

use crate::means::sum;

/// One user's list, and what each relevant item is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Valued<'a> {
    /// Best first, without repeats.
    pub ranked: &'a [u32],
    /// Relevant items with their worth, which is not negative.
    pub truth: &'a [(u32, f64)],
}

impl Valued<'_> {
    fn worth(&self, item: u32) -> f64 {
        self.truth.iter().find(|(other, _)| *other == item).map_or(0.0, |(_, worth)| *worth)
    }

    /// The discounted gain of the first `k` over that of the ideal list; 0 where nothing is worth anything.
    pub fn gain_at(&self, k: usize) -> f64 {
        let discounted = |worths: &mut dyn Iterator<Item = f64>| -> f64 {
            sum(worths.take(k).enumerate().map(|(n, worth)| worth / (n as f64 + 2.0).log2()))
        };
        let mut ideal: Vec<f64> = self.truth.iter().map(|(_, worth)| *worth).collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best = discounted(&mut ideal.into_iter());
        let found = discounted(&mut self.ranked.iter().map(|&item| self.worth(item)));
        if best > 0.0 { found / best } else { 0.0 }
    }

    /// The share of all worth that is among the first `k`; `None` where nothing is worth anything.
    pub fn share_at(&self, k: usize) -> Option<f64> {
        let all = sum(self.truth.iter().map(|(_, worth)| *worth));
        let found = sum(self.ranked.iter().take(k).map(|&item| self.worth(item)));
        (all > 0.0).then(|| found / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Gains 1.5 and 0.5 at the ranks 2 and 3; ideally at 1 and 2.
        let valued = Valued { ranked: &[9, 1, 2], truth: &[(2, 0.5), (1, 1.5), (7, 0.0)] };
        let expected = (1.5 / 3f64.log2() + 0.5 / 2.0) / (1.5 + 0.5 / 3f64.log2());
        assert!((valued.gain_at(5) - expected).abs() < 1e-12);
        assert!((valued.gain_at(2) - (1.5 / 3f64.log2()) / (1.5 + 0.5 / 3f64.log2())).abs() < 1e-12);
        assert_eq!((valued.share_at(25), valued.share_at(2)), (Some(1.0), Some(0.75)));
        let worthless = Valued { ranked: &[1], truth: &[(1, 0.0)] };
        assert_eq!((worthless.gain_at(5), worthless.share_at(5)), (0.0, None));
        // Equal worth is the plain metric: hits at 2 and 5 of two relevant items.
        let plain = Valued { ranked: &[9, 1, 8, 7, 2], truth: &[(1, 1.0), (2, 1.0)] };
        assert!((plain.gain_at(5) - 0.6241).abs() < 5e-5);
    }
}
