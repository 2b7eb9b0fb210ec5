//! One question, one snapshot, one answer.

use crate::metadata::{metadata_of, resolve_columns};
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
        let view = self.view(&snapshot);
        let columns = resolve_columns(view.rows(), &query.metadata_columns)?;
        self.with_scratch(|scratch| {
            let user = query.user_id.as_deref().filter(|id| !id.is_empty());
            let state = match user {
                Some(id) if snapshot.is_personal() => self.encode(&snapshot, id, scratch),
                _ => snapshot.parts.scorer.start(),
            };
            let known = !snapshot.is_personal() || state.events > 0;
            let (scorer, source) = match known {
                true => (&snapshot.parts.scorer, Source::Model),
                false => (&snapshot.parts.popular, Source::ColdStart),
            };
            let state = if known { state } else { scorer.start() };
            let ask = Ask { now_s: query.now_s, ..Ask::default() };
            let ranked = scorer.top_k(&state, &ask, query.num_results, None, scratch);
            let probability = |logit: f32| f64::from(logit - ranked.log_partition).exp();
            let item = |&(item, logit): &(ItemIx, f32)| RecommendedItem {
                item_id: view.id(&snapshot, item).to_owned(),
                score: scorer.has_probabilities().then(|| probability(logit)),
                metadata: metadata_of(view.rows(), view.id(&snapshot, item), &columns),
            };
            let items = ranked.items.iter().map(item).collect();
            Ok(RecommendationList { items, source, recipe: snapshot.parts.recipe.name })
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
    use crate::LIVE_EVENTS_PER_USER_MAX;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use std::sync::atomic::Ordering;
    use tastemaker_domain::resource::InteractionEvent;

    fn first(list: &RecommendationList) -> &str {
        &list.items[0].item_id
    }

    #[test]
    fn a_streamed_event_changes_the_next_answer_in_one_step() {
        let shop = Shop::new();
        assert_eq!(first(&shop.ask("known")), "i2");
        assert_eq!(shop.scorer.steps.load(Ordering::Relaxed), 2);
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "click")]);
        assert_eq!(first(&shop.ask("known")), "i4");
        assert_eq!(first(&shop.ask("known")), "i4");
        assert_eq!(shop.scorer.steps.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn the_model_is_told_the_time_of_the_request() {
        let shop = Shop::new();
        let later = RecommendationQuery { now_s: Some(1_700_000_000), ..query("known") };
        shop.serving.recommend(&later).expect("answers");
        assert_eq!(shop.scorer.asked_s.load(Ordering::Relaxed), 1_700_000_000);
    }

    #[test]
    fn strangers_get_popular_items_until_their_first_event() {
        let shop = Shop::new();
        for stranger in ["", "new"] {
            let list = shop.ask(stranger);
            assert_eq!((first(&list), list.source), ("i0", Source::ColdStart));
        }
        shop.serving.observe(GROUP, &[event(1, "new", "no-such-item", "Click"), event(2, "new", "i1", "Watch")]);
        assert_eq!(shop.ask("new").source, Source::ColdStart);
        shop.serving.observe(GROUP, &[event(3, "new", "i1", "Click")]);
        let list = shop.ask("new");
        assert_eq!((first(&list), list.source), ("i2", Source::Model));
    }

    #[test]
    fn a_replayed_event_counts_once_and_the_ring_is_bounded() {
        let shop = Shop::new();
        let same = [event(1, "new", "i1", "Click"), event(1, "new", "i1", "Click")];
        shop.serving.observe(GROUP, &same);
        shop.ask("new");
        assert_eq!(shop.scorer.steps.load(Ordering::Relaxed), 1);
        let flood: Vec<_> = (2..LIVE_EVENTS_PER_USER_MAX + 500).map(|n| event(n, "new", "i3", "Click")).collect();
        shop.serving.observe(GROUP, &flood);
        assert_eq!(first(&shop.ask("new")), "i4");
        assert_eq!(shop.scorer.steps.load(Ordering::Relaxed), 1 + LIVE_EVENTS_PER_USER_MAX as u64);
    }

    #[test]
    fn metadata_scores_and_errors() {
        let shop = Shop::new();
        let list = shop.ask("known");
        let lamp = &list.items[0];
        let text = format!("{:?}", lamp.metadata);
        assert_eq!(text, r#"[("NAME", Text("Lamp")), ("PRICE", Number("19.99"))]"#);
        assert!((lamp.score.expect("a probability") - (-1f64).exp()).abs() < 1e-7);
        assert!(list.items[1].metadata.is_empty());

        let mut query = RecommendationQuery { metadata_columns: vec!["COLOUR".into()], ..query("known") };
        let error = shop.serving.recommend(&query).expect_err("unknown column");
        assert!(error.to_string().contains("'COLOUR'; it has [NAME, PRICE, CREATION_TIMESTAMP]"), "{error}");
        query.campaign_arn.push('x');
        assert!(matches!(shop.serving.recommend(&query), Err(Error::NotFound(_))));
        shop.serving.retire(CAMPAIGN);
        assert!(shop.serving.held(CAMPAIGN).is_none());
    }

    #[test]
    fn a_streamed_record_replaces_the_imported_one_at_once() {
        let shop = Shop::new();
        shop.put_item(1, "i2", "Lantern", 5.0);
        let list = shop.ask("known");
        assert_eq!(format!("{:?}", list.items[0].metadata), r#"[("NAME", Text("Lantern")), ("PRICE", Number("5"))]"#);
    }

    #[test]
    fn what_a_session_did_before_it_had_a_name_counts_for_its_user() {
        let shop = Shop::new();
        let anonymous = InteractionEvent { session_id: "s".into(), ..event(1, "s", "i2", "Click") };
        shop.serving.observe(GROUP, &[anonymous]);
        assert_eq!((first(&shop.ask("s")), first(&shop.ask("new"))), ("i3", "i0"));
        shop.serving.observe(GROUP, &[event(2, "new", "no-such-item", "Click")]);
        assert_eq!((first(&shop.ask("s")), first(&shop.ask("new"))), ("i3", "i3"));
        // Once claimed, it is nobody else's.
        shop.serving.observe(GROUP, &[event(3, "other", "no-such-item", "Click")]);
        assert_eq!(shop.ask("other").source, Source::ColdStart);
    }
}
