//! `POST /action-recommendations`.

use super::inference::{admit, filter_use, num_results, remember, seven_decimals, snapshot, unfit_recipe};
use super::{Answer, Context};
use crate::errors::Failure;
use crate::recommend::actions;
use crate::request_facts;
use tastemaker_domain::limits::{NUM_ACTIONS_DEFAULT, NUM_ACTIONS_MAX};
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::recommendation::RecommendationQuery;
use tastemaker_wire::runtime::{GetActionRecommendationsRequest, GetActionRecommendationsResponse, PredictedAction};

/// Lists the actions that a user will most likely take.
pub async fn answer(
    context: &Context<'_>,
    request: GetActionRecommendationsRequest,
) -> Answer<GetActionRecommendationsResponse> {
    let mut query = from_wire(request)?;
    request_facts::user(query.user_id.as_deref());
    let snapshot = snapshot(context, &query.campaign_arn).await?;
    let recipe = snapshot.recipe();
    if recipe.inference() != Inference::Actions {
        let rule = "; GetActionRecommendations needs PERSONALIZED_ACTIONS.";
        return Err(unfit_recipe(&query.campaign_arn, recipe, rule));
    }
    context.state.catch_up(&snapshot, query.user_id.as_deref()).await;
    let permit = admit(context, &query.campaign_arn).await?;
    query.now_s = Some(context.state.now_s());
    query.recommendation_id = context.state.recommendation_ids.make();
    let list = actions(&snapshot, &query)?;
    drop(permit);
    remember(context, &query.recommendation_id, &query.campaign_arn, &list);
    let action = |item: tastemaker_domain::recommendation::RecommendedItem| PredictedAction {
        action_id: Some(item.item_id),
        score: Some(seven_decimals(item.score.unwrap_or(0.0))),
    };
    Ok(GetActionRecommendationsResponse {
        action_list: list.items.into_iter().map(action).collect(),
        recommendation_id: Some(query.recommendation_id),
    })
}

fn from_wire(request: GetActionRecommendationsRequest) -> Answer<RecommendationQuery> {
    let required = |member: &str, value: Option<String>| {
        value.filter(|text| !text.is_empty()).ok_or_else(|| Failure::invalid(format!("{member} is required.")))
    };
    Ok(RecommendationQuery {
        campaign_arn: required("campaignArn", request.campaign_arn)?,
        user_id: Some(required("userId", request.user_id)?),
        num_results: num_results(request.num_results, NUM_ACTIONS_DEFAULT, (NUM_ACTIONS_MAX, ""))?,
        filter: filter_use(request.filter_arn, request.filter_values)?,
        ..RecommendationQuery::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_defaults() {
        let request = || GetActionRecommendationsRequest {
            campaign_arn: Some("arn:aws:personalize:eu-west-1:1:campaign/c".into()),
            user_id: Some("u".into()),
            ..Default::default()
        };
        assert_eq!(from_wire(request()).map(|query| query.num_results), Ok(5));
        let refused = |request, word: &str| from_wire(request).is_err_and(|f| f.message.contains(word));
        assert!(refused(GetActionRecommendationsRequest { campaign_arn: None, ..request() }, "campaignArn"));
        assert!(refused(GetActionRecommendationsRequest { user_id: None, ..request() }, "userId"));
        assert!(refused(GetActionRecommendationsRequest { num_results: Some(101), ..request() }, "at most 100"));
    }
}
