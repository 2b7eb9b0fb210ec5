//! Lists that were answered, by recommendation id: what an event's user had seen.

use hashbrown::HashMap;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

/// Memory for answered lists, in bytes; the oldest go first. With lists of 25 items of 12 characters that is about the last
/// 130,000.
pub const SHOWN_BYTES_MAX: usize = 64 << 20;

const SHARDS: usize = 16;
/// Bytes that a list takes besides its texts.
const LIST_BYTES: usize = 160;

/// An answered list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The campaign or recommender that answered.
    pub source_arn: Arc<str>,
    /// The items, best first.
    pub item_ids: Vec<Box<str>>,
}

#[derive(Default)]
struct Shard {
    lists: HashMap<Box<str>, Shown>,
    /// The ids, oldest first.
    order: VecDeque<Box<str>>,
    bytes: usize,
}

/// Answered lists, as many as the memory holds.
#[derive(Default)]
pub(crate) struct ShownLists {
    shards: [Mutex<Shard>; SHARDS],
    hasher: hashbrown::DefaultHashBuilder,
}

fn bytes(id: &str, shown: &Shown) -> usize {
    LIST_BYTES + 2 * id.len() + shown.item_ids.iter().map(|item| item.len() + size_of::<Box<str>>()).sum::<usize>()
}

impl ShownLists {
    /// Keeps a list under its id. A second list of the same id is not kept.
    pub fn keep(&self, id: &str, shown: Shown) {
        let mut shard = self.shard(id).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.lists.contains_key(id) {
            return;
        }
        shard.bytes += bytes(id, &shown);
        shard.lists.insert(id.into(), shown);
        shard.order.push_back(id.into());
        while shard.bytes > SHOWN_BYTES_MAX / SHARDS {
            let Some(oldest) = shard.order.pop_front() else { break };
            if let Some(gone) = shard.lists.remove(&oldest) {
                shard.bytes -= bytes(&oldest, &gone);
            }
        }
    }

    /// The list that was answered with this id.
    pub fn recall(&self, id: &str) -> Option<Shown> {
        self.shard(id).lock().unwrap_or_else(PoisonError::into_inner).lists.get(id).cloned()
    }

    /// The campaign or recommender that answered with this id.
    pub fn source_of(&self, id: &str) -> Option<Arc<str>> {
        let shard = self.shard(id).lock().unwrap_or_else(PoisonError::into_inner);
        shard.lists.get(id).map(|shown| shown.source_arn.clone())
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
        shop.serving.remember("RID-1", Shown { source_arn: CAMPAIGN.into(), item_ids: vec!["i1".into()] });
        let naming = |n: usize, id: &str| InteractionEvent {
            recommendation_id: Some(id.into()),
            ..event(n, "known", "i1", "Click")
        };
        shop.serving.observe(GROUP, &[naming(1, "RID-1"), naming(1, "RID-1"), naming(2, "RID-2"), naming(3, "RID-1")]);
        shop.serving.observe(GROUP, &[naming(1, "RID-1"), event(4, "known", "i1", "Click")]);
        assert_eq!(shop.serving.attributed(), [(CAMPAIGN.into(), 2)]);
    }

    #[test]
    fn lists_are_recalled_until_the_memory_is_full() {
        let lists = ShownLists::default();
        let list = |n: usize| Shown { source_arn: "arn".into(), item_ids: vec![format!("item-{n}").into()] };
        lists.keep("RID-1", list(1));
        lists.keep("RID-1", list(2));
        assert_eq!(lists.recall("RID-1"), Some(list(1)));
        assert_eq!(lists.recall("RID-2"), None);
        let many = SHOWN_BYTES_MAX / LIST_BYTES;
        for n in 0..many {
            lists.keep(&format!("R{n}"), list(n));
        }
        assert_eq!(lists.recall("RID-1"), None);
        assert!(lists.recall(&format!("R{}", many - 1)).is_some());
        for shard in &lists.shards {
            let shard = shard.lock().expect("not poisoned");
            assert!(shard.bytes <= SHOWN_BYTES_MAX / SHARDS && shard.order.len() == shard.lists.len());
            assert_eq!(shard.bytes, shard.lists.iter().map(|(id, shown)| bytes(id, shown)).sum::<usize>());
        }
    }
}
