//! Recommendation from a snapshot: one query, one snapshot, one answer.

mod actions;
mod explore;
mod fill;
mod list;
mod many;
mod prepared;
mod promote;
mod rank;
mod scoring_request;

use crate::catalog_view::CatalogView;
use crate::metadata::{metadata_of, resolve_columns};
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use explore::ExploreRequest;
use list::{ListConstraints, ListEntry, entries};
pub use many::ManyQueries;
use promote::{interleave, promoted};
use scoring_request::{RequestContext, ScoringRequest};
use std::sync::Arc;
use tastemaker_data::Bitmap;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{
    Promotion, Reason, RecommendationList, RecommendationQuery, RecommendedItem, Source,
};
use tastemaker_learn::Scratch;

impl SnapshotHandle {
    /// The best items for the query's user, best first.
    ///
    /// The user's streamed events up to this moment count. Users of whom nothing is known (no id, or no event with an
    /// item of the catalog) get the popular items, and so do those who ask for relatives of an unknown item. Two calls
    /// without an event in between give the same list, but for the places of promoted items.
    ///
    /// Errors: [`NotFound`](tastemaker_domain::Error::NotFound) when a filter is unknown,
    /// [`InvalidInput`](tastemaker_domain::Error::InvalidInput) for unknown metadata columns and for filters that do not fit.
    pub fn recommend(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let asked = self.asked(query)?;
        let mut context = self.context_of(query);
        self.with_scratch(|scratch| {
            let scoring = self.scoring_request(asked.scored_for(query), &mut context, scratch);
            Ok(self.answer(query, asked, &scoring, scratch))
        })
    }

    /// The time and the context that a query is scored in.
    fn context_of(&self, query: &RecommendationQuery) -> RequestContext {
        if query.popular {
            RequestContext { now_s: query.now_s, values: Vec::new() }
        } else {
            self.request_context(query.now_s, &query.context)
        }
    }

