//! Measured calls into the recommender, for every operation and route that lists items.

use crate::observability;
use crate::request_facts::{self, Part};
use std::time::Instant;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RankingQuery, RecommendationList, RecommendationQuery};
use tastemaker_serving::SnapshotHandle;

/// Asks the snapshot for items. Synchronous: it computes, it never waits.
pub fn recommend(snapshot: &SnapshotHandle, query: &RecommendationQuery) -> Result<RecommendationList> {
    measured(snapshot, || snapshot.recommend(query))
}

/// Asks the snapshot for actions.
pub fn actions(snapshot: &SnapshotHandle, query: &RecommendationQuery) -> Result<RecommendationList> {
    measured(snapshot, || snapshot.actions(query))
}

/// Asks the snapshot for the order of given items.
pub fn rank(snapshot: &SnapshotHandle, query: &RankingQuery) -> Result<RecommendationList> {
    measured(snapshot, || snapshot.rank(query))
}

fn measured(snapshot: &SnapshotHandle, ask: impl FnOnce() -> Result<RecommendationList>) -> Result<RecommendationList> {
    let started = Instant::now();
    let list = ask()?;
    let took = started.elapsed();
    request_facts::part_took(Part::Compute, started, took);
    request_facts::source(list.source);
    observability::recommended(snapshot.campaign_arn(), list.source, took);
    Ok(list)
}

/// A fresh id of a list: `RID-` and a UUID, 40 characters.
pub fn new_id() -> String {
    format!("RID-{}", uuid::Uuid::new_v4())
}
