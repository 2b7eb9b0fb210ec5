//! The gathering of a training's data: bulk files and streamed events into compact columns, each row once.

use super::checkpoints;
use super::gathered::{Gathered, Metadata};
use super::streamed_events::{StreamedEvents, counts};
use crate::blobs::{blocking, dataset_arn, parquet_files};
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use crate::streamed::PAGE_LEN;
use crate::tables::{self, Records};
use tastemaker_compute::{
    BlobParquet, ImportError, InteractionsFilter, ORDER_ID, ReadLimits, read_action_interactions, read_contexts,
    read_interactions,
};
use tastemaker_data::{Column, ContextCounts, Dataset as Interactions, DatasetBuilder};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::resource::{Dataset, SchemaResource, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::records;
use tokio::runtime::Handle;

/// The data of a training. `first_items` are the first ones of the dataset, in their order.
pub(super) async fn gather(
    work: &LeasedJob,
    version: &SolutionVersion,
    first_items: Vec<String>,
) -> Result<Gathered, Stop> {
    let group = &version.dataset_group_arn;
    for dataset_type in catalog::by_arn(&version.recipe_arn).map_or(&[][..], |recipe| recipe.needs_datasets) {
        if work.load::<Dataset>(&dataset_arn(group, *dataset_type)).await?.is_none() {
            return Err(Stop::Failed(format!(
                "{group} has no {} dataset, which {} needs. Create one and import data.",
                dataset_type.record_name(),
                version.recipe_arn
            )));
        }
    }
    let interactions = work.load::<Dataset>(&dataset_arn(group, DatasetType::Interactions)).await?;
    // A recipe that needs none learns from them where they are.
    let files = interactions.map(|(_, dataset)| dataset.bulk_files).unwrap_or_default();
    let files = parquet_files(&work.ctx, &files).await?;
    let items = metadata(work, version, DatasetType::Items).await?;
    let users = metadata(work, version, DatasetType::Users).await?;
    let responses = responses(work, version).await?;
    let item_ids: Vec<String> = items.iter().flat_map(|items| items.table.ids.iter()).map(str::to_owned).collect();
    // What an attempt before has computed is of use for the events that it had read.
    let resumes = checkpoints::are_there(&work.ctx, &work.job.id).await?;
    let read_before = version.events_position.filter(|_| resumes);
    let (ctx, group, handle) = (work.ctx.clone(), group.clone(), Handle::current());
    let filter = InteractionsFilter {
        event_type: version.event_type.clone(),
        // By way of its decimal form, so that 3.7 means the 3.7 of the file and not the nearest f32.
        event_value_threshold: version.config.event_value_threshold.and_then(|t| t.to_string().parse().ok()),
        hides_event_type: !takes(version, "EVENT_TYPE"),
        hides_event_value: !takes(version, "EVENT_VALUE"),
        hides_order: !takes(version, ORDER_ID),
        events: version.config.events.clone(),
    };
    let Circumstances { columns, impressions, files: again } = circumstances(work, version).await?;
    let (choice, cancel, until_s) = (version.clone(), work.cancel.clone(), Some(work.ctx.until_s()));
    let read = blocking(move || {
        let streamed = StreamedEvents::find(&ctx, &group, read_before, handle)?;
        let mut builder = DatasetBuilder::new();
        first_items.iter().for_each(|item| builder.add_item(item));
        let limits = ReadLimits { until_s, cancelled: &|| cancel.is_cancelled() };
        read_interactions(files, &mut builder, &filter, &limits)?;
        builder.begin_streamed();
        item_ids.iter().for_each(|item| builder.add_item(item));
        let mut contexts = ContextCounts::default();
        let counts_contexts = !columns.is_empty() || impressions;
        if counts_contexts {
            read_contexts(again, &columns, impressions, &filter, &mut contexts, &limits)?;
        }
        streamed.each(|event| {
            if !counts(&choice, &event) {
                return;
            }
            if counts_contexts {
                let own = event.properties.iter().filter(|(name, _)| columns.contains(name));
                contexts.push(&event.item_id, own.map(|(name, text)| (name.as_str(), text.as_str())));
            }
            let (user, item) = (&event.user_id, &event.item_id);
            let event_type = Some(event.event_type.as_str()).filter(|_| !filter.hides_event_type);
            let value = event.event_value.filter(|_| !filter.hides_event_value);
            let order = event.properties.get(ORDER_ID).filter(|_| !filter.hides_order);
            builder.push_of_order(user, item, event.timestamp_s, event_type, value, order.map(String::as_str));
        })?;
        Ok::<_, ImportError>((builder.build(), contexts, streamed.last))
    });
    let (dataset, contexts, events_position) = read.await??;
    Ok(Gathered { dataset, items, users, responses, contexts, events_position })
}

/// Columns of interactions that mean the same in every schema, and no circumstance.
const RESERVED: &[&str] =
    &["USER_ID", "ITEM_ID", "EVENT_TYPE", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE", ORDER_ID];

/// The columns of interactions besides users, items and times.
#[derive(Default)]
struct Circumstances {
    /// The columns that say under which circumstances they happened.
    columns: Vec<String>,
    /// Whether a column says what was shown.
    impressions: bool,
    files: Vec<BlobParquet>,
}

async fn circumstances(work: &LeasedJob, version: &SolutionVersion) -> Result<Circumstances, Stop> {
    let found = work.load::<Dataset>(&dataset_arn(&version.dataset_group_arn, DatasetType::Interactions)).await?;
    let Some((_, dataset)) = found else { return Ok(Circumstances::default()) };
    let Some((_, schema)) = work.load::<SchemaResource>(&dataset.schema_arn).await? else {
        return Ok(Circumstances::default());
    };
    let schema = schema.parsed().map_err(|error| Stop::Failed(error.to_string()))?;
    let taken = || schema.fields.iter().filter(|field| takes(version, &field.name));
    let own = taken().filter(|field| field.categorical && !RESERVED.contains(&field.name.as_str()));
    Ok(Circumstances {
        columns: own.map(|field| field.name.clone()).collect(),
        impressions: taken().any(|field| field.name == "IMPRESSION"),
        files: parquet_files(&work.ctx, &dataset.bulk_files).await?,
    })
}

/// The responses to the group's actions, if the recipe is one of actions. Actions without responses are among them.
async fn responses(work: &LeasedJob, version: &SolutionVersion) -> Result<Option<Interactions>, Stop> {
    let recipe = catalog::by_arn(&version.recipe_arn);
    if recipe.is_none_or(|recipe| recipe.inference() != Inference::Actions) {
        return Ok(None);
    }
    let group = &version.dataset_group_arn;
    let actions = tables::load(&work.ctx, group, DatasetType::Actions).await?;
    let found = work.load::<Dataset>(&dataset_arn(group, DatasetType::ActionInteractions)).await?;
    let files = found.map(|(_, dataset)| dataset.bulk_files).unwrap_or_default();
    let files = parquet_files(&work.ctx, &files).await?;
    let stream = records::action_interactions_stream(group);
    let until_s = work.ctx.until_s();
    let (cancel, events, handle) = (work.cancel.clone(), work.ctx.stores.events.clone(), Handle::current());
    let read = blocking(move || {
        let mut builder = DatasetBuilder::new();
        let limits = ReadLimits { until_s: Some(until_s), cancelled: &|| cancel.is_cancelled() };
        read_action_interactions(files, &mut builder, &limits)?;
        actions.iter().flat_map(|actions| actions.table.ids.iter()).for_each(|id| builder.add_item(id));
        builder.begin_streamed();
        let mut last = 0;
        loop {
            let page = handle.block_on(events.read(&stream, last, PAGE_LEN))?;
            for stored in &page {
                last = stored.position;
                let event = skip_damaged(damage::Kind::Event, records::decode_action_interaction(&stream, stored))?;
                if let Some(event) = event.filter(|event| event.timestamp_s <= until_s) {
                    builder.push(&event.user_id, &event.action_id, event.timestamp_s, Some(&event.event_type), None);
                }
            }
            if page.len() < PAGE_LEN {
                return Ok::<_, ImportError>(builder.build());
            }
        }
    });
    Ok(Some(read.await??))
}

/// Whether the solution lets training see a column of the interactions.
fn takes(version: &SolutionVersion, column: &str) -> bool {
    version.config.training_data.as_ref().is_none_or(|data| data.takes("INTERACTIONS", column))
}

/// The rows of a dataset of records. Of its columns those count that AWS's training reads: categories, texts, the name and
/// numbers, unless the solution leaves them out; other strings are for filters.
async fn metadata(
    work: &LeasedJob,
    version: &SolutionVersion,
    dataset_type: DatasetType,
) -> Result<Option<Metadata>, Stop> {
    let Some(records) = tables::load(&work.ctx, &version.dataset_group_arn, dataset_type).await? else {
        return Ok(None);
    };
    let Records { mut table, schema, .. } = records;
    let of = dataset_type.as_str();
    let chosen = |name: &str| version.config.training_data.as_ref().is_none_or(|data| data.takes(of, name));
    let trained_on = |name: &str, column: &Column| {
        let field = schema.field(name);
        let read = !matches!(column, Column::Text(_));
        chosen(name) && (read || field.is_some_and(|f| f.categorical || f.textual || f.item_name))
    };
    table.columns.retain(|(name, column)| trained_on(name, column));
    Ok(Some(Metadata { table, schema }))
}
