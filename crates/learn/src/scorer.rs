//! The one interface that serving and evaluation see of a trained model.

use crate::block_scoring::score_block::ScoreBlock;
use crate::networks::transformer::Encoder;
use crate::topk;
use std::ops::Range;
use tastemaker_data::{Bitmap, ItemIx, Sequence, Table};

/// One interaction of a user. Equal where all members are, an absent value to an absent one.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// The item that was interacted with.
    pub item: ItemIx,
    /// When, in seconds since the Unix epoch.
    pub time_s: i64,
    /// Index into the event types of the data the model was trained on; 0 where there is none or it is not among them.
    pub event_type: u16,
    /// The event's value; NaN where absent.
    pub value: f32,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        let key = |e: &Self| (e.item, e.time_s, e.event_type, e.value.to_bits());
        key(self) == key(other)
    }
}

impl Event {
    /// An interaction with `item` at `time_s`, without type and value.
    pub fn new(item: ItemIx, time_s: i64) -> Self {
        Self { item, time_s, event_type: 0, value: f32::NAN }
    }

    /// The events of a user in this range, oldest first.
    pub fn history(sequence: &Sequence<'_>, range: Range<usize>) -> Vec<Self> {
        let event = |n: usize| Self {
            item: ItemIx(sequence.items[n]),
            time_s: sequence.times[n],
            event_type: sequence.event_types[n],
            value: sequence.value(n),
        };
        range.map(event).collect()
    }
}

/// The circumstances of a request. The default asks for the item that follows the user's last event.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoringContext<'a> {
    /// The time of the request in seconds since the Unix epoch; `None` is the time of the user's last event.
    pub now_s: Option<i64>,
    /// The item whose relatives are wanted. Related-item models rank by it; others ignore it.
    pub item: Option<ItemIx>,
    /// Contextual metadata as `(field, category)` in the model's own numbering.
    pub context: &'a [(u32, u32)],
    /// The user's vector over the items, for models of actions; others ignore it.
    pub user_vector: &'a [f32],
    /// The influence of the items' freshness and popularity, each in [0, 1], for models of meaning; others ignore it.
    pub influence: [f32; 2],
    /// Whether an item loses nothing by being in the user's history, as when given items are put in order: who wants them ranked
    /// may well mean those that the user knows. What an item gains by it, it keeps.
    pub keeps_seen: bool,
}

/// A user's history, compressed. Copying it is cheap, advancing it is one model step.
///
/// A network keeps its hidden vector here, counting models the newest events; popularity keeps neither.
#[derive(Debug, Clone, PartialEq)]
pub struct UserState {
    /// The model's own vector, opaque to callers; its length is fixed per model.
    pub hidden: Box<[f32]>,
    /// The newest known events, oldest first, as many as the model keeps.
    pub recent: Vec<Event>,
    /// Known items observed since [`Scorer::start`].
    pub events: u64,
}

impl UserState {
    /// The state of a user without history, with the given vector.
    pub fn new(hidden: Box<[f32]>) -> Self {
        Self { hidden, recent: Vec::new(), events: 0 }
    }

    /// Appends `event` to the newest events. Between `keep` and twice `keep` of them are held, so that forgetting the
    /// oldest costs nothing on average; see [`Self::newest`].
    pub fn remember(&mut self, event: Event, keep: usize) {
        if self.recent.len() >= keep.saturating_mul(2).max(1) {
            self.recent.drain(..self.recent.len() + 1 - keep.max(1));
        }
        self.recent.push(event);
    }

    /// The newest events, at most `keep`, oldest first.
    pub fn newest(&self, keep: usize) -> &[Event] {
        &self.recent[self.recent.len().saturating_sub(keep)..]
    }

    /// The time of the last event that the model remembers.
    pub fn last_time_s(&self) -> Option<i64> {
        self.recent.last().map(|event| event.time_s)
    }
}

