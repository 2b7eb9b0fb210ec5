//! A scoring request: a scorer and what it is asked on behalf of a user.

use super::list::{ListConstraints, ListEntry, entries};
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use crate::user_state_cache::EncodedUser;
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::{ItemIx, contexts};
use tastemaker_domain::recommendation::Source;
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState, best_of_row};

/// A scorer and what it is asked.
pub(super) struct ScoringRequest<'a> {
    pub scorer: Arc<dyn Scorer>,
    pub state: UserState,
    pub scoring_context: ScoringContext<'a>,
    pub source: Source,
    /// The number of the user's streamed events that are in the state.
    pub events: u64,
    /// The scores of all items, where they were computed before.
    pub scores: Option<&'a [f32]>,
}

/// The time of a request and the values of its context.
pub(super) struct RequestContext {
    /// Seconds since the Unix epoch; `None` is the time of the user's last event.
    pub now_s: Option<i64>,
    /// Columns and values in the model's own numbers.
    pub values: Vec<(u32, u32)>,
}

impl ScoringRequest<'_> {
    /// The best items, without the one that was asked about.
    pub fn best(&self, constraints: ListConstraints<'_>, scratch: &mut Scratch) -> Ranked {
        let ListConstraints { places, allowed } = constraints;
        let more = places + usize::from(self.scoring_context.item.is_some());
        let (scorer, context) = (&*self.scorer, &self.scoring_context);
        let mut ranked = match self.scores {
            Some(scores) => best_of_row(scorer, scores, context, more, allowed, scratch),
            None => scorer.top_k(&self.state, context, more, allowed, scratch),
        };
        ranked.items.retain(|(item, _)| Some(*item) != self.scoring_context.item);
        ranked.items.truncate(places);
        ranked
    }

    /// The logits of some items, as [`Scorer::logits_of`].
    pub fn logits_of(&self, items: &[ItemIx], scratch: &mut Scratch) -> Vec<f32> {
        let logit = |scores: &[f32], item: &ItemIx| scores.get(item.0 as usize).copied().unwrap_or(f32::MIN);
        match self.scores {
            Some(scores) => items.iter().map(|item| logit(scores, item)).collect(),
            None => self.scorer.logits_of(&self.state, &self.scoring_context, items, scratch),
        }
    }

    /// The same as entries of a list.
    pub fn best_entries(&self, constraints: ListConstraints<'_>, scratch: &mut Scratch) -> Vec<ListEntry> {
        entries(&self.best(constraints, scratch))
    }
}

impl SnapshotHandle {
    /// The context of a request in the model's own numbers; columns and values that it does not know make no difference.
    pub(super) fn request_context(&self, now_s: Option<i64>, context: &BTreeMap<String, String>) -> RequestContext {
        let known = context.iter().flat_map(|(column, text)| contexts::values(text).map(move |value| (column, value)));
        RequestContext {
            now_s,
            values: known.filter_map(|(column, value)| self.parts.scorer.context(column, value)).collect(),
        }
    }

