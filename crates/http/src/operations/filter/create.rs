//! `CreateFilter` makes a filter.

use crate::operations::{Answer, Context, wire::read_tags};
use tastemaker_service::filters::{self, NewFilter};
use tastemaker_wire::personalize::{CreateFilterRequest as Request, CreateFilterResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewFilter {
        name: request.name,
        dataset_group_arn: request.dataset_group_arn,
        expression: request.filter_expression,
        tags: read_tags(request.tags)?,
    };
    let filter = filters::create(context.service(), context.caller, new).await?;
    Ok(Response { filter_arn: Some(filter.arn) })
}
