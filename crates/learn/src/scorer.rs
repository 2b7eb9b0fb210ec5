//! The one interface that serving and evaluation see of a trained model.

use tastemaker_data::ItemIx;

/// A user's history, compressed. Copying it is cheap, advancing it is one model step.
///
/// The GRU keeps its hidden vector here; popularity keeps an empty one.
#[derive(Debug, Clone, PartialEq)]
pub struct UserState {
    /// The model's own vector, opaque to callers; its length is fixed per model.
    pub hidden: Box<[f32]>,
    /// How many known items were observed since [`Scorer::start`].
    pub events: u64,
}

/// Reusable buffers; one per thread. Every call sizes what it needs, so one scratch serves all models.
#[derive(Debug, Default, Clone)]
pub struct Scratch {
    pub(crate) gates: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    pub(crate) candidates: Vec<(f32, u32)>,
}

/// The best items of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// `(item, logit)`, best first; equal logits in ascending item order.
    pub items: Vec<(ItemIx, f32)>,
    /// `ln(sum of exp(logit))` over **all** items of the model, blocked ones included, so that
    /// `exp(logit - log_partition)` is the softmax probability of an item. Zero where
    /// [`Scorer::has_probabilities`] is false.
    pub log_partition: f32,
}

/// A trained model: advances user states and ranks items. All scores are finite.
pub trait Scorer: Send + Sync {
    /// The number of items; valid indices are `0..item_count`.
    fn item_count(&self) -> usize;

    /// The state of a user without history.
    fn start(&self) -> UserState;

    /// Advances `state` by one event, in one model step whatever the history's length. An item the
    /// model does not know, and a state of another model (by length), leave the state as it is.
    fn observe(&self, state: &mut UserState, item: ItemIx, scratch: &mut Scratch);

    /// The logit of every item, `[item_count]`, higher is better; valid until `scratch` is used again.
    fn scores<'s>(&self, state: &UserState, scratch: &'s mut Scratch) -> &'s [f32];

    /// The `k` best items for which `blocked` is false, exact. `blocked` is asked only about
    /// contenders, a few multiples of `k`, so it may be slow. Fewer than `k` come back when fewer
    /// remain.
    fn top_k(
        &self,
        state: &UserState,
        k: usize,
        blocked: &(dyn Fn(ItemIx) -> bool + Sync),
        scratch: &mut Scratch,
    ) -> Ranked;

    /// Whether `exp(logit - log_partition)` means a probability; false for popularity.
    fn has_probabilities(&self) -> bool;

    /// The state after a whole history, oldest first.
    fn encode(&self, history: &[ItemIx], scratch: &mut Scratch) -> UserState {
        let mut state = self.start();
        for &item in history {
            self.observe(&mut state, item, scratch);
        }
        state
    }
}
