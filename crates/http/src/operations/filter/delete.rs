//! `DeleteFilter` removes a filter.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::filters;
use tastemaker_wire::personalize::DeleteFilterRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    filters::delete(context.service(), &request.filter_arn).await?;
    Ok(Empty {})
}
