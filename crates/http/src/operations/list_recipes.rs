//! `ListRecipes`.

use super::common::{domain, page};
use super::{Answer, Context, to_wire};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{ListRecipesRequest, ListRecipesResponse};

/// Lists the recipes of this server.
pub async fn answer(context: &Context<'_>, request: ListRecipesRequest) -> Answer<ListRecipesResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = recipes::list(&context.state.service, domain(request.domain.as_deref())?, page)?;
    Ok(ListRecipesResponse {
        next_token: listed.next_token,
        recipes: listed.items.iter().map(to_wire::recipe_summary).collect(),
    })
}
