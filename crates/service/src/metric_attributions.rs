//! Metric attributions: one in a dataset group, ACTIVE from the commit that makes it.

use crate::lookup::{
    all_under, must_be_active, must_be_deletable, refuse_existing, require, require_here, schema_of, scope_of,
};
use crate::paging::{self, Order, Query};
use crate::{Caller, Ctx, Listed, Page};
use tastemaker_domain::limits::METRICS_MAX;
use tastemaker_domain::metric_expression::MetricExpression;
use tastemaker_domain::resource::{DatasetGroup, MetricAttribute, MetricAttribution, S3Location};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_store::records::{self, AttributionCursor};
use tastemaker_store::{RecordsExt, Write};

/// The customer's part of a metric attribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMetricAttribution {
    /// Unique among the region's metric attributions.
    pub name: String,
    /// A group without one.
    pub dataset_group_arn: String,
    /// 1 to 10 with different names.
    pub metrics: Vec<MetricAttribute>,
    /// The location to which numbers of imports are published.
    pub output: MetricsOutput,
}

/// The customer's `metricsOutputConfig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsOutput {
    /// Shown again by Describe; this server's own bucket access needs no role.
    pub role_arn: String,
    /// A folder; nothing is published without one.
    pub destination: Option<S3Location>,
}

/// A change by UpdateMetricAttribution: first metrics go, then others come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetricAttributionChange {
    /// With names that are free then.
    pub add: Vec<MetricAttribute>,
    /// Names of metrics.
    pub remove: Vec<String>,
    /// Replaces the former one.
    pub output: Option<MetricsOutput>,
}

fn check_output(output: &MetricsOutput) -> Result<()> {
    match &output.destination {
        Some(location) => S3Path::parse_folder(
            Member::MetricsOutputConfig.then(Member::S3DataDestination).then(Member::Path),
            &location.path,
        )
        .map(|_| ()),
        None => Ok(()),
    }
}

/// Begins to count.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewMetricAttribution) -> Result<MetricAttribution> {
    name::check(Member::Name, &new.name)?;
    check_output(&new.output)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let group_arn = &new.dataset_group_arn;
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, group_arn).await?;
        let now = ctx.now();
        let attribution = MetricAttribution {
            name: new.name.clone(),
            arn: caller.scope.arn(&format!("metric-attribution/{}", new.name)),
            dataset_group_arn: group.arn.clone(),
            metrics: new.metrics.clone(),
            role_arn: new.output.role_arn.clone(),
            output: new.output.destination.clone(),
            status: Status::Active,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<MetricAttribution>(ctx, &attribution.arn).await?;
        must_be_active(&group.arn, group.status)?;
        if let Some(other) = of_group(ctx, group_arn).await? {
            return Err(Error::AlreadyExists(format!(
                "Another resource with Arn {} already exists; a dataset group has at most one metric attribution.",
                other.arn
            )));
        }
        check_metrics(ctx, group_arn, Member::Metrics, &attribution.metrics, 0).await?;
        // Only what comes from now on counts.
        let cursor = AttributionCursor { position: end_of_stream(ctx, group_arn).await?, ..Default::default() };
        tx.touch(group_version, &group)?;
        tx.create(&attribution)?;
        tx.write(records::put_attribution_cursor(&attribution.arn, &cursor)?);
        Ok(attribution)
    })
    .await
}

/// The position of the last streamed event.
async fn end_of_stream(ctx: &Ctx, group_arn: &str) -> Result<u64> {
    const PAGE_LEN: usize = 1_000;
    let stream = records::interactions_stream(group_arn);
    let mut last = 0;
    loop {
        let page = ctx.stores.events.read(&stream, last, PAGE_LEN).await?;
        last = page.last().map_or(last, |stored| stored.position);
        if page.len() < PAGE_LEN {
            return Ok(last);
        }
    }
}

/// The metric attribution of a dataset group.
pub(crate) async fn of_group(ctx: &Ctx, group_arn: &str) -> Result<Option<MetricAttribution>> {
    let all = all_under::<MetricAttribution>(ctx, scope_of(group_arn)).await?;
    Ok(all.into_iter().map(|(_, a)| a).find(|a| a.dataset_group_arn == group_arn && !a.status.is_deleting()))
}