    /// The query judged by the catalog and the filters.
    fn asked<'q>(&self, query: &'q RecommendationQuery) -> Result<Asked<'q>> {
        let view = self.catalog_view();
        let columns = resolve_columns(view.records(), &query.metadata_columns)?;
        let user = query.user_id.as_deref().filter(|id| !id.is_empty());
        let requester = Requester { user_id: user, item_id: query.item_id.as_deref() };
        let mut allowed = match &query.filter {
            Some(filter) => Some(self.allowed_items(&view, filter, requester)?),
            None => None,
        };
        let mut promotable = match &query.promotion {
            Some(promotion) => Some((promotion, self.allowed_items(&view, &promotion.filter, requester)?)),
            None => None,
        };
        let left_out = self.parts.recipe.use_case.and_then(|use_case| use_case.leaves_out).zip(user);
        if let Some((event_type, user)) = left_out {
            let done = self.items_with(&view, user, event_type);
            let allowed = allowed.get_or_insert_with(|| Bitmap::full(view.len()));
            done.into_iter().for_each(|item| allowed.clear(item));
        }
        for item in query.excluded_items.iter().filter_map(|id| view.item(id)) {
            allowed.get_or_insert_with(|| Bitmap::full(view.len())).clear(item);
            if let Some((_, set)) = &mut promotable {
                set.clear(item);
            }
        }
        Ok(Asked { view, columns, requester, allowed, promotable })
    }

    /// The list for a query, given what its user is scored by.
    fn answer(
        &self,
        query: &RecommendationQuery,
        asked: Asked<'_>,
        scoring: &ScoringRequest<'_>,
        scratch: &mut Scratch,
    ) -> RecommendationList {
        let Asked { view, columns, requester, mut allowed, promotable } = asked;
        let promoted = match &promotable {
            Some((promotion, set)) => {
                let places = promotion.places(query.num_results);
                promoted(&view, scoring, ListConstraints { places, allowed: Some(set) }, scratch)
            }
            None => Vec::new(),
        };
        if !promoted.is_empty() {
            let allowed = allowed.get_or_insert_with(|| Bitmap::full(view.len()));
            promoted.iter().for_each(|entry| allowed.clear(entry.item));
        }
        let constraints = ListConstraints { places: query.num_results - promoted.len(), allowed: allowed.as_ref() };
        let popular = self.popularity.get();
        let (mut list, log_partition) = match scoring.source {
            Source::Model if !popular.is_trend => {
                let ranked = scoring.best(constraints, scratch);
                let mut list = entries(&ranked);
                let fills = |entry: &&mut ListEntry| entry.logit.is_some_and(|score| scoring.scorer.is_filler(score));
                list.iter_mut().filter(fills).for_each(|entry| entry.reason = Some(Reason::Filler));
                (list, ranked.log_partition)
            }
            Source::Model | Source::ColdStart | Source::Prepared => {
                let best = popular.best_with_counts(&view, constraints.allowed).take(constraints.places);
                let reason = self.parts.recipe.needs_item.then_some(Reason::Filler);
                (best.map(|(item, count)| ListEntry { item, logit: Some(count), reason }).collect(), 0.0)
            }
        };
        let explored = ExploreRequest {
            view: &view,
            scoring,
            user_id: requester.user_id,
            constraints,
            first_place: usize::from(query.keeps_first_place),
        };
        self.explore(&explored, &mut list, scratch);
        self.fill(&view, constraints, &mut list);
        interleave(&mut list, promoted, &query.recommendation_id);

        let name = query.promotion.as_ref().and_then(|promotion| promotion.name.as_ref());
        let unknown = -(view.len().max(1) as f64).ln();
        let is_cold = scoring.source == Source::ColdStart;
        let probability = |logit: Option<f32>| match logit {
            // A count of users, see `scoring_request`.
            Some(count) if is_cold => popular.share(count),
            None if is_cold => popular.share(0.0),
            Some(logit) => f64::from(logit - log_partition).exp(),
            None => unknown.exp(),
        };
        let scored = match scoring.source {
            Source::Model => scoring.scorer.has_probabilities(),
            Source::ColdStart | Source::Prepared => self.shows_scores(),
        };
        let item = |entry: &ListEntry| {
            let id = view.id(entry.item);
            RecommendedItem {
                item_id: id.to_owned(),
                score: (scored && entry.reason != Some(Reason::Filler)).then(|| probability(entry.logit)),
                promotion_name: name.filter(|_| entry.reason == Some(Reason::Promoted)).cloned(),
                reason: entry.reason,
                metadata: metadata_of(view.records(), id, &columns),
            }
        };
        let items = list.iter().map(item).collect();
        RecommendationList { items, source: scoring.source, recipe: self.parts.recipe.name }
    }
}

/// A query with what the catalog and the filters say about it.
struct Asked<'q> {
    view: Arc<CatalogView>,
    /// Item columns to return.
    columns: Vec<String>,
    requester: Requester<'q>,
    /// The items that may be listed; `None` for all.
    allowed: Option<Bitmap>,
    /// The promotion and the items that pass its filter.
    promotable: Option<(&'q Promotion, Bitmap)>,
}

