//! Next-item ranking of held-out events by the parameters in training: NDCG@10.

use crate::sequences::Validation;

/// Events ranked at most; beyond, users are thinned evenly.
pub(crate) const TARGETS_MAX: usize = 20_000;

impl Validation<'_> {
    /// The number of a user's held-out events.
    fn held_out(&self, user: usize) -> usize {
        self.histories.sequences.user(user).len().saturating_sub(self.first_target[user])
    }

    /// The users with events to rank, thinned to [`TARGETS_MAX`] events and to `tokens_max` of what `tokens` counts for a user.
    pub(crate) fn users(&self, tokens_max: usize, tokens: impl Fn(usize) -> usize) -> Vec<usize> {
        let users: Vec<usize> = (0..self.histories.sequences.len()).filter(|&u| self.held_out(u) > 0).collect();
        let targets: usize = users.iter().map(|&u| self.held_out(u)).sum();
        let tokens: usize = users.iter().map(|&u| tokens(u)).sum();
        let stride = targets.div_ceil(TARGETS_MAX).max(tokens.div_ceil(tokens_max)).max(1);
        users.into_iter().step_by(stride).collect()
    }
}

/// The gains of some held-out events: `1 / log2(1 + rank)` for ranks up to 10.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Gains {
    sum: f64,
    events: u64,
}

impl Gains {
    /// Ranks `target` by `logits` `[items]` with `bias` `[items]` added, among the items that are not excluded. An excluded
    /// target does not count.
    pub(crate) fn rank(&mut self, target: u32, logits: &[f32], bias: &[f32], is_excluded: impl Fn(usize) -> bool) {
        let target = target as usize;
        if is_excluded(target) {
            return;
        }
        let score = |item: usize| logits[item] + bias[item];
        let wanted = score(target);
        let ahead = (0..bias.len()).filter(|&item| {
            let other = score(item);
            (other > wanted || (other == wanted && item < target)) && !is_excluded(item)
        });
        let rank = ahead.take(10).count();
        if rank < 10 && wanted.is_finite() {
            self.sum += 1.0 / (rank as f64 + 2.0).log2();
        }
        self.events += 1;
    }

    /// The mean gain; `None` of no events.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.events > 0).then(|| self.sum / self.events as f64)
    }
}

impl std::iter::Sum for Gains {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |all, part| Self { sum: all.sum + part.sum, events: all.events + part.events })
    }
}
