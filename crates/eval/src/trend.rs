//! The accuracy of lists of trending items.

use crate::means::sum;

/// Items of the longest list that counts.
pub const TREND_LIST_LEN: usize = 25;

/// `trend_prediction_accuracy`: the rates at which the recommended items' interactions increased in the interval after the
/// recommendation, summed, over the same sum for the 25 items that truly rose fastest; 0 when nothing rose.
///
/// `before` and `after` `[items]` count interactions in the interval before and the one after. The rate of an item is
/// `(after - before) / max(before, 1)`, and 0 for one that falls.
pub fn trend_prediction_accuracy(recommended: &[u32], before: &[f64], after: &[f64]) -> f64 {
    let rates: Vec<f64> = before.iter().zip(after).map(|(b, a)| ((a - b) / b.max(1.0)).max(0.0)).collect();
    let listed = recommended.iter().take(TREND_LIST_LEN).filter_map(|&item| rates.get(item as usize));
    let found = sum(listed.copied());
    let mut best = rates.clone();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    let possible = sum(best.into_iter().take(TREND_LIST_LEN));
    if possible > 0.0 { found / possible } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Rates: 2, 1 (from nothing), 0 (falls), 0.5.
        let (before, after) = ([2.0, 0.0, 9.0, 4.0], [6.0, 1.0, 3.0, 6.0]);
        let accuracy = |list: &[u32]| trend_prediction_accuracy(list, &before, &after);
        assert_eq!(accuracy(&[0, 1, 2, 3]), 1.0);
        assert_eq!(accuracy(&[0, 2]), 2.0 / 3.5);
        assert_eq!(accuracy(&[3, 99]), 0.5 / 3.5);
        assert_eq!(accuracy(&[]), 0.0);
        assert_eq!(trend_prediction_accuracy(&[0], &[1.0], &[1.0]), 0.0);
    }

    #[test]
    fn only_twenty_five_count() {
        let list: Vec<u32> = (0..30).collect();
        assert_eq!(trend_prediction_accuracy(&list, &[0.0; 30], &[1.0; 30]), 1.0);
        let late: Vec<u32> = (1..30).chain([0]).collect();
        let (mut after, before) = ([0.0; 30], [0.0; 30]);
        after[0] = 1.0;
        assert_eq!(trend_prediction_accuracy(&late, &before, &after), 0.0);
    }

    #[test]
    fn the_fastest_items_are_the_measure_wherever_they_stand() {
        let before = [1.0; 30];
        let mut after = [2.0; 30];
        after[29] = 11.0;
        // 24 rates of 1 and one of 10.
        assert_eq!(trend_prediction_accuracy(&[29, 3], &before, &after), 11.0 / 34.0);
    }
}
