//! `DescribeFeatureTransformation`.

use super::{Answer, Context, to_wire};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{DescribeFeatureTransformationRequest, DescribeFeatureTransformationResponse};

/// Shows the feature transformation of a recipe.
pub async fn answer(
    _context: &Context<'_>,
    request: DescribeFeatureTransformationRequest,
) -> Answer<DescribeFeatureTransformationResponse> {
    let recipes = recipes::describe_feature_transformation(&request.feature_transformation_arn)?;
    Ok(DescribeFeatureTransformationResponse { feature_transformation: Some(to_wire::feature_transformation(&recipes)) })
}
