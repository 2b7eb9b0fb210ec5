//! Measured calls into the recommender, for every operation and route that lists items.

use crate::observability;
use crate::request_facts::{self, Part};
use std::time::Instant;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{FilterUse, RankingQuery, RecommendationList, RecommendationQuery};
use tastemaker_serving::SnapshotHandle;
use uuid::Uuid;

/// Stands before the UUID of a list's id.
const PREFIX: &str = "RID-";

/// Asks the snapshot for items. Synchronous: it computes, it never waits.
pub fn recommend(snapshot: &SnapshotHandle, query: &RecommendationQuery) -> Result<RecommendationList> {
    let promoted = query.promotion.as_ref().map(|promotion| &promotion.filter);
    measured(snapshot, [query.filter.as_ref(), promoted], || snapshot.recommend(query))
}

/// Asks the snapshot for actions.
pub fn actions(snapshot: &SnapshotHandle, query: &RecommendationQuery) -> Result<RecommendationList> {
    measured(snapshot, [query.filter.as_ref(), None], || snapshot.actions(query))
}

/// Asks the snapshot for the order of given items.
pub fn rank(snapshot: &SnapshotHandle, query: &RankingQuery) -> Result<RecommendationList> {
    measured(snapshot, [query.filter.as_ref(), None], || snapshot.rank(query))
}

fn measured(
    snapshot: &SnapshotHandle,
    filters: [Option<&FilterUse>; 2],
    ask: impl FnOnce() -> Result<RecommendationList>,
) -> Result<RecommendationList> {
    let started = Instant::now();
    let list = ask()?;
    let took = started.elapsed();
    request_facts::part_took(Part::Compute, started, took);
    request_facts::source(list.source);
    filters.into_iter().flatten().for_each(|filter| request_facts::filter(&filter.arn));
    observability::recommended(snapshot.campaign_arn(), list.source, took);
    Ok(list)
}

/// Makes the ids of lists: `RID-` and a UUID, 40 characters. Its first eight digits are those of the process's own id, by which
/// another process that takes an event about the list knows whom to ask for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecommendationIds([u8; 4]);

impl RecommendationIds {
    /// Of the lists of a process.
    pub fn of(process: Uuid) -> Self {
        let [a, b, c, d, ..] = process.into_bytes();
        Self([a, b, c, d])
    }

    /// A new id.
    pub fn make(self) -> String {
        let mut bytes = Uuid::new_v4().into_bytes();
        bytes[..4].copy_from_slice(&self.0);
        format!("{PREFIX}{}", Uuid::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_begin_as_their_process_does_and_are_never_the_same() {
        let process = Uuid::new_v4();
        let ids = RecommendationIds::of(process);
        let (one, two) = (ids.make(), ids.make());
        assert_ne!(one, two);
        for id in [one, two] {
            assert_eq!((id.len(), &id[..12]), (40, &*format!("RID-{}", &process.to_string()[..8])));
            assert!(Uuid::parse_str(&id[4..]).is_ok());
        }
    }
}
