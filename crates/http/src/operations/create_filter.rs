//! `CreateFilter`.

use super::common::tags;
use super::{Answer, Context};
use tastemaker_service::filters::{self, NewFilter};
use tastemaker_wire::personalize::{CreateFilterRequest, CreateFilterResponse};

/// Makes a filter.
pub async fn answer(context: &Context<'_>, request: CreateFilterRequest) -> Answer<CreateFilterResponse> {
    let new = NewFilter {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        expression: request.filter_expression,
        tags: tags(request.tags)?,
    };
    let filter = filters::create(&context.state.service, context.caller, new).await?;
    Ok(CreateFilterResponse { filter_arn: Some(filter.arn) })
}
