//! `UpdateRecommender`.

use super::common::recommender_config;
use super::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{UpdateRecommenderRequest, UpdateRecommenderResponse};

/// Replaces a recommender's configuration; it answers by the old one meanwhile.
pub async fn answer(context: &Context<'_>, request: UpdateRecommenderRequest) -> Answer<UpdateRecommenderResponse> {
    let config = recommender_config(request.recommender_config);
    let recommender = recommenders::update(&context.state.service, &request.recommender_arn, config).await?;
    Ok(UpdateRecommenderResponse { recommender_arn: Some(recommender.arn) })
}
