//! The ensemble as a [`Scorer`], for one user and for many.

use super::Ensemble;
use super::blocks::EnsembleBlocks;
use super::signals::Signal;
use crate::block_scoring::{BlockScorer, RunSize};
use crate::{Event, Scorer, ScoringContext, Scratch, UserState, topk};

impl Scorer for Ensemble {
    fn item_count(&self) -> usize {
        self.parts.items
    }

    fn start(&self) -> UserState {
        self.parts.start()
    }

    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        if (event.item.0 as usize) >= self.parts.items {
            return;
        }
        self.parts.observe(state, event, scratch);
    }

    fn scores<'s>(&self, state: &UserState, scoring_context: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        let weights = self.weights(Self::mode(state, scoring_context));
        let used = self.signals().iter().zip(&weights.of).filter(|(_, weight)| **weight != 0.0);
        let used: Vec<(Signal, f32)> = used.map(|(signal, weight)| (*signal, weight * weights.temperature)).collect();
        let mut out = std::mem::take(&mut scratch.blended);
        if scoring_context.keeps_seen {
            let (of_seen, others): (Vec<_>, Vec<_>) = used.into_iter().partition(|(signal, _)| signal.is_about_seen());
            self.parts.add(&others, state, scoring_context, scratch, &mut out);
            self.parts.add_gains_of_seen(&of_seen, state, scoring_context, scratch, &mut out);
        } else {
            self.parts.add(&used, state, scoring_context, scratch, &mut out);
        }
        scratch.blended = out;
        &scratch.blended
    }

    fn log_partition(&self, scores: &[f32]) -> f32 {
        topk::log_partition(scores)
    }

    fn has_probabilities(&self) -> bool {
        true
    }

    fn block_scorer(&self, run: RunSize) -> Option<Box<dyn BlockScorer + '_>> {
        Some(Box::new(EnsembleBlocks::new(self, run)))
    }
}
