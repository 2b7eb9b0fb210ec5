//! One question, one snapshot, one answer.

use crate::allowed::Asker;
use crate::explore::Draw;
use crate::metadata::{metadata_of, resolve_columns};
use crate::random::Random;
use crate::states::Encoded;
use crate::{Serving, Snapshot, View};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::{Bitmap, ItemIx, contexts};
use tastemaker_domain::recommendation::{Reason, RecommendationList, RecommendationQuery, RecommendedItem, Source};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Result};
use tastemaker_learn::{Ask, Event, Ranked, Scorer, Scratch, UserState};

/// An item on its way into a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pick {
    pub item: ItemIx,
    /// Absent for items that the model does not know.
    pub logit: Option<f32>,
    pub reason: Option<Reason>,
}

/// A scorer and what it is asked.
pub(crate) struct Question<'a> {
    pub scorer: Arc<dyn Scorer>,
    pub state: UserState,
    pub ask: Ask<'a>,
    pub source: Source,
    /// How many of the user's streamed events are in the state.
    pub events: u64,
}

impl Question<'_> {
    /// The `k` best items, without the one that was asked about.
    fn best(&self, k: usize, allowed: Option<&Bitmap>, scratch: &mut Scratch) -> Ranked {
        let more = k + usize::from(self.ask.item.is_some());
        let mut ranked = self.scorer.top_k(&self.state, &self.ask, more, allowed, scratch);
        ranked.items.retain(|(item, _)| Some(*item) != self.ask.item);
        ranked.items.truncate(k);
        ranked
    }
}

impl Serving {
    /// The best items for the query's user, best first.
    ///
    /// The user's streamed events up to this moment count. Users of whom nothing is known (no id, or no event with an
    /// item of the catalogue) get the popular items, and so do those who ask for relatives of an unknown item. Two calls
    /// without an event in between give the same list, but for the places of promoted items.
    ///
    /// Errors: [`Error::NotFound`] when no snapshot answers for the campaign or a filter is unknown,
    /// [`Error::InvalidInput`] for unknown metadata columns and for filters that do not fit.
    pub fn recommend(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let snapshot = self.held(&query.campaign_arn).ok_or_else(|| Error::unknown(&query.campaign_arn))?;
        let view = self.view(&snapshot);
        let columns = resolve_columns(view.rows(), &query.metadata_columns)?;
        let user = query.user_id.as_deref().filter(|id| !id.is_empty());
        let asker = Asker { user_id: user, item_id: query.item_id.as_deref() };
        let mut allowed = match &query.filter {
            Some(filter) => Some(self.allowed(&snapshot, &view, filter, asker)?),
            None => None,
        };
        let promotable = match &query.promotion {
            Some(promotion) => Some((promotion, self.allowed(&snapshot, &view, &promotion.filter, asker)?)),
            None => None,
        };
        let left_out = snapshot.parts.recipe.use_case.and_then(|use_case| use_case.leaves_out).zip(user);
        if let Some((event_type, user)) = left_out {
            let done = self.items_with(&snapshot, &view, user, event_type);
            let allowed = allowed.get_or_insert_with(|| Bitmap::full(view.len()));
            done.into_iter().for_each(|item| allowed.clear(item));
        }
        let mut context = match query.popular {
            true => Vec::new(),
            false => circumstances(&snapshot, &query.context),
        };
        self.with_scratch(|scratch| {
            let asked_for = if query.popular { Asker { user_id: None, item_id: None } } else { asker };
            let question = self.question(&snapshot, asked_for, (query.now_s, &mut context), scratch);
            let promoted = match &promotable {
                Some((promotion, set)) => {
                    self.promoted(&view, &question, promotion.places(query.num_results), set, scratch)
                }
                None => Vec::new(),
            };
            if !promoted.is_empty() {
                let allowed = allowed.get_or_insert_with(|| Bitmap::full(view.len()));
                promoted.iter().for_each(|pick| allowed.clear(pick.item));
            }
            let places = query.num_results - promoted.len();
            let popular = snapshot.popular.get();
            let (mut list, log_partition) = match question.source {
                Source::Model if !popular.rising => {
                    let ranked = question.best(places, allowed.as_ref(), scratch);
                    (picks(&ranked), ranked.log_partition)
                }
                Source::Model | Source::ColdStart | Source::Prepared => {
                    let best = popular.best(&snapshot, &view, allowed.as_ref()).take(places);
                    (best.map(|item| Pick { item, logit: None, reason: None }).collect(), 0.0)
                }
            };
            self.explore(&snapshot, &view, &question, asker, (places, allowed.as_ref()), &mut list, scratch);
            self.fill(&snapshot, &view, (places, allowed.as_ref()), &mut list);
            interleave(&mut list, promoted, &query.recommendation_id);

            let name = query.promotion.as_ref().and_then(|promotion| promotion.name.as_ref());
            let unknown = -(view.len().max(1) as f64).ln();
            let probability = |logit: Option<f32>| match logit {
                Some(logit) => f64::from(logit - log_partition).exp(),
                None => unknown.exp(),
            };
            let scored = question.source == Source::Model && question.scorer.has_probabilities();
            let item = |pick: &Pick| {
                let id = view.id(&snapshot, pick.item);
                RecommendedItem {
                    item_id: id.to_owned(),
                    score: (scored && pick.reason != Some(Reason::Filler)).then(|| probability(pick.logit)),
                    promotion_name: name.filter(|_| pick.reason == Some(Reason::Promoted)).cloned(),
                    reason: pick.reason,
                    metadata: metadata_of(view.rows(), id, &columns),
                }
            };
            let items = list.iter().map(item).collect();
            Ok(RecommendationList { items, source: question.source, recipe: snapshot.parts.recipe.name })
        })
    }