/// Reusable buffers; one per thread. Every call sizes what it needs, so one scratch serves all models.
#[derive(Debug, Default, Clone)]
pub struct Scratch {
    pub(crate) gates: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    pub(crate) scan: crate::topk::Buffers,
    pub(crate) encoder: Encoder,
    pub(crate) part: Vec<f32>,
    pub(crate) blended: Vec<f32>,
    pub(crate) rescored: Vec<f32>,
    /// The raw scores of one signal for a block of users.
    pub(crate) signal_block: ScoreBlock,
}

/// The best items of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// `(item, logit)`, best first; equal logits in ascending item order.
    pub items: Vec<(ItemIx, f32)>,
    /// `ln(sum of exp(logit))` over **all** items of the model, those not allowed included, so that
    /// `exp(logit - log_partition)` is the softmax probability of an item. Zero where
    /// [`Scorer::has_probabilities`] is false.
    pub log_partition: f32,
}

/// A trained model: advances user states and ranks items. All scores are finite.
pub trait Scorer: Send + Sync {
    /// The number of items; valid indices are `0..item_count`.
    fn item_count(&self) -> usize;

    /// The state of a user without history; as it is here, for models without a vector of users.
    fn start(&self) -> UserState {
        UserState::new(Box::default())
    }

    /// Advances `state` by one event, in one model step whatever the history's length. An item the
    /// model does not know, and a state of another model (by length), leave the state as it is. As it is here, the model ranks
    /// alike whatever the history: events are only counted.
    fn observe(&self, state: &mut UserState, event: Event, _scratch: &mut Scratch) {
        state.events += u64::from((event.item.0 as usize) < self.item_count());
    }

    /// The logit of every item, `[item_count]`, higher is better; valid until `scratch` is used again.
    fn scores<'s>(&'s self, state: &UserState, scoring_context: &ScoringContext, scratch: &'s mut Scratch)
    -> &'s [f32];

    /// The logits of `items`, in their order; an item that the model does not know gets the lowest number.
    fn logits_of(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        items: &[ItemIx],
        scratch: &mut Scratch,
    ) -> Vec<f32> {
        let scores = self.scores(state, scoring_context, scratch);
        items.iter().map(|item| scores.get(item.0 as usize).copied().unwrap_or(f32::MIN)).collect()
    }

    /// The item that is in no list of such a request, if there is one; as it is here, for models that list every item.
    fn never_listed(&self, _scoring_context: &ScoringContext) -> Option<ItemIx> {
        None
    }

    /// Whether an item with this score fills a list without any relation to what was asked; as it is here, none does.
    fn is_filler(&self, _score: f32) -> bool {
        false
    }

    /// The `k` best items, exact, of those whose bit in `allowed` is set (`None`: of all; items beyond the bitmap's end are not
    /// allowed). Fewer than `k` come back when fewer are allowed.
    fn top_k(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        best_of_scores(self, state, scoring_context, k, allowed, scratch)
    }

    /// [`Ranked::log_partition`] for the scores of all items; as it is here, for models whose probabilities, if any, need none.
    fn log_partition(&self, _scores: &[f32]) -> f32 {
        0.0
    }

    /// Whether `exp(logit - log_partition)` means a probability; false for popularity.
    fn has_probabilities(&self) -> bool {
        false
    }

    /// The model's own number for a value of contextual metadata, for [`ScoringContext::context`]; `None` where it makes no difference.
    fn context(&self, _column: &str, _value: &str) -> Option<(u32, u32)> {
        None
    }

    /// The further entries of [`ScoringContext::context`] for a user with so many events whose metadata is in a row of `table`;
    /// empty if it makes no difference.
    fn user_features(&self, _table: &Table, _row: usize, _events: u64) -> Vec<(u32, u32)> {
        Vec::new()
    }

    /// Whether a column of users' metadata counts as numbers in [`Scorer::user_features`], so that its values must not be given as
    /// text.
    fn has_numeric_user_column(&self, _column: &str) -> bool {
        false
    }

