//! The ensemble over a block of users: the network's logits as one product, long rows of related items as a dense matrix, and what is
//! the same for many users computed once. The standardized signals are then added user by user.

use super::signals::{Parts, Signal};
use super::{Ensemble, HISTORY_MAX};
use crate::block_scoring::{BlockRequest, BlockScorer, DenseRows, RunSize, ScoreBlock};
use crate::item_matrix::{ItemMatrix, Recency};
use crate::{Event, Scorer, Scratch, UserState};

/// An ensemble prepared for a run.
pub(super) struct EnsembleBlocks<'m> {
    ensemble: &'m Ensemble,
    network: Option<Box<dyn BlockScorer + 'm>>,
    follows: Option<DenseRows>,
    ease: Option<DenseRows>,
    content: Option<DenseRows>,
    /// By signal: what it divides each item's score by; empty for those without a discount.
    discounts: Vec<Vec<f32>>,
}

/// The scores of a signal that are the same for every request at a time.
#[derive(Default)]
struct SharedScores {
    now_s: Option<i64>,
    scores: Vec<f32>,
    standard: (f32, f32),
}

/// A signal, its weight for each request of a block, and where it is among the ensemble's.
struct WeightedSignal<'a> {
    at: usize,
    signal: Signal,
    /// By request; 0 where it is not used.
    weights: &'a [f32],
}

impl<'m> EnsembleBlocks<'m> {
    pub(super) fn new(ensemble: &'m Ensemble, run: RunSize) -> Self {
        let parts = &ensemble.parts;
        let dense = |matrix: &ItemMatrix| DenseRows::of(matrix, parts.items, run);
        let discounts = ensemble.signals().iter().map(|signal| signal.divisors(&parts.counts)).collect();
        Self {
            ensemble,
            network: parts.network.as_deref().and_then(|network| network.block_scorer(run)),
            follows: dense(&parts.follows),
            ease: dense(&parts.ease),
            content: dense(&parts.content),
            discounts,
        }
    }

    fn parts(&self) -> &'m Parts {
        &self.ensemble.parts
    }

    /// The dense form of the rows that a signal adds, and the shares of a history.
    fn dense_rows(&self, signal: Signal) -> Option<(&DenseRows, Recency)> {
        let rows = match signal {
            Signal::Cooccurrence { .. } => &self.follows,
            Signal::Ease { .. } => &self.ease,
            Signal::Content { .. } => &self.content,
            _ => &None,
        };
        rows.as_ref().zip(signal.recency())
    }

    /// Adds a signal to the rows of `out`.
    fn add(
        &self,
        weighted: &WeightedSignal<'_>,
        requests: &[BlockRequest<'_>],
        scratch: &mut Scratch,
        out: &mut ScoreBlock,
    ) {
        let &WeightedSignal { at, signal, weights } = weighted;
        let used = || weights.iter().copied().enumerate().filter(|(_, weight)| *weight != 0.0);
        if signal == Signal::Seen {
            return used().for_each(|(user, weight)| add_seen(&requests[user], weight, out.row_mut(user)));
        }
        if signal.is_same_for_all() {
            let mut shared = SharedScores::default();
            for (user, weight) in used() {
                self.share(signal, &requests[user], scratch, &mut shared);
                add_standardized(&shared.scores, shared.standard, weight, out.row_mut(user));
            }
            return;
        }
        let mut raw = std::mem::take(&mut scratch.signal_block);
        let is_prepared = match (signal, &self.network, self.dense_rows(signal)) {
            (Signal::Network, Some(network), _) => {
                network.scores(requests, scratch, &mut raw);
                true
            }
            (_, _, Some((rows, recency))) => {
                rows.sums(&shares(requests, weights, recency), &mut raw);
                true
            }
            _ => {
                raw.resize(1, self.parts().items);
                false
            }
        };
        for (user, weight) in used() {
            let row = raw.row_mut(if is_prepared { user } else { 0 });
            match is_prepared {
                true => self.finish(at, signal, row),
                false => self.fill(at, signal, &requests[user], scratch, row),
            }
            add_standardized(row, signal.standard(row), weight, out.row_mut(user));
        }
        scratch.signal_block = raw;
    }

    /// Fills `row` with a signal's raw scores for one request.
    fn fill(&self, at: usize, signal: Signal, request: &BlockRequest<'_>, scratch: &mut Scratch, row: &mut [f32]) {
        let parts = self.parts();
        if let (Signal::Cooccurrence { .. }, Some(recency)) = (signal, signal.recency()) {
            row.fill(0.0);
            parts.follows.add_history(request.state.newest(HISTORY_MAX), recency, row);
            return self.finish(at, signal, row);
        }
        parts.fill(signal, request.state, &request.scoring_context, scratch, row);
    }

    /// Discounts and compresses the added rows in `row`.
    fn finish(&self, at: usize, signal: Signal, row: &mut [f32]) {
        row.iter_mut().zip(&self.discounts[at]).filter(|(x, _)| **x != 0.0).for_each(|(x, divisor)| *x /= divisor);
        signal.compress(row);
    }

    /// Computes what is the same for all, unless it is known for the time of the request.
    fn share(&self, signal: Signal, request: &BlockRequest<'_>, scratch: &mut Scratch, shared: &mut SharedScores) {
        let asked_s = request.scoring_context.now_s.or(request.state.last_time_s()).unwrap_or(i64::MAX);
        // Nothing is known of later times.
        let now_s = asked_s.min(self.parts().popular.newest_s());
        if shared.now_s == Some(now_s) {
            return;
        }
        shared.scores.resize(self.parts().items, 0.0);
        self.parts().fill(signal, request.state, &request.scoring_context, scratch, &mut shared.scores);
        shared.standard = signal.standard(&shared.scores);
        shared.now_s = Some(now_s);
    }
}

