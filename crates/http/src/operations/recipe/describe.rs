//! `DescribeRecipe` shows a recipe.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{DescribeRecipeRequest as Request, DescribeRecipeResponse as Response};

pub async fn answer(_context: &Context<'_>, request: Request) -> Answer<Response> {
    let recipe = recipes::describe(&request.recipe_arn)?;
    Ok(Response { recipe: Some(wire::recipe(recipe)) })
}
