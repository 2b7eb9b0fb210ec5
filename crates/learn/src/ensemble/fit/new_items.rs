//! A weight for the order of the items that nobody has taken yet.
//!
//! New items are rarely taken in held-out points, often never, so that the search gives nothing to what orders them. Where they are asked for
//! all the same (a filter for novelties, an exploring campaign, a list that runs out), an order by metadata is better than none: it gets
//! the greatest weight that costs the lists of all items nothing and, where new items were taken, ranks these no worse.

use super::{Case, Search, Searched, quality};
use crate::ensemble::Signal;

/// Weights tried, greatest first.
const WEIGHTS: [f32; 4] = [1.0, 0.5, 0.2, 0.1];
/// The share of the quality that the lists may lose: as good as nothing.
const TOLERANCE: f64 = 0.001;

impl Search<'_> {
    /// Sets the weight of [`Signal::NewItems`] where the search left it at 0. Popularity that is used alone stays alone.
    pub(super) fn order_new_items(self, searched: &mut Searched) {
        let position = |wanted: Signal| self.signals.iter().position(|signal| *signal == wanted);
        let (Some(at), Some(flag)) = (position(Signal::NewItems), position(Signal::New)) else { return };
        let used = self.used(&searched.weights);
        let says_something = searched.cases.iter().any(|case| case.scores[at].iter().any(|score| *score != 0.0));
        if searched.weights[at] != 0.0
            || !says_something
            || used.iter().all(|(signal, _)| *signal == Signal::POPULARITY)
        {
            return;
        }
        let new: Vec<Case> = searched.cases.iter().filter_map(|case| case.only(flag)).collect();
        let (all_before, new_before) = (quality(&searched.cases, &searched.weights), quality(&new, &searched.weights));
        let mut weights = searched.weights.clone();
        for weight in WEIGHTS {
            weights[at] = weight;
            let costs_nothing = quality(&searched.cases, &weights) >= all_before * (1.0 - TOLERANCE);
            if costs_nothing && quality(&new, &weights) >= new_before {
                searched.weights = weights;
                return;
            }
        }
    }
}

impl Case {
    /// The case among the candidates for which the signal `flag` is not 0; `None` if none of these was taken.
    fn only(&self, flag: usize) -> Option<Self> {
        let kept: Vec<usize> = (0..self.items.len()).filter(|&at| self.scores[flag][at] != 0.0).collect();
        let taken = kept.iter().filter(|&&at| at < self.taken).count();
        let pick = |scores: &Vec<f32>| kept.iter().map(|&at| scores[at]).collect();
        (taken > 0).then(|| Self {
            items: kept.iter().map(|&at| self.items[at]).collect(),
            scores: self.scores.iter().map(pick).collect(),
            taken,
            relevant: taken,
            ..*self
        })
    }
}