    /// The model prepared to score many users; as it is here, for models that are as fast one by one.
    fn block_scorer(&self, _run: RunSize) -> Option<Box<dyn BlockScorer + '_>> {
        None
    }

    /// The state after a whole history, oldest first.
    fn encode(&self, history: &[Event], scratch: &mut Scratch) -> UserState {
        let mut state = self.start();
        for &event in history {
            self.observe(&mut state, event, scratch);
        }
        state
    }
}

/// [`Scorer::top_k`] by the scores of all items.
pub(crate) fn best_of_scores<S: Scorer + ?Sized>(
    scorer: &S,
    state: &UserState,
    scoring_context: &ScoringContext,
    k: usize,
    allowed: Option<&Bitmap>,
    scratch: &mut Scratch,
) -> Ranked {
    let mut buffer = std::mem::take(&mut scratch.scan.scored);
    let scores = scorer.scores(state, scoring_context, scratch);
    let ranked = best_of(scorer, scores, scoring_context, k, allowed, &mut buffer);
    scratch.scan.scored = buffer;
    ranked
}

/// [`Scorer::top_k`] by the scores of all items, which were computed before.
pub fn best_of_row(
    scorer: &dyn Scorer,
    scores: &[f32],
    scoring_context: &ScoringContext,
    k: usize,
    allowed: Option<&Bitmap>,
    scratch: &mut Scratch,
) -> Ranked {
    best_of(scorer, scores, scoring_context, k, allowed, &mut scratch.scan.scored)
}

fn best_of<S: Scorer + ?Sized>(
    scorer: &S,
    scores: &[f32],
    scoring_context: &ScoringContext,
    k: usize,
    allowed: Option<&Bitmap>,
    buffer: &mut Vec<(f32, u32)>,
) -> Ranked {
    let without = scorer.never_listed(scoring_context);
    // One more than asked for, so that this item can be taken out.
    let mut items = topk::top_k(scores, k.saturating_add(usize::from(without.is_some())), allowed, buffer);
    items.retain(|(item, _)| Some(*item) != without);
    items.truncate(k);
    Ranked { items, log_partition: scorer.log_partition(scores) }
}

/// The extent of a run, by which a model decides what is worth preparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunSize {
    /// Users to be scored.
    pub users: usize,
    /// Events of their histories.
    pub events: usize,
}

/// One user of a block.
#[derive(Debug, Clone, Copy)]
pub struct BlockRequest<'a> {
    /// The user's history, compressed.
    pub state: &'a UserState,
    /// The circumstances of the request.
    pub scoring_context: ScoringContext<'a>,
}

/// A model prepared to score many users. All threads share it.
pub trait BlockScorer: Send + Sync {
    /// The states after whole histories, each oldest first; faster the more histories come together.
    fn encode(&self, histories: &[&[Event]], scratch: &mut Scratch) -> Vec<UserState>;

    /// Fills `out` with a row of scores for each request, as [`Scorer::scores`] gives them. At most
    /// [`users_per_block`](crate::block_scoring::users_per_block) requests.
    fn scores(&self, requests: &[BlockRequest<'_>], scratch: &mut Scratch, out: &mut ScoreBlock);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_events_are_kept_in_order_and_bounded() {
        for keep in [0, 1, 3, 10] {
            let mut state = UserState::new(Box::default());
            assert_eq!(state.last_time_s(), None);
            for n in 0..25u32 {
                state.remember(Event::new(ItemIx(n), i64::from(n)), keep);
                assert!(state.recent.len() <= 2 * keep.max(1));
                let newest: Vec<u32> = state.newest(keep).iter().map(|e| e.item.0).collect();
                let from = (n + 1).saturating_sub(keep as u32);
                assert_eq!(newest, (from..=n).collect::<Vec<_>>());
            }
            assert_eq!(state.last_time_s(), Some(24));
        }
    }
}
