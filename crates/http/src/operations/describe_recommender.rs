//! `DescribeRecommender`.

use super::{Answer, Context, to_wire};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::{DescribeRecommenderRequest, DescribeRecommenderResponse};

/// Shows a recommender with the metrics of its model.
pub async fn answer(context: &Context<'_>, request: DescribeRecommenderRequest) -> Answer<DescribeRecommenderResponse> {
    let found = recommenders::describe(&context.state.service, &request.recommender_arn).await?;
    Ok(DescribeRecommenderResponse { recommender: Some(to_wire::recommender(found)) })
}
