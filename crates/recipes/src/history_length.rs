//! `min_user_history_length_percentile` and `max_user_history_length_percentile`.

use std::ops::RangeInclusive;
use tastemaker_data::Dataset;

/// The history lengths that take part in training: from the `min` to the `max` percentile of all users' lengths, both
/// included.
///
/// Percentiles are nearest-rank: the p-th of n sorted lengths is the one of rank `ceil(p n)`, and of rank 1 for p = 0. So
/// the default band 0.0..0.99 drops the longest one percent (crawlers, shared accounts) of at least 100 users and nobody
/// of fewer, and some user always remains when `min <= max`.
fn band(dataset: &Dataset, min: f64, max: f64) -> RangeInclusive<usize> {
    let mut lengths: Vec<usize> = dataset.offsets().windows(2).map(|w| w[1] - w[0]).collect();
    lengths.sort_unstable();
    let nearest_rank = |p: f64| {
        let rank = (p * lengths.len() as f64).ceil() as usize;
        lengths.get(rank.clamp(1, lengths.len().max(1)) - 1).copied().unwrap_or(0)
    };
    nearest_rank(min)..=nearest_rank(max)
}

/// The users whose history length is in the band, ascending.
pub(crate) fn users_in_band(dataset: &Dataset, min: f64, max: f64) -> Vec<usize> {
    let band = band(dataset, min, max);
    let lengths = dataset.offsets().windows(2).map(|w| w[1] - w[0]);
    lengths.enumerate().filter(|(_, length)| band.contains(length)).map(|(user, _)| user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    fn users_of_length_1_to(n: usize) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for user in 1..=n {
            for k in 0..user {
                builder.push(&user.to_string(), &k.to_string(), k as i64, None, None);
            }
        }
        builder.build()
    }

    #[test]
    fn nearest_rank_by_hand() {
        let cases = [
            (100, 0.0, 0.99, 1..=99),
            (100, 0.0, 1.0, 1..=100),
            (100, 0.1, 0.5, 10..=50),
            (99, 0.0, 0.99, 1..=99),
            (10, 0.25, 0.75, 3..=8),
            (3, 1.0, 1.0, 3..=3),
            (1, 0.0, 0.0, 1..=1),
        ];
        for (users, min, max, expected) in cases {
            assert_eq!(band(&users_of_length_1_to(users), min, max), expected, "{users} users, {min}..{max}");
        }
        assert_eq!(band(&Dataset::default(), 0.0, 1.0), 0..=0);
    }
}
