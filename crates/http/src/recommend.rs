//! One measured call into the recommender, for every door that leads to it.

use crate::observability;
use crate::state::HttpState;
use std::time::{Duration, Instant};
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RankingQuery, RecommendationList, RecommendationQuery, Source};

/// Asks the campaign's snapshot, now unless the query says when. Synchronous: it computes, it never waits.
pub fn recommend(state: &HttpState, query: &RecommendationQuery) -> Result<RecommendationList> {
    let started = Instant::now();
    let now_s = query.now_s.or_else(|| Some((state.service.clock)() / 1000));
    let list = state.serving.recommend(&RecommendationQuery { now_s, ..query.clone() })?;
    observability::recommended(&query.campaign_arn, list.source, started.elapsed());
    Ok(list)
}

impl HttpState {
    /// The list for `query` once it is the request's turn; if that takes longer than `patience`, the prepared popular list,
    /// whose source is [`Source::Prepared`], instead. For callers that must have a list with every answer.
    pub async fn recommend_or_prepared(
        &self,
        query: &RecommendationQuery,
        patience: Duration,
    ) -> Result<RecommendationList> {
        if let Ok(_place) = self.admit(&query.campaign_arn, patience).await {
            return recommend(self, query);
        }
        let started = Instant::now();
        let list = self.serving.prepared(query)?;
        observability::recommended(&query.campaign_arn, Source::Prepared, started.elapsed());
        Ok(list)
    }
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
