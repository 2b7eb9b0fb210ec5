//! `UpdateRecommender` replaces a recommender's configuration; it answers by the old one meanwhile.

use super::wire::read_recommender_config;
use crate::operations::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{UpdateRecommenderRequest as Request, UpdateRecommenderResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let config = read_recommender_config(request.recommender_config);
    let recommender = recommenders::update(context.service(), &request.recommender_arn, config).await?;
    Ok(Response { recommender_arn: Some(recommender.arn) })
}