/// Checks the last metrics, from `first` on, which the request gives in `member`; the names of all must differ.
async fn check_metrics(
    ctx: &Ctx,
    group_arn: &str,
    member: Member,
    metrics: &[MetricAttribute],
    first: usize,
) -> Result<()> {
    if !(1..=METRICS_MAX).contains(&metrics.len()) {
        return Err(Error::InvalidInput(format!(
            "{member}: a metric attribution has 1 to {METRICS_MAX} metrics, not {}.",
            metrics.len()
        )));
    }
    let interactions = schema_of(ctx, group_arn, DatasetType::Interactions).await?;
    if interactions.as_ref().is_none_or(|schema| schema.field("EVENT_TYPE").is_none()) {
        return Err(Error::InvalidInput(format!(
            "{}: {group_arn} needs an Interactions dataset whose schema has the column EVENT_TYPE.",
            Member::DatasetGroupArn
        )));
    }
    let items = schema_of(ctx, group_arn, DatasetType::Items).await?;
    for (n, metric) in metrics.iter().enumerate().skip(first) {
        let path = |part: Member| format!("The value at '{}'", member.item(n - first).then(part));
        if metric.metric_name.is_empty() || metric.event_type.is_empty() {
            let part = if metric.metric_name.is_empty() { Member::MetricName } else { Member::EventType };
            return Err(Error::InvalidInput(format!("{} must not be empty.", path(part))));
        }
        if metrics[..n].iter().any(|other| other.metric_name == metric.metric_name) {
            let text = format!("{} is '{}', which names another metric.", path(Member::MetricName), metric.metric_name);
            return Err(if first == 0 { Error::InvalidInput(text) } else { Error::AlreadyExists(text) });
        }
        let broken = |rule: String| Error::InvalidInput(format!("{} {rule}.", path(Member::Expression)));
        if let MetricExpression::Sum(dataset, column) = MetricExpression::parse(&metric.expression).map_err(broken)? {
            let schema = if dataset == DatasetType::Items { &items } else { &interactions };
            let schema = schema.as_ref().ok_or_else(|| {
                broken(format!("needs a dataset of type {}, which {group_arn} does not have", dataset.as_str()))
            })?;
            MetricExpression::check_column(&column, schema).map_err(broken)?;
        }
    }
    Ok(())
}

/// The metric attribution with this ARN.
pub async fn describe(ctx: &Ctx, metric_attribution_arn: &str) -> Result<MetricAttribution> {
    Ok(require(ctx, Member::MetricAttributionArn, metric_attribution_arn).await?.1)
}

/// The region's metric attributions, or that of one group, oldest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_group_arn: Option<&str>,
    page: Page,
) -> Result<Listed<MetricAttribution>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListMetricAttributions", filter, order: Order::OldestFirst };
    let keep = |a: &MetricAttribution| dataset_group_arn.is_none_or(|arn| a.dataset_group_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// The metrics of an attribution, by name.
pub async fn list_metrics(ctx: &Ctx, metric_attribution_arn: &str, page: Page) -> Result<Listed<MetricAttribute>> {
    let attribution = describe(ctx, metric_attribution_arn).await?;
    let mut metrics: Vec<_> = attribution.metrics.into_iter().map(|m| (m.metric_name.clone(), m)).collect();
    metrics.sort_by(|(a, _), (b, _)| a.cmp(b));
    let query = ["ListMetricAttributionMetrics", metric_attribution_arn];
    paging::cut(metrics, &query, page, |place, last| place > last)
}

/// Changes what is counted, from now on.
pub async fn update(
    ctx: &Ctx,
    metric_attribution_arn: &str,
    change: MetricAttributionChange,
) -> Result<MetricAttribution> {
    if let Some(output) = &change.output {
        check_output(output)?;
    }
    let change = &change;
    ctx.transact(|tx| async move {
        let (version, mut attribution) =
            require::<MetricAttribution>(ctx, Member::MetricAttributionArn, metric_attribution_arn).await?;
        must_be_active(&attribution.arn, attribution.status)?;
        for name in &change.remove {
            let Some(at) = attribution.metrics.iter().position(|metric| metric.metric_name == *name) else {
                return Err(Error::InvalidInput(format!(
                    "{}: {metric_attribution_arn} has no metric '{name}'.",
                    Member::RemoveMetrics
                )));
            };
            attribution.metrics.remove(at);
        }
        let kept = attribution.metrics.len();
        attribution.metrics.extend_from_slice(&change.add);
        check_metrics(ctx, &attribution.dataset_group_arn, Member::AddMetrics, &attribution.metrics, kept).await?;
        if let Some(output) = &change.output {
            attribution.role_arn = output.role_arn.clone();
            attribution.output = output.destination.clone();
        }
        attribution.updated_ms = ctx.now();
        tx.replace(version, &attribution)?;
        Ok(attribution)
    })
    .await
}

/// Removes a metric attribution with all its numbers.
pub async fn delete(ctx: &Ctx, metric_attribution_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, attribution) =
            require::<MetricAttribution>(ctx, Member::MetricAttributionArn, metric_attribution_arn).await?;
        must_be_deletable(&attribution.arn, attribution.status)?;
        for prefix in records::attribution_keys(&attribution.arn) {
            for (key, _) in ctx.stores.records.scan_all(&prefix).await? {
                tx.write(Write::Delete { key });
            }
        }
        tx.remove(version, &attribution);
        Ok(())
    })
    .await
}
