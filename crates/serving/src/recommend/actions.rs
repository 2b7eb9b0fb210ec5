//! Actions by how likely the user is to take each, within the rules of the Actions dataset.
//!
//! | column of an action | rule |
//! |---|---|
//! | `EXPIRATION_TIMESTAMP` (or `ACTION_EXPIRATION_TIMESTAMP`) | from then on it is not recommended |
//! | `REPEAT_FREQUENCY` | days without it after the user's last event with it |
//! | `VALUE` | of equally likely actions the one of more value comes first |
//!
//! Actions of which the model knows too little have the probability 0 and come last, but for those that exploration gives a
//! place.

use super::explore::ExploreRequest;
use super::list::{ListConstraints, ListEntry};
use super::scoring_request::ScoringRequest;
use crate::catalog_view::CatalogView;
use crate::filters::evaluation::interactions;
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use crate::streamed::metadata_records::MetadataRecords;
use std::cmp::Reverse;
use tastemaker_data::table::Value;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, RecommendedItem, Source};
use tastemaker_filter::Interaction;
use tastemaker_learn::ScoringContext;
use tastemaker_learn::models::propensity;

const DAY_S: f64 = 86_400.0;
/// Probabilities are equal when their first seven decimals are.
const DECIMALS: f64 = 1e7;

impl SnapshotHandle {
    /// The actions that the query's user will most likely take, best first, with their probabilities.
    ///
    /// The user's streamed events up to this moment count, with items and with actions. Errors: as of
    /// [`SnapshotHandle::recommend`].
    pub fn actions(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let view = self.catalog_view();
        let user = query.user_id.as_deref().filter(|id| !id.is_empty());
        let requester = Requester { user_id: user, item_id: None };
        let mut allowed = match &query.filter {
            Some(filter) => self.allowed_items(&view, filter, requester)?,
            None => Bitmap::full(view.len()),
        };
        let events = self.streamed_events();
        let streamed = user.map(|user| events.remembered(user)).unwrap_or_default();
        let item_of = |id: &str| view.item(id);
        let done = user.map(|user| interactions(&self.parts, &item_of, user, None, &streamed)).unwrap_or_default();
        let now_s = query.now_s.unwrap_or_else(|| events.newest_s());
        clear_barred(&mut allowed, &view, &done, now_s);
        let user_vector = user.map(|user| self.user_vector(user)).unwrap_or_default();
        self.with_scratch(|scratch| {
            let (state, events) = match user {
                Some(user) => self.encode(user, scratch),
                None => (self.parts.scorer.start(), 0),
            };
            let scoring_context =
                ScoringContext { now_s: Some(now_s), user_vector: &user_vector, ..ScoringContext::default() };
            let known: Vec<ItemIx> = (0..view.known() as u32).map(ItemIx).collect();
            let logits = self.parts.scorer.logits_of(&state, &scoring_context, &known, scratch);
            let logit = |action: ItemIx| logits.get(action.0 as usize).copied().filter(|l| *l > propensity::UNSCORED);
            let probability = |logit: Option<f32>| logit.map_or(0.0, |logit| f64::from(logit).exp());
            let mut ranked: Vec<(Reverse<u64>, f64, ItemIx)> = allowed
                .iter_ones()
                .map(|action| {
                    let value = number(view.records(), view.id(action), &["VALUE"]).unwrap_or(0.0);
                    (Reverse((probability(logit(action)) * DECIMALS).round() as u64), value, action)
                })
                .collect();
            ranked.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
            let entry = |(_, _, item): &(_, _, ItemIx)| ListEntry { item: *item, logit: logit(*item), reason: None };
            // Actions without a probability get the places that exploration gives them, and those that are left.
            let known_ones = ranked.iter().filter(|(_, _, action)| logit(*action).is_some());
            let mut list: Vec<ListEntry> = known_ones.take(query.num_results).map(entry).collect();
            // What the model can judge needs no exploration.
            known.iter().filter(|a| logit(**a).is_some()).for_each(|a| allowed.clear(*a));
            let scorer = self.parts.scorer.clone();
            let scoring =
                ScoringRequest { scorer, state, scoring_context, source: Source::Model, events, scores: None };
            let constraints = ListConstraints { places: query.num_results, allowed: Some(&allowed) };
            let explored =
                ExploreRequest { view: &view, scoring: &scoring, user_id: user, constraints, first_place: 0 };
            self.explore(&explored, &mut list, scratch);
            for one in ranked.iter().map(entry) {
                if list.len() < query.num_results && list.iter().all(|listed| listed.item != one.item) {
                    list.push(one);
                }
            }
            by_value_where_equal(&view, &mut list);
            let action = |entry: &ListEntry| RecommendedItem {
                item_id: view.id(entry.item).to_owned(),
                score: Some(probability(entry.logit.filter(|l| *l > propensity::UNSCORED))),
                promotion_name: None,
                reason: entry.reason,
                metadata: Vec::new(),
            };
            let items = list.iter().map(action).collect();
            Ok(RecommendationList { items, source: Source::Model, recipe: self.parts.recipe.name })
        })
    }

