//! `POST /recommendations`: synchronous from decoded input to answer, unless the campaign is not loaded here.

use super::inference::{
    admit, check_metadata, filter_use, items, metadata_columns, num_results, remember, results_max, snapshot,
    unfit_recipe,
};
use super::{Answer, Context};
use crate::errors::Failure;
use crate::recommend::recommend;
use crate::request_facts;
use tastemaker_domain::limits::NUM_RESULTS_DEFAULT;
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::recommendation::{FilterUse, Promotion, RecommendationQuery};
use tastemaker_domain::{ArnKind, Member};
use tastemaker_serving::Snapshot;
use tastemaker_wire::runtime as wire;

/// Lists items for a user.
pub async fn answer(
    context: &Context<'_>,
    request: wire::GetRecommendationsRequest,
) -> Answer<wire::GetRecommendationsResponse> {
    let mut query = from_wire(request)?;
    request_facts::user(query.user_id.as_deref());
    let snapshot = snapshot(context, &query.campaign_arn).await?;
    check(&query, &snapshot)?;
    context.state.catch_up(&snapshot, query.user_id.as_deref()).await;
    let permit = admit(context, &query.campaign_arn).await?;
    query.now_s = Some(context.state.now_s());
    query.recommendation_id = context.state.recommendation_ids.make();
    let list = recommend(&snapshot, &query)?;
    drop(permit);
    remember(context, &query.recommendation_id, &query.campaign_arn, &list);
    Ok(wire::GetRecommendationsResponse {
        item_list: items(&snapshot, list),
        recommendation_id: Some(query.recommendation_id),
    })
}

fn from_wire(request: wire::GetRecommendationsRequest) -> Answer<RecommendationQuery> {
    let campaign_arn = match (request.campaign_arn, request.recommender_arn) {
        (Some(arn), None) | (None, Some(arn)) => arn,
        (Some(_), Some(_)) => return Err(Failure::invalid("Give campaignArn or recommenderArn, not both.")),
        (None, None) => return Err(Failure::invalid("campaignArn or recommenderArn is required.")),
    };
    let metadata_columns = metadata_columns(request.metadata_columns)?;
    Ok(RecommendationQuery {
        campaign_arn,
        user_id: request.user_id,
        item_id: request.item_id,
        num_results: num_results(request.num_results, NUM_RESULTS_DEFAULT, results_max(&metadata_columns))?,
        filter: filter_use(request.filter_arn, request.filter_values)?,
        promotion: request.promotions.unwrap_or_default().into_iter().next().map(promotion).transpose()?,
        metadata_columns,
        context: request.context.unwrap_or_default(),
        ..RecommendationQuery::default()
    })
}

/// A promotion says which items and how many; the model's shape requires neither.
fn promotion(promotion: wire::Promotion) -> Answer<Promotion> {
    let missing = |member: &str| Failure::invalid(format!("promotions.1.member.{member} is required."));
    let percent = promotion.percent_promoted_items.ok_or_else(|| missing("percentPromotedItems"))?;
    let percent = u32::try_from(percent).ok().filter(|percent| (1..=100).contains(percent)).ok_or_else(|| {
        Failure::invalid(format!("promotions.1.member.percentPromotedItems must be 1 to 100, not {percent}."))
    })?;
    let arn = promotion.filter_arn.ok_or_else(|| missing("filterArn"))?;
    ArnKind::Filter.check(Member::Promotions.item(0).then(Member::FilterArn), &arn)?;
    let filter = FilterUse { arn, values: promotion.filter_values.unwrap_or_default() };
    Ok(Promotion { name: promotion.name, percent, filter })
}

/// The rules that depend on the campaign.
fn check(query: &RecommendationQuery, snapshot: &Snapshot) -> Answer<()> {
    let recipe = snapshot.recipe();
    let instead = match recipe.inference() {
        Inference::Recommendations => None,
        Inference::Ranking => Some("GetPersonalizedRanking"),
        Inference::Actions => Some("GetActionRecommendations"),
        Inference::Segments => Some("CreateBatchSegmentJob"),
    };
    if let Some(operation) = instead {
        let rule = format!(", which GetRecommendations does not serve; use {operation}.");
        return Err(unfit_recipe(&query.campaign_arn, recipe, &rule));
    }
    if recipe.needs_user && query.user_id.is_none() {
        return Err(Failure::invalid(format!("userId is required by the recipe {}.", recipe.name)));
    }
    if recipe.needs_item && query.item_id.is_none() {
        return Err(Failure::invalid(format!("itemId is required by the recipe {}.", recipe.name)));
    }
    check_metadata(&query.metadata_columns, snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tastemaker_wire::ErrorShape;

    const ARN: &str = "arn:aws:personalize:eu-west-1:1:campaign/c";

    fn request() -> wire::GetRecommendationsRequest {
        wire::GetRecommendationsRequest { campaign_arn: Some(ARN.into()), ..Default::default() }
    }

    fn columns(dataset: &str, count: usize) -> Option<BTreeMap<String, Vec<String>>> {
        Some(BTreeMap::from([(dataset.to_owned(), (0..count).map(|n| format!("C{n}")).collect())]))
    }

    fn refused(change: impl FnOnce(&mut wire::GetRecommendationsRequest), word: &str) {
        let mut request = request();
        change(&mut request);
        let failure = from_wire(request).expect_err(word);
        assert_eq!(failure.shape, ErrorShape::InvalidInputException);
        assert!(failure.message.contains(word), "{}", failure.message);
    }

    #[test]
    fn limits() {
        refused(|r| r.campaign_arn = None, "campaignArn or recommenderArn");
        refused(|r| r.recommender_arn = Some(ARN.into()), "not both");
        refused(|r| r.filter_values = Some(BTreeMap::from([("A".into(), "\"b\"".into())])), "filterArn");
        refused(|r| r.num_results = Some(501), "at most 500");
        refused(|r| (r.num_results, r.metadata_columns) = (Some(51), columns("ITEMS", 1)), "at most 50 when");
        refused(|r| r.metadata_columns = columns("ITEMS", 11), "at most 10");
        refused(|r| r.metadata_columns = columns("USERS", 1), "'USERS'");
        let promotion = |percent: Option<i32>, arn: Option<&str>| {
            let filter_arn = arn.map(str::to_owned);
            Some(vec![wire::Promotion { percent_promoted_items: percent, filter_arn, ..Default::default() }])
        };
        refused(|r| r.promotions = promotion(None, Some(ARN)), "percentPromotedItems is required");
        refused(|r| r.promotions = promotion(Some(5), None), "filterArn is required");
        refused(|r| r.promotions = promotion(Some(5), Some(ARN)), "'promotions.1.member.filterArn'");
        for percent in [0, 101, -1] {
            refused(|r| r.promotions = promotion(Some(percent), Some(ARN)), "1 to 100");
        }
    }

    #[test]
    fn defaults() {
        let query = from_wire(request()).expect("a query");
        assert_eq!((query.num_results, query.user_id, query.metadata_columns.len()), (25, None, 0));
        let mut zero = request();
        (zero.num_results, zero.metadata_columns) = (Some(0), columns("items", 2));
        let query = from_wire(zero).expect("a query");
        assert_eq!((query.num_results, query.metadata_columns.len()), (25, 2));
    }
}
