//! `DescribeFilter`.

use super::{Answer, Context, to_wire};
use tastemaker_service::filters;
use tastemaker_wire::personalize::{DescribeFilterRequest, DescribeFilterResponse};

/// Shows a filter.
pub async fn answer(context: &Context<'_>, request: DescribeFilterRequest) -> Answer<DescribeFilterResponse> {
    let found = filters::describe(&context.state.service, &request.filter_arn).await?;
    Ok(DescribeFilterResponse { filter: Some(to_wire::filter(found)) })
}