    /// The user's vector over the items.
    fn user_vector(&self, user_id: &str) -> Vec<f32> {
        let mut vector = Vec::new();
        if let Some(encoder) = &self.parts.user_vector_encoder {
            let streamed = self.group.item_events.remembered(user_id);
            let mut items: Vec<u32> = encoder.histories.of(user_id).map(|event| event.item.0).collect();
            items.extend(streamed.iter().filter_map(|event| encoder.items.get(&event.item_id)));
            (encoder.encode)(&items, &mut vector);
        }
        vector
    }
}

/// Orders the actions without a probability, whose scores are all 0, by their value, the higher first; exploration decided which of
/// them are listed and which places they have.
fn by_value_where_equal(view: &CatalogView, list: &mut [ListEntry]) {
    let is_unscored = |entry: &ListEntry| entry.logit.is_none_or(|logit| logit <= propensity::UNSCORED);
    let places: Vec<usize> = (0..list.len()).filter(|&at| is_unscored(&list[at])).collect();
    let value = |entry: &ListEntry| number(view.records(), view.id(entry.item), &["VALUE"]).unwrap_or(0.0);
    let mut unscored: Vec<(f64, ListEntry)> = places.iter().map(|&at| (value(&list[at]), list[at])).collect();
    unscored.sort_by(|a, b| b.0.total_cmp(&a.0));
    places.into_iter().zip(unscored).for_each(|(at, (_, entry))| list[at] = entry);
}