    /// What the snapshot's scorer is asked on behalf of `asker`, whose metadata joins the `context`; popularity where nothing is
    /// known.
    pub(crate) fn question<'a>(
        &self,
        snapshot: &'a Snapshot,
        asker: Asker<'_>,
        (now_s, context): (Option<i64>, &'a mut Vec<(u32, u32)>),
        scratch: &mut Scratch,
    ) -> Question<'a> {
        let parts = &snapshot.parts;
        let popular = |source| Question {
            scorer: snapshot.popular.get().scorer.clone(),
            state: parts.popular.start(),
            ask: Ask { now_s, ..Ask::default() },
            source,
            events: 0,
        };
        if parts.recipe.needs_item {
            let item = asker.item_id.and_then(|id| parts.items.get(id)).map(ItemIx);
            let Some(item) = item else { return popular(Source::ColdStart) };
            let ask = Ask { item: Some(item), now_s, influence: parts.influence, ..Ask::default() };
            let state = parts.scorer.start();
            return Question { scorer: parts.scorer.clone(), state, ask, source: Source::Model, events: 0 };
        }
        if !snapshot.is_personal() {
            return Question { scorer: parts.scorer.clone(), state: parts.scorer.start(), ..popular(Source::Model) };
        }
        let (state, events) = match asker.user_id {
            Some(user) => self.encode(snapshot, user, scratch),
            None => (parts.scorer.start(), 0),
        };
        if let Some(user) = asker.user_id {
            let rows = self.rows(&parts.dataset_group_arn, DatasetType::Users);
            let row = rows.find(user);
            context.extend(
                row.map(|(table, row)| parts.scorer.user_features(table, row, state.events)).unwrap_or_default(),
            );
        }
        // Of a stranger the model knows what is popular in these circumstances and among their like.
        if state.events == 0 && context.is_empty() {
            return Question { events, ..popular(Source::ColdStart) };
        }
        let ask = Ask { now_s, context, ..Ask::default() };
        Question { scorer: parts.scorer.clone(), state, ask, events, source: Source::Model }
    }

    /// The best of the items of a promotion; those that the model does not know come last, newest first.
    fn promoted(
        &self,
        view: &View,
        question: &Question<'_>,
        places: usize,
        set: &Bitmap,
        scratch: &mut Scratch,
    ) -> Vec<Pick> {
        let mut picks = picks(&question.best(places, Some(set), scratch));
        let new = (view.known()..view.len()).rev().map(|ix| ItemIx(ix as u32)).filter(|item| set.get(*item));
        let new = new.map(|item| Pick { item, logit: None, reason: None });
        picks.extend(new.take(places - picks.len()));
        picks.iter_mut().for_each(|pick| pick.reason = Some(Reason::Promoted));
        picks
    }

    /// Gives some of the list's `places` to new items.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn explore(
        &self,
        snapshot: &Snapshot,
        view: &View,
        question: &Question<'_>,
        asker: Asker<'_>,
        (places, allowed): (usize, Option<&Bitmap>),
        list: &mut Vec<Pick>,
        scratch: &mut Scratch,
    ) {
        let Some(exploration) = snapshot.parts.exploration.filter(|e| e.weight > 0.0) else { return };
        let group = self.live(snapshot);
        let explorer = view.explorer(snapshot, &exploration, group.newest_s());
        let listed: Vec<ItemIx> = list.iter().map(|pick| pick.item).collect();
        let texts = [snapshot.parts.solution_version_arn.as_str(), asker.user_id.unwrap_or_default()];
        let mut random = Random::seeded(&texts, question.events);
        let draw = Draw { snapshot, view, group: &group, allowed, listed: &listed, places };
        let open = explorer.draw(&exploration, &draw, &mut random);
        if open.is_empty() {
            return;
        }
        let known: Vec<ItemIx> = open.iter().flat_map(|place| place.contenders.iter().copied()).collect();
        let known: Vec<ItemIx> = known.into_iter().filter(|item| (item.0 as usize) < view.known()).collect();
        let logits = match known.is_empty() {
            true => Vec::new(),
            false => question.scorer.logits_of(&question.state, &question.ask, &known, scratch),
        };
        let logit_of =
            |item: ItemIx| known.iter().position(|known| *known == item).and_then(|at| logits.get(at).copied());
        for place in open {
            let contenders = place.contenders.into_iter().map(|item| Pick {
                item,
                logit: logit_of(item),
                reason: Some(Reason::Explored),
            });
            // Of equals the first: items without a logit are behind none with one.
            let better = |a: &Pick, b: &Pick| a.logit.unwrap_or(f32::MIN) >= b.logit.unwrap_or(f32::MIN);
            let best = contenders.reduce(|a, b| if better(&a, &b) { a } else { b });
            list.extend(best);
            let at = place.place.min(list.len() - 1);
            list[at..].rotate_right(1);
        }
        list.truncate(places);
    }

    /// Gives the places that the model's items leave, because few of them pass the filter, to new items: those with most
    /// streamed events first, of equals the newest.
    fn fill(
        &self,
        snapshot: &Snapshot,
        view: &View,
        (places, allowed): (usize, Option<&Bitmap>),
        list: &mut Vec<Pick>,
    ) {
        let recipe = snapshot.parts.recipe;
        if list.len() >= places || recipe.needs_item || recipe.recipe_type == "PERSONALIZED_ACTIONS" {
            return;
        }
        let group = self.group(&snapshot.parts.dataset_group_arn);
        let fits = |item: &ItemIx| {
            allowed.is_none_or(|allowed| allowed.get(*item)) && list.iter().all(|pick| pick.item != *item)
        };
        let new = view.new_items().filter(|(item, _)| fits(item));
        let mut new: Vec<_> = new.map(|(item, id)| (group.counts_of(id).interactions, item)).collect();
        new.sort_unstable_by(|a, b| b.cmp(a));
        let pick = |(_, item)| Pick { item, logit: None, reason: Some(Reason::Filler) };
        list.extend(new.into_iter().take(places - list.len()).map(pick));
    }

    /// The state after the user's bulk history and streamed events, and the number of the latter; advances a cached state by
    /// what is new.
    pub(crate) fn encode(&self, snapshot: &Snapshot, user_id: &str, scratch: &mut Scratch) -> (UserState, u64) {
        let parts = &snapshot.parts;
        let cached = snapshot.states.get(user_id);
        let fresh = cached.is_none();
        let mut encoded = cached.unwrap_or_else(|| {
            let mut state = parts.scorer.start();
            parts.histories.of(user_id).for_each(|event| parts.scorer.observe(&mut state, event, scratch));
            Encoded { state, live_consumed: 0 }
        });
        let (new, total) = self.live(snapshot).since(user_id, encoded.live_consumed);
        for event in new.iter().filter(|e| parts.counts(&e.event_type)) {
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
        (state, total)
    }
}

