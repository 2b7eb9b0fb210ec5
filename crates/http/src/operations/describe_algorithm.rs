//! `DescribeAlgorithm`.

use super::{Answer, Context, to_wire};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{DescribeAlgorithmRequest, DescribeAlgorithmResponse};

/// Shows the algorithm of a recipe.
pub async fn answer(
    _context: &Context<'_>,
    request: DescribeAlgorithmRequest,
) -> Answer<DescribeAlgorithmResponse> {
    let recipe = recipes::describe_algorithm(&request.algorithm_arn)?;
    Ok(DescribeAlgorithmResponse { algorithm: Some(to_wire::algorithm(recipe)) })
}
