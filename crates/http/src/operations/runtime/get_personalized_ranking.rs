//! `POST /personalize-ranking`.

use super::inference::{
    admit, check_metadata, filter_use, items, metadata_columns, remember, results_max, snapshot, unfit_recipe,
};
use super::{Answer, Context};
use crate::errors::Failure;
use crate::recommend::rank;
use crate::request_facts;
use tastemaker_domain::limits::ID_CHARS_MAX;
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::recommendation::RankingQuery;
use tastemaker_wire::runtime::{GetPersonalizedRankingRequest, GetPersonalizedRankingResponse};

/// Ranks items for a user.
pub async fn answer(
    context: &Context<'_>,
    request: GetPersonalizedRankingRequest,
) -> Answer<GetPersonalizedRankingResponse> {
    let mut query = from_wire(request)?;
    request_facts::user(Some(&query.user_id));
    let snapshot = snapshot(context, &query.campaign_arn).await?;
    let recipe = snapshot.recipe();
    if recipe.inference() != Inference::Ranking {
        let rule = "; GetPersonalizedRanking needs PERSONALIZED_RANKING.";
        return Err(unfit_recipe(&query.campaign_arn, recipe, rule));
    }
    check_metadata(&query.metadata_columns, &snapshot)?;
    context.state.catch_up(&snapshot, Some(&query.user_id)).await;
    let permit = admit(context, &query.campaign_arn).await?;
    query.now_s = Some(context.state.now_s());
    let list = rank(&snapshot, &query)?;
    drop(permit);
    let id = context.state.recommendation_ids.make();
    remember(context, &id, &query.campaign_arn, &list);
    Ok(GetPersonalizedRankingResponse { personalized_ranking: items(&snapshot, list), recommendation_id: Some(id) })
}

fn from_wire(request: GetPersonalizedRankingRequest) -> Answer<RankingQuery> {
    let metadata_columns = metadata_columns(request.metadata_columns)?;
    let (max, with) = results_max(&metadata_columns);
    let count = request.input_list.len();
    if !(1..=max).contains(&count) {
        return Err(Failure::invalid(format!("inputList must have 1 to {max} items{with}, not {count}.")));
    }
    let fits = |id: &String| (1..=ID_CHARS_MAX).contains(&id.chars().count());
    if let Some(at) = request.input_list.iter().position(|id| !fits(id)) {
        let rule = format!("inputList.{}.member must have 1 to {ID_CHARS_MAX} characters.", at + 1);
        return Err(Failure::invalid(rule));
    }
    if request.user_id.is_empty() {
        return Err(Failure::invalid("userId must have 1 to 256 characters, not 0."));
    }
    Ok(RankingQuery {
        campaign_arn: request.campaign_arn,
        user_id: request.user_id,
        item_ids: request.input_list,
        filter: filter_use(request.filter_arn, request.filter_values)?,
        context: request.context.unwrap_or_default(),
        metadata_columns,
        ..RankingQuery::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut GetPersonalizedRankingRequest), word: &str) {
        let mut request = GetPersonalizedRankingRequest {
            campaign_arn: "arn:aws:personalize:eu-west-1:1:campaign/c".into(),
            input_list: vec!["i".into()],
            user_id: "u".into(),
            ..Default::default()
        };
        assert!(from_wire(request.clone()).is_ok());
        change(&mut request);
        let failure = from_wire(request).expect_err(word);
        assert!(failure.message.contains(word), "{}", failure.message);
    }

    #[test]
    fn limits() {
        refused(|r| r.input_list.clear(), "1 to 500");
        refused(|r| r.input_list = vec!["i".into(); 501], "not 501");
        refused(|r| r.input_list.push(String::new()), "inputList.2.member");
        refused(|r| r.input_list.push("x".repeat(257)), "inputList.2.member");
        refused(|r| r.user_id.clear(), "userId");
        let columns = || Some([("ITEMS".to_owned(), vec!["A".to_owned()])].into());
        refused(|r| (r.input_list, r.metadata_columns) = (vec!["i".into(); 51], columns()), "1 to 50 items when");
    }
}
