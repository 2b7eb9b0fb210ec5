//! `DeleteRecommender`.

use super::{Answer, Context, Empty};
use tastemaker_service::recommenders;
use tastemaker_wire::personalize::DeleteRecommenderRequest;

/// Removes a recommender with its models.
pub async fn answer(context: &Context<'_>, request: DeleteRecommenderRequest) -> Answer<Empty> {
    recommenders::delete(&context.state.service, &request.recommender_arn).await?;
    Ok(Empty {})
}
