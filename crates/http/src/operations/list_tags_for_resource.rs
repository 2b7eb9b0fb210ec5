//! `ListTagsForResource`.

use super::{Answer, Context};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{ListTagsForResourceRequest, ListTagsForResourceResponse, Tag};

/// Lists the tags of a resource by key.
pub async fn answer(
    context: &Context<'_>,
    request: ListTagsForResourceRequest,
) -> Answer<ListTagsForResourceResponse> {
    let found = tags::list(&context.state.service, &request.resource_arn).await?;
    let tags = found.as_map().iter().map(|(k, v)| Tag { tag_key: k.clone(), tag_value: v.clone() }).collect();
    Ok(ListTagsForResourceResponse { tags })
}
