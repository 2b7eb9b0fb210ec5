//! The popular items of one snapshot, in an order made beforehand: for users without history, and for callers that cannot
//! wait.
//!
//! An item counts the distinct users who interacted with it. At first these are the model's own counts;
//! [`CurrentPopularity::refresh`] counts anew, with what was streamed since, so that what came after training, new items
//! included, finds its place without one.

use crate::catalog_view::CatalogView;
use crate::snapshot_parts::SnapshotParts;
use crate::streamed::events::StreamedEvents;
use hashbrown::{HashMap, HashSet};
use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::{Error, Result};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::models::time_decayed_popularity::TimeDecayedPopularity;
use tastemaker_learn::models::trending::TrendingModel;
use tastemaker_learn::{Scorer, ScoringContext, Scratch};

/// Items by how many users took them.
pub(crate) struct PopularItems {
    /// Of the model's items.
    pub scorer: Arc<dyn Scorer>,
    /// The most popular first: an index of the model, or beyond its end one into `new`.
    order: Box<[u32]>,
    /// Users who took each item, by place in `order`; 0 where the scores are no counts.
    counts: Box<[f32]>,
    /// Their sum over all items.
    total: f64,
    /// Ids of streamed items that the model does not know.
    new: Box<[Box<str>]>,
    /// Whether the order is that of a trend, which then answers in place of the model.
    pub is_trend: bool,
}

impl PopularItems {
    /// As the model counted.
    fn trained(scorer: Arc<dyn Scorer>) -> Self {
        let ranked =
            scorer.top_k(&scorer.start(), &ScoringContext::default(), usize::MAX, None, &mut Scratch::default());
        let counts: Box<[f32]> = ranked.items.iter().map(|(_, count)| count.max(0.0)).collect();
        Self {
            order: ranked.items.into_iter().map(|(item, _)| item.0).collect(),
            total: counts.iter().map(|&count| f64::from(count)).sum(),
            counts,
            scorer,
            new: Box::default(),
            is_trend: false,
        }
    }

    /// As the histories beside the model and the streamed events count.
    fn counted(parts: &SnapshotParts, streamed: &StreamedEvents) -> Result<Self> {
        let known = parts.items.len();
        let mut counts = parts.histories.user_counts(known);
        let mut new: HashMap<Box<str>, u32> = HashMap::new();
        streamed.each_user(|user, events| {
            let taken = events.filter(|e| parts.counts(&e.event_type)).map(|e| e.item_id);
            let mut taken: HashSet<Arc<str>> = taken.collect();
            if !taken.is_empty() {
                parts.histories.of(user).for_each(|event| _ = taken.remove(parts.items.id(event.item.0)));
            }
            for item in taken {
                match parts.items.get(&item) {
                    Some(item) => counts[item as usize] += 1,
                    None => *new.entry_ref(&*item).or_default() += 1,
                }
            }
        });
        let mut new: Vec<_> = new.into_iter().collect();
        new.sort_unstable();
        let all: Vec<u32> = counts.iter().copied().chain(new.iter().map(|(_, count)| *count)).collect();
        let mut order: Box<[u32]> = (0..all.len() as u32).collect();
        let rises = parts.trend_interval_s.map(|interval_s| rises(parts, streamed, &new, &all, interval_s));
        match &rises {
            Some(rises) => order.sort_by(|&a, &b| rises[b as usize].total_cmp(&rises[a as usize])),
            None => order.sort_by_key(|&ix| std::cmp::Reverse(all[ix as usize])),
        }
        let scorer = PopularityModel::from_counts(counts.into_iter().map(|count| count as f32).collect())
            .map_err(|error| Error::Internal(error.to_string()))?;
        let new = new.into_iter().map(|(id, _)| id).collect();
        let counts = order.iter().map(|&ix| all[ix as usize] as f32).collect();
        let total = all.iter().map(|&count| f64::from(count)).sum();
        Ok(Self { scorer: Arc::new(scorer), order, counts, total, new, is_trend: rises.is_some() })
    }

    /// The share of an item that `count` users took, of all that users took; of nothing every item has the same share.
    pub fn share(&self, count: f32) -> f64 {
        if self.total > 0.0 { f64::from(count.max(0.0)) / self.total } else { 1.0 / self.order.len().max(1) as f64 }
    }

    /// The most popular items that are allowed, best first.
    pub fn best<'a>(&'a self, view: &'a CatalogView, allowed: Option<&'a Bitmap>) -> impl Iterator<Item = ItemIx> + 'a {
        self.best_with_counts(view, allowed).map(|(item, _)| item)
    }

    /// The same with the number of users who took each.
    pub fn best_with_counts<'a>(
        &'a self,
        view: &'a CatalogView,
        allowed: Option<&'a Bitmap>,
    ) -> impl Iterator<Item = (ItemIx, f32)> + 'a {
        let known = view.known();
        let item = move |ix: u32| match (ix as usize).checked_sub(known) {
            None => Some(ItemIx(ix)),
            Some(new) => view.item(&self.new[new]),
        };
        let items = self.order.iter().zip(&self.counts).filter_map(move |(&ix, &count)| Some((item(ix)?, count)));
        items.filter(move |(item, _)| allowed.is_none_or(|allowed| allowed.get(*item)))
    }
}

