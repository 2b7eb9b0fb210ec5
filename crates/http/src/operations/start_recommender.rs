//! `StartRecommender`.

use super::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{StartRecommenderRequest, StartRecommenderResponse};

/// Answers again, by the model it was stopped with.
pub async fn answer(context: &Context<'_>, request: StartRecommenderRequest) -> Answer<StartRecommenderResponse> {
    recommenders::start(&context.state.service, &request.recommender_arn).await?;
    Ok(StartRecommenderResponse { recommender_arn: Some(request.recommender_arn) })
}
