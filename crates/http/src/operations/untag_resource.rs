//! `UntagResource`.

use super::{Answer, Context};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{UntagResourceRequest, UntagResourceResponse};

/// Removes tags from a resource.
pub async fn answer(context: &Context<'_>, request: UntagResourceRequest) -> Answer<UntagResourceResponse> {
    tags::remove(&context.state.service, &request.resource_arn, &request.tag_keys).await?;
    Ok(UntagResourceResponse {})
}
