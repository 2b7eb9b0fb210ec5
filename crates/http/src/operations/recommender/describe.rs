//! `DescribeRecommender` shows a recommender with the metrics of its model.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{DescribeRecommenderRequest as Request, DescribeRecommenderResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = recommenders::describe(context.service(), &request.recommender_arn).await?;
    Ok(Response { recommender: Some(wire::recommender(context.recommender_as_loaded(found))) })
}
