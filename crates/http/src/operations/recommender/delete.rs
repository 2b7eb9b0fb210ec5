//! `DeleteRecommender` removes a recommender with its models.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::DeleteRecommenderRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    recommenders::delete(context.service(), &request.recommender_arn).await?;
    Ok(Empty {})
}
