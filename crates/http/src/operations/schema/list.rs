//! `ListSchemas` lists the region's schemas.

use super::wire;
use crate::operations::{Answer, Context, wire::page};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::{ListSchemasRequest as Request, ListSchemasResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let page = page(request.max_results, request.next_token);
    let listed = schemas::list(context.service(), context.caller, page).await?;
    let schemas = listed.items.into_iter().map(wire::schema_summary).collect();
    Ok(Response { schemas, next_token: listed.next_token })
}
