//! The popular items of one snapshot, in an order made beforehand: for users of whom nothing is known, and for callers that
//! cannot wait.
//!
//! An item counts the distinct users who interacted with it. At first these are the model's own counts; [`Serving::fold`]
//! counts anew, with what was streamed since, so that what came after training, new items included, finds its place
//! without one.

use crate::allowed::Asker;
use crate::live::LiveGroup;
use crate::metadata::{metadata_of, resolve_columns};
use crate::{Serving, Snapshot, SnapshotParts, View};
use hashbrown::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, RecommendedItem, Source};
use tastemaker_domain::{Error, Result};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::models::time_decayed_popularity::TimeDecayedPopularity;
use tastemaker_learn::models::trending::TrendingModel;
use tastemaker_learn::{Ask, Scorer, Scratch};

/// Items by how many users took them.
pub(crate) struct Popular {
    /// Of the model's items.
    pub scorer: Arc<dyn Scorer>,
    /// The most popular first: an index of the model, or beyond its end one into `new`.
    order: Box<[u32]>,
    /// Ids of streamed items that the model does not know.
    new: Box<[Box<str>]>,
    /// Whether the order is that of a trend, which then answers in place of the model.
    pub rising: bool,
}

impl Popular {
    /// As the model counted.
    fn trained(scorer: Arc<dyn Scorer>) -> Self {
        let ranked = scorer.top_k(&scorer.start(), &Ask::default(), usize::MAX, None, &mut Scratch::default());
        Self {
            order: ranked.items.into_iter().map(|(item, _)| item.0).collect(),
            scorer,
            new: Box::default(),
            rising: false,
        }
    }

    /// As the histories beside the model and the streamed events count.
    fn counted(parts: &SnapshotParts, group: &LiveGroup) -> Result<Self> {
        let known = parts.items.len();
        let mut counts = parts.histories.user_counts(known);
        let mut new: HashMap<Box<str>, u32> = HashMap::new();
        group.each_user(|user, events| {
            let taken = events.filter(|e| parts.counts(&e.event_type)).map(|e| &*e.item_id);
            let mut taken: HashSet<&str> = taken.collect();
            if !taken.is_empty() {
                parts.histories.of(user).for_each(|event| _ = taken.remove(parts.items.id(event.item.0)));
            }
            for item in taken {
                match parts.items.get(item) {
                    Some(item) => counts[item as usize] += 1,
                    None => *new.entry_ref(item).or_default() += 1,
                }
            }
        });
        let mut new: Vec<_> = new.into_iter().collect();
        new.sort_unstable();
        let all: Vec<u32> = counts.iter().copied().chain(new.iter().map(|(_, count)| *count)).collect();
        let mut order: Box<[u32]> = (0..all.len() as u32).collect();
        let rises = parts.trend_interval_s.map(|interval_s| rises(parts, group, &new, &all, interval_s));
        match &rises {
            Some(rises) => order.sort_by(|&a, &b| rises[b as usize].total_cmp(&rises[a as usize])),
            None => order.sort_by_key(|&ix| std::cmp::Reverse(all[ix as usize])),
        }
        let scorer = PopularityModel::from_counts(counts.into_iter().map(|count| count as f32).collect())
            .map_err(|error| Error::Internal(error.to_string()))?;
        let new = new.into_iter().map(|(id, _)| id).collect();
        Ok(Self { scorer: Arc::new(scorer), order, new, rising: rises.is_some() })
    }

    /// The most popular items that are allowed, best first.
    pub fn best<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        view: &'a View,
        allowed: Option<&'a Bitmap>,
    ) -> impl Iterator<Item = ItemIx> + 'a {
        let known = snapshot.parts.items.len();
        let item = move |&ix: &u32| match (ix as usize).checked_sub(known) {
            None => Some(ItemIx(ix)),
            Some(new) => view.item(snapshot, &self.new[new]),
        };
        self.order.iter().filter_map(item).filter(move |item| allowed.is_none_or(|allowed| allowed.get(*item)))
    }
}

/// How much each item rises, the model's first and then `new` ones, at the newest event of all; those that do not, by `counts`.
fn rises(
    parts: &SnapshotParts,
    group: &LiveGroup,
    new: &[(Box<str>, u32)],
    counts: &[u32],
    interval_s: i64,
) -> Vec<f32> {
    let known = parts.items.len() as u32;
    let newest_s = parts.histories.events().map(|event| event.time_s).chain([group.newest_s()]).max().unwrap_or(0);
    let from_s = newest_s.saturating_sub(interval_s.saturating_mul(2));
    let within = parts.histories.events().filter(|event| event.time_s > from_s);
    let (mut items, mut times): (Vec<u32>, Vec<i64>) = within.map(|event| (event.item.0, event.time_s)).unzip();
    group.each_user(|_, events| {
        for event in events.filter(|e| e.time_s > from_s && parts.counts(&e.event_type)) {
            let place = |id: &str| new.binary_search_by(|(other, _)| (**other).cmp(id)).ok().map(|n| known + n as u32);
            if let Some(item) = parts.items.get(&event.item_id).or_else(|| place(&event.item_id)) {
                items.push(item);
                times.push(event.time_s);
            }
        }
    });
    let popularity: Vec<f32> = counts.iter().map(|&count| count as f32).collect();
    let recent = TimeDecayedPopularity::new(&items, &times, counts.len());
    TrendingModel::new(&recent, newest_s, interval_s, &popularity).into_scores()
}

