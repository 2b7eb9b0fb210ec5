//! `UntagResource` removes tags from a resource.

use crate::operations::{Answer, Context};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{UntagResourceRequest as Request, UntagResourceResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    tags::remove(context.service(), &request.resource_arn, &request.tag_keys).await?;
    Ok(Response {})
}