/// The rise of each item, the model's first and then `new` ones, at the newest event of all; those that do not rise, by `counts`.
fn rises(
    parts: &SnapshotParts,
    streamed: &StreamedEvents,
    new: &[(Box<str>, u32)],
    counts: &[u32],
    interval_s: i64,
) -> Vec<f32> {
    let known = parts.items.len() as u32;
    let mut newest = streamed.newest_times();
    newest.merge(&parts.histories.events().map(|event| event.time_s).collect());
    let newest_s = newest.newest_s().unwrap_or(0);
    let from_s = newest_s.saturating_sub(interval_s.saturating_mul(2));
    let within = parts.histories.events().filter(|event| event.time_s > from_s);
    let (mut items, mut times): (Vec<u32>, Vec<i64>) =
        within.map(|event| (event.item.0, event.time_s.min(newest_s))).unzip();
    streamed.each_user(|_, events| {
        for event in events.filter(|e| e.time_s > from_s && parts.counts(&e.event_type)) {
            let place = |id: &str| new.binary_search_by(|(other, _)| (**other).cmp(id)).ok().map(|n| known + n as u32);
            if let Some(item) = parts.items.get(&event.item_id).or_else(|| place(&event.item_id)) {
                items.push(item);
                times.push(event.time_s.min(newest_s));
            }
        }
    });
    let popularity: Vec<f32> = counts.iter().map(|&count| count as f32).collect();
    let recent = TimeDecayedPopularity::new(&items, &times, counts.len());
    TrendingModel::new(&recent, newest_s, interval_s, &popularity).into_scores()
}

/// A snapshot's popular items as counted last.
pub(crate) struct CurrentPopularity(RwLock<Arc<PopularItems>>);

impl CurrentPopularity {
    pub fn new(scorer: Arc<dyn Scorer>) -> Self {
        Self(RwLock::new(Arc::new(PopularItems::trained(scorer))))
    }

    pub fn get(&self) -> Arc<PopularItems> {
        self.0.read().clone()
    }

