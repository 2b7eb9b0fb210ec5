//! The runner: it finds due jobs, leases them, keeps the leases alive and decides what follows a failure.

use crate::attribution;
use crate::context::JobsCtx;
use crate::deployer::Deployer;
use crate::kinds::{self, Kind};
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use crate::{context::millis, orphans};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::resource::{Job, JobKind};
use tastemaker_learn::Cancel;
use tastemaker_store::records::{self, JOBS_CHANNEL};
use tastemaker_store::{Error, Precondition};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// To be called once at a process's start, before [`run`], when it alone owns the storage: leases of earlier processes are
/// void, and blobs that no record names are removed. Returns how many leases were voided.
pub async fn recover(ctx: &JobsCtx) -> Result<usize, Error> {
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

/// Works on jobs of the given kinds, and keeps serving in step with the campaigns when [`JobKind::Deploy`] is among them,
/// and counts for metric attributions, until `shutdown` becomes true; then running work is stopped, its leases are given back, and the call returns.
pub async fn run(ctx: JobsCtx, deployer: Arc<Deployer>, kinds: &[JobKind], mut shutdown: watch::Receiver<bool>) {
    let reconciler = kinds.contains(&JobKind::Deploy).then(|| {
        let (deployer, ctx, shutdown) = (deployer.clone(), ctx.clone(), shutdown.clone());
        tokio::spawn(async move { deployer.reconcile_loop(ctx, shutdown).await })
    });
    let worker =
        Worker { ctx: ctx.clone(), kinds: kinds.iter().map(|kind| kinds::of(*kind, &deployer)).collect(), deployer };
    let counter = tokio::spawn(attribution::keep_counting(ctx.clone(), shutdown.clone()));
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
    if let Some(reconciler) = reconciler {
        let _ = reconciler.await;
    }
    let _ = counter.await;
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

/// What a process works with.
struct Worker {
    ctx: JobsCtx,
    kinds: Vec<Arc<dyn Kind>>,
    deployer: Arc<Deployer>,
}

impl Worker {
    /// Leases and starts every due job for which its kind has room, oldest first.
    async fn start_due(
        &self,
        running: &mut HashMap<String, (JobKind, Arc<Cancel>)>,
        tasks: &mut JoinSet<String>,
    ) -> Result<(), Error> {
        let ctx = &self.ctx;
        let now = ctx.now();
        for (version, job) in records::list::<Job>(&*ctx.stores.records).await? {
            let Some(kind) = self.kinds.iter().find(|kind| kind.kind() == job.kind) else { continue };
            let free = job.lease.as_ref().is_none_or(|l| l.owner == ctx.owner || l.expires_ms <= now);
            let room = running.values().filter(|(k, _)| *k == job.kind).count() < kind.concurrency();
            if !free || !room || job.not_before_ms > now || running.contains_key(&job.id) {
                continue;
            }
            if let Some(work) = LeasedJob::lease(ctx, version, &job).await? {
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

/// Runs a job once, with its lease kept alive, to whatever end.
async fn attend(kind: &dyn Kind, deployer: &Deployer, work: LeasedJob) {
    let work = Arc::new(work);
    let heart = tokio::spawn(beat(work.clone()));
    let job = &work.job;
    tracing::info!(job = job.id, kind = job.kind.as_str(), resource = job.resource_arn, attempt = job.attempts, "job");
    let result = match job.attempts > work.ctx.settings.attempts_max {
        true => Err(Stop::Failed(format!("The service gave up after {} attempts.", job.attempts - 1))),
        false => kind.run(&work).await,
    };
    if let Err(stop) = result {
        end_early(kind, &work, stop).await;
    }
    heart.abort();
    kind.clean_up(&work).await;
    // Work that waits for room, and the campaigns that this job may have changed.
    deployer.notify_changed();
    work.ctx.stores.wakeups.notify(JOBS_CHANNEL).await;
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
    let mut renewed_ms = work.ctx.now();
    loop {
        tokio::time::sleep(settings.heartbeat).await;
        match work.renew().await {
            Ok(()) | Err(Stop::Conflict) => renewed_ms = work.ctx.now(),
            Err(Stop::Lost) => return work.cancel.cancel(),
            Err(_) if work.ctx.now() - renewed_ms > millis(settings.lease) => return work.cancel.cancel(),
            Err(_) => {}
        }
    }
}
