//! Computation of the lists of the `/recommendations` family; synchronous, it never waits.

use super::plan::Plan;
use crate::recommend::{rank, recommend};
use crate::routing::Endpoint;
use crate::state::HttpState;
use std::collections::HashSet;
use tastemaker_braze::shape::Shape;
use tastemaker_domain::Result;
use tastemaker_domain::limits::NUM_RESULTS_MAX;
use tastemaker_domain::recommendation::{
    RankingQuery, Reason, RecommendationList, RecommendationQuery, RecommendedItem,
};
use tastemaker_serving::SnapshotHandle;

/// Items asked for beyond those wanted when some cannot be shown.
const SPARE_ITEMS: usize = 10;
/// Related items among which the user's own taste chooses, for each item wanted.
const RELATED_PER_PLACE: usize = 3;

/// The model's list.
pub fn list(state: &HttpState, plan: &Plan, recommendation_id: &str) -> Result<RecommendationList> {
    if plan.endpoint == Endpoint::Rerank {
        return rank(&plan.snapshot, &ranking(state, plan, &plan.snapshot, plan.request.items.clone()));
    }
    let query = query(state, plan, recommendation_id, plan.endpoint == Endpoint::Popular);
    let mut list = match &plan.ranks {
        Some(ranks) => for_taste(state, plan, ranks, &query)?,
        None => presentable(state, plan, &query, recommend)?,
    };
    if list.items.len() < plan.min_results.min(plan.num_results) {
        fill(&mut list, prepared(state, plan)?.items, plan.num_results);
    }
    Ok(list)
}

/// The popular items that the plan's filter lets pass.
pub fn prepared(state: &HttpState, plan: &Plan) -> Result<RecommendationList> {
    presentable(state, plan, &query(state, plan, "", true), SnapshotHandle::prepared)
}

/// The caller's items as they came.
pub fn unranked(plan: &Plan) -> Vec<RecommendedItem> {
    let columns = plan.look.to_request();
    let item = |id: &String| RecommendedItem {
        item_id: id.clone(),
        score: None,
        promotion_name: None,
        reason: None,
        metadata: plan.snapshot.item_metadata(id, &columns),
    };
    plan.request.items.iter().map(item).collect()
}

fn query(state: &HttpState, plan: &Plan, recommendation_id: &str, popular: bool) -> RecommendationQuery {
    RecommendationQuery {
        campaign_arn: plan.snapshot.campaign_arn().to_owned(),
        user_id: plan.request.user().map(str::to_owned),
        now_s: plan.request.timestamp_s.or_else(|| Some(state.now_s())),
        item_id: plan.request.item_id.clone(),
        num_results: plan.num_results,
        filter: plan.filter.clone(),
        promotion: plan.promotion.clone().filter(|_| !popular || plan.endpoint == Endpoint::Popular),
        metadata_columns: plan.look.to_request(),
        context: plan.request.context.clone(),
        recommendation_id: recommendation_id.to_owned(),
        popular,
        excluded_items: plan.request.exclude.clone(),
        keeps_first_place: plan.keeps_first_place,
    }
}

fn ranking(state: &HttpState, plan: &Plan, ranks: &SnapshotHandle, item_ids: Vec<String>) -> RankingQuery {
    RankingQuery {
        campaign_arn: ranks.campaign_arn().to_owned(),
        user_id: plan.request.user().unwrap_or_default().to_owned(),
        now_s: plan.request.timestamp_s.or_else(|| Some(state.now_s())),
        item_ids,
        filter: plan.filter.clone().filter(|_| plan.endpoint == Endpoint::Rerank),
        metadata_columns: plan.look.to_request(),
        context: plan.request.context.clone(),
    }
}

/// A list without items of which nothing can be shown, where the configuration wants it so.
fn presentable(
    state: &HttpState,
    plan: &Plan,
    query: &RecommendationQuery,
    ask: impl Fn(&SnapshotHandle, &RecommendationQuery) -> Result<RecommendationList>,
) -> Result<RecommendationList> {
    let mut list = shown(state, plan, query, ask)?;
    if plan.keeps_first_place {
        first_as_ranked(&mut list.items);
    }
    Ok(list)
}

/// Takes an explored item off the first place where it came there because the items before it cannot be shown.
fn first_as_ranked(items: &mut [RecommendedItem]) {
    let explored = |item: &RecommendedItem| item.reason == Some(Reason::Explored);
    if items.first().is_some_and(explored)
        && let Some(ranked) = items.iter().position(|item| !explored(item))
    {
        items[..=ranked].rotate_right(1);
    }
}

fn shown(
    state: &HttpState,
    plan: &Plan,
    query: &RecommendationQuery,
    ask: impl Fn(&SnapshotHandle, &RecommendationQuery) -> Result<RecommendationList>,
) -> Result<RecommendationList> {
    let mut list = ask(&plan.snapshot, query)?;
    let shows = plan.look.columns.name.is_some() && !plan.look.bare && plan.look.shape != Shape::Ids;
    if state.recommendations.bare_items || !shows {
        return Ok(list);
    }
    let asked = list.items.len();
    list.items.retain(|item| !item.metadata.is_empty());
    // The places of promoted items depend on the number of results, so theirs is not changed.
    let may_ask_more = query.promotion.is_none() && asked == query.num_results && asked < NUM_RESULTS_MAX;
    if list.items.len() < asked && may_ask_more {
        let num_results = (2 * query.num_results + SPARE_ITEMS).min(NUM_RESULTS_MAX);
        list = ask(&plan.snapshot, &RecommendationQuery { num_results, ..query.clone() })?;
        list.items.retain(|item| !item.metadata.is_empty());
        list.items.truncate(query.num_results);
    }
    Ok(list)
}

/// Related items in the order of the user's taste.
fn for_taste(
    state: &HttpState,
    plan: &Plan,
    ranks: &SnapshotHandle,
    query: &RecommendationQuery,
) -> Result<RecommendationList> {
    let num_results = (RELATED_PER_PLACE * query.num_results).min(NUM_RESULTS_MAX);
    let mut list = presentable(state, plan, &RecommendationQuery { num_results, ..query.clone() }, recommend)?;
    let ids = list.items.iter().map(|item| item.item_id.clone()).collect();
    if let Ok(ranked) = rank(ranks, &ranking(state, plan, ranks, ids)) {
        list.items = ranked.items;
    }
    list.items.truncate(query.num_results);
    Ok(list)
}

fn fill(list: &mut RecommendationList, more: Vec<RecommendedItem>, up_to: usize) {
    let known: HashSet<String> = list.items.iter().map(|item| item.item_id.clone()).collect();
    let missing = up_to.saturating_sub(list.items.len());
    list.items.extend(more.into_iter().filter(|item| !known.contains(&item.item_id)).take(missing));
}