    /// Counts anew, with everything streamed up to now.
    pub fn refresh(&self, parts: &SnapshotParts, streamed: &StreamedEvents) -> Result<()> {
        let counted = Arc::new(PopularItems::counted(parts, streamed)?);
        *self.0.write() = counted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use crate::{HistoryColumns, TrainingHistories};
    use std::time::Duration;
    use tastemaker_data::IdMap;
    use tastemaker_domain::recommendation::{FilterUse, RecommendationList, RecommendationQuery, Source};
    use tastemaker_domain::resource::InteractionEvent;

    fn ids(list: &RecommendationList) -> Vec<&str> {
        list.items.iter().map(|item| item.item_id.as_str()).collect()
    }

    #[test]
    fn popular_items_that_pass_the_filter_come_without_scores() {
        let shop = Shop::new();
        let list = shop.prepared(&query("known")).expect("answers");
        assert_eq!((ids(&list)[0], list.source), ("i0", Source::Prepared));
        assert!(list.items.iter().all(|item| item.score.is_none() && item.reason.is_none()));

        let expression = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Buy\")";
        shop.publish_filter("f", tastemaker_filter::parse(expression).expect("an expression"));
        shop.serving.observe(GROUP, &[event(1, "known", "i0", "buy"), event(2, "known", "i2", "Buy")]);
        let filter = Some(FilterUse { arn: "f".into(), values: Default::default() });
        let filtered = RecommendationQuery { filter, num_results: 2, ..query("known") };
        assert_eq!(ids(&shop.prepared(&filtered).expect("answers")), ["i1", "i3"]);
        shop.serving.campaigns.retire(CAMPAIGN);
        assert!(matches!(shop.prepared(&filtered), Err(Error::NotFound(_))));
    }

    #[test]
    fn of_nothing_every_item_has_the_same_share() {
        let of_counts = |counts: &[f32]| {
            let scorer = PopularityModel::from_counts(counts.to_vec()).expect("a model");
            PopularItems::trained(Arc::new(scorer))
        };
        let shares = |counts: &[f32]| counts.iter().map(|&count| of_counts(counts).share(count)).collect::<Vec<_>>();
        assert_eq!(shares(&[0.0; 4]), [0.25; 4]);
        assert_eq!(shares(&[3.0, 1.0, 0.0]), [0.75, 0.25, 0.0]);
    }

    #[test]
    fn what_was_streamed_counts_from_the_next_refresh_on() {
        let shop = Shop::new();
        let list = || {
            let query = RecommendationQuery { num_results: 4, ..query("new-user") };
            let (cold, prepared) = (shop.recommend(&query), shop.prepared(&query));
            let cold = cold.expect("answers");
            assert_eq!((cold.source, ids(&cold)), (Source::ColdStart, ids(&prepared.expect("answers"))));
            cold.items.into_iter().map(|item| item.item_id).collect::<Vec<_>>()
        };
        assert_eq!(list(), ["i0", "i1", "i2", "i3"]);
        shop.put_item(1, "new", "New", 1.0);
        let mut events = Vec::new();
        for (n, (user, item)) in [("a", "i3"), ("b", "i3"), ("c", "i3"), ("a", "new"), ("b", "new")].iter().enumerate()
        {
            events.push(event(n, user, item, "click"));
        }
        // None of these counts: the same again, what the history has, another type, an item without record.
        events.extend([event(10, "a", "i3", "Click"), event(11, "known", "i1", "Click")]);
        events.extend([event(12, "a", "i4", "Watch"), event(13, "a", "nowhere", "Click")]);
        shop.serving.observe(GROUP, &events);
        assert_eq!(list(), ["i0", "i1", "i2", "i3"]);
        shop.snapshot().refresh_popularity().expect("counts");
        assert_eq!(list(), ["i3", "new", "i0", "i1"]);
    }

    #[test]
    fn a_trend_is_found_again_with_what_was_streamed() {
        let shop = Shop::with(&tastemaker_domain::catalog::AWS_TRENDING_NOW, |parts| {
            parts.trend_interval_s = Some(1800);
        });
        let list = || {
            let list = shop.recommend(&RecommendationQuery { num_results: 3, ..query("new-user") });
            let list = list.expect("answers");
            assert_eq!(list.source, Source::Model);
            list.items.into_iter().map(|item| item.item_id).collect::<Vec<_>>()
        };
        assert_eq!(list(), ["i0", "i1", "i2"]);
        shop.put_item(1, "new", "New", 1.0);
        let at = |n: usize, user: &str, item: &str, minutes_ago: i64| InteractionEvent {
            timestamp_s: 10_000_000 - 60 * minutes_ago,
            ..event(n, user, item, "Click")
        };
        let users = ["a", "b", "c", "d", "e", "f", "g", "h", "k"];
        let mut events = vec![at(0, "z", "i3", 0)];
        for (n, user) in (1..).zip(users) {
            // Most users took i3, but an hour ago; "new" rises, i4 a little.
            events.push(at(10 * n, user, "i3", 45));
            events.extend((n < 8).then(|| at(10 * n + 1, user, "new", 5)));
            events.extend((n < 4).then(|| at(10 * n + 2, user, "i4", 5)));
        }
        shop.serving.observe(GROUP, &events);
        assert_eq!(list(), ["i0", "i1", "i2"]);
        shop.snapshot().refresh_popularity().expect("counts");
        assert_eq!(list(), ["new", "i4", "i3"]);
        assert_eq!(shop.snapshot().trend_interval(), Some(Duration::from_secs(1800)));

        // Of many events none decides what time it is.
        let many = (0..120).map(|n| at(1000 + n, &format!("many{n}"), "i3", 1440)).collect::<Vec<_>>();
        shop.serving.observe(GROUP, &many);
        shop.serving.observe(GROUP, &[at(2000, "odd", "i0", -1_000_000_000)]);
        shop.snapshot().refresh_popularity().expect("counts");
        assert_eq!(list()[..2], ["new", "i4"]);
    }

    #[test]
    fn events_of_other_types_make_nothing_popular() {
        let ranked = |interval_s: Option<i64>| {
            let shop = Shop::with(&tastemaker_domain::catalog::AWS_TRENDING_NOW, |parts| {
                parts.trend_interval_s = interval_s;
            });
            let events: Vec<_> = (0..9).map(|n| event(n, &format!("u{n}"), "i4", "Watch")).collect();
            shop.serving.observe(GROUP, &events);
            shop.snapshot().refresh_popularity().expect("counts");
            let list = shop.prepared(&RecommendationQuery { num_results: 2, ..query("new") }).expect("answers");
            list.items.into_iter().map(|item| item.item_id).collect::<Vec<_>>()
        };
        assert_eq!(
            (ranked(None), ranked(Some(1800))),
            (vec!["i0".to_owned(), "i1".into()], vec!["i0".into(), "i1".into()])
        );
    }

    #[test]
    fn a_trend_of_bulk_data_is_found_without_anything_streamed() {
        let shop = Shop::with(&tastemaker_domain::catalog::AWS_TRENDING_NOW, |parts| {
            parts.trend_interval_s = Some(3600);
            let mut users = IdMap::default();
            (0..8).for_each(|n| _ = users.insert(&format!("u{n}")));
            // All took i0 long ago, five of them i2 in the last hour.
            let (mut items, mut times, mut offsets) = (Vec::new(), Vec::new(), vec![0]);
            for user in 0..8 {
                items.push(0);
                times.push(1_000_000);
                if user < 5 {
                    items.push(2);
                    times.push(9_000_000);
                }
                offsets.push(items.len());
            }
            let event_types = vec![1; items.len()];
            let events = HistoryColumns { items, times, event_types };
            parts.histories = TrainingHistories::new(users, offsets, events).expect("consistent").into();
        });
        shop.snapshot().refresh_popularity().expect("counts");
        let list = shop.prepared(&RecommendationQuery { num_results: 2, ..query("new") }).expect("answers");
        assert_eq!(ids(&list), ["i2", "i0"]);
    }
}
