//! `CreateRecommender`.

use super::common::{recommender_config, tags};
use super::{Answer, Context};
use tastemaker_service::recommenders::{self, NewRecommender};
use tastemaker_wire::personalize::{CreateRecommenderRequest, CreateRecommenderResponse};

/// Makes a use case of the group's domain answer.
pub async fn answer(context: &Context<'_>, request: CreateRecommenderRequest) -> Answer<CreateRecommenderResponse> {
    let new = NewRecommender {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        recipe_arn: request.recipe_arn,
        config: request.recommender_config.map(recommender_config),
        tags: tags(request.tags)?,
    };
    let recommender = recommenders::create(&context.state.service, context.caller, new).await?;
    Ok(CreateRecommenderResponse { recommender_arn: Some(recommender.arn) })
}
