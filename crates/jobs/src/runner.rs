//! The runner: it finds due jobs, leases them, keeps the leases alive and decides what follows a failure.

use crate::attribution;
use crate::context::{JobsCtx, Settings, millis};
use crate::deployer::Deployer;
use crate::foreign_leases::ForeignLeases;
use crate::kinds::{self, Kind};
use crate::leased_job::LeasedJob;
use crate::schedule::{Plan, Schedule};
use crate::stop::{Stop, abandoned};
use crate::{maintenance, orphans};
use metrics::{counter, histogram};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::resource::{Job, JobKind, TimeMs};
use tastemaker_domain::role::Role;
use tastemaker_learn::Cancel;
use tastemaker_store::records::{self, JOBS_CHANNEL};
use tastemaker_store::{Error, Precondition};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Counts runs of jobs by kind and end.
const ENDED: &str = "tastemaker_jobs_ended_total";
/// Times runs of jobs by kind.
const SECONDS: &str = "tastemaker_job_seconds";

/// The time that work has to notice by itself that its switch was thrown. What lasts longer is left behind, and its job is
/// done again.
const GRACE: Duration = Duration::from_secs(5);

/// To be called once at a process's start, before [`run`]. Where it alone owns the storage, leases of earlier processes are void,
/// and blobs that no record names are removed. Where others may be at work nothing of theirs is touched: a lease whose holder is
/// dead is taken over in time, and one process looks for files that nobody names while all work. Returns how many leases were
/// voided.
pub async fn recover(ctx: &JobsCtx) -> Result<usize, Error> {
    if ctx.nodes.is_shared() {
        return Ok(0);
    }
    let mut voided = 0;
    for (version, mut job) in records::list::<Job>(&*ctx.stores.records).await? {
        if job.lease.take().is_some_and(|lease| lease.owner != ctx.owner) {
            let unchanged = Precondition::Version(records::key::<Job>(&job.id), version);
            ctx.stores.records.commit(vec![unchanged], vec![records::put(&job)?]).await?;
            voided += 1;
        }
    }
    match orphans::sweep(ctx).await {
        Err(Error::Corrupt(what)) => {
            tracing::error!(what, "a record cannot be read, so no blob is taken for nobody's");
        }
        swept => swept?,
    }
    Ok(voided)
}

/// Does the work of the process's roles until `shutdown` becomes true: where it serves, serving is kept in step with the campaigns
/// and with the log; where it is a worker, jobs of the given kinds are worked on and metric attributions are counted. At the end
/// running work is stopped, its leases are given back, and the call returns.
pub async fn run(ctx: JobsCtx, deployer: Arc<Deployer>, kinds: &[JobKind], shutdown: watch::Receiver<bool>) {
    let mut loops = JoinSet::new();
    if ctx.nodes.has(Role::Serving) {
        let (deployer, ctx, shutdown) = (deployer.clone(), ctx.clone(), shutdown.clone());
        loops.spawn(async move { deployer.reconcile_loop(ctx, shutdown).await });
    }
    if ctx.nodes.is_shared() {
        let (deployer, ctx, shutdown) = (deployer.clone(), ctx.clone(), shutdown.clone());
        loops.spawn(async move { deployer.stay_among_others(ctx, shutdown).await });
    }
    if ctx.nodes.has(Role::Serving) && ctx.nodes.is_shared() {
        let (deployer, ctx, shutdown) = (deployer.clone(), ctx.clone(), shutdown.clone());
        let shown = (deployer.shown_lists.clone(), ctx.clone(), shutdown.clone());
        loops.spawn(async move { shown.0.keep(shown.1, shown.2).await });
        loops.spawn(async move { deployer.tail.keep(ctx, shutdown).await });
    }
    if ctx.nodes.has(Role::Worker) {
        loops.spawn(attribution::keep_counting(ctx.clone(), shutdown.clone()));
        loops.spawn(maintenance::keep(ctx.clone(), deployer.clone(), shutdown.clone()));
        work_on_jobs(&ctx, deployer, kinds, shutdown).await;
    }
    while let Some(ended) = loops.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a loop beside the jobs panicked");
        }
    }
    if let Err(error) = ctx.nodes.leave(&ctx.stores).await {
        tracing::warn!(%error, "the others learn late that this process has ended");
    }
}

