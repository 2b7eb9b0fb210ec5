//! Measured calls into the recommender, for every operation and path that asks it.

use crate::observability;
use crate::state::HttpState;
use std::time::Instant;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RankingQuery, RecommendationList, RecommendationQuery};

/// Asks the campaign's snapshot, now unless the query says when. Synchronous: it computes, it never waits.
pub fn recommend(state: &HttpState, query: &RecommendationQuery) -> Result<RecommendationList> {
    let started = Instant::now();
    let now_s = query.now_s.or_else(|| Some((state.service.clock)() / 1000));
    let list = state.serving.recommend(&RecommendationQuery { now_s, ..query.clone() })?;
    observability::recommended(&query.campaign_arn, list.source, started.elapsed());
    Ok(list)
}

/// Asks the campaign's snapshot for actions.
pub fn actions(state: &HttpState, query: &RecommendationQuery) -> Result<RecommendationList> {
    let started = Instant::now();
    let now_s = query.now_s.or_else(|| Some((state.service.clock)() / 1000));
    let list = state.serving.recommend_actions(&RecommendationQuery { now_s, ..query.clone() })?;
    observability::recommended(&query.campaign_arn, list.source, started.elapsed());
    Ok(list)
}

/// Asks the campaign's snapshot for the order of given items.
pub fn rank(state: &HttpState, query: &RankingQuery) -> Result<RecommendationList> {
    let started = Instant::now();
    let now_s = query.now_s.or_else(|| Some((state.service.clock)() / 1000));
    let list = state.serving.rank(&RankingQuery { now_s, ..query.clone() })?;
    observability::recommended(&query.campaign_arn, list.source, started.elapsed());
    Ok(list)
}

/// A fresh id of a list: `RID-` and a UUID, 40 characters.
pub fn new_id() -> String {
    format!("RID-{}", uuid::Uuid::new_v4())
}
