//! `StopRecommender`.

use super::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{StopRecommenderRequest, StopRecommenderResponse};

/// Stops answering and being trained.
pub async fn answer(context: &Context<'_>, request: StopRecommenderRequest) -> Answer<StopRecommenderResponse> {
    recommenders::stop(&context.state.service, &request.recommender_arn).await?;
    Ok(StopRecommenderResponse { recommender_arn: Some(request.recommender_arn) })
}
