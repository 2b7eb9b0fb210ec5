//! `DescribeRecipe`.

use super::{Answer, Context, to_wire};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{DescribeRecipeRequest, DescribeRecipeResponse};

/// Shows a recipe.
pub async fn answer(
    _context: &Context<'_>,
    request: DescribeRecipeRequest,
) -> Answer<DescribeRecipeResponse> {
    let recipe = recipes::describe(&request.recipe_arn)?;
    Ok(DescribeRecipeResponse { recipe: Some(to_wire::recipe(recipe)) })
}