    /// The question to the snapshot's scorer on behalf of `requester`, whose metadata joins the `context`; popularity where
    /// nothing is known.
    pub(super) fn scoring_request<'a>(
        &'a self,
        requester: Requester<'_>,
        context: &'a mut RequestContext,
        scratch: &mut Scratch,
    ) -> ScoringRequest<'a> {
        self.scoring_request_of(requester, None, context, scratch)
    }

    /// The same with the requester's state and the number of streamed events in it, where they are known.
    pub(super) fn scoring_request_of<'a>(
        &'a self,
        requester: Requester<'_>,
        encoded: Option<(UserState, u64)>,
        context: &'a mut RequestContext,
        scratch: &mut Scratch,
    ) -> ScoringRequest<'a> {
        let parts = &self.parts;
        let now_s = context.now_s;
        let popular = |source| ScoringRequest {
            scorer: self.popularity.get().scorer.clone(),
            state: parts.popular.start(),
            scoring_context: ScoringContext { now_s, ..ScoringContext::default() },
            source,
            events: 0,
            scores: None,
        };
        if parts.recipe.needs_item {
            let item = requester.item_id.and_then(|id| parts.items.get(id)).map(ItemIx);
            let Some(item) = item else { return popular(Source::ColdStart) };
            let scoring_context =
                ScoringContext { item: Some(item), now_s, influence: parts.influence, ..ScoringContext::default() };
            let state = parts.scorer.start();
            return ScoringRequest {
                scorer: parts.scorer.clone(),
                state,
                scoring_context,
                source: Source::Model,
                events: 0,
                scores: None,
            };
        }
        if !self.is_personal() {
            return ScoringRequest {
                scorer: parts.scorer.clone(),
                state: parts.scorer.start(),
                ..popular(Source::Model)
            };
        }
        let (state, events) = match (encoded, requester.user_id) {
            (Some(encoded), _) => encoded,
            (None, Some(user)) => self.encode(user, scratch),
            (None, None) => (parts.scorer.start(), 0),
        };
        if let Some(user) = requester.user_id {
            let records = self.group.records_now(DatasetType::Users);
            if let Some((table, row)) = records.find(user) {
                context.values.extend(parts.scorer.user_features(table, row, state.events));
            }
        }
        // Of a user without history the model knows what is popular in this context and among users with the same metadata.
        if state.events == 0 && context.values.is_empty() {
            return ScoringRequest { events, ..popular(Source::ColdStart) };
        }
        let scoring_context = ScoringContext { now_s, context: &context.values, ..ScoringContext::default() };
        ScoringRequest {
            scorer: parts.scorer.clone(),
            state,
            scoring_context,
            events,
            source: Source::Model,
            scores: None,
        }
    }

    /// Whether answers carry scores: those of models that rank by the user's history and know probabilities. For users without history
    /// these are the shares of what users took.
    pub(super) fn shows_scores(&self) -> bool {
        self.is_personal() && self.parts.scorer.has_probabilities()
    }

    /// The state after the user's bulk history and streamed events, and the number of the latter; advances a cached state by
    /// what is new.
    pub(super) fn encode(&self, user_id: &str, scratch: &mut Scratch) -> (UserState, u64) {
        let parts = &self.parts;
        let cached = self.user_states.get(user_id);
        let fresh = cached.is_none();
        let mut encoded = cached.unwrap_or_else(|| {
            let mut state = parts.scorer.start();
            parts.histories.of(user_id).for_each(|event| parts.scorer.observe(&mut state, event, scratch));
            EncodedUser { state, streamed_events_consumed: 0 }
        });
        let (new, total) = self.new_events(user_id, encoded.streamed_events_consumed);
        new.into_iter().for_each(|event| parts.scorer.observe(&mut encoded.state, event, scratch));
        let advanced = total != encoded.streamed_events_consumed;
        encoded.streamed_events_consumed = total;
        let state = encoded.state.clone();
        if (fresh || advanced) && state.events > 0 {
            self.user_states.put(user_id, encoded);
        }
        (state, total)
    }

    /// The user's streamed events after the first `consumed` that the model counts, and the number of all.
    fn new_events(&self, user_id: &str, consumed: u64) -> (Vec<Event>, u64) {
        let parts = &self.parts;
        let (new, total) = self.streamed_events().since(user_id, consumed);
        let counted = new.iter().filter(|event| parts.counts(&event.event_type));
        let known = counted.filter_map(|event| {
            Some(Event {
                item: ItemIx(parts.items.get(&event.item_id)?),
                time_s: event.time_s,
                event_type: parts.event_type_ix(&event.event_type),
                value: event.event_value.unwrap_or(f32::NAN),
            })
        });
        (known.collect(), total)
    }

    /// The user's whole history, bulk and streamed, and the number of streamed events.
    pub(super) fn history_of(&self, user_id: &str) -> (Vec<Event>, u64) {
        let mut history: Vec<Event> = self.parts.histories.of(user_id).collect();
        let (new, total) = self.new_events(user_id, 0);
        history.extend(new);
        (history, total)
    }
}
