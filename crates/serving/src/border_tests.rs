//! Cases at the borders of conditions: the end of a view, equal counts, the last day of a new item, places without a model's item.

use crate::exploration_candidates::ItemHistory;
use crate::streamed::events::StreamedEvents;
use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
use crate::{HistoryColumns, TrainingHistories};
use tastemaker_data::{IdMap, ItemIx, NewestTimes};
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::catalog;
use tastemaker_domain::recommendation::{FilterUse, Promotion, RankingQuery, Reason, RecommendationQuery, Source};
use tastemaker_domain::resource::InteractionEvent;

const DAY: i64 = 86_400;

#[test]
fn beyond_the_end_of_a_view_no_item_has_an_id() {
    let shop = Shop::new();
    let end = || shop.snapshot().catalog_view().id(ItemIx(5)).to_owned();
    assert_eq!(end(), "");
    shop.put_item(1, "new", "New", 1.0);
    assert_eq!(end(), "new");
    assert_eq!(shop.snapshot().catalog_view().id(ItemIx(6)), "");
}

#[test]
fn events_with_items_beyond_the_catalog_count_only_as_time() {
    let mut users = IdMap::default();
    users.insert("u");
    let events = HistoryColumns { items: vec![0, 1], times: vec![10, 20], event_types: vec![0; 2] };
    let histories = TrainingHistories::new(users, vec![0, 2], events).expect("consistent");
    let history = ItemHistory::new(&histories, &[], 1, None);
    assert_eq!(history.newest_s(&NewestTimes::default()), 20);
    let history = format!("{history:?}");
    for part in ["count: [1]", "first_s: [10]"] {
        assert!(history.contains(part), "{part}: {history}");
    }
}

#[test]
fn new_items_that_equally_many_users_took_are_in_the_order_of_their_ids() {
    let shop = Shop::new();
    let ids: Vec<String> = (0..30).map(|n| format!("n{n:02}")).collect();
    for (n, id) in ids.iter().rev().enumerate() {
        shop.put_item(n as u64 + 1, id, "New", 1.0);
        shop.serving.observe(GROUP, &[event(n, &format!("u{n}"), id, "Click")]);
    }
    shop.snapshot().refresh_popularity().expect("counts");
    let list = shop.recommend(&RecommendationQuery { num_results: 33, ..query("stranger") }).expect("answers");
    let listed: Vec<&str> = list.items.iter().map(|item| item.item_id.as_str()).collect();
    let expected: Vec<&str> = ["i0", "i1"].into_iter().chain(ids.iter().map(String::as_str)).chain(["i2"]).collect();
    assert_eq!(listed, expected);
}

#[test]
fn an_item_is_new_up_to_the_last_second_of_its_time() {
    let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
        parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 1.0 });
    });
    let late = InteractionEvent { timestamp_s: 12 * DAY, ..event(1, "x", "i0", "Click") };
    shop.serving.observe(GROUP, &[late]);
    for n in 0..5 {
        shop.put_created(10 + n, &format!("i{n}"), 0);
    }
    shop.put_created(1, "just", 11 * DAY);
    shop.put_created(2, "past", 11 * DAY - 1);
    let lists = (0..50).map(|n| shop.ask(&format!("user-{n}")).items);
    let mut explored: Vec<String> =
        lists.flatten().filter(|item| item.reason == Some(Reason::Explored)).map(|item| item.item_id).collect();
    explored.sort();
    explored.dedup();
    assert_eq!(explored, ["just"]);
}

#[test]
fn new_items_fill_the_places_that_are_left() {
    let shop = Shop::new();
    shop.put_item(1, "new", "New", 1.0);
    let list = shop.recommend(&RecommendationQuery { num_results: 10, ..query("known") }).expect("answers");
    assert_eq!((list.items.len(), list.source), (6, Source::Model));
    let last = &list.items[5];
    assert_eq!((last.item_id.as_str(), last.reason, last.score), ("new", Some(Reason::Filler), None));
}

#[test]
fn strangers_rank_by_the_shares_of_the_users_who_took_each() {
    let shop = Shop::new();
    let events: Vec<_> = (0..3).map(|n| event(n, &format!("u{n}"), "i3", "Click")).collect();
    shop.serving.observe(GROUP, &events);
    shop.snapshot().refresh_popularity().expect("counts");
    let query = RankingQuery {
        campaign_arn: CAMPAIGN.into(),
        user_id: "stranger".into(),
        item_ids: ["i2", "i0", "i3"].map(String::from).into(),
        ..RankingQuery::default()
    };
    let list = shop.rank(&query).expect("answers");
    let ranked: Vec<_> = list.items.iter().map(|item| (item.item_id.as_str(), item.score)).collect();
    assert_eq!(ranked, [("i3", Some(0.75)), ("i0", Some(0.25)), ("i2", Some(0.0))]);
}

#[test]
fn strangers_take_no_place_among_the_encoded_users() {
    let shop = Shop::new();
    shop.ask("stranger");
    shop.ask("known");
    let snapshot = shop.snapshot();
    assert!(snapshot.user_states.get("stranger").is_none());
    assert!(snapshot.user_states.get("known").is_some());
}

#[test]
fn of_older_events_only_those_beyond_a_types_hundred_are_forgotten() {
    let events = StreamedEvents::default();
    let of_type = |n: usize, event_type: &str| assert!(events.push(&event(n, "u", &format!("i{n}"), event_type)));
    (0..100).for_each(|n| of_type(n, "View"));
    (100..600).for_each(|n| of_type(n, "Click"));
    of_type(600, "View");
    (601..1101).for_each(|n| of_type(n, "Click"));
    let views: Vec<String> = events
        .remembered("u")
        .iter()
        .filter(|event| &*event.event_type == "View")
        .map(|event| event.item_id.to_string())
        .collect();
    let expected: Vec<String> = (1..100).chain([600]).map(|n| format!("i{n}")).collect();
    assert_eq!(views, expected);
}

#[test]
fn a_promoted_item_is_listed_once_though_the_model_likes_it_best() {
    let shop = Shop::new();
    let expression = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.ITEM_ID = \"i2\"").expect("an expression");
    shop.publish_filter("f", expression);
    let filter = FilterUse { arn: "f".into(), values: Default::default() };
    let promotion = Some(Promotion { name: Some("sale".into()), percent: 25, filter });
    let list = shop.recommend(&RecommendationQuery { promotion, num_results: 4, ..query("known") }).expect("answers");
    let mut listed: Vec<&str> = list.items.iter().map(|item| item.item_id.as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["i0", "i2", "i3", "i4"]);
}
