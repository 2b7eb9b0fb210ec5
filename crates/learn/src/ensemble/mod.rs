//! Several scorers as one: per-user standardized scores, added with weights that were fitted on held-out users.
//!
//! ```text
//! logit[j] = temperature * sum over signals s of weight[s] * (score_s[j] - mean_s) / deviation_s
//! ```
//! Mean and deviation run over all items for this very user, so that signals of any unit can be added (as z-score fusion of
//! retrieval runs, `score-fusion`). Two sets of weights are kept, see [`Mode`]. A weight of 0 drops a signal, and a
//! signal that neither set uses is not computed, stored or served.
//!
//! Where [`ScoringContext::keeps_seen`] holds, the sum of the signals about the items of the history counts for an item of the
//! history only where it is above that of an item outside.
//!
//! Cost of a ranking beyond the network's: for each signal in use one pass over the items, and the rows of the newest
//! events for the sparse ones.

mod blocks;
mod fit;
mod scoring;
mod signals;
mod store;

#[cfg(test)]
mod block_tests;
#[cfg(test)]
mod tests;

pub use fit::{
    Combination, ComponentReport, EnsembleReport, EnsembleValidation, FitOptions, HeldOut, HeldOutCheck, SignalReport,
    fit,
};
pub use signals::{Parts, Signal};

use crate::{Scorer, ScoringContext, UserState};
use std::sync::Arc;

/// Newest events that counting signals look at; also what a user state carries.
pub const HISTORY_MAX: usize = 400;

/// A user who asks this long after their last event has come back; sooner, they are still at it.
pub const RETURN_AFTER_S: i64 = 6 * 3600;

/// Which question is asked, by the time since the user's last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The items that come next in the present session.
    InSession,
    /// The items that the user wants in the next session, over the weeks to come.
    NextSession,
}

/// Weights by signal and the factor that turns their sum into logits.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// `[signals]`.
    pub of: Vec<f32>,
    /// Above 0.
    pub temperature: f32,
}

/// The signals and weights of an ensemble, which its refit on all users keeps: everything but the parts.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedSignals {
    /// The signals in use.
    pub signals: Vec<Signal>,
    /// Their weights in session.
    pub in_session: Weights,
    /// Their weights in the next session.
    pub next_session: Weights,
}

/// The fitted ensemble.
pub struct Ensemble {
    pub(crate) parts: Parts,
    pub(crate) weighted: WeightedSignals,
}

impl std::fmt::Debug for Ensemble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ensemble").field("weighted", &self.weighted).finish_non_exhaustive()
    }
}

impl Ensemble {
    /// An ensemble with given weights, `[signals]` each. Signals without any weight and the parts that only they need are
    /// dropped.
    pub fn new(mut parts: Parts, weighted: WeightedSignals) -> Self {
        let WeightedSignals { signals, in_session, next_session } = weighted;
        let used = |at: usize| in_session.of[at] != 0.0 || next_session.of[at] != 0.0;
        let kept: Vec<usize> = (0..signals.len()).filter(|&at| used(at)).collect();
        let pick = |w: &Weights| Weights { of: kept.iter().map(|&at| w.of[at]).collect(), ..*w };
        let (in_session, next_session) = (pick(&in_session), pick(&next_session));
        let signals: Vec<Signal> = kept.iter().map(|&at| signals[at]).collect();
        parts.keep_for(&signals);
        Self { parts, weighted: WeightedSignals { signals, in_session, next_session } }
    }

    /// The signals and weights, to make an ensemble of other parts with.
    pub fn weighted(&self) -> &WeightedSignals {
        &self.weighted
    }

    /// The signals in use.
    pub fn signals(&self) -> &[Signal] {
        &self.weighted.signals
    }

    /// The weights of a mode, by signal in use.
    pub fn weights(&self, mode: Mode) -> &Weights {
        match mode {
            Mode::InSession => &self.weighted.in_session,
            Mode::NextSession => &self.weighted.next_session,
        }
    }

    /// The network among the parts.
    pub fn network(&self) -> Option<&Arc<dyn Scorer>> {
        self.parts.network.as_ref()
    }

    /// Which weights a request uses.
    pub fn mode(state: &UserState, scoring_context: &ScoringContext) -> Mode {
        match (scoring_context.now_s, state.last_time_s()) {
            (Some(now), Some(last)) if now.saturating_sub(last) >= RETURN_AFTER_S => Mode::NextSession,
            _ => Mode::InSession,
        }
    }
}
