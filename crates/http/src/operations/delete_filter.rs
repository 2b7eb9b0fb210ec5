//! `DeleteFilter`.

use super::{Answer, Context, Empty};
use tastemaker_service::filters;
use tastemaker_wire::personalize::DeleteFilterRequest;

/// Removes a filter.
pub async fn answer(context: &Context<'_>, request: DeleteFilterRequest) -> Answer<Empty> {
    filters::delete(&context.state.service, &request.filter_arn).await?;
    Ok(Empty {})
}
