//! `ListRecipes`.

use super::common::{domain, page};
use super::{Answer, Context, to_wire};
use tastemaker_service::recipes;
use tastemaker_wire::personalize::{ListRecipesRequest, ListRecipesResponse};

/// Lists recipes, of one domain or all. The only provider, which the validator has checked, is the service.
pub async fn answer(_context: &Context<'_>, request: ListRecipesRequest) -> Answer<ListRecipesResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = recipes::list(domain(request.domain.as_deref())?, page)?;
    Ok(ListRecipesResponse {
        next_token: listed.next_token,
        recipes: listed.items.into_iter().map(to_wire::recipe_summary).collect(),
    })
}
