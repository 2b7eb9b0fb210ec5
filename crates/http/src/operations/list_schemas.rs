//! `ListSchemas`.

use super::common::page;
use super::{Answer, Context, to_wire};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::{ListSchemasRequest, ListSchemasResponse};

/// Lists the region's schemas.
pub async fn answer(context: &Context<'_>, request: ListSchemasRequest) -> Answer<ListSchemasResponse> {
    let page = page(request.max_results, request.next_token);
    let listed = schemas::list(&context.state.service, context.caller, page).await?;
    Ok(ListSchemasResponse {
        schemas: listed.items.into_iter().map(to_wire::schema_summary).collect(),
        next_token: listed.next_token,
    })
}
