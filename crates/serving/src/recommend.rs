//! One question, one snapshot, one answer.

use crate::states::Encoded;
use crate::{Serving, Snapshot};
use tastemaker_data::ItemIx;
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, RecommendedItem, Source};
use tastemaker_domain::{Error, Result};
use tastemaker_learn::{Ask, Event, Scratch, UserState};

impl Serving {
    /// The best items for the query's user, best first.
    ///
    /// The user's streamed events up to this moment count. Users of whom nothing is known (no id, or no event with an
    /// item of the catalogue) get the popular items. Two calls without an event in between give the same list.
    ///
    /// Errors: [`Error::NotFound`] when no snapshot answers for the campaign, [`Error::InvalidInput`] for unknown
    /// metadata columns.
    pub fn recommend(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let snapshot = self.held(&query.campaign_arn).ok_or_else(|| Error::unknown(&query.campaign_arn))?;
        let columns = snapshot.resolve_columns(&query.metadata_columns)?;
        self.with_scratch(|scratch| {
            let user = query.user_id.as_deref().filter(|id| !id.is_empty());
            let state = match user {
                Some(id) if snapshot.parts.personal => self.encode(&snapshot, id, scratch),
                _ => snapshot.parts.scorer.start(),
            };
            let known = !snapshot.parts.personal || state.events > 0;
            let (scorer, source) = match known {
                true => (&snapshot.parts.scorer, Source::Model),
                false => (&snapshot.parts.popular, Source::ColdStart),
            };
            let state = if known { state } else { scorer.start() };
            let ranked = scorer.top_k(&state, &Ask::default(), query.num_results, None, scratch);
            let probability = |logit: f32| f64::from(logit - ranked.log_partition).exp();
            let item = |&(item, logit): &(ItemIx, f32)| RecommendedItem {
                item_id: snapshot.parts.items.id(item.0).to_owned(),
                score: scorer.has_probabilities().then(|| probability(logit)),
                metadata: snapshot.metadata_of(item, &columns),
            };
            let items = ranked.items.iter().map(item).collect();
            Ok(RecommendationList { items, source, recipe: snapshot.parts.recipe })
        })
    }

