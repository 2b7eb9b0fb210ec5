//! `DescribeFilter` shows a filter.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::filters;
use tastemaker_wire::personalize::{DescribeFilterRequest as Request, DescribeFilterResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = filters::describe(context.service(), &request.filter_arn).await?;
    Ok(Response { filter: Some(wire::filter(found)) })
}
