//! Train jobs: the training of a solution version.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. gather: bulk files and streamed events, filtered as the solution says, and the ids of the Items dataset. The events of
//!    an anonymous session count for the user who was named in it later.
//! 3. fit: when there is memory for it beside other trainings, `training::fit` on threads of low priority; with performHPO each trial of the search is recorded when it has ended, and an
//!    attempt after a crash goes on from there; `trainingMode` UPDATE folds the data into the last model instead
//! 4. write: the artifact under a key of this attempt
//! 5. publish: one commit makes the version ACTIVE with its metrics and ends the job
//!
//! A training that was killed goes on from its last epoch or finished part ([`checkpoints`]), over the streamed events that it had read.
//!
//! A version that is CREATE STOPPING throws the training's switch; whatever step notices it ends the job as CREATE STOPPED.

mod checkpoints;
mod gathered;
mod memory;
mod outcome;
mod trials;
mod update;

use super::{Kind, recommender};
use crate::blobs::blob_segment;
use crate::blobs::{blocking, dataset_arn, parquet_files};
use crate::context::JobsCtx;
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::orphans::{self, ARTIFACTS};
use crate::stop::{Stop, abandoned};
use crate::tables::{self, Records};
use async_trait::async_trait;
use checkpoints::BlobCheckpoints;
use futures::TryStreamExt;
use gathered::{Gathered, Metadata};
use outcome::{GRACE, TrainingOutcome, recipe_of, report_of, seed, warn_of};
use std::sync::Arc;
use std::time::Duration;
use tastemaker_compute::{
    BlobParquet, ImportError, InteractionsFilter, ORDER_ID, ReadLimits, read_action_interactions, read_contexts,
    read_interactions,
};
use tastemaker_data::{Column, ContextCounts, Dataset as Interactions, DatasetBuilder};
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::resource::{
    Dataset, InteractionEvent, Job, JobKind, SchemaResource, SolutionVersion, TimeMs, TrainingMode, name_sessions,
};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tuning::{self, Trial};
use tastemaker_domain::{ArnKind, Status, catalog};
use tastemaker_learn::{Cancel, TrainContext};
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::records::{self, STOPS_CHANNEL, TRAININGS_CHANNEL};
use tastemaker_store::{Error, EventsExt, Transaction};
use tastemaker_training::fit::{FitError, FitRequest, Tuning, fit};
use tokio::sync::mpsc;

pub(super) struct Train {
    /// Trainings at a time.
    pub side_by_side: usize,
}

#[async_trait]
impl Kind for Train {
    fn kind(&self) -> JobKind {
        JobKind::Train
    }

    fn concurrency(&self) -> usize {
        self.side_by_side
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let version = work.transact(|tx| start(work, tx)).await?;
        let watch = tokio::spawn(throw_when_stopped(work.ctx.clone(), version.arn.clone(), work.cancel.clone()));
        let made = make(work, &version).await;
        watch.abort();
        let ended = match made {
            Err(Stop::Shutdown) if is_stopping(work).await? => work.transact(|tx| end(work, tx, &|_| {})).await,
            other => other,
        };
        work.ctx.stores.wakeups.notify(TRAININGS_CHANNEL).await;
        ended
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let failed = |version: &mut SolutionVersion| {
            version.status = Status::CreateFailed;
            version.failure_reason = Some(reason.to_owned());
        };
        end(work, tx, &failed).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        if let Err(error) = orphans::remove_unnamed_of(work, &root_of(&work.job.resource_arn)).await {
            tracing::warn!(job = work.job.id, %error, "files of the training remain until the next start");
        }
        if let Err(error) = put_away_checkpoints(work).await {
            tracing::warn!(job = work.job.id, %error, "checkpoints of the training remain until the next start");
        }
    }
}

/// Removes the checkpoints of a job that has ended; one that goes on needs them.
async fn put_away_checkpoints(work: &LeasedJob) -> Result<(), Error> {
    match records::load::<Job>(&*work.ctx.stores.records, &work.job.id).await? {
        Some(_) => Ok(()),
        None => checkpoints::remove(&work.ctx, &work.job.id).await,
    }
}