    /// The state after the user's bulk history and streamed events; advances a cached state by what is new.
    fn encode(&self, snapshot: &Snapshot, user_id: &str, scratch: &mut Scratch) -> UserState {
        let parts = &snapshot.parts;
        let cached = snapshot.states.get(user_id);
        let fresh = cached.is_none();
        let mut encoded = cached.unwrap_or_else(|| {
            let mut state = parts.scorer.start();
            parts.histories.of(user_id).for_each(|event| parts.scorer.observe(&mut state, event, scratch));
            Encoded { state, live_consumed: 0 }
        });
        let (new, total) = self.group(&parts.dataset_group_arn).since(user_id, encoded.live_consumed);
        let counts = |event_type: &str| parts.event_type.as_deref().is_none_or(|t| t.eq_ignore_ascii_case(event_type));
        for event in new.iter().filter(|e| counts(&e.event_type)) {
            if let Some(item) = parts.items.get(&event.item_id) {
                let seen = Event {
                    item: ItemIx(item),
                    time_s: event.time_s,
                    event_type: parts.event_type_ix(&event.event_type),
                    value: event.event_value.unwrap_or(f32::NAN),
                };
                parts.scorer.observe(&mut encoded.state, seen, scratch);
            }
        }
        let advanced = total != encoded.live_consumed;
        encoded.live_consumed = total;
        let state = encoded.state.clone();
        if (fresh || advanced) && state.events > 0 {
            snapshot.states.put(user_id, encoded);
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Histories, HistoryColumns, LIVE_EVENTS_PER_USER_MAX, SnapshotParts};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tastemaker_data::{Bitmap, Column, IdMap, TableBuilder, table::Value};
    use tastemaker_domain::resource::InteractionEvent;
    use tastemaker_learn::{Ranked, Scorer};

    const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:1:campaign/c";
    const GROUP: &str = "arn:aws:personalize:eu-west-1:1:dataset-group/g";

    /// Ranks the successor of the last item first; counts its steps.
    struct NextItem {
        items: usize,
        steps: AtomicU64,
    }

    impl Scorer for NextItem {
        fn item_count(&self) -> usize {
            self.items
        }
        fn start(&self) -> UserState {
            UserState::new(Box::new([0.0]))
        }
        fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
            self.steps.fetch_add(1, Ordering::Relaxed);
            state.hidden[0] = event.item.0 as f32;
            state.events += 1;
        }
        fn scores<'s>(&self, _: &UserState, _: &Ask, _: &'s mut Scratch) -> &'s [f32] {
            &[]
        }
        fn top_k(&self, state: &UserState, _: &Ask, k: usize, allowed: Option<&Bitmap>, _: &mut Scratch) -> Ranked {
            let first = state.hidden[0] as usize + usize::from(state.events > 0);
            let order = (0..self.items).map(|n| ItemIx(((first + n) % self.items) as u32));
            let items = order
                .filter(|&i| allowed.is_none_or(|a| a.get(i)))
                .take(k)
                .enumerate()
                .map(|(n, i)| (i, -(n as f32)))
                .collect();
            Ranked { items, log_partition: 1.0 }
        }
        fn has_probabilities(&self) -> bool {
            true
        }
    }

    fn server() -> (Serving, Arc<NextItem>) {
        let mut items = IdMap::default();
        for id in ["i0", "i1", "i2", "i3", "i4"] {
            items.insert(id);
        }
        let mut users = IdMap::default();
        users.insert("known");
        let events = HistoryColumns { items: vec![0, 1], times: vec![1, 2], event_types: vec![0, 0] };
        let histories = Histories::new(users, vec![0, 2], events).expect("consistent");
        let mut table =
            TableBuilder::new(vec![("NAME".into(), Column::Text(vec![])), ("PRICE".into(), Column::Number(vec![]))]);
        table.set("i2", [Some(Value::Text("Lamp".into())), Some(Value::Number(19.99))]);
        let scorer = Arc::new(NextItem { items: 5, steps: AtomicU64::new(0) });
        let parts = SnapshotParts {
            dataset_group_arn: GROUP.into(),
            solution_version_arn: "v".into(),
            recipe: "aws-user-personalization",
            personal: true,
            scorer: scorer.clone(),
            popular: Arc::new(NextItem { items: 5, steps: AtomicU64::new(0) }),
            items,
            histories,
            event_types: IdMap::default(),
            item_table: Arc::new(table.build()),
            event_type: Some("Click".into()),
            metadata_enabled: true,
        };
        let serving = Serving::new();
        serving.publish(CAMPAIGN, Snapshot::new(parts).expect("consistent"));
        (serving, scorer)
    }

    fn ask(serving: &Serving, user: &str) -> RecommendationList {
        let query = RecommendationQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: Some(user.into()),
            num_results: 2,
            metadata_columns: vec!["name".into(), "PRICE".into()],
        };
        serving.recommend(&query).expect("answers")
    }

    fn event(n: usize, user: &str, item: &str, event_type: &str) -> InteractionEvent {
        InteractionEvent {
            event_id: format!("e{n}"),
            user_id: user.into(),
            session_id: "s".into(),
            item_id: item.into(),
            event_type: event_type.into(),
            event_value: None,
            timestamp_s: 1,
            properties: Default::default(),
            recommendation_id: None,
            impression: vec![],
        }
    }

    fn first(list: &RecommendationList) -> &str {
        &list.items[0].item_id
    }

    #[test]
    fn a_streamed_event_changes_the_next_answer_in_one_step() {
        let (serving, scorer) = server();
        assert_eq!(first(&ask(&serving, "known")), "i2");
        assert_eq!(scorer.steps.load(Ordering::Relaxed), 2);
        serving.observe(GROUP, &[event(1, "known", "i3", "click")]);
        assert_eq!(first(&ask(&serving, "known")), "i4");
        assert_eq!(first(&ask(&serving, "known")), "i4");
        assert_eq!(scorer.steps.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn strangers_get_popular_items_until_their_first_event() {
        let (serving, _) = server();
        for stranger in ["", "new"] {
            let list = ask(&serving, stranger);
            assert_eq!((first(&list), list.source), ("i0", Source::ColdStart));
        }
        serving.observe(GROUP, &[event(1, "new", "no-such-item", "Click"), event(2, "new", "i1", "Watch")]);
        assert_eq!(ask(&serving, "new").source, Source::ColdStart);
        serving.observe(GROUP, &[event(3, "new", "i1", "Click")]);
        let list = ask(&serving, "new");
        assert_eq!((first(&list), list.source), ("i2", Source::Model));
    }

    #[test]
    fn a_replayed_event_counts_once_and_the_ring_is_bounded() {
        let (serving, scorer) = server();
        let same = [event(1, "new", "i1", "Click"), event(1, "new", "i1", "Click")];
        serving.observe(GROUP, &same);
        ask(&serving, "new");
        assert_eq!(scorer.steps.load(Ordering::Relaxed), 1);
        let flood: Vec<_> = (2..LIVE_EVENTS_PER_USER_MAX + 500).map(|n| event(n, "new", "i3", "Click")).collect();
        serving.observe(GROUP, &flood);
        assert_eq!(first(&ask(&serving, "new")), "i4");
        assert_eq!(scorer.steps.load(Ordering::Relaxed), 1 + LIVE_EVENTS_PER_USER_MAX as u64);
    }

    #[test]
    fn metadata_scores_and_errors() {
        let (serving, _) = server();
        let list = ask(&serving, "known");
        let lamp = &list.items[0];
        let text = format!("{:?}", lamp.metadata);
        assert_eq!(text, r#"[("NAME", Text("Lamp")), ("PRICE", Number("19.99"))]"#);
        assert!((lamp.score.expect("a probability") - (-1f64).exp()).abs() < 1e-7);
        assert!(list.items[1].metadata.is_empty());

        let mut query = RecommendationQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: None,
            num_results: 2,
            metadata_columns: vec!["COLOUR".into()],
        };
        let error = serving.recommend(&query).expect_err("unknown column");
        assert!(error.to_string().contains("'COLOUR'; it has [NAME, PRICE]"), "{error}");
        query.campaign_arn.push('x');
        assert!(matches!(serving.recommend(&query), Err(Error::NotFound(_))));
        serving.retire(CAMPAIGN);
        assert!(serving.held(CAMPAIGN).is_none());
    }
}
