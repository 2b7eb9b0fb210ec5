//! `StopRecommender` stops the answers and the training of a recommender.

use crate::operations::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{StopRecommenderRequest as Request, StopRecommenderResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    recommenders::stop(context.service(), &request.recommender_arn).await?;
    Ok(Response { recommender_arn: Some(request.recommender_arn) })
}
