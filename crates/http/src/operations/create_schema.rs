//! `CreateSchema`.

use super::{Answer, Context, common};
use tastemaker_service::schemas::{self, NewSchema};
use tastemaker_wire::personalize::{CreateSchemaRequest, CreateSchemaResponse};

/// Checks and keeps a schema.
pub async fn answer(context: &Context<'_>, request: CreateSchemaRequest) -> Answer<CreateSchemaResponse> {
    let new = NewSchema {
        domain: common::domain(request.domain.as_deref())?,
        name: request.name,
        text: request.schema,
    };
    let schema = schemas::create(&context.state.service, context.caller, new).await?;
    Ok(CreateSchemaResponse { schema_arn: Some(schema.arn) })
}
