//! `CreateRecommender` makes a use case of the group's domain answer.

use super::wire::read_recommender_config;
use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_service::recommenders::{self, NewRecommender};
use tastemaker_wire::personalize::{CreateRecommenderRequest as Request, CreateRecommenderResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewRecommender {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        recipe_arn: request.recipe_arn,
        config: request.recommender_config.map(read_recommender_config),
        tags: read_tags(request.tags)?,
    };
    let recommender = recommenders::create(context.service(), context.caller, new).await?;
    Ok(Response { recommender_arn: Some(recommender.arn) })
}
