//! `TagResource`.

use super::common;
use super::{Answer, Context};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{TagResourceRequest, TagResourceResponse};

/// Adds tags to a resource; a key that it has gets the new value.
pub async fn answer(context: &Context<'_>, request: TagResourceRequest) -> Answer<TagResourceResponse> {
    let added = common::tags(Some(request.tags))?;
    tags::add(&context.state.service, &request.resource_arn, added).await?;
    Ok(TagResourceResponse {})
}