impl<'q> Asked<'q> {
    /// Whom the items are scored for.
    fn scored_for(&self, query: &RecommendationQuery) -> Requester<'q> {
        if query.popular { Requester { user_id: None, item_id: None } } else { self.requester }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streamed::events::STREAMED_EVENTS_PER_USER_MAX;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use std::sync::atomic::Ordering;
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, TableBuilder};
    use tastemaker_domain::Error;
    use tastemaker_domain::recommendation::FilterUse;
    use tastemaker_domain::resource::InteractionEvent;
    use tastemaker_domain::schema::DatasetType;

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
        shop.recommend(&later).expect("answers");
        assert_eq!(shop.scorer.asked_s.load(Ordering::Relaxed), 1_700_000_000);
    }

    #[test]
    fn users_without_history_get_popular_items_until_their_first_event() {
        let shop = Shop::new();
        for user in ["", "new"] {
            let list = shop.ask(user);
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
        let flood: Vec<_> = (2..STREAMED_EVENTS_PER_USER_MAX + 500).map(|n| event(n, "new", "i3", "Click")).collect();
        shop.serving.observe(GROUP, &flood);
        assert_eq!(first(&shop.ask("new")), "i4");
        assert_eq!(shop.scorer.steps.load(Ordering::Relaxed), 1 + STREAMED_EVENTS_PER_USER_MAX as u64);
    }

    #[test]
    fn users_without_history_see_the_share_of_what_users_took() {
        let scores = |shop: &Shop, user: &str| {
            let list = shop.recommend(&RecommendationQuery { num_results: 5, ..query(user) }).expect("answers");
            assert_eq!(list.source, Source::ColdStart);
            list.items.into_iter().map(|item| (item.item_id, item.score)).collect::<Vec<_>>()
        };
        let expected = |pairs: &[(&str, Option<f64>)]| {
            pairs.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect::<Vec<_>>()
        };
        let taken = |shop: &Shop| {
            let events: Vec<_> = (0..3).map(|n| event(n, &format!("u{n}"), "i3", "Click")).collect();
            shop.serving.observe(GROUP, &events);
            // One user took i0 and i1, three took i3 and one something that the model does not know.
            shop.put_item(1, "new", "New", 1.0);
            shop.serving.observe(GROUP, &[event(9, "u9", "new", "Click")]);
            shop.snapshot().refresh_popularity().expect("counts");
        };
        let shop = Shop::new();
        taken(&shop);
        let sixth = Some(1.0 / 6.0);
        let list = [("i3", Some(0.5)), ("i0", sixth), ("i1", sixth), ("new", sixth), ("i2", Some(0.0))];
        assert_eq!(scores(&shop, "stranger"), expected(&list));
        assert_eq!(scores(&shop, ""), expected(&list));
        // Recipes that show no scores show none to strangers.
        let related = Shop::with(&tastemaker_domain::catalog::AWS_SIMS, |_| {});
        taken(&related);
        assert!(scores(&related, "stranger").iter().all(|(_, score)| score.is_none()));
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
        let error = shop.recommend(&query).expect_err("unknown column");
        assert!(error.to_string().contains("'COLOUR'; it has [NAME, PRICE, CREATION_TIMESTAMP]"), "{error}");
        query.campaign_arn.push('x');
        assert!(matches!(shop.recommend(&query), Err(Error::NotFound(_))));
        shop.serving.campaigns.retire(CAMPAIGN);
        assert!(shop.serving.snapshot(CAMPAIGN).is_err());
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
        shop.publish_filter("f", expression);
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
            let list = shop.recommend(&query).expect("answers");
            assert_eq!(shop.recommend(&query).expect("answers"), list);
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
        let list = shop.recommend(&query).expect("answers");
        let mut ids: Vec<_> = list.items.iter().map(|i| i.item_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["brand-new", "i1", "i2", "i3"]);
        let none = promotion(&shop, 10, "INCLUDE ItemID WHERE Items.PRICE > 1000");
        assert_eq!(first(&shop.recommend(&none).expect("answers")), "i2");
    }

    #[test]
    fn places_that_known_items_leave_go_to_new_ones_that_pass() {
        let shop = Shop::new();
        ["n1", "n2", "n3"].iter().zip(1..).for_each(|(id, at)| shop.put_item(at, id, "New", 1.0));
        shop.serving.observe(GROUP, &[event(1, "other", "n1", "Click")]);
        let expression = "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"n1\", \"n2\", \"n3\", \"i2\")";
        shop.publish_filter("f", tastemaker_filter::parse(expression).expect("an expression"));
        let filter = Some(FilterUse { arn: "f".into(), values: Default::default() });
        let list = shop.recommend(&RecommendationQuery { filter, num_results: 3, ..query("known") });
        let list = list.expect("answers").items;
        let found: Vec<_> = list.iter().map(|i| (i.item_id.as_str(), i.reason, i.score.is_some())).collect();
        let filler = Some(Reason::Filler);
        assert_eq!(found, [("i2", None, true), ("n1", filler, false), ("n3", filler, false)]);
    }

    #[test]
    fn excluded_items_are_nowhere_in_the_list() {
        let shop = Shop::new();
        let ids = |list: Result<RecommendationList>| -> Vec<String> {
            list.expect("answers").items.into_iter().map(|item| item.item_id).collect()
        };
        let excluded_items = vec!["i2".to_owned(), "no-such-item".to_owned()];
        let asked = RecommendationQuery { excluded_items: excluded_items.clone(), ..query("known") };
        assert_eq!(ids(shop.recommend(&asked)), ["i3", "i4"]);
        let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.ITEM_ID IN (\"i2\", \"i3\")");
        shop.publish_filter("only", filter.expect("an expression"));
        let filter = Some(FilterUse { arn: "only".into(), values: Default::default() });
        assert_eq!(ids(shop.recommend(&RecommendationQuery { filter: filter.clone(), ..asked.clone() })), ["i3"]);
        assert_eq!(ids(shop.prepared(&RecommendationQuery { filter, ..asked.clone() })), ["i3"]);
        assert_eq!(ids(shop.prepared(&asked)), ["i0", "i1"]);
        let promoted = promotion(&shop, 50, "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"i2\")");
        assert!(ids(shop.recommend(&promoted)).contains(&"i2".to_owned()));
        let promoted = RecommendationQuery { excluded_items, ..promoted };
        assert_eq!(ids(shop.recommend(&promoted)), ["i3", "i4", "i0", "i1"]);
        // Nothing of a new item either.
        shop.put_item(1, "new", "New", 1.0);
        let all = ["i0", "i1", "i2", "i3", "i4"].map(str::to_owned).to_vec();
        let asked = RecommendationQuery { excluded_items: all.clone(), ..query("known") };
        assert_eq!(ids(shop.recommend(&asked)), ["new"]);
        let excluded_items = [all, vec!["new".to_owned()]].concat();
        assert_eq!(ids(shop.recommend(&RecommendationQuery { excluded_items, ..asked })), [""; 0]);
    }

    #[test]
    fn related_items_are_asked_by_item() {
        let shop = Shop::with(&tastemaker_domain::catalog::AWS_SIMS, |_| {});
        let ask = |item: &str| {
            let query = RecommendationQuery { item_id: Some(item.into()), user_id: None, ..query("") };
            shop.recommend(&query).expect("answers")
        };
        let list = ask("i3");
        assert_eq!((first(&list), list.source, list.items.len()), ("i4", Source::Model, 2));
        assert_eq!(ask("no-such-item").source, Source::ColdStart);
    }

    #[test]
    fn a_use_case_leaves_out_what_the_user_has() {
        let shop =
            Shop::with(&tastemaker_domain::catalog::AWS_ECOMM_RECOMMENDED_FOR_YOU, |parts| parts.counted_types.clear());
        assert_eq!(first(&shop.ask("known")), "i2");
        shop.serving.observe(GROUP, &[event(1, "known", "i2", "purchase"), event(2, "known", "i1", "View")]);
        assert_eq!(first(&shop.ask("known")), "i3");
    }

    #[test]
    fn circumstances_and_metadata_count_for_users_without_history_but_not_for_popular_lists() {
        let shop = Shop::new();
        let context = [("FIRST".to_owned(), "3".to_owned())].into();
        let asked = RecommendationQuery { context, ..query("new") };
        let list = shop.recommend(&asked).expect("answers");
        assert_eq!((first(&list), list.source), ("i3", Source::Model));
        let list = shop.recommend(&RecommendationQuery { popular: true, ..asked.clone() }).expect("answers");
        assert_eq!((first(&list), list.source), ("i0", Source::ColdStart));
        let known = RecommendationQuery { user_id: Some("known".into()), popular: true, ..query("known") };
        let list = shop.recommend(&known).expect("answers");
        assert_eq!((first(&list), list.source), ("i0", Source::ColdStart));

        let mut users = TableBuilder::new(vec![("AGE".into(), Column::Integer(vec![]))]);
        users.set("ann", [Some(Value::Integer(30))]);
        shop.serving.streamed.publish_table(GROUP, DatasetType::Users, Arc::new(users.build()), 0);
        let (ann, bob) = (shop.ask("ann"), shop.ask("bob"));
        assert_eq!((first(&ann), ann.source, bob.source), ("i4", Source::Model, Source::ColdStart));
    }

    #[test]
    fn the_model_is_told_type_and_value_of_a_streamed_event() {
        let shop = Shop::new();
        let valued = InteractionEvent { event_value: Some(2.5), ..event(1, "new", "i3", "CLICK") };
        shop.serving.observe(GROUP, &[valued]);
        shop.ask("new");
        let seen = *shop.scorer.observed.lock();
        assert_eq!(seen.map(|e| (e.item.0, e.time_s, e.event_type, e.value)), Some((3, 1, 1, 2.5)));
        shop.serving.observe(GROUP, &[event(2, "new", "i1", "Click")]);
        shop.ask("new");
        assert!(shop.scorer.observed.lock().is_some_and(|e| e.event_type == 1 && e.value.is_nan()));
    }

    #[test]
    fn an_item_that_the_model_does_not_know_scores_as_one_among_all() {
        let shop = Shop::new();
        shop.put_item(1, "brand-new", "New", 1.0);
        let query = promotion(&shop, 100, "INCLUDE ItemID WHERE Items.ITEM_ID IN (\"brand-new\")");
        let list = shop.recommend(&query).expect("answers");
        let new = list.items.iter().find(|item| item.item_id == "brand-new").expect("promoted");
        assert!((new.score.expect("a score") - 1.0 / 6.0).abs() < 1e-9, "{new:?}");
        assert_eq!(list.items.len(), 4);
    }

    #[test]
    fn related_items_are_not_filled_with_unrelated_new_ones() {
        let shop = Shop::with(&tastemaker_domain::catalog::AWS_SIMS, |_| {});
        shop.put_item(1, "n1", "New", 1.0);
        let query = RecommendationQuery { item_id: Some("i3".into()), user_id: None, num_results: 10, ..query("") };
        let ids = |list: RecommendationList| list.items.into_iter().map(|i| i.item_id).collect::<Vec<_>>();
        assert_eq!(ids(shop.recommend(&query).expect("answers")), ["i4", "i0", "i1", "i2"]);
        let asked = RecommendationQuery { item_id: Some("i0".into()), num_results: 2, ..query };
        assert_eq!(ids(shop.prepared(&asked).expect("answers")), ["i1", "i2"]);
    }

    #[test]
    fn numbers_that_are_not_finite_are_no_metadata() {
        let shop = Shop::new();
        let mut table = TableBuilder::new(crate::empty_columns(&Shop::schema()));
        table.set("i2", [Some(Value::Text("Lamp".into())), Some(Value::Number(f64::INFINITY))]);
        shop.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
        assert_eq!(format!("{:?}", shop.ask("known").items[0].metadata), r#"[("NAME", Text("Lamp"))]"#);
    }

    #[test]
    fn forgetting_users_of_another_group_costs_no_state() {
        let shop = Shop::new();
        shop.ask("known");
        let steps = || shop.scorer.steps.load(Ordering::Relaxed);
        shop.serving.forget_users("another group", &["known".into()].into());
        shop.ask("known");
        assert_eq!(steps(), 2);
        shop.serving.forget_users(GROUP, &["known".into()].into());
        shop.ask("known");
        assert_eq!(steps(), 4);
    }
}
