//! Popularity bias of recommended lists (`popularity-bias`).

/// Of some lists over a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PopularityBias {
    /// The mean number of training interactions of a list's items.
    pub mean_popularity: f64,
    /// The share of the lists' positions that the head holds: the most popular items that have half of all interactions.
    pub head_share: f64,
    /// The Gini coefficient of how often each item of the catalog is in a list: 0 when all are equally often, towards 1 when a few
    /// are in all of them.
    pub gini: f64,
}

/// The bias of `lists` of item indices. `counts` `[items]` are the training interactions of each item; items beyond are left out.
pub fn popularity_bias(lists: &[Vec<u32>], counts: &[f64]) -> PopularityBias {
    let listed: Vec<usize> =
        lists.iter().flatten().map(|&item| item as usize).filter(|&item| item < counts.len()).collect();
    if listed.is_empty() {
        return PopularityBias::default();
    }
    let total = listed.len() as f64;
    let head = head(counts);
    let mut shown = vec![0.0f64; counts.len()];
    listed.iter().for_each(|&item| shown[item] += 1.0);
    PopularityBias {
        mean_popularity: listed.iter().map(|&item| counts[item]).sum::<f64>() / total,
        head_share: listed.iter().filter(|&&item| head[item]).count() as f64 / total,
        gini: gini(shown),
    }
}

/// Which items are the fewest that have half of the interactions.
fn head(counts: &[f64]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by(|&a, &b| counts[b].total_cmp(&counts[a]).then(a.cmp(&b)));
    let half = counts.iter().sum::<f64>() / 2.0;
    let (mut head, mut sum) = (vec![false; counts.len()], 0.0);
    for item in order {
        if sum >= half {
            break;
        }
        head[item] = true;
        sum += counts[item];
    }
    head
}

/// `sum over i of (2 i - n - 1) x_i / (n sum of x)` for ascending x, i from 1. Some value is above 0.
fn gini(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (n, total) = (values.len() as f64, values.iter().sum::<f64>());
    let weighted: f64 = values.iter().enumerate().map(|(i, x)| (2.0 * (i + 1) as f64 - n - 1.0) * x).sum();
    weighted / (n * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Items 0 and 1 have 10 of 16 interactions; item 0 alone has fewer than half.
        let counts = [6.0, 4.0, 3.0, 3.0];
        let bias = popularity_bias(&[vec![0, 2], vec![0, 1, 9]], &counts);
        assert_eq!(bias.mean_popularity, (6.0 + 3.0 + 6.0 + 4.0) / 4.0);
        assert_eq!(bias.head_share, 0.75);
        // Shown 0, 1, 1, 2 times: (-3*0 - 1*1 + 1*1 + 3*2) / (4 * 4).
        assert_eq!(bias.gini, 6.0 / 16.0);
    }

    #[test]
    fn extremes() {
        let counts = vec![1.0; 100];
        let all: Vec<Vec<u32>> = (0..100).map(|item| vec![item]).collect();
        assert!(popularity_bias(&all, &counts).gini.abs() < 1e-12);
        assert_eq!(popularity_bias(&vec![vec![7]; 50], &counts).gini, 0.99);
        assert_eq!(popularity_bias(&[], &counts), PopularityBias::default());
        assert_eq!(popularity_bias(&[vec![3]], &[]), PopularityBias::default());
    }

    #[test]
    fn the_head_ends_at_half_and_takes_the_first_of_equals() {
        let share = |list: &[u32]| popularity_bias(&[list.to_vec()], &[2.0; 4]).head_share;
        assert_eq!(
            [share(&[0, 1, 2, 3]), share(&[0]), share(&[1]), share(&[2]), share(&[3])],
            [0.5, 1.0, 1.0, 0.0, 0.0]
        );
    }

    #[test]
    fn the_most_popular_items_are_the_head_wherever_they_stand() {
        let share = |list: &[u32]| popularity_bias(&[list.to_vec()], &[1.0, 2.0, 9.0]).head_share;
        assert_eq!([share(&[0]), share(&[1]), share(&[2])], [0.0, 0.0, 1.0]);
    }

    #[test]
    fn the_first_item_beyond_the_counts_is_left_out() {
        let bias = popularity_bias(&[vec![0, 3]], &[6.0, 0.0, 0.0]);
        assert_eq!((bias.mean_popularity, bias.head_share), (6.0, 1.0));
    }
}