/// `artifacts/<solution>/<version>`.
fn root_of(version_arn: &str) -> String {
    let mut tail = version_arn.rsplit('/').map(blob_segment);
    let version = tail.next().unwrap_or_default();
    format!("{ARTIFACTS}{}/{version}", tail.next().unwrap_or_default())
}

/// The longest time that a request to stop goes unnoticed when its notification is lost.
const STOP_POLL: Duration = Duration::from_millis(500);

/// Throws the switch when the version is asked to stop.
async fn throw_when_stopped(ctx: JobsCtx, version_arn: String, cancel: Arc<Cancel>) {
    loop {
        ctx.stores.wakeups.wait(STOPS_CHANNEL, STOP_POLL).await;
        // Storage that cannot serve now is asked again.
        if let Ok(Some((_, version))) = records::load::<SolutionVersion>(&*ctx.stores.records, &version_arn).await
            && version.status == Status::CreateStopping
        {
            return cancel.cancel();
        }
    }
}

async fn is_stopping(work: &LeasedJob) -> Result<bool, Stop> {
    let version = work.load::<SolutionVersion>(&work.job.resource_arn).await?;
    Ok(version.is_some_and(|(_, version)| version.status == Status::CreateStopping))
}

async fn start(work: &LeasedJob, tx: Transaction) -> Result<SolutionVersion, Stop> {
    let found = work.load::<SolutionVersion>(&work.job.resource_arn).await?;
    match found {
        Some((at, mut version)) if matches!(version.status, Status::CreatePending | Status::CreateInProgress) => {
            version.status = Status::CreateInProgress;
            version.updated_ms = work.ctx.now();
            recommender::on_begin(work, &tx, &version).await?;
            tx.replace(at, &version)?;
            work.step("start", tx).await?;
            Ok(version)
        }
        // Deleted, or stopped before it began or while nobody worked on it.
        _ => {
            end(work, tx, &|_| {}).await?;
            Err(Stop::Lost)
        }
    }
}

/// Ends the job with a last change of its version. One that is asked to stop becomes CREATE STOPPED instead, and one that has
/// ended stays as it is.
async fn end(work: &LeasedJob, tx: Transaction, change: &(dyn Fn(&mut SolutionVersion) + Sync)) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        return work.finish(tx).await;
    };
    match version.status {
        Status::CreateStopping => version.status = Status::CreateStopped,
        status if status.is_creating() => change(&mut version),
        _ => return work.finish(tx).await,
    }
    version.updated_ms = work.ctx.now();
    tx.replace(at, &version)?;
    if ArnKind::Recommender.fits(&version.solution_arn) {
        // The recommender answers by its new model.
        tx.add_job(JobKind::Recommend, &version.solution_arn, work.ctx.now())?;
    }
    work.finish(tx).await
}

/// From data to a published version.
async fn make(work: &LeasedJob, version: &SolutionVersion) -> Result<(), Stop> {
    let started_ms = work.ctx.now();
    let base = match version.training_mode {
        TrainingMode::Full => None,
        TrainingMode::Update => Some(update::base_of(work, version).await?),
    };
    let first_items = base.as_ref().map(|base| base.items.clone()).unwrap_or_default();
    let gathered = gather(work, version, first_items).await?;
    let events_position = gathered.events_position;
    work.transact(|tx| note_position(work, tx, events_position)).await?;
    let outcome = match base {
        None => train(work, version, gathered).await?,
        Some(base) => update::update(work, version, gathered, base).await?,
    };
    let prefix = work.blob_folder(&root_of(&version.arn));
    for (name, bytes) in &outcome.files {
        work.ctx.stores.blobs.put(&format!("{prefix}/{name}"), bytes.clone().into()).await?;
    }
    let hours = hours_since(started_ms, work.ctx.now());
    let publish = |version: &mut SolutionVersion| {
        version.status = Status::Active;
        version.failure_reason = None;
        version.metrics = outcome.metrics.clone();
        version.baseline_metrics = outcome.baseline_metrics.clone();
        version.artifact_key = Some(prefix.clone());
        version.training_hours = Some(hours);
        version.tuned_parameters = outcome.tuned_parameters.clone();
    };
    work.transact(|tx| end(work, tx, &publish)).await
}

