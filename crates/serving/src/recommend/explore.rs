//! Exploration: places of a list that go to new items before the model has reason to rank them, so that users can give it one.
//!
//! Each place of a list is offered to exploration with the probability `weight`. A place on offer sets an even threshold
//! between 0 and 1; candidates are drawn evenly among the items that are new (created within the cut-off before the newest
//! interaction) and contend for it if their
//!
//! ```text
//! u = 1 / (1 + (interactions + impressions) / 10)
//! ```
//!
//! is above the threshold. So an item is explored less the more is known of it, every impression without a click only pushes
//! it down, and a catalog of well-known items is hardly explored at all: a place is explored with the probability `weight`
//! times the largest `u` drawn. Of two contenders, the one that the model finds more relevant takes the place; the items
//! behind it move down. With weight 0 nothing of this happens. The draws depend on the model, the user and the user's events
//! alone. A query may keep the first place out of all this, as messages that show one item do.

use super::list::{ListConstraints, ListEntry};
use super::scoring_request::ScoringRequest;
use crate::catalog_view::CatalogView;
use crate::exploration_candidates::{Candidate, ExplorationCandidates, oldest};
use crate::random::Random;
use crate::snapshot_handle::SnapshotHandle;
use crate::streamed::events::StreamedEvents;
use tastemaker_data::ItemIx;
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::limits::CLOCK_AHEAD_S_MAX;
use tastemaker_domain::recommendation::Reason;
use tastemaker_learn::Scratch;

/// Interactions and impressions at which an item is explored half as much as a fresh one.
const KNOWN_AT: f64 = 10.0;
/// Draws for one candidate before the place is left to the model.
const DRAWS_MAX: usize = 16;
/// Kept candidates among which the model chooses.
const CONTENDERS: usize = 2;

/// The list that exploration changes, as far as it must know it.
pub(super) struct ExploreRequest<'a> {
    pub view: &'a CatalogView,
    pub scoring: &'a ScoringRequest<'a>,
    /// Whose list it is; the draws depend on it.
    pub user_id: Option<&'a str>,
    pub constraints: ListConstraints<'a>,
    /// The first place that is open to exploration.
    pub first_place: usize,
}

/// A place of the list and the contenders for it.
struct OpenPlace {
    place: usize,
    /// At least one; not in the list, and in no other place.
    contenders: Vec<ItemIx>,
}

/// The limits of a draw.
struct Draw<'a> {
    view: &'a CatalogView,
    streamed: &'a StreamedEvents,
    constraints: ListConstraints<'a>,
    first_place: usize,
    /// Items that have a place already.
    listed: &'a [ItemIx],
    /// Time of the newest of all interactions.
    newest_s: i64,
    /// Items created later than this are not there yet.
    until_s: i64,
}

impl SnapshotHandle {
    /// Gives some of the list's places to new items.
    pub(super) fn explore(&self, request: &ExploreRequest<'_>, list: &mut Vec<ListEntry>, scratch: &mut Scratch) {
        let Some(exploration) = self.parts.exploration.filter(|e| e.weight > 0.0) else { return };
        let ExploreRequest { view, scoring, user_id, constraints, first_place } = *request;
        let streamed = self.streamed_events();
        let newest_s = self.item_history().newest_s(&streamed.newest_times());
        let candidates = view.exploration_candidates(self.item_history(), &exploration, newest_s);
        let listed: Vec<ItemIx> = list.iter().map(|entry| entry.item).collect();
        let texts = [self.parts.solution_version_arn.as_str(), user_id.unwrap_or_default()];
        let mut random = Random::seeded(&texts, scoring.events);
        let until_s = scoring.scoring_context.now_s.map_or(i64::MAX, |now_s| now_s.saturating_add(CLOCK_AHEAD_S_MAX));
        let limits = Draw { view, streamed, constraints, first_place, listed: &listed, newest_s, until_s };
        let open = draw(candidates, &exploration, &limits, &mut random);
        if open.is_empty() {
            return;
        }
        let known: Vec<ItemIx> = open.iter().flat_map(|place| place.contenders.iter().copied()).collect();
        let known: Vec<ItemIx> = known.into_iter().filter(|item| (item.0 as usize) < view.known()).collect();
        let logits = if known.is_empty() { Vec::new() } else { scoring.logits_of(&known, scratch) };
        let logit_of =
            |item: ItemIx| known.iter().position(|known| *known == item).and_then(|at| logits.get(at).copied());
        for place in open {
            let contenders = place.contenders.into_iter().map(|item| ListEntry {
                item,
                logit: logit_of(item),
                reason: Some(Reason::Explored),
            });
            // Of equals the first: items without a logit are behind none with one.
            let better = |a: &ListEntry, b: &ListEntry| a.logit.unwrap_or(f32::MIN) >= b.logit.unwrap_or(f32::MIN);
            let best = contenders.reduce(|a, b| if better(&a, &b) { a } else { b });
            list.extend(best);
            let at = place.place.min(list.len() - 1);
            list[at..].rotate_right(1);
        }
        list.truncate(constraints.places);
    }
}

