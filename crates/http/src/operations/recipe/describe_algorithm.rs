//! `DescribeAlgorithm` shows the algorithm of a recipe.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{DescribeAlgorithmRequest as Request, DescribeAlgorithmResponse as Response};

pub async fn answer(_context: &Context<'_>, request: Request) -> Answer<Response> {
    let recipe = recipes::describe_algorithm(&request.algorithm_arn)?;
    Ok(Response { algorithm: Some(wire::algorithm(recipe)) })
}