/// Keeps in mind how far the training has read.
async fn note_position(work: &LeasedJob, tx: Transaction, events_position: u64) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    version.events_position = Some(events_position);
    tx.replace(at, &version)?;
    work.step("fit", tx).await
}

/// The data of a training. `first_items` are the first ones of the dataset, in their order.
async fn gather(work: &LeasedJob, version: &SolutionVersion, first_items: Vec<String>) -> Result<Gathered, Stop> {
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
    let (streamed, events_position) = streamed(work, group, read_before).await?;
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
    let (dataset, bulk, contexts) = blocking(move || {
        let mut builder = DatasetBuilder::new();
        first_items.iter().for_each(|item| builder.add_item(item));
        let limits = ReadLimits { until_s, cancelled: &|| cancel.is_cancelled() };
        read_interactions(files, &mut builder, &filter, &limits)?;
        let streamed: Vec<&InteractionEvent> = streamed.iter().filter(|event| counts(&choice, event)).collect();
        let bulk = (!streamed.is_empty()).then(|| builder.clone().build());
        for item in item_ids {
            builder.add_item(&item);
        }
        let mut contexts = ContextCounts::default();
        if !columns.is_empty() || impressions {
            read_contexts(again, &columns, impressions, &filter, &mut contexts, &limits)?;
            for event in &streamed {
                let own = event.properties.iter().filter(|(name, _)| columns.contains(name));
                contexts.push(&event.item_id, own.map(|(name, text)| (name.as_str(), text.as_str())));
            }
        }
        for event in streamed {
            let (user, item) = (&event.user_id, &event.item_id);
            let event_type = Some(event.event_type.as_str()).filter(|_| !filter.hides_event_type);
            let value = event.event_value.filter(|_| !filter.hides_event_value);
            let order = event.properties.get(ORDER_ID).filter(|_| !filter.hides_order);
            builder.push_of_order(user, item, event.timestamp_s, event_type, value, order.map(String::as_str));
        }
        Ok::<_, ImportError>((builder.build(), bulk, contexts))
    })
    .await??;
    Ok(Gathered { dataset, bulk, items, users, responses, contexts, events_position })
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

/// The responses to the group's actions and the bulk part of them, if the recipe is one of actions. Actions without responses
/// are among them.
async fn responses(work: &LeasedJob, version: &SolutionVersion) -> Result<Option<(Interactions, Interactions)>, Stop> {
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
    let mut streamed = Vec::new();
    let mut pages = EventsExt::pages(&*work.ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        for stored in &page {
            let event = skip_damaged(damage::Kind::Event, records::decode_action_interaction(&stream, stored))?;
            streamed.extend(event.filter(|event| event.timestamp_s <= until_s));
        }
    }
    let cancel = work.cancel.clone();
    let read = blocking(move || {
        let mut builder = DatasetBuilder::new();
        let limits = ReadLimits { until_s: Some(until_s), cancelled: &|| cancel.is_cancelled() };
        read_action_interactions(files, &mut builder, &limits)?;
        actions.iter().flat_map(|actions| actions.table.ids.iter()).for_each(|id| builder.add_item(id));
        let bulk = builder.clone().build();
        for event in streamed {
            builder.push(&event.user_id, &event.action_id, event.timestamp_s, Some(&event.event_type), None);
        }
        Ok::<_, ImportError>((builder.build(), bulk))
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

/// Whether the version is trained on a streamed event.
pub(super) fn counts(version: &SolutionVersion, event: &InteractionEvent) -> bool {
    let type_fits = version.event_type.as_deref().is_none_or(|t| t.to_lowercase() == event.event_type.to_lowercase());
    let threshold = version.config.event_value_threshold;
    let value = event.event_value.and_then(|value| value.to_string().parse().ok());
    type_fits
        && version.config.takes_event(&event.event_type, value)
        && threshold.is_none_or(|least| event.event_value.is_some_and(|value| value >= least))
}

/// The group's streamed events in order, up to a position or all, and the position of the last one. Events of a clock that ran
/// ahead, which the stream took once, are left out.
pub(super) async fn streamed(
    work: &LeasedJob,
    group: &str,
    until: Option<u64>,
) -> Result<(Vec<InteractionEvent>, u64), Stop> {
    let stream = records::interactions_stream(group);
    let (mut events, mut position, until_s) = (Vec::new(), 0, work.ctx.until_s());
    let mut pages = EventsExt::pages(&*work.ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        for stored in page.iter().filter(|stored| until.is_none_or(|until| stored.position <= until)) {
            let event = skip_damaged(damage::Kind::Event, records::decode_event(&stream, stored))?;
            events.extend(event.filter(|event| event.timestamp_s <= until_s));
            position = stored.position;
        }
    }
    name_sessions(&mut events);
    Ok((events, position))
}

/// A trial that ended, and where to say that it is recorded.
type Ended = (Trial, std::sync::mpsc::SyncSender<()>);

/// The pause between two notes of how long a training has taken so far.
const NOTE_PAUSE: Duration = Duration::from_secs(10);

/// Shows customers that the training goes on.
async fn note_time(work: &LeasedJob, tx: Transaction, began_ms: TimeMs) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        return Err(Stop::Lost);
    };
    version.updated_ms = work.ctx.now();
    version.training_hours = Some(hours_since(began_ms, version.updated_ms));
    tx.replace(at, &version)?;
    work.step("fit", tx).await
}

fn hours_since(began_ms: TimeMs, now_ms: TimeMs) -> f64 {
    now_ms.saturating_sub(began_ms).max(0) as f64 / 3_600_000.0
}

async fn train(work: &LeasedJob, version: &SolutionVersion, gathered: Gathered) -> Result<TrainingOutcome, Stop> {
    let recipe = recipe_of(version)?;
    let plan = version.perform_tuning.then(|| tuning::plan(recipe.descriptor, &version.config)).transpose();
    let plan = plan.map_err(|error| Stop::Failed(error.to_string()))?;
    let threads = work.ctx.threads;
    let trials = plan.as_ref().map_or(1, |plan| plan.parallel.clamp(1, threads.max(1)));
    let share = memory::share(work, &gathered.request(recipe, &version.config), trials).await?;
    let (config, group) = (version.config.clone(), version.dataset_group_arn.clone());
    let (cancel, report) = (work.cancel.clone(), report_of(work, version));
    let (ended, mut arriving) = mpsc::unbounded_channel::<Ended>();
    let done = version.trials.clone();
    let memory_bytes = share.granted;
    let checkpoints = BlobCheckpoints::of(work);
    let mut fitted = std::pin::pin!(at_low_priority(move || {
        let context =
            TrainContext { seed: seed(&group), threads, cancel: &cancel, progress: &report, checkpoints: &checkpoints };
        let record = |trial: &Trial| {
            let (recorded, wait) = std::sync::mpsc::sync_channel(1);
            // Nobody listens any more, or the record could not be written: the training has no future.
            let told = ended.send((trial.clone(), recorded)).is_ok() && wait.recv().is_ok();
            if told { Ok(()) } else { Err(FitError::Cancelled) }
        };
        let tuning = plan.as_ref().map(|plan| Tuning { plan, done: &done, record: &record });
        fit(&FitRequest { tuning, memory_bytes, ..gathered.request(recipe, &config) }, &context)
    }));
    let mut unrecorded = None;
    let began_ms = work.ctx.now();
    let mut notes = tokio::time::interval(NOTE_PAUSE);
    // The first tick is at once.
    notes.tick().await;
    let outcome = loop {
        tokio::select! {
            _ = notes.tick() => {
                if let Err(stop) = work.transact(|tx| note_time(work, tx, began_ms)).await {
                    tracing::debug!(solution_version = version.arn, ?stop, "the time of the training is not noted");
                }
            }
            Some((trial, recorded)) = arriving.recv() => match work.transact(|tx| trials::note(work, tx, &trial)).await {
                Ok(()) => drop(recorded.send(())),
                // The training ends soon, for want of an answer.
                Err(stop) => unrecorded = unrecorded.or(Some(stop)),
            },
            outcome = &mut fitted => break outcome,
            () = abandoned(&work.cancel, GRACE) => return Err(Stop::Shutdown),
        }
    };
    drop(share);
    if let Some(stop) = unrecorded {
        return Err(stop);
    }
    let outcome = outcome??;
    warn_of(version, &outcome.report.notes);
    Ok(TrainingOutcome::from(outcome))
}