async fn work_on_jobs(ctx: &JobsCtx, deployer: Arc<Deployer>, kinds: &[JobKind], mut shutdown: watch::Receiver<bool>) {
    let mut worker = Worker {
        ctx: ctx.clone(),
        kinds: kinds.iter().map(|kind| kinds::of(*kind, &deployer)).collect(),
        deployer,
        foreign_leases: ForeignLeases::default(),
        schedule: Schedule::default(),
    };
    let mut running: HashMap<String, (JobKind, Arc<Cancel>)> = HashMap::new();
    let mut tasks: JoinSet<String> = JoinSet::new();
    while !*shutdown.borrow() {
        if let Err(error) = worker.start_due(&mut running, &mut tasks).await {
            tracing::warn!(%error, "jobs cannot be read");
        }
        tokio::select! {
            () = ctx.stores.wakeups.wait(JOBS_CHANNEL, ctx.settings.poll) => {}
            Some(ended) = tasks.join_next_with_id() => forget(&mut running, ended),
            _ = shutdown.changed() => break,
        }
    }
    for (_, cancel) in running.values() {
        cancel.cancel();
    }
    while tasks.join_next().await.is_some() {}
}

fn forget(
    running: &mut HashMap<String, (JobKind, Arc<Cancel>)>,
    ended: Result<(tokio::task::Id, String), tokio::task::JoinError>,
) {
    match ended {
        Ok((_, id)) => drop(running.remove(&id)),
        Err(error) => {
            // Which job it was is unknown to the error; those whose work is gone have no other holder of their switch.
            tracing::error!(%error, "a job's work panicked");
            running.retain(|_, (_, cancel)| Arc::strong_count(cancel) > 1);
        }
    }
}

/// The work and the limits of a process.
struct Worker {
    ctx: JobsCtx,
    kinds: Vec<Arc<dyn Kind>>,
    deployer: Arc<Deployer>,
    foreign_leases: ForeignLeases,
    schedule: Schedule,
}

impl Worker {
    /// Leases and starts every due job for which its kind has room and that waits for no other.
    async fn start_due(
        &mut self,
        running: &mut HashMap<String, (JobKind, Arc<Cancel>)>,
        tasks: &mut JoinSet<String>,
    ) -> Result<(), Error> {
        self.ctx.keep_up();
        let ctx = &self.ctx;
        let now = ctx.now();
        let jobs = records::list::<Job>(&*ctx.stores.records).await?;
        let ids: HashSet<&str> = jobs.iter().map(|(_, job)| job.id.as_str()).collect();
        self.foreign_leases.retain(|id| ids.contains(id));
        let plan = self.schedule.plan(ctx, &jobs).await?;
        for (version, job) in plan.in_order(&jobs, now) {
            let Some(kind) = self.kinds.iter().find(|kind| kind.kind() == job.kind) else { continue };
            let foreign = job.lease.as_ref().is_some_and(|lease| lease.owner != ctx.owner);
            let free = !foreign || self.foreign_leases.is_abandoned(&job.id, *version, ctx.settings.lease);
            let room = has_room(&**kind, &ctx.settings, &plan, job, running);
            if !free || !room || must_wait(job, now, &ctx.settings) || running.contains_key(&job.id) {
                continue;
            }
            if self.schedule.must_wait(&plan, job, &jobs) {
                continue;
            }
            if let Some(work) = LeasedJob::lease(ctx, *version, job).await? {
                let id = job.id.clone();
                running.insert(id.clone(), (job.kind, work.cancel.clone()));
                let (kind, deployer) = (kind.clone(), self.deployer.clone());
                tasks.spawn(async move {
                    attend(&*kind, &deployer, work).await;
                    id
                });
            }
        }
        Ok(())
    }
}

/// Whether one more job of a kind may run. Of several places for trainings the last one is for short ones.
fn has_room(
    kind: &dyn Kind,
    settings: &Settings,
    plan: &Plan,
    job: &Job,
    running: &HashMap<String, (JobKind, Arc<Cancel>)>,
) -> bool {
    let of_kind = || running.iter().filter(|(_, (other, _))| *other == job.kind);
    let places = kind.concurrency(settings);
    let long = of_kind().filter(|(id, _)| plan.is_long(id)).count();
    of_kind().count() < places && (places == 1 || !plan.is_long(&job.id) || long + 1 < places)
}

