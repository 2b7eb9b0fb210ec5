//! `StartRecommender` makes a stopped recommender answer again, by the model it was stopped with.

use crate::operations::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{StartRecommenderRequest as Request, StartRecommenderResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    recommenders::start(context.service(), &request.recommender_arn).await?;
    Ok(Response { recommender_arn: Some(request.recommender_arn) })
}
