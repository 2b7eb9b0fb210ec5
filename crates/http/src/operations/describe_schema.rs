//! `DescribeSchema`.

use super::{Answer, Context, to_wire};
use tastemaker_service::schemas;
use tastemaker_wire::personalize::{DescribeSchemaRequest, DescribeSchemaResponse};

/// Shows a schema with its text.
pub async fn answer(context: &Context<'_>, request: DescribeSchemaRequest) -> Answer<DescribeSchemaResponse> {
    let found = schemas::describe(&context.state.service, &request.schema_arn).await?;
    Ok(DescribeSchemaResponse { schema: Some(to_wire::schema(found)) })
}
