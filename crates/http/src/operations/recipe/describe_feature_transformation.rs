//! `DescribeFeatureTransformation` shows the feature transformation of a recipe.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{
    DescribeFeatureTransformationRequest as Request, DescribeFeatureTransformationResponse as Response,
};

pub async fn answer(_context: &Context<'_>, request: Request) -> Answer<Response> {
    let recipes = recipes::describe_feature_transformation(&request.feature_transformation_arn)?;
    Ok(Response { feature_transformation: Some(wire::feature_transformation(&recipes)) })
}
