//! The impressions of this process: lists that were answered, by recommendation id, and the events that named one of them.

use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Memory for answered lists, in bytes; the oldest go first. With lists of 25 items of 12 characters that is about the last
/// 110,000.
pub const IMPRESSIONS_BYTES_MAX: usize = 64 << 20;

const SHARDS: usize = 16;
/// Bytes that a list takes besides its texts.
const LIST_BYTES: usize = 160;

/// An answered list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpressionList {
    /// The campaign or recommender that answered.
    pub source_arn: Arc<str>,
    /// The ids of all items, joined: a list is kept for each request, and one text takes a fifth of the memory of many.
    item_ids: Box<str>,
    /// Bytes of each id.
    lengths: Box<[u16]>,
}

impl ImpressionList {
    /// The list that a campaign or recommender answered: the ids of its items, best first.
    pub fn new<'a>(source_arn: Arc<str>, item_ids: impl Iterator<Item = &'a str>) -> Self {
        let (mut joined, mut lengths) = (String::new(), Vec::new());
        for id in item_ids {
            // An id has at most 256 characters.
            let Ok(length) = u16::try_from(id.len()) else { continue };
            joined.push_str(id);
            lengths.push(length);
        }
        Self { source_arn, item_ids: joined.into(), lengths: lengths.into() }
    }

    /// The items, best first.
    pub fn item_ids(&self) -> impl Iterator<Item = &str> {
        let mut rest = &*self.item_ids;
        self.lengths.iter().map_while(move |length| {
            let (id, later) = rest.split_at_checked(usize::from(*length))?;
            rest = later;
            Some(id)
        })
    }
}

#[derive(Default)]
struct Shard {
    lists: HashMap<Box<str>, ImpressionList>,
    /// The ids, oldest first.
    order: VecDeque<Box<str>>,
    bytes: usize,
}

/// Answered lists, as many as the memory holds, and how many events named an answer.
#[derive(Default)]
pub struct Impressions {
    shards: [Mutex<Shard>; SHARDS],
    hasher: hashbrown::DefaultHashBuilder,
    /// Campaign or recommender ARN -> events that named one of its answers.
    attributed: Mutex<HashMap<Arc<str>, u64>>,
}

fn bytes(id: &str, list: &ImpressionList) -> usize {
    LIST_BYTES + 2 * id.len() + list.item_ids.len() + size_of_val(&*list.lengths)
}

impl Impressions {
    /// Keeps the list that was answered with a recommendation id. A second list of the same id is not kept.
    pub fn remember(&self, id: &str, list: ImpressionList) {
        let mut shard = self.shard(id).lock();
        if shard.lists.contains_key(id) {
            return;
        }
        shard.bytes += bytes(id, &list);
        shard.lists.insert(id.into(), list);
        shard.order.push_back(id.into());
        while shard.bytes > IMPRESSIONS_BYTES_MAX / SHARDS {
            let Some(oldest) = shard.order.pop_front() else { break };
            if let Some(gone) = shard.lists.remove(&oldest) {
                shard.bytes -= bytes(&oldest, &gone);
            }
        }
    }

    /// The list that was answered with a recommendation id, if it is remembered.
    pub fn recall(&self, id: &str) -> Option<ImpressionList> {
        self.shard(id).lock().lists.get(id).cloned()
    }

    /// Counts an event that named this recommendation id for the campaign or recommender that answered with it.
    pub(crate) fn attribute(&self, recommendation_id: &str) {
        let source_arn = {
            let shard = self.shard(recommendation_id).lock();
            shard.lists.get(recommendation_id).map(|list| list.source_arn.clone())
        };
        if let Some(source_arn) = source_arn {
            *self.attributed.lock().entry(source_arn).or_default() += 1;
        }
    }

    /// The number of events that named an answer of each campaign or recommender, since this process began.
    pub fn attributed(&self) -> Vec<(Arc<str>, u64)> {
        self.attributed.lock().iter().map(|(arn, count)| (arn.clone(), *count)).collect()
    }

    fn shard(&self, id: &str) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(id) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event};
    use tastemaker_domain::resource::InteractionEvent;

    #[test]
    fn events_count_for_the_campaign_whose_answer_they_name_once() {
        let shop = Shop::new();
        shop.serving.impressions.remember("RID-1", ImpressionList::new(CAMPAIGN.into(), ["i1"].into_iter()));
        let naming = |n: usize, id: &str| InteractionEvent {
            recommendation_id: Some(id.into()),
            ..event(n, "known", "i1", "Click")
        };
        shop.serving.observe(GROUP, &[naming(1, "RID-1"), naming(1, "RID-1"), naming(2, "RID-2"), naming(3, "RID-1")]);
        shop.serving.observe(GROUP, &[naming(1, "RID-1"), event(4, "known", "i1", "Click")]);
        assert_eq!(shop.serving.impressions.attributed(), [(CAMPAIGN.into(), 2)]);
    }

    #[test]
    fn lists_are_recalled_until_the_memory_is_full() {
        let lists = Impressions::default();
        let list = |n: usize| ImpressionList::new("arn".into(), [&*format!("item-{n}")].into_iter());
        lists.remember("RID-1", list(1));
        lists.remember("RID-1", list(2));
        assert_eq!(lists.recall("RID-1"), Some(list(1)));
        assert_eq!(lists.recall("RID-2"), None);
        lists.remember("RID-3", ImpressionList::new("arn".into(), ["a", "", "\u{AC00}-b"].into_iter()));
        let recalled = lists.recall("RID-3").expect("remembered");
        assert_eq!(recalled.item_ids().collect::<Vec<_>>(), ["a", "", "\u{AC00}-b"]);
        let many = IMPRESSIONS_BYTES_MAX / LIST_BYTES;
        for n in 0..many {
            lists.remember(&format!("R{n}"), list(n));
        }
        assert_eq!(lists.recall("RID-1"), None);
        assert!(lists.recall(&format!("R{}", many - 1)).is_some());
        for shard in &lists.shards {
            let shard = shard.lock();
            assert!(shard.bytes <= IMPRESSIONS_BYTES_MAX / SHARDS && shard.order.len() == shard.lists.len());
            assert_eq!(shard.bytes, shard.lists.iter().map(|(id, list)| bytes(id, list)).sum::<usize>());
        }
    }
}
