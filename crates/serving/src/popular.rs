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
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, RecommendedItem, Source};
use tastemaker_domain::{Error, Result};
use tastemaker_learn::popularity::PopularityModel;
use tastemaker_learn::{Ask, Scorer, Scratch};

/// Items by how many users took them.
pub(crate) struct Popular {
    /// Of the model's items.
    pub scorer: Arc<dyn Scorer>,
    /// The most popular first: an index of the model, or beyond its end one into `new`.
    order: Box<[u32]>,
    /// Ids of streamed items that the model does not know.
    new: Box<[Box<str>]>,
}

impl Popular {
    /// As the model counted.
    fn trained(scorer: Arc<dyn Scorer>) -> Self {
        let ranked = scorer.top_k(&scorer.start(), &Ask::default(), usize::MAX, None, &mut Scratch::default());
        Self { order: ranked.items.into_iter().map(|(item, _)| item.0).collect(), scorer, new: Box::default() }
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
        order.sort_by_key(|&ix| std::cmp::Reverse(all[ix as usize]));
        let scorer = PopularityModel::from_counts(counts.into_iter().map(|count| count as f32).collect())
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { scorer: Arc::new(scorer), order, new: new.into_iter().map(|(id, _)| id).collect() })
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
    /// Counts anew what is popular among the campaign's users, with everything streamed up to now. Unknown campaigns are
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
    use tastemaker_domain::Error;
    use tastemaker_domain::recommendation::{FilterUse, RecommendationList, RecommendationQuery, Source};

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
    fn a_promise_is_kept_until_the_campaign_retires() {
        let shop = Shop::new();
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 1);
        shop.serving.provision(CAMPAIGN, 20);
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 20);
        shop.serving.retire(CAMPAIGN);
        assert_eq!(shop.serving.min_tps(CAMPAIGN), 1);
    }
}
