//! `DeleteSchema` removes a schema that no dataset uses.

use crate::operations::{Answer, Context, Empty};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::DeleteSchemaRequest as Request;

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Empty> {
    schemas::delete(context.service(), &request.schema_arn).await?;
    Ok(Empty {})
}
