//! `DescribeSchema` shows a schema with its text.

use super::wire;
use crate::operations::{Answer, Context};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::{DescribeSchemaRequest as Request, DescribeSchemaResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let found = schemas::describe(context.service(), &request.schema_arn).await?;
    Ok(Response { schema: Some(wire::schema(found)) })
}
