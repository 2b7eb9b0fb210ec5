//! `ListTagsForResource` lists the tags of a resource by key.

use crate::operations::{Answer, Context};
use tastemaker_service::tags;
use tastemaker_wire::personalize::{
    ListTagsForResourceRequest as Request, ListTagsForResourceResponse as Response, Tag,
};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = tags::list(context.service(), &request.resource_arn).await?;
    let tags = found.as_map().iter().map(|(k, v)| Tag { tag_key: k.clone(), tag_value: v.clone() }).collect();
    Ok(Response { tags })
}
