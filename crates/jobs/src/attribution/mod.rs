//! Metric attributions: interactions counted by the source that recommended the item.
//!
//! Streamed events are counted from their log, from a cursor that is committed together with what was counted, so that
//! each counts exactly once whatever dies in between. Imports are counted by their job.
//!
//! - `import`, `publish`: the numbers of an import, and their file.
//! - `tally`: events to numbers by fifteen minutes.
//! - `items`: numbers of items, for `SUM(Items.<column>)`.

mod import;
mod items;
mod publish;
mod tally;

pub(crate) use import::{ImportNumbers, clean_up};
use publish::csv;
use tally::{Sample, Tally, Windows};

use crate::context::JobsCtx;
use futures::TryStreamExt;
use items::ItemNumbers;
use metrics::gauge;
use std::collections::HashMap;
use std::time::Duration;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{InteractionEvent, MetricAttribution};
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::records::{self, AttributedValue, AttributionCursor};
use tastemaker_store::{Error, EventsExt, Precondition, Write};
use tokio::sync::watch;

/// The pause between counts of streamed events.
const COUNT_EVERY: Duration = Duration::from_secs(2);
/// Windows are kept this long.
const WINDOWS_KEPT_S: i64 = 15 * 86_400;
/// Events with an older time are not counted, except for an import's published file.
pub(crate) const EVENT_AGE_S_MAX: i64 = 14 * 86_400;
/// The value since the attribution began, by attribution, metric, event type and source.
const TOTAL: &str = "tastemaker_attributed_total";
/// The value of the present window, by the same.
const WINDOW: &str = "tastemaker_attributed_window";

/// Counts again and again until `shutdown` becomes true.
pub(crate) async fn keep_counting(ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
    let mut items = HashMap::new();
    while !*shutdown.borrow() {
        if let Err(error) = count(&ctx, &mut items).await {
            tracing::warn!(%error, "metric attributions cannot be counted");
        }
        tokio::select! {
            () = tokio::time::sleep(COUNT_EVERY) => {}
            _ = shutdown.changed() => break,
        }
    }
}

/// Counts the events streamed since the last time, for every metric attribution.
pub(crate) async fn count(ctx: &JobsCtx, items: &mut HashMap<String, ItemNumbers>) -> Result<(), Error> {
    let all = records::list::<MetricAttribution>(&*ctx.stores.records).await?;
    items.retain(|arn, _| all.iter().any(|(_, attribution)| attribution.arn == *arn));
    for (_, attribution) in all {
        if attribution.status == Status::Active {
            count_one(ctx, &attribution, items.entry(attribution.arn.clone()).or_default()).await?;
            show(ctx, &attribution).await?;
        }
    }
    Ok(())
}

