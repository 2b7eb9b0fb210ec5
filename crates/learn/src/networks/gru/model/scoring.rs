//! The trained model as a [`Scorer`], for one user and for many.

use super::super::blocks::GruBlocks;
use super::GruModel;
use crate::block_scoring::{BlockScorer, RunSize};
use crate::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState, topk};
use tastemaker_data::{Bitmap, ItemIx};

impl Scorer for GruModel {
    fn item_count(&self) -> usize {
        self.params.items
    }

    fn start(&self) -> UserState {
        UserState::new(self.start.clone())
    }

    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        if (event.item.0 as usize) < self.params.items && state.hidden.len() == self.params.dim {
            self.step(&mut state.hidden, event.item.0, scratch);
            state.events += 1;
        }
    }

    fn scores<'s>(&self, state: &UserState, _: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        self.table.packed.scores(self.query(state), &mut scratch.scores);
        &scratch.scores
    }

    fn logits_of(&self, state: &UserState, _: &ScoringContext, items: &[ItemIx], _: &mut Scratch) -> Vec<f32> {
        let query = self.query(state);
        let logit = |item: &ItemIx| {
            let item = item.0 as usize;
            if item < self.params.items { self.table.packed.score(query, item) } else { f32::MIN }
        };
        items.iter().map(logit).collect()
    }

    fn top_k(
        &self,
        state: &UserState,
        _: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        let (items, log_partition) = self.table.top_k(self.query(state), k, allowed, &mut scratch.scan);
        Ranked { items, log_partition }
    }

    fn log_partition(&self, scores: &[f32]) -> f32 {
        topk::log_partition(scores)
    }

    fn has_probabilities(&self) -> bool {
        true
    }

    fn block_scorer(&self, run: RunSize) -> Option<Box<dyn BlockScorer + '_>> {
        Some(Box::new(GruBlocks::new(self, run)))
    }
}
