//! `recency_mask`: newer interactions weigh more in training.

/// The weight of the newest interaction over that of the oldest.
const NEWEST_OVER_OLDEST: f32 = 2.0;

/// The loss weight of each interaction, linear in its rank in time over the whole dataset, with mean 1. Equal times get
/// the weight of their middle rank, so a dataset whose times are all equal is weighted evenly.
///
/// AWS documents that the mask makes the model weigh the latest popularity trends more, and not how. A ratio of two
/// between newest and oldest lets trends through and leaves old events enough weight for rare items.
pub(crate) fn weights(times: &[i64]) -> Vec<f32> {
    let n = times.len();
    let mut by_time: Vec<u32> = (0..n as u32).collect();
    by_time.sort_unstable_by_key(|&event| times[event as usize]);
    let mut weights = vec![1.0; n];
    for equal in by_time.chunk_by(|&a, &b| times[a as usize] == times[b as usize]).scan(0, |rank, equal| {
        *rank += equal.len();
        Some((*rank - equal.len(), equal))
    }) {
        let (before, events) = equal;
        let middle = (before as f64 + events.len() as f64 / 2.0) / n as f64;
        let share =
            (1.0 + (f64::from(NEWEST_OVER_OLDEST) - 1.0) * middle) / (0.5 + f64::from(NEWEST_OVER_OLDEST) / 2.0);
        for &event in events {
            weights[event as usize] = share as f32;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_weighs_more_and_the_mean_is_one() {
        let times: Vec<i64> = (0..1000).rev().collect();
        let w = weights(&times);
        assert!(w.windows(2).all(|pair| pair[0] > pair[1]));
        let mean = w.iter().sum::<f32>() / 1000.0;
        assert!((mean - 1.0).abs() < 1e-4, "{mean}");
        let ratio = w[0] / w[999];
        assert!((ratio - NEWEST_OVER_OLDEST).abs() < 0.01, "{ratio}");
    }

    #[test]
    fn equal_times_weigh_the_same() {
        assert_eq!(weights(&[7; 5]), [1.0; 5]);
        let w = weights(&[2, 1, 2, 1]);
        assert_eq!((w[0], w[1]), (w[2], w[3]));
        assert!(w[0] > w[1]);
        assert!(weights(&[]).is_empty());
    }
}
