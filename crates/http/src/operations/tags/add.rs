//! `TagResource` adds tags to a resource; a key that it has gets the new value.

use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{TagResourceRequest as Request, TagResourceResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let added = read_tags(Some(request.tags))?;
    tags::add(context.service(), &request.resource_arn, added).await?;
    Ok(Response {})
}