/// Bars what has expired, and what the user had to do with too recently.
fn clear_barred(allowed: &mut Bitmap, view: &CatalogView, done: &[Interaction<'_>], now_s: i64) {
    const EXPIRATION: &[&str] = &["EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"];
    let records = view.records();
    for action in (0..view.len() as u32).map(ItemIx) {
        let id = view.id(action);
        let expired = number(records, id, EXPIRATION).is_some_and(|at| now_s as f64 >= at);
        let repeated = number(records, id, &["REPEAT_FREQUENCY"]).is_some_and(|days| {
            let last_s = done.iter().filter(|event| event.item == action).map(|event| event.time_s).max();
            last_s.is_some_and(|last| (now_s.saturating_sub(last) as f64) < days * DAY_S)
        });
        if expired || repeated {
            allowed.clear(action);
        }
    }
}

/// The first of `columns` that has a number for `id`.
fn number(records: &MetadataRecords, id: &str, columns: &[&str]) -> Option<f64> {
    let (table, row) = records.find(id)?;
    columns.iter().find_map(|name| match table.column(name)?.get(row)? {
        Value::Integer(number) => Some(number as f64),
        Value::Number(number) => Some(number).filter(|number| number.is_finite()),
        Value::Text(_) | Value::Boolean(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event};
    use crate::{HistoryColumns, TrainingHistories, UserVectorEncoder};
    use std::sync::Arc;
    use tastemaker_data::{Column, DatasetBuilder, IdMap, TableBuilder};
    use tastemaker_domain::campaign_config::Exploration;
    use tastemaker_domain::catalog;
    use tastemaker_domain::recommendation::FilterUse;
    use tastemaker_domain::resource::{ActionInteraction, Streamed};
    use tastemaker_domain::schema::DatasetType;
    use tastemaker_learn::Cancel;

    const DAY: i64 = 86_400;

    /// Actions i0 to i4 with the probabilities of the scorer in `testing`, and a table of rules.
    fn shop(weight: f64, rows: &[(&str, &[(&str, i64)])]) -> Shop {
        let shop = Shop::with(&catalog::AWS_NEXT_BEST_ACTION, |parts| {
            parts.counted_types.clear();
            parts.exploration = Some(Exploration { weight, age_cutoff_days: 30.0 });
            let mut items = IdMap::default();
            items.insert("lamp");
            let histories =
                TrainingHistories::new(IdMap::default(), vec![0], HistoryColumns::default()).expect("empty");
            let encode = |items: &[u32], vector: &mut Vec<f32>| {
                vector.clear();
                vector.extend(items.iter().map(|_| 1.0));
            };
            parts.user_vector_encoder = Some(UserVectorEncoder { items, histories, encode: Box::new(encode) }.into());
        });
        let names = ["VALUE", "EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"];
        let columns = names.map(|name| (name.to_owned(), Column::Integer(vec![])));
        let mut table = TableBuilder::new(columns.into());
        for (id, row) in rows {
            let of = |name: &str| row.iter().find(|(n, _)| *n == name).map(|(_, value)| Value::Integer(*value));
            table.set(id, names.map(of));
        }
        shop.serving.streamed.publish_table(GROUP, DatasetType::Actions, Arc::new(table.build()), 0);
        shop
    }

    fn ask(shop: &Shop, user: &str, now_s: i64) -> Vec<(String, f64)> {
        let query = RecommendationQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: Some(user.into()),
            now_s: Some(now_s),
            num_results: 10,
            ..RecommendationQuery::default()
        };
        let list = shop.actions(&query).expect("answers");
        list.items.into_iter().map(|item| (item.item_id, item.score.expect("a score"))).collect()
    }

    fn ids(list: &[(String, f64)]) -> Vec<&str> {
        list.iter().map(|(id, _)| id.as_str()).collect()
    }

    fn respond(shop: &Shop, n: usize, user: &str, action: &str, time_s: i64) {
        let event = ActionInteraction {
            event_id: format!("a{n}"),
            user_id: user.into(),
            session_id: "s".into(),
            action_id: action.into(),
            event_type: "NOT_TAKEN".into(),
            timestamp_s: time_s,
            properties: Default::default(),
            recommendation_id: None,
            impression: vec![],
        };
        shop.serving.ingest(GROUP, Streamed::ActionInteractions(&[event]));
    }

    #[test]
    fn expired_and_repeated_actions_are_left_out() {
        let rules: &[(&str, &[(&str, i64)])] =
            &[("i0", &[("EXPIRATION_TIMESTAMP", 100 * DAY)]), ("i1", &[("REPEAT_FREQUENCY", 7)])];
        let shop = shop(0.0, rules);
        assert_eq!(ask(&shop, "new", 99 * DAY).len(), 5);
        assert!(!ids(&ask(&shop, "new", 100 * DAY)).contains(&"i0"));
        respond(&shop, 1, "new", "i1", 90 * DAY);
        assert!(!ids(&ask(&shop, "new", 96 * DAY)).contains(&"i1"));
        assert!(ids(&ask(&shop, "new", 97 * DAY)).contains(&"i1"));
        respond(&shop, 2, "new", "i1", 10 * DAY);
        assert!(!ids(&ask(&shop, "new", 96 * DAY)).contains(&"i1"), "the last response counts");
        assert!(ids(&ask(&shop, "other", 96 * DAY)).contains(&"i1"));
    }

    #[test]
    fn a_response_counts_at_once_and_item_events_are_no_responses() {
        let shop = shop(0.0, &[]);
        let before = ask(&shop, "new", DAY);
        shop.serving.observe(GROUP, &[event(1, "new", "i3", "Click")]);
        assert_eq!(ask(&shop, "new", DAY), before);
        respond(&shop, 2, "new", "i3", DAY);
        assert_eq!(ids(&ask(&shop, "new", DAY))[0], "i4", "the scorer likes what follows the last event");
    }

    #[test]
    fn of_equally_likely_actions_the_more_valuable_comes_first() {
        let rows: &[(&str, &[(&str, i64)])] =
            &[("a", &[("VALUE", 3)]), ("b", &[]), ("c", &[("VALUE", 9)]), ("i4", &[("VALUE", 1)])];
        let list = ask(&shop(0.0, rows), "new", DAY);
        assert_eq!(ids(&list), ["i0", "i1", "i2", "i3", "i4", "c", "a", "b"]);
        assert!(list[..5].iter().all(|(_, score)| *score > 0.0) && list[5..].iter().all(|(_, score)| *score == 0.0));
    }

    #[test]
    fn exploration_gives_places_to_what_is_unknown() {
        let rows: &[(&str, &[(&str, i64)])] = &[("fresh", &[]), ("fresher", &[])];
        let first_places = |weight: f64| {
            let shop = shop(weight, rows);
            let first = |n: u32| ask(&shop, &format!("user-{n}"), DAY)[0].0.starts_with("fresh");
            (0..200).filter(|&n| first(n)).count()
        };
        assert_eq!(first_places(0.0), 0);
        assert!(first_places(0.5) > 50);
    }

    #[test]
    fn explored_actions_are_in_the_order_of_their_value_too() {
        let rows: &[(&str, &[(&str, i64)])] =
            &[("a", &[("VALUE", 3)]), ("b", &[]), ("c", &[("VALUE", 9)]), ("d", &[("VALUE", -1)])];
        let shop = shop(1.0, rows);
        let mut orders = std::collections::BTreeSet::new();
        for user in 0..50 {
            let list = ask(&shop, &format!("user-{user}"), DAY);
            let unscored = list.iter().filter(|(_, score)| *score == 0.0).map(|(id, _)| id.as_str());
            orders.insert(unscored.collect::<Vec<_>>().join(" "));
            assert_eq!(list.len(), 9);
        }
        assert_eq!(orders.into_iter().collect::<Vec<_>>(), ["c a b d"]);
    }

    #[test]
    fn filters_by_action_id_hold_for_actions_that_the_model_does_not_know_too() {
        let shop = shop(0.0, &[("i4", &[("VALUE", 9)]), ("fresh", &[]), ("fresher", &[])]);
        let listed = |expression: &str| {
            shop.publish_filter("f", tastemaker_filter::parse(expression).expect("an expression"));
            let query = RecommendationQuery {
                campaign_arn: CAMPAIGN.into(),
                user_id: Some("u".into()),
                num_results: 10,
                filter: Some(FilterUse { arn: "f".into(), values: Default::default() }),
                ..RecommendationQuery::default()
            };
            let list = shop.actions(&query).expect("answers");
            list.items.into_iter().map(|item| item.item_id).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            listed("INCLUDE ActionID WHERE Actions.ACTION_ID IN (\"fresh\", \"i3\", \"i1\", \"none\")"),
            "i1 i3 fresh"
        );
        assert_eq!(
            listed("EXCLUDE ActionID WHERE Actions.ACTION_ID IN (\"fresh\", \"i3\", \"i1\")"),
            "i0 i2 i4 fresher"
        );
        assert_eq!(listed("INCLUDE ActionID WHERE Actions.ACTION_ID = \"i4\""), "i4");
        respond(&shop, 1, "u", "i2", DAY);
        respond(&shop, 2, "u", "fresher", DAY);
        let seen = "Action_Interactions.EVENT_TYPE IN (\"NOT_TAKEN\") OR Action_Interactions.EVENT_TYPE IN (\"TAKEN\")";
        assert_eq!(listed(&format!("INCLUDE ActionID WHERE {seen}")), "i2 fresher");
        assert_eq!(listed(&format!("EXCLUDE ActionID WHERE {seen}")), "i3 i4 i0 i1 fresh");
    }

    #[test]
    fn filters_are_about_actions() {
        let shop = shop(0.0, &[("i4", &[("VALUE", 9)])]);
        let expression = tastemaker_filter::parse("INCLUDE ActionID WHERE Actions.VALUE > 3").expect("an expression");
        shop.publish_filter("f", expression);
        let query = RecommendationQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: Some("u".into()),
            num_results: 5,
            filter: Some(FilterUse { arn: "f".into(), values: Default::default() }),
            ..RecommendationQuery::default()
        };
        let list = shop.actions(&query).expect("answers");
        assert_eq!(list.items.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>(), ["i4"]);
    }

    #[test]
    fn without_a_time_the_newest_response_is_now() {
        let shop = shop(0.0, &[("i0", &[("EXPIRATION_TIMESTAMP", 100 * DAY)])]);
        let listed = |shop: &Shop| {
            let query = RecommendationQuery {
                campaign_arn: CAMPAIGN.into(),
                user_id: Some("new".into()),
                num_results: 10,
                ..RecommendationQuery::default()
            };
            shop.actions(&query).expect("answers").items.iter().any(|item| item.item_id == "i0")
        };
        assert!(listed(&shop));
        respond(&shop, 1, "other", "i1", 100 * DAY);
        assert!(!listed(&shop));
    }

    #[test]
    fn a_value_that_is_no_number_is_none() {
        let shop = shop(0.0, &[]);
        let mut table = TableBuilder::new(vec![("VALUE".into(), Column::Number(vec![]))]);
        for (id, value) in [("a", f64::INFINITY), ("b", 1.0), ("c", f64::NAN)] {
            table.set(id, [Some(Value::Number(value))]);
        }
        shop.serving.streamed.publish_table(GROUP, DatasetType::Actions, Arc::new(table.build()), 1);
        assert_eq!(ids(&ask(&shop, "new", DAY))[5..], ["b", "a", "c"]);
    }

    #[test]
    fn only_what_the_model_cannot_judge_is_explored() {
        let explored = |shop: &Shop| {
            let mut explored = std::collections::BTreeSet::new();
            for user in 0..60 {
                let query = RecommendationQuery {
                    campaign_arn: CAMPAIGN.into(),
                    user_id: Some(format!("user-{user}")),
                    num_results: 3,
                    ..RecommendationQuery::default()
                };
                let list = shop.actions(&query).expect("answers").items.into_iter();
                explored.extend(list.filter(|item| item.reason.is_some()).map(|item| item.item_id));
            }
            explored.into_iter().collect::<Vec<_>>().join(" ")
        };
        let shop = shop(1.0, &[("fresh", &[]), ("fresher", &[])]);
        assert_eq!(explored(&shop), "fresh fresher");

        deploy_unsure(&shop);
        assert_eq!(explored(&shop), "fresh fresher i0 i1 i2 i3 i4");
    }

    /// Deploys a model that has too few responses to judge any action, and explores always.
    fn deploy_unsure(shop: &Shop) {
        let mut responses = DatasetBuilder::new();
        ["i0", "i1", "i2", "i3", "i4"].iter().for_each(|id| responses.add_item(id));
        let unsure = propensity::train(&responses.build(), &Default::default(), DAY, &Cancel::new()).expect("trains");
        let mut parts = Shop::parts(&catalog::AWS_NEXT_BEST_ACTION, Arc::new(unsure));
        parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 30.0 });
        shop.deploy(parts);
    }

    #[test]
    fn actions_that_the_model_cannot_judge_are_in_the_order_of_their_value() {
        let shop = shop(1.0, &[("i1", &[("VALUE", 3)]), ("i3", &[("VALUE", 9)]), ("i4", &[("VALUE", -1)])]);
        deploy_unsure(&shop);
        for user in 0..20 {
            let list = ask(&shop, &format!("user-{user}"), DAY);
            assert!(list.iter().all(|(_, score)| *score == 0.0), "{list:?}");
            let listed = ids(&list);
            assert_eq!((listed.len(), listed[0], listed[1], listed[4]), (5, "i3", "i1", "i4"), "{listed:?}");
        }
    }

    #[test]
    fn a_users_vector_is_made_of_bulk_and_streamed_items() {
        let shop = shop(0.0, &[]);
        assert!(shop.snapshot().user_vector("u").is_empty());
        shop.serving.observe(GROUP, &[event(1, "u", "lamp", "Click"), event(2, "u", "unknown", "Click")]);
        assert_eq!(shop.snapshot().user_vector("u"), [1.0]);
    }
}