/// Whether it is too early for a job. No pause is longer than the longest one between attempts, so a job that is to wait
/// longer was written while the clock ran ahead.
fn must_wait(job: &Job, now_ms: TimeMs, settings: &Settings) -> bool {
    (1..=millis(settings.backoff_max)).contains(&job.not_before_ms.saturating_sub(now_ms))
}

/// Runs a job once, with its lease kept alive, to whatever end.
async fn attend(kind: &dyn Kind, deployer: &Deployer, work: LeasedJob) {
    let work = Arc::new(work);
    let heart = tokio::spawn(beat(work.clone()));
    let job = &work.job;
    tracing::info!(job = job.id, kind = job.kind.as_str(), resource = job.resource_arn, attempt = job.attempts, "job");
    let began = Instant::now();
    if let Some(tracer) = &work.ctx.tracer {
        tracer.began(job);
    }
    let result = match job.attempts > work.ctx.settings.attempts_max {
        true => Err(Stop::Failed(format!("The service gave up after {} attempts.", job.attempts - 1))),
        false => tokio::select! {
            biased;
            result = kind.run(&work) => result,
            () = abandoned(&work.cancel, GRACE) => Err(Stop::Shutdown),
        },
    };
    let outcome = outcome_of(&result);
    if let Err(stop) = result {
        end_early(kind, &work, stop).await;
    }
    counter!(ENDED, "kind" => job.kind.as_str(), "outcome" => outcome).increment(1);
    histogram!(SECONDS, "kind" => job.kind.as_str()).record(began.elapsed().as_secs_f64());
    if let Some(tracer) = &work.ctx.tracer {
        tracer.ended(job, outcome);
    }
    heart.abort();
    kind.clean_up(&work).await;
    (work.ctx.ended)(&job.resource_arn);
    // Work that waits for room, and the campaigns that this job may have changed.
    deployer.notify_changed();
    work.ctx.stores.wakeups.notify(JOBS_CHANNEL).await;
}

/// The word in metrics and traces for the end of a run.
fn outcome_of(result: &Result<(), Stop>) -> &'static str {
    match result {
        Ok(()) => "completed",
        Err(Stop::Failed(_)) => "failed",
        Err(Stop::Retry(_) | Stop::Conflict) => "retried",
        Err(Stop::Lost | Stop::Shutdown) => "stopped",
    }
}

async fn end_early(kind: &dyn Kind, work: &LeasedJob, stop: Stop) {
    let ctx = &work.ctx;
    let (job, resource) = (&work.job.id, &work.job.resource_arn);
    let settled = match stop {
        Stop::Lost => {
            tracing::info!(job, resource, "the job is gone or somebody else's");
            Ok(())
        }
        Stop::Shutdown => work.release(ctx.now()).await,
        Stop::Failed(reason) => {
            tracing::warn!(job, resource, reason, "job failed");
            work.transact(|tx| kind.fail(work, tx, &reason)).await
        }
        Stop::Conflict => work.release(ctx.now() + ctx.settings.backoff_ms(work.job.attempts)).await,
        Stop::Retry(error) => {
            let pause_ms = ctx.settings.backoff_ms(work.job.attempts);
            tracing::warn!(job, resource, %error, pause_ms, "job will be tried again");
            work.release(ctx.now() + pause_ms).await
        }
    };
    // Unsettled work is found again: this process sees a lease of its own without work behind it.
    if let Err(stop) = settled {
        tracing::warn!(job, resource, ?stop, "the end of the job could not be recorded");
        tokio::time::sleep(ctx.settings.backoff_first.min(Duration::from_secs(1))).await;
    }
}

/// Renews the lease; throws the work's switch when it is lost or could not be renewed in time.
async fn beat(work: Arc<LeasedJob>) {
    let settings = &work.ctx.settings;
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(settings.heartbeat).await;
        match work.renew().await {
            Ok(()) | Err(Stop::Conflict) => renewed = Instant::now(),
            Err(Stop::Lost) => return work.cancel.cancel(),
            Err(_) if renewed.elapsed() > settings.lease => return work.cancel.cancel(),
            Err(_) => {}
        }
    }
}
