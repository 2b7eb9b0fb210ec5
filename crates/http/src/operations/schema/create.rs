//! `CreateSchema` checks and keeps a schema.

use crate::operations::{Answer, Context, wire::read_domain};
use tastemaker_service::schemas::{self, NewSchema};
use tastemaker_wire::personalize::{CreateSchemaRequest as Request, CreateSchemaResponse as Response};

pub async fn answer(context: &Context<'_>, request: Request) -> Answer<Response> {
    let new = NewSchema { domain: read_domain(request.domain.as_deref())?, name: request.name, text: request.schema };
    let schema = schemas::create(context.service(), context.caller, new).await?;
    Ok(Response { schema_arn: Some(schema.arn) })
}