/// A snapshot's popular items as counted last.
pub(crate) struct PopularNow(RwLock<Arc<Popular>>);

impl PopularNow {
    pub fn new(scorer: Arc<dyn Scorer>) -> Self {
        Self(RwLock::new(Arc::new(Popular::trained(scorer))))
    }

    pub fn get(&self) -> Arc<Popular> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Serving {
    /// How often the campaign's trends are to be found anew, if that is what it is about.
    pub fn trend_interval(&self, campaign_arn: &str) -> Option<Duration> {
        let interval_s = self.held(campaign_arn)?.parts.trend_interval_s?;
        u64::try_from(interval_s).ok().map(Duration::from_secs)
    }

    /// Counts anew what is popular, or on the rise, among the campaign's users, with everything streamed up to now. Unknown campaigns are
    /// ignored.
    pub fn fold(&self, campaign_arn: &str) -> Result<()> {
        let Some(snapshot) = self.held(campaign_arn) else { return Ok(()) };
        let group = self.group(&snapshot.parts.dataset_group_arn);
        let popular = Arc::new(Popular::counted(&snapshot.parts, &group)?);
        *snapshot.popular.0.write().unwrap_or_else(PoisonError::into_inner) = popular;
        Ok(())
    }

    /// The popular items that pass the query's filter, without scores: a look-up, for callers that cannot wait for
    /// [`Serving::recommend`]. The user only matters to the filter; promotions are left out.
    ///
    /// Errors: as of [`Serving::recommend`].
    pub fn prepared(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let snapshot = self.held(&query.campaign_arn).ok_or_else(|| Error::unknown(&query.campaign_arn))?;
        let view = self.view(&snapshot);
        let columns = resolve_columns(view.rows(), &query.metadata_columns)?;
        let asker =
            Asker { user_id: query.user_id.as_deref().filter(|id| !id.is_empty()), item_id: query.item_id.as_deref() };
        let allowed = match &query.filter {
            Some(filter) => Some(self.allowed(&snapshot, &view, filter, asker)?),
            None => None,
        };
        let asked = asker.item_id.and_then(|id| view.item(&snapshot, id));
        let popular = snapshot.popular.get();
        let best = popular.best(&snapshot, &view, allowed.as_ref()).filter(|item| Some(*item) != asked);
        let item = |item: ItemIx| {
            let id = view.id(&snapshot, item);
            RecommendedItem {
                item_id: id.to_owned(),
                score: None,
                promotion_name: None,
                reason: None,
                metadata: metadata_of(view.rows(), id, &columns),
            }
        };
        let items = best.take(query.num_results).map(item).collect();
        Ok(RecommendationList { items, source: Source::Prepared, recipe: snapshot.parts.recipe.name })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use std::time::Duration;
    use tastemaker_domain::Error;
    use tastemaker_domain::recommendation::{FilterUse, RecommendationList, RecommendationQuery, Source};
    use tastemaker_domain::resource::InteractionEvent;

    fn ids(list: &RecommendationList) -> Vec<&str> {
        list.items.iter().map(|item| item.item_id.as_str()).collect()
    }

    #[test]
    fn popular_items_that_pass_the_filter_come_without_scores() {
        let shop = Shop::new();
        let list = shop.serving.prepared(&query("known")).expect("answers");
        assert_eq!((ids(&list)[0], list.source), ("i0", Source::Prepared));
        assert!(list.items.iter().all(|item| item.score.is_none() && item.reason.is_none()));

        let expression = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Buy\")";
        shop.serving.publish_filter(GROUP, "f", tastemaker_filter::parse(expression).expect("an expression"));
        shop.serving.observe(GROUP, &[event(1, "known", "i0", "buy"), event(2, "known", "i2", "Buy")]);
        let filter = Some(FilterUse { arn: "f".into(), values: Default::default() });
        let filtered = RecommendationQuery { filter, num_results: 2, ..query("known") };
        assert_eq!(ids(&shop.serving.prepared(&filtered).expect("answers")), ["i1", "i3"]);
        shop.serving.retire(CAMPAIGN);
        assert!(matches!(shop.serving.prepared(&filtered), Err(Error::NotFound(_))));
    }

    #[test]
    fn what_was_streamed_counts_from_the_next_fold_on() {
        let shop = Shop::new();
        let list = || {
            let query = RecommendationQuery { num_results: 4, ..query("stranger") };
            let (cold, prepared) = (shop.serving.recommend(&query), shop.serving.prepared(&query));
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
        shop.serving.fold(CAMPAIGN).expect("counts");
        assert_eq!(list(), ["i3", "new", "i0", "i1"]);
        shop.serving.fold("no such campaign").expect("is ignored");
    }

    #[test]
    fn a_trend_is_found_again_with_what_was_streamed() {
        let shop = Shop::with(&tastemaker_domain::catalogue::AWS_TRENDING_NOW, |parts| {
            parts.trend_interval_s = Some(1800);
        });
        let list = || {
            let list = shop.serving.recommend(&RecommendationQuery { num_results: 3, ..query("stranger") });
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
        shop.serving.fold(CAMPAIGN).expect("counts");
        assert_eq!(list(), ["new", "i4", "i3"]);
        assert_eq!(shop.serving.trend_interval(CAMPAIGN), Some(Duration::from_secs(1800)));
    }

    #[test]
    fn a_promise_is_kept_until_the_campaign_retires() {
        let shop = Shop::new();
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 1);
        shop.serving.provision(CAMPAIGN, 20);
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 20);
        shop.serving.retire(CAMPAIGN);
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 1);
    }
}