impl BlockScorer for EnsembleBlocks<'_> {
    fn encode(&self, histories: &[&[Event]], scratch: &mut Scratch) -> Vec<UserState> {
        let Some(network) = &self.network else {
            return histories.iter().map(|history| self.ensemble.encode(history, scratch)).collect();
        };
        let items = self.parts().items;
        let mut states = network.encode(histories, scratch);
        for (state, history) in states.iter_mut().zip(histories) {
            state.recent.clear();
            state.events = 0;
            for event in history.iter().filter(|event| (event.item.0 as usize) < items) {
                state.remember(*event, HISTORY_MAX);
                state.events += 1;
            }
        }
        states
    }

    fn scores(&self, requests: &[BlockRequest<'_>], scratch: &mut Scratch, out: &mut ScoreBlock) {
        out.resize(requests.len(), self.parts().items);
        (0..requests.len()).for_each(|user| out.row_mut(user).fill(0.0));
        let weights_of = |request: &BlockRequest<'_>| {
            let mode = Ensemble::mode(request.state, &request.scoring_context);
            self.ensemble.weights(mode)
        };
        let of_requests: Vec<_> = requests.iter().map(weights_of).collect();
        for (at, signal) in self.ensemble.signals().iter().enumerate() {
            let weight = |n: usize| match requests[n].scoring_context.keeps_seen {
                true => 0.0,
                false => of_requests[n].of[at] * of_requests[n].temperature,
            };
            let weights: Vec<f32> = (0..requests.len()).map(weight).collect();
            if weights.iter().any(|weight| *weight != 0.0) {
                self.add(&WeightedSignal { at, signal: *signal, weights: &weights }, requests, scratch, out);
            }
        }
        for (user, request) in requests.iter().enumerate().filter(|(_, r)| r.scoring_context.keeps_seen) {
            let scores = self.ensemble.scores(request.state, &request.scoring_context, scratch);
            out.row_mut(user).copy_from_slice(scores);
        }
    }
}

/// The shares of the requests' histories; none where the weight is 0.
fn shares(requests: &[BlockRequest<'_>], weights: &[f32], recency: Recency) -> Vec<Vec<(u32, f32)>> {
    let of = |(request, weight): (&BlockRequest<'_>, &f32)| {
        let mut shares = Vec::new();
        if *weight != 0.0 {
            recency.shares(request.state.newest(HISTORY_MAX), |item, share| shares.push((item, share)));
        }
        shares
    };
    requests.iter().zip(weights).map(of).collect()
}

/// Adds [`Signal::Seen`], which is 0 for all items outside the history.
fn add_seen(request: &BlockRequest<'_>, weight: f32, row: &mut [f32]) {
    let mut seen: Vec<u32> = request.state.newest(HISTORY_MAX).iter().map(|event| event.item.0).collect();
    seen.sort_unstable();
    seen.dedup();
    for item in seen {
        if let Some(score) = row.get_mut(item as usize) {
            *score += weight;
        }
    }
}

fn add_standardized(scores: &[f32], (mean, scale): (f32, f32), weight: f32, out: &mut [f32]) {
    let factor = weight * scale;
    out.iter_mut().zip(scores).for_each(|(out, x)| *out += factor * (x - mean));
}
