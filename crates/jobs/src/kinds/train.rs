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
mod gather;
mod gathered;
mod journal;
mod memory;
mod outcome;
mod session_owners;
mod streamed_events;
mod trials;
mod update;

use super::{Kind, recommender};
use crate::blobs::blob_segment;
use crate::context::{JobsCtx, Settings};
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::orphans::{self, ARTIFACTS};
use crate::stop::{Stop, abandoned};
use crate::training_memory::MemoryShare;
use async_trait::async_trait;
use checkpoints::BlobCheckpoints;
use gather::gather;
use gathered::Gathered;
use journal::Journal;
use outcome::{GRACE, TrainingOutcome, recipe_of, report_of, seed, warn_of};
use std::sync::Arc;
use std::time::Duration;
pub(super) use streamed_events::{counts, streamed};
use tastemaker_domain::resource::{Job, JobKind, SolutionVersion, TimeMs, TrainingMode};
use tastemaker_domain::tuning::{self, Trial};
use tastemaker_domain::{ArnKind, Status};
use tastemaker_learn::{Cancel, TrainContext};
use tastemaker_store::records::{self, STOPS_CHANNEL, TRAININGS_CHANNEL};
use tastemaker_store::{Error, Transaction};
use tastemaker_training::fit::{FitError, FitRequest, Tuning, fit};
use tokio::sync::mpsc;

pub(super) struct Train;

#[async_trait]
impl Kind for Train {
    fn kind(&self) -> JobKind {
        JobKind::Train
    }

    fn concurrency(&self, settings: &Settings) -> usize {
        settings.trainings_side_by_side.max(1)
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
        journal::note_failure(work, &tx, reason).await?;
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
    let journal = Arc::new(Journal::begin(work, seed(&version.dataset_group_arn)).await?);
    let base = match version.training_mode {
        TrainingMode::Full => None,
        TrainingMode::Update => Some(update::base_of(work, version).await?),
    };
    let trials = trials_side_by_side(work, version);
    let share = memory::before_gathering(work, version, trials).await?;
    let first_items = base.as_ref().map(|base| base.items.clone()).unwrap_or_default();
    let gathered = gather(work, version, first_items).await?;
    let events_position = gathered.events_position;
    let data = &gathered.dataset;
    let (rows, users, items) = (data.len(), data.users.len(), data.items.len());
    journal.line(work.ctx.now(), &format!("{rows} interactions of {users} users with {items} items"));
    work.transact(|tx| note_position(work, tx, events_position, &journal)).await?;
    let mut outcome = match base {
        None => train(work, version, gathered, share, &journal).await?,
        Some(base) => update::update(work, version, gathered, base, share, &journal).await?,
    };
    journal.sample_memory();
    journal.storing();
    journal.artifact(outcome.files.values().map(|bytes| bytes.len() as u64).sum());
    let prefix = work.blob_folder(&root_of(&version.arn));
    for (name, bytes) in std::mem::take(&mut outcome.files) {
        work.ctx.stores.blobs.put(&format!("{prefix}/{name}"), bytes.into()).await?;
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
    work.transact(|tx| publish_with(work, tx, &publish, &journal)).await
}

/// Ends the job with its journal.
async fn publish_with(
    work: &LeasedJob,
    tx: Transaction,
    publish: &(dyn Fn(&mut SolutionVersion) + Sync),
    journal: &Journal,
) -> Result<(), Stop> {
    journal.write(&tx)?;
    end(work, tx, publish).await
}

/// Keeps in mind how far the training has read.
async fn note_position(work: &LeasedJob, tx: Transaction, events_position: u64, journal: &Journal) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    version.events_position = Some(events_position);
    tx.replace(at, &version)?;
    journal.write(&tx)?;
    work.step("fit", tx).await
}

/// A trial that ended, and where to say that it is recorded.
type Ended = (Trial, std::sync::mpsc::SyncSender<()>);

/// The pause between two notes of how long a training has taken so far.
const NOTE_PAUSE: Duration = Duration::from_secs(10);

/// The pause between two looks at the memory of the process.
const MEMORY_PAUSE: Duration = Duration::from_secs(1);

/// Shows customers that the training goes on.
async fn note_time(work: &LeasedJob, tx: Transaction, began_ms: TimeMs, journal: &Journal) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        return Err(Stop::Lost);
    };
    version.updated_ms = work.ctx.now();
    version.training_hours = Some(hours_since(began_ms, version.updated_ms));
    tx.replace(at, &version)?;
    journal.write(&tx)?;
    work.step("fit", tx).await
}

fn hours_since(began_ms: TimeMs, now_ms: TimeMs) -> f64 {
    now_ms.saturating_sub(began_ms).max(0) as f64 / 3_600_000.0
}

/// The trials of a version's search that run at a time where there is the memory for them; 1 without a search.
fn trials_side_by_side(work: &LeasedJob, version: &SolutionVersion) -> usize {
    let plan = || tuning::plan(recipe_of(version).ok()?.descriptor, &version.config).ok();
    let plan = if version.perform_tuning { plan() } else { None };
    plan.map_or(1, |plan| plan.parallel.clamp(1, work.ctx.threads.max(1)))
}

async fn train(
    work: &LeasedJob,
    version: &SolutionVersion,
    gathered: Gathered,
    share: MemoryShare,
    journal: &Arc<Journal>,
) -> Result<TrainingOutcome, Stop> {
    let recipe = recipe_of(version)?;
    let plan = version.perform_tuning.then(|| tuning::plan(recipe.descriptor, &version.config)).transpose();
    let plan = plan.map_err(|error| Stop::Failed(error.to_string()))?;
    let threads = work.ctx.threads;
    let trials = trials_side_by_side(work, version);
    let share = memory::when_gathered(work, &gathered.request(recipe, &version.config), trials, share).await?;
    let (config, group) = (version.config.clone(), version.dataset_group_arn.clone());
    let (cancel, report) = (work.cancel.clone(), report_of(work, version, journal));
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
    let mut samples = tokio::time::interval(MEMORY_PAUSE);
    let outcome = loop {
        tokio::select! {
            _ = samples.tick() => journal.sample_memory(),
            _ = notes.tick() => {
                if let Err(stop) = work.transact(|tx| note_time(work, tx, began_ms, journal)).await {
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
    warn_of(work, version, &outcome.report.notes, journal);
    Ok(TrainingOutcome::from(outcome))
}