async fn count_one(ctx: &JobsCtx, attribution: &MetricAttribution, items: &mut ItemNumbers) -> Result<(), Error> {
    let stream = records::interactions_stream(&attribution.dataset_group_arn);
    let Some((mut at, mut cursor)) = records::load_attribution_cursor(&*ctx.stores.records, &attribution.arn).await?
    else {
        return Ok(());
    };
    let now_s = ctx.now() / 1000;
    let mut pages = EventsExt::pages(&*ctx.stores.events, &stream, cursor.position);
    while let Some(page) = pages.try_next().await? {
        items.refresh(ctx, attribution).await?;
        let mut tally = Tally::new(&attribution.metrics);
        for stored in &page {
            cursor.position = stored.position;
            let decoded = skip_damaged(Kind::Event, records::decode_event(&stream, stored))?;
            if let Some(event) = decoded.filter(|event| event.timestamp_s >= now_s - EVENT_AGE_S_MAX) {
                tally.add(&sample(&event), items);
            }
        }
        let preconditions = vec![
            Precondition::Version(records::attribution_cursor_key(&attribution.arn), at),
            Precondition::Exists(records::key::<MetricAttribution>(&attribution.arn)),
        ];
        let writes = merge(ctx, attribution, &mut cursor, tally.windows()).await?;
        match ctx.stores.records.commit(preconditions, writes).await {
            // An import counted meanwhile, or the attribution is gone: the next round reads anew.
            Err(Error::Conflict(_)) => return Ok(()),
            other => other?,
        }
        match records::load_attribution_cursor(&*ctx.stores.records, &attribution.arn).await? {
            Some((version, _)) => at = version,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The part of a streamed event that a metric attribution counts.
fn sample(event: &InteractionEvent) -> Sample<'_> {
    Sample {
        event_type: &event.event_type,
        item_id: &event.item_id,
        timestamp_s: event.timestamp_s,
        source: event.properties.get(tally::SOURCE_COLUMN).map(Into::into),
        number: Box::new(|column| match column {
            "EVENT_VALUE" => event.event_value.map(f64::from),
            "TIMESTAMP" => Some(event.timestamp_s as f64),
            other => event.properties.get(other).and_then(|text| text.parse().ok()),
        }),
    }
}

/// Adds a tally to the stored numbers: the cursor's totals, and the writes of cursor and windows.
pub(crate) async fn merge(
    ctx: &JobsCtx,
    attribution: &MetricAttribution,
    cursor: &mut AttributionCursor,
    tally: &Windows,
) -> Result<Vec<Write>, Error> {
    let arn = &attribution.arn;
    let counted = |value: &AttributedValue| attribution.metrics.iter().any(|m| m.metric_name == value.metric);
    cursor.totals.retain(counted);
    let mut writes = Vec::new();
    for (&start_s, values) in tally {
        let mut window = records::load_attribution_window(&*ctx.stores.records, arn, start_s).await?;
        for value in values {
            add(&mut window, value);
            add(&mut cursor.totals, value);
        }
        writes.push(records::put_attribution_window(arn, start_s, &window)?);
    }
    let oldest_s = ctx.now() / 1000 - WINDOWS_KEPT_S;
    if !writes.is_empty() {
        let windows = records::attribution_windows(&*ctx.stores.records, arn).await?;
        for (start_s, _) in windows.into_iter().take_while(|(start_s, _)| *start_s < oldest_s) {
            writes.push(Write::Delete { key: records::attribution_window_key(arn, start_s) });
        }
    }
    writes.push(records::put_attribution_cursor(arn, cursor)?);
    Ok(writes)
}

fn add(values: &mut Vec<AttributedValue>, new: &AttributedValue) {
    let same = |v: &&mut AttributedValue| {
        (&v.metric, &v.event_type, &v.function, &v.source) == (&new.metric, &new.event_type, &new.function, &new.source)
    };
    match values.iter_mut().find(same) {
        Some(known) => known.value += new.value,
        None => values.push(new.clone()),
    }
}

/// Shows the numbers on `/metrics`.
async fn show(ctx: &JobsCtx, attribution: &MetricAttribution) -> Result<(), Error> {
    let Some((_, cursor)) = records::load_attribution_cursor(&*ctx.stores.records, &attribution.arn).await? else {
        return Ok(());
    };
    let start_s = tally::window_start(ctx.now() / 1000);
    let window = records::load_attribution_window(&*ctx.stores.records, &attribution.arn, start_s).await?;
    let set = |name: &'static str, value: &AttributedValue, number: f64| {
        gauge!(
            name,
            "attribution" => attribution.arn.clone(),
            "metric" => value.metric.clone(),
            "event_type" => value.event_type.clone(),
            "function" => value.function.clone(),
            "source" => value.source.clone()
        )
        .set(number);
    };
    for value in &cursor.totals {
        set(TOTAL, value, value.value);
        // A series that the present window does not have yet begins at nothing.
        set(WINDOW, value, 0.0);
    }
    for value in &window {
        set(WINDOW, value, value.value);
    }
    Ok(())
}
