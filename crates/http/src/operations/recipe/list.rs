//! `ListRecipes` lists recipes, of one domain or all. The only provider, which the validator has checked, is the service.

use super::wire;
use crate::operations::wire::{page, read_domain};
use crate::operations::{Answer, Context};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{ListRecipesRequest as Request, ListRecipesResponse as Response};

pub async fn answer(_context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = recipes::list(read_domain(request.domain.as_deref())?, page)?;
    let recipes = listed.items.into_iter().map(wire::recipe_summary).collect();
    Ok(Response { recipes, next_token: listed.next_token })
}
