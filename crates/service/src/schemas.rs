//! Schemas: immutable, without a status, used by datasets.

use crate::event_datasets::{self, EVENT_SCHEMA_ARN};
use crate::lookup::{all_under, in_use_by, refuse_existing, require, scope_of};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page};
use tastemaker_domain::resource::{Dataset, SchemaResource};
use tastemaker_domain::schema::{DatasetDomain, Schema};
use tastemaker_domain::{Error, Member, Result, name};

/// Characters of a schema's text.
const TEXT_CHARS_MAX: usize = 20_000;

/// The customer's part of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchema {
    /// Unique among the region's schemas.
    pub name: String,
    /// Avro JSON, at most 20 000 characters.
    pub text: String,
    /// The domain of the dataset groups that will use it.
    pub domain: Option<DatasetDomain>,
}

/// Checks and keeps a schema.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewSchema) -> Result<SchemaResource> {
    name::check(Member::Name, &new.name)?;
    let length = new.text.chars().count();
    if length > TEXT_CHARS_MAX {
        return Err(Error::InvalidInput(format!(
            "schema must have at most {TEXT_CHARS_MAX} characters, not {length}."
        )));
    }
    Schema::parse(&new.text, new.domain)?;
    let now = ctx.now();
    let schema = SchemaResource {
        arn: caller.scope.arn(&format!("schema/{}", new.name)),
        name: new.name,
        text: new.text,
        domain: new.domain,
        created_ms: now,
        updated_ms: now,
    };
    let made = &schema;
    ctx.transact(|tx| async move {
        refuse_existing::<SchemaResource>(ctx, &made.arn).await?;
        let within = Within::Region(&made.arn);
        let quota = Quota { key: "schemas", what: "schemas", max: ctx.quotas.schemas, within };
        quotas::enforce::<SchemaResource>(ctx, &tx, quota, |_| true).await?;
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(schema)
}

/// The schema with this ARN.
pub async fn describe(ctx: &Ctx, schema_arn: &str) -> Result<SchemaResource> {
    if schema_arn == EVENT_SCHEMA_ARN {
        return Ok(event_datasets::schema());
    }
    Ok(require(ctx, Member::SchemaArn, schema_arn).await?.1)
}

/// The region's schemas, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, page: Page) -> Result<Listed<SchemaResource>> {
    let query = Query { operation: "ListSchemas", filter: None, order: Order::OldestFirst };
    paging::list(ctx, caller, query, page, |_| true).await
}

/// Removes a schema that no dataset uses. The schema of event datasets is the service's: scripts that delete the schema of
/// every dataset they find get their answer, and it stays.
pub async fn delete(ctx: &Ctx, schema_arn: &str) -> Result<()> {
    if schema_arn == EVENT_SCHEMA_ARN {
        return Ok(());
    }
    ctx.transact(|tx| async move {
        let (version, schema) = require::<SchemaResource>(ctx, Member::SchemaArn, schema_arn).await?;
        for (_, dataset) in all_under::<Dataset>(ctx, scope_of(schema_arn)).await? {
            if dataset.schema_arn == schema_arn && !dataset.status.is_deleting() {
                return Err(in_use_by(schema_arn, &dataset.arn));
            }
        }
        tx.remove(version, &schema);
        Ok(())
    })
    .await
}