/// The circumstances of a request in the model's own numbers; columns and values that it does not know make no difference.
pub(crate) fn circumstances(snapshot: &Snapshot, context: &BTreeMap<String, String>) -> Vec<(u32, u32)> {
    let known = context.iter().flat_map(|(column, text)| contexts::values(text).map(move |value| (column, value)));
    known.filter_map(|(column, value)| snapshot.parts.scorer.context(column, value)).collect()
}

fn picks(ranked: &Ranked) -> Vec<Pick> {
    ranked.items.iter().map(|&(item, logit)| Pick { item, logit: Some(logit), reason: None }).collect()
}

/// Puts promoted items at places drawn by the recommendation id; both lists keep their order.
fn interleave(list: &mut Vec<Pick>, promoted: Vec<Pick>, recommendation_id: &str) {
    let len = list.len() + promoted.len();
    let places = Random::seeded(&["promotion", recommendation_id], 0).places(promoted.len(), len);
    for (place, pick) in places.into_iter().zip(promoted) {
        list.insert(place, pick);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LIVE_EVENTS_PER_USER_MAX;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use std::sync::atomic::Ordering;
    use tastemaker_domain::recommendation::{FilterUse, Promotion};
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

    fn promotion(shop: &Shop, percent: u32, expression: &str) -> RecommendationQuery {
        let expression = tastemaker_filter::parse(expression).expect("an expression");
        shop.serving.publish_filter(GROUP, "f", expression);
        let filter = FilterUse { arn: "f".into(), values: Default::default() };
        let promotion = Promotion { name: Some("sale".into()), percent, filter };
        RecommendationQuery { promotion: Some(promotion), num_results: 4, ..query("known") }
    }

    #[test]
    fn promoted_items_get_their_share_in_the_models_order() {
        let shop = Shop::new();
        for (n, id) in ["i0", "i1", "i4"].into_iter().enumerate() {
            shop.put_item(n as u64 + 1, id, "On sale", 1.0);
        }
        let mut query = promotion(&shop, 50, "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"i1\", \"i0\", \"i4\")");
        let mut orders = std::collections::HashSet::new();
        for n in 0..50 {
            query.recommendation_id = format!("RID-{n}");
            let list = shop.serving.recommend(&query).expect("answers");
            assert_eq!(shop.serving.recommend(&query).expect("answers"), list);
            let ids = |promoted: bool| -> Vec<&str> {
                let items = list.items.iter().filter(|i| (i.reason == Some(Reason::Promoted)) == promoted);
                items.map(|i| i.item_id.as_str()).collect()
            };
            assert_eq!((ids(true), ids(false)), (vec!["i4", "i0"], vec!["i2", "i3"]));
            let named = |i: &RecommendedItem| i.promotion_name.as_deref() == Some("sale");
            assert!(list.items.iter().all(|i| named(i) == (i.reason == Some(Reason::Promoted))));
            orders.insert(list.items.iter().map(|i| i.item_id.clone()).collect::<Vec<_>>());
        }
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn too_few_promoted_items_leave_their_places_and_new_items_can_be_promoted() {
        let shop = Shop::new();
        shop.put_item(1, "brand-new", "New", 1.0);
        shop.put_item(2, "i1", "Old", 1.0);
        let query = promotion(&shop, 100, "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"i1\", \"brand-new\")");
        let list = shop.serving.recommend(&query).expect("answers");
        let mut ids: Vec<_> = list.items.iter().map(|i| i.item_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["brand-new", "i1", "i2", "i3"]);
        let none = promotion(&shop, 10, "INCLUDE ItemID WHERE Items.PRICE > 1000");
        assert_eq!(first(&shop.serving.recommend(&none).expect("answers")), "i2");
    }

    #[test]
    fn places_that_known_items_leave_go_to_new_ones_that_pass() {
        let shop = Shop::new();
        ["n1", "n2", "n3"].iter().zip(1..).for_each(|(id, at)| shop.put_item(at, id, "New", 1.0));
        shop.serving.observe(GROUP, &[event(1, "other", "n1", "Click")]);
        let expression = "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"n1\", \"n2\", \"n3\", \"i2\")";
        shop.serving.publish_filter(GROUP, "f", tastemaker_filter::parse(expression).expect("an expression"));
        let filter = Some(FilterUse { arn: "f".into(), values: Default::default() });
        let list = shop.serving.recommend(&RecommendationQuery { filter, num_results: 3, ..query("known") });
        let list = list.expect("answers").items;
        let found: Vec<_> = list.iter().map(|i| (i.item_id.as_str(), i.reason, i.score.is_some())).collect();
        let filler = Some(Reason::Filler);
        assert_eq!(found, [("i2", None, true), ("n1", filler, false), ("n3", filler, false)]);
    }

    #[test]
    fn related_items_are_asked_by_item() {
        let shop = Shop::with(&tastemaker_domain::catalogue::AWS_SIMS, |_| {});
        let ask = |item: &str| {
            let query = RecommendationQuery { item_id: Some(item.into()), user_id: None, ..query("") };
            shop.serving.recommend(&query).expect("answers")
        };
        let list = ask("i3");
        assert_eq!((first(&list), list.source, list.items.len()), ("i4", Source::Model, 2));
        assert_eq!(ask("no-such-item").source, Source::ColdStart);
    }

    #[test]
    fn a_use_case_leaves_out_what_the_user_has() {
        let shop = Shop::with(&tastemaker_domain::catalogue::AWS_ECOMM_RECOMMENDED_FOR_YOU, |parts| {
            parts.counted_types.clear()
        });
        assert_eq!(first(&shop.ask("known")), "i2");
        shop.serving.observe(GROUP, &[event(1, "known", "i2", "purchase"), event(2, "known", "i1", "View")]);
        assert_eq!(first(&shop.ask("known")), "i3");
    }
}