/// The places that are open to exploration, ascending, with their contenders.
fn draw(
    candidates: &ExplorationCandidates,
    exploration: &Exploration,
    draw: &Draw<'_>,
    random: &mut Random,
) -> Vec<OpenPlace> {
    let mut open: Vec<OpenPlace> = Vec::new();
    if candidates.0.is_empty() || exploration.weight <= 0.0 {
        return open;
    }
    // Few may pass a filter, so that even draws among all would miss them.
    let passing: Vec<Candidate> = match draw.constraints.allowed {
        Some(allowed) => candidates.0.iter().copied().filter(|c| allowed.get(c.item)).collect(),
        None => Vec::new(),
    };
    let candidates = if draw.constraints.allowed.is_some() { &passing } else { &candidates.0 };
    if candidates.is_empty() {
        return open;
    }
    let ages = draw.view.new_items_age();
    let oldest_s = if ages { oldest(exploration, draw.newest_s) } else { i64::MIN };
    for place in draw.first_place..draw.constraints.places {
        if random.unit() >= exploration.weight {
            continue;
        }
        let threshold = random.unit();
        let mut contenders = Vec::with_capacity(CONTENDERS);
        for _ in 0..DRAWS_MAX {
            let candidate = candidates[random.below(candidates.len())];
            let item = candidate.item;
            let taken = contenders.contains(&item)
                || draw.listed.contains(&item)
                || open.iter().any(|other| other.contenders.contains(&item));
            if taken || candidate.created_s < oldest_s || candidate.created_s > draw.until_s {
                continue;
            }
            let streamed = draw.streamed.counts_of(draw.view.id(item));
            let seen = f64::from(candidate.seen) + f64::from(streamed.interactions) + f64::from(streamed.impressions);
            if threshold < 1.0 / (1.0 + seen / KNOWN_AT) {
                contenders.push(item);
                if contenders.len() == CONTENDERS {
                    break;
                }
            }
        }
        if !contenders.is_empty() {
            open.push(OpenPlace { place, contenders });
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use crate::testing::{GROUP, Shop, event, query};
    use crate::{HistoryColumns, TrainingHistories};
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, IdMap, TableBuilder};
    use tastemaker_domain::campaign_config::Exploration;
    use tastemaker_domain::catalog;
    use tastemaker_domain::recommendation::{FilterUse, Reason, RecommendationQuery};
    use tastemaker_domain::resource::InteractionEvent;
    use tastemaker_domain::schema::DatasetType;

    const DAY: i64 = 86_400;

    fn shop(weight: f64) -> Shop {
        let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
            parts.exploration = Some(Exploration { weight, age_cutoff_days: 30.0 });
        });
        let late = InteractionEvent { timestamp_s: 60 * 86_400, ..event(0, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[late]);
        for n in 0..5 {
            shop.put_created(100 + n, &format!("i{n}"), 0);
        }
        for n in 0..50 {
            shop.put_item(n + 200, &format!("new{n}"), "New", 1.0);
        }
        shop
    }

    /// The number of times that each item is among the two results of a thousand users.
    fn shares(shop: &Shop) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for user in 0..1000 {
            for item in shop.ask(&format!("user-{user}")).items {
                *shares.entry(item.item_id).or_default() += 1;
            }
        }
        shares
    }

    fn new_items(shares: &BTreeMap<String, usize>) -> usize {
        shares.iter().filter(|(id, _)| id.starts_with("new")).map(|(_, n)| n).sum()
    }

    #[test]
    fn the_weight_is_the_share_of_new_items() {
        assert_eq!(new_items(&shares(&shop(0.0))), 0);
        let third = new_items(&shares(&shop(0.3)));
        // 600 of 2000 places, give or take five standard deviations.
        assert!((third as i64 - 600).abs() < 5 * 21, "{third}");
        assert_eq!(new_items(&shares(&shop(1.0))), 2000);
    }

    #[test]
    fn a_catalog_of_well_known_items_is_hardly_explored() {
        let shop = shop(0.3);
        let all: Vec<String> = (0..50).map(|n| format!("new{n}")).collect();
        let seen = InteractionEvent { impression: all, ..event(1, "x", "i0", "Click") };
        let seen: Vec<_> = (1..91).map(|n| InteractionEvent { event_id: format!("e{n}"), ..seen.clone() }).collect();
        shop.serving.observe(GROUP, &seen);
        // 0.3 / (1 + 90 / 10) of 2000 places are 60.
        let new = new_items(&shares(&shop));
        assert!((30..90).contains(&new), "{new}");
    }

    #[test]
    fn the_same_request_gets_the_same_list() {
        let shop = shop(1.0);
        let first = shop.ask("known");
        assert_eq!(shop.ask("known"), first);
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "Click")]);
        assert_ne!(shop.ask("known"), first);
    }

    #[test]
    fn impressions_without_clicks_push_an_item_down() {
        let shop = shop(0.5);
        let before = shares(&shop);
        let seen = InteractionEvent { impression: vec!["new7".into(); 200], ..event(1, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[seen]);
        let after = shares(&shop);
        let of = |shares: &BTreeMap<String, usize>| shares.get("new7").copied().unwrap_or(0);
        assert!(of(&before) > 5 && of(&after) < of(&before) / 3, "{} then {}", of(&before), of(&after));
    }

    #[test]
    fn impressions_of_bulk_data_count_as_well() {
        let shop = |impressions: Vec<u32>| {
            Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
                parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 30.0 });
                parts.impressions = impressions.into();
            })
        };
        let of = |shop: Shop| shares(&shop).get("i3").copied().unwrap_or(0);
        let (fresh, shown) = (of(shop(vec![])), of(shop(vec![0, 0, 0, 200, 0])));
        assert!(shown < fresh / 3, "{fresh} then {shown}");
    }

    #[test]
    fn old_items_are_not_explored() {
        let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
            parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 1.0 });
        });
        let day = 86_400;
        shop.put_created(1, "old", 10 * day);
        shop.put_created(2, "new", 12 * day);
        let late = InteractionEvent { timestamp_s: 12 * day + day / 2, ..event(1, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[late]);
        shop.put_created(3, "announced", 14 * day);
        let announced = |now_s| {
            let of = |n: usize| {
                shop.recommend(&RecommendationQuery { num_results: 2, now_s, ..query(&format!("user-{n}")) })
            };
            let lists = (0..200).map(|n| of(n).expect("answers").items);
            lists.filter(|items| items.iter().any(|item| item.item_id == "announced")).count()
        };
        assert_eq!(announced(Some(12 * day)), 0, "it will be new when it is there");
        assert!(announced(Some(13 * day)) > 0 && announced(None) > 0);
        let shares = shares(&shop);
        assert!(shares.contains_key("new") && !shares.contains_key("old"), "{shares:?}");
    }

    /// A shop with bulk events up to day 60 and nothing streamed; of its items i2, i4 and n were created on day 59, the others on
    /// day 1.
    fn restarted() -> Shop {
        let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
            parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 30.0 });
            let mut users = IdMap::default();
            (0..40).for_each(|n| _ = users.insert(&format!("user-{n}")));
            let events = HistoryColumns { items: vec![1; 40], times: vec![60 * DAY; 40], event_types: vec![1; 40] };
            parts.histories = TrainingHistories::new(users, (0..=40).collect(), events).expect("consistent").into();
        });
        let mut table = TableBuilder::new(vec![("CREATION_TIMESTAMP".into(), Column::Integer(vec![]))]);
        for (id, day) in [("i0", 1), ("i1", 1), ("i2", 59), ("i3", 1), ("i4", 59), ("n", 59)] {
            table.set(id, [Some(Value::Integer(day * DAY))]);
        }
        shop.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
        shop
    }

    fn listed(shop: &Shop, n: usize) -> Vec<(String, bool)> {
        let query = RecommendationQuery { metadata_columns: Vec::new(), ..query(&format!("user-{n}")) };
        let list = shop.recommend(&query).expect("answers").items.into_iter();
        list.map(|item| (item.item_id, item.reason == Some(Reason::Explored))).collect()
    }

    #[test]
    fn after_a_restart_bulk_data_says_what_is_new_and_the_model_chooses_among_it() {
        let shop = restarted();
        for n in 0..40 {
            // The model lists i2 and i3. Of the new items i4 and n contend for the first place, and the model knows i4; none is left
            // for the second place.
            assert_eq!(listed(&shop, n), [("i4".to_owned(), true), ("i2".to_owned(), false)], "{n}");
        }
    }

    #[test]
    fn the_first_place_can_be_kept() {
        let shop = shop(1.0);
        let first_explored = |keeps_first_place: bool| {
            let of =
                |n: usize| RecommendationQuery { keeps_first_place, num_results: 3, ..query(&format!("user-{n}")) };
            let lists = (0..100).map(|n| shop.recommend(&of(n)).expect("answers").items);
            let explored = |reason: Option<Reason>| reason == Some(Reason::Explored);
            lists.fold([0; 2], |[first, others], list| {
                let rest = list[1..].iter().filter(|item| explored(item.reason)).count();
                [first + usize::from(explored(list[0].reason)), others + rest]
            })
        };
        assert_eq!(first_explored(false), [100, 200]);
        assert_eq!(first_explored(true), [0, 200]);
        let one = RecommendationQuery { keeps_first_place: true, num_results: 1, ..query("known") };
        let list = shop.recommend(&one).expect("answers").items;
        assert_eq!((list[0].item_id.as_str(), list.len()), ("i2", 1));
    }

    #[test]
    fn an_explored_item_does_not_fill_a_place_as_well() {
        let shop = restarted();
        let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.ITEM_ID IN (\"n\", \"i3\")");
        shop.publish_filter("f", filter.expect("an expression"));
        let filter = Some(FilterUse { arn: "f".into(), values: BTreeMap::new() });
        let query = RecommendationQuery { filter, num_results: 4, metadata_columns: Vec::new(), ..query("user-1") };
        let list = shop.recommend(&query).expect("answers").items;
        assert_eq!(list.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>(), ["n", "i3"]);
    }

    #[test]
    fn items_grow_old_while_events_stream() {
        let shop = restarted();
        assert!(listed(&shop, 0)[0].1);
        let late = InteractionEvent { timestamp_s: 95 * DAY, ..event(1, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[late]);
        assert_eq!(listed(&shop, 0), [("i2".to_owned(), false), ("i3".to_owned(), false)]);
    }

    #[test]
    fn bulk_and_streamed_events_with_an_item_push_it_down() {
        let explored = |events: usize| {
            let shop = restarted();
            let events: Vec<_> = (0..events)
                .map(|n| InteractionEvent { timestamp_s: 60 * DAY, ..event(n, &format!("x{n}"), "i4", "Click") })
                .chain((0..2 * events).map(|n| event(n, &format!("y{n}"), "n", "Click")))
                .collect();
            shop.serving.observe(GROUP, &events);
            (0..40).filter(|&n| listed(&shop, n).iter().any(|(_, explored)| *explored)).count()
        };
        assert_eq!(explored(0), 40);
        // u is 1 / 51 and 1 / 101: the threshold is rarely below.
        assert!(explored(500) < 10, "{}", explored(500));
    }

    #[test]
    fn a_filter_holds_for_explored_items() {
        let shop = shop(1.0);
        let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.ITEM_ID IN (\"new3\", \"i1\", \"i2\")");
        shop.publish_filter("f", filter.expect("an expression"));
        let filter = FilterUse { arn: "f".into(), values: BTreeMap::new() };
        let list = shop.recommend(&RecommendationQuery { filter: Some(filter), ..query("known") });
        let ids: Vec<_> = list.expect("answers").items.into_iter().map(|i| i.item_id).collect();
        assert_eq!(ids, ["new3", "i2"]);
    }
}
