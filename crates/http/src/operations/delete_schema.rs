//! `DeleteSchema`.

use super::{Answer, Context, Empty};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::DeleteSchemaRequest;

/// Removes a schema that no dataset uses.
pub async fn answer(context: &Context<'_>, request: DeleteSchemaRequest) -> Answer<Empty> {
    schemas::delete(&context.state.service, &request.schema_arn).await?;
    Ok(Empty {})
}
