//! Filters: ACTIVE and usable from the commit that makes them.

use crate::lookup::{
    all_under, batch_job_filtering_by, dataset_prefix, in_use_by, must_be_active, must_be_deletable, refuse_existing,
    require, require_here, scope_of,
};
use crate::paging::{self, Order, Query};
use crate::{Caller, Ctx, FilterChange, Listed, Page};
use std::collections::BTreeSet;
use tastemaker_domain::limits::FILTER_FIELDS_PER_GROUP_MAX;
use tastemaker_domain::resource::{Dataset, DatasetGroup, Filter, SchemaResource};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_filter::Expression;
use tastemaker_store::{Transaction, records};

/// The customer's part of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFilter {
    /// Unique among the region's filters.
    pub name: String,
    /// The group whose columns and events the expression is about.
    pub dataset_group_arn: String,
    /// See [`tastemaker_filter`].
    pub expression: String,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Makes a filter, whose expression must fit the group's datasets as they are now.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewFilter) -> Result<Filter> {
    name::check(Member::Name, &new.name)?;
    let of_expression = |error: Error| error.of_member(Member::FilterExpression);
    let expression = tastemaker_filter::parse(&new.expression).map_err(|error| of_expression(error.into()))?;
    let arn = caller.scope.arn(&format!("filter/{}", new.name));
    let (new, arn, checked) = (&new, &arn, &expression);
    let filter = ctx.transact(|tx| async move {
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, &new.dataset_group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        tx.touch(group_version, &group)?;
        tastemaker_filter::check(checked, &schemas(ctx, &group, &tx).await?).map_err(of_expression)?;
        refuse_existing::<Filter>(ctx, arn).await?;
        check_quotas(&group, &of_group(ctx, &group.arn).await?, checked, ctx.quotas.filters_per_group)?;
        let now = ctx.now();
        let filter = Filter {
            name: new.name.clone(),
            arn: arn.clone(),
            dataset_group_arn: group.arn.clone(),
            expression: new.expression.clone(),
            status: Status::Active,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        tx.create_tagged(&filter, &new.tags)?;
        Ok(filter)
    });
    let filter = filter.await?;
    (ctx.filters_changed)(FilterChange::Created(&filter, expression));
    Ok(filter)
}

/// The schemas of the group's datasets, which must not change before the commit.
async fn schemas(ctx: &Ctx, group: &DatasetGroup, tx: &Transaction) -> Result<Vec<Schema>> {
    let mut schemas = Vec::new();
    for (version, dataset) in all_under::<Dataset>(ctx, &dataset_prefix(&group.arn)).await? {
        if dataset.status.is_deleting() {
            continue;
        }
        let schema = records::load::<SchemaResource>(&*ctx.stores.records, &dataset.schema_arn).await?;
        let Some((_, schema)) = schema else {
            return Err(Error::Internal(format!("{} has no schema {}", dataset.arn, dataset.schema_arn)));
        };
        tx.unchanged(version, &dataset);
        schemas.push(schema.parsed()?);
    }
    Ok(schemas)
}

async fn of_group(ctx: &Ctx, group_arn: &str) -> Result<Vec<Filter>> {
    let filters = all_under::<Filter>(ctx, scope_of(group_arn)).await?.into_iter().map(|(_, filter)| filter);
    Ok(filters.filter(|f| f.dataset_group_arn == group_arn && !f.status.is_deleting()).collect())
}

fn check_quotas(group: &DatasetGroup, others: &[Filter], new: &Expression, filters_max: usize) -> Result<()> {
    if others.len() >= filters_max {
        return Err(Error::LimitExceeded(format!(
            "{} has {} filters; at most {filters_max} are possible (limits.filters_per_group). Delete one first.",
            group.arn,
            others.len()
        )));
    }
    let mut fields: BTreeSet<String> = new.fields();
    for other in others {
        fields.extend(tastemaker_filter::parse(&other.expression)?.fields());
    }
    if fields.len() > FILTER_FIELDS_PER_GROUP_MAX {
        return Err(Error::LimitExceeded(format!(
            "With this filter, the filters of {} would use {} different dataset fields; at most \
             {FILTER_FIELDS_PER_GROUP_MAX} are possible.",
            group.arn,
            fields.len()
        )));
    }
    Ok(())
}

/// The filter with this ARN.
pub async fn describe(ctx: &Ctx, filter_arn: &str) -> Result<Filter> {
    Ok(require(ctx, Member::FilterArn, filter_arn).await?.1)
}

/// The region's filters, or those of one group, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, dataset_group_arn: Option<&str>, page: Page) -> Result<Listed<Filter>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListFilters", filter, order: Order::OldestFirst };
    let keep = |f: &Filter| dataset_group_arn.is_none_or(|arn| f.dataset_group_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// Removes a filter.
pub async fn delete(ctx: &Ctx, filter_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, filter) = require::<Filter>(ctx, Member::FilterArn, filter_arn).await?;
        must_be_deletable(&filter.arn, filter.status)?;
        if let Some(user) = batch_job_filtering_by(ctx, scope_of(filter_arn), filter_arn).await? {
            return Err(in_use_by(filter_arn, &user));
        }
        tx.remove(version, &filter);
        Ok(())
    })
    .await?;
    (ctx.filters_changed)(FilterChange::Deleted(filter_arn));
    Ok(())
}

/// The ACTIVE filter that a batch job of the group `dataset_group_arn` names, with its version for a precondition: a job that
/// is made while the filter is being deleted meets a conflict.
pub async fn usable(ctx: &Ctx, filter_arn: &str, dataset_group_arn: &str) -> Result<(u64, Filter)> {
    let (version, filter) = require::<Filter>(ctx, Member::FilterArn, filter_arn).await?;
    must_be_active(&filter.arn, filter.status)?;
    if filter.dataset_group_arn != dataset_group_arn {
        return Err(Error::InvalidInput(format!(
            "{}: {filter_arn} belongs to {}, not to {dataset_group_arn}.",
            Member::FilterArn,
            filter.dataset_group_arn
        )));
    }
    Ok((version, filter))
}
