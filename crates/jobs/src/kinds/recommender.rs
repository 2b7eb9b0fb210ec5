//! Jobs about recommenders: the changes that follow a training, an update, a stop or a start.
//!
//! The models of a recommender are trained by the jobs of [`super::train`]; the commit that ends a training asks for a job of
//! this kind. Each job looks at the recommender's record alone: whatever it finds begun, it brings to its end.

use super::Kind;
use crate::context::Settings;
use crate::deployer::Deployer;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use async_trait::async_trait;
use std::sync::Arc;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{JobKind, Recommender, SolutionVersion};
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_store::{Error, Transaction, records};

/// The kind of jobs about recommenders.
pub(super) struct Recommend {
    pub deployer: Arc<Deployer>,
}

#[async_trait]
impl Kind for Recommend {
    fn kind(&self) -> JobKind {
        JobKind::Recommend
    }

    fn concurrency(&self, _: &Settings) -> usize {
        4
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let replaced = work.transact(|tx| bring_to_its_end(work, &self.deployer, tx)).await?;
        // What a crash leaves here is swept at the next start.
        for prefix in replaced {
            if let Err(error) = remove(work, &prefix).await {
                tracing::warn!(job = work.job.id, %error, "files of a replaced model remain until the next start");
            }
        }
        Ok(())
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let Some((at, mut recommender)) = work.load::<Recommender>(&work.job.resource_arn).await? else {
            return work.finish(tx).await;
        };
        if let Some(training) = recommender.training_arn.take()
            && is_training(work, &training).await?
        {
            recommender.training_arn = Some(training);
        }
        refuse(&mut recommender, reason, work.ctx.now());
        tx.replace(at, &recommender)?;
        work.finish(tx).await
    }

    async fn clean_up(&self, _: &LeasedJob) {}
}

async fn is_training(work: &LeasedJob, model_arn: &str) -> Result<bool, Stop> {
    Ok(work.load::<SolutionVersion>(model_arn).await?.is_some_and(|(_, model)| model.status.is_creating()))
}

/// Whatever was begun ends badly; what answered before goes on answering.
fn refuse(recommender: &mut Recommender, reason: &str, now_ms: i64) {
    if let Some(update) = recommender.latest_update.as_mut().filter(|update| update.status.is_creating()) {
        update.status = Status::CreateFailed;
        update.failure_reason = Some(reason.to_owned());
        update.updated_ms = now_ms;
    }
    let ended = match recommender.status {
        Status::CreatePending | Status::CreateInProgress => Status::CreateFailed,
        Status::StartPending | Status::StartInProgress => Status::Inactive,
        other => other,
    };
    if ended != recommender.status {
        recommender.status = ended;
        recommender.failure_reason = Some(reason.to_owned());
        recommender.updated_ms = now_ms;
    }
}

/// Returns the prefixes of the files that no record names any more.
async fn bring_to_its_end(work: &LeasedJob, deployer: &Deployer, tx: Transaction) -> Result<Vec<String>, Stop> {
    let Some((at, before)) = work.load::<Recommender>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Ok(Vec::new());
    };
    let now = work.ctx.now();
    let mut after = before.clone();
    let mut replaced = Vec::new();
    let mut failed = None;
    if let Some(training) = before.training_arn.clone() {
        match work.load::<SolutionVersion>(&training).await? {
            Some((_, model)) if model.status.is_creating() => {}
            Some((_, model)) if model.status == Status::Active => {
                if let Some(old) = after.model_arn.replace(training) {
                    let old_model = work.load::<SolutionVersion>(&old).await?;
                    replaced.extend(old_model.and_then(|(_, model)| model.artifact_key));
                    tx.write(records::delete::<SolutionVersion>(&old));
                    tx.write(records::delete::<TrainingRecord>(&old));
                }
                after.training_arn = None;
                after.metrics = model.metrics;
            }
            found => {
                let reason = found.and_then(|(_, model)| model.failure_reason);
                failed = Some(reason.unwrap_or_else(|| "The training ended without a model.".to_owned()));
                after.training_arn = None;
                tx.write(records::delete::<SolutionVersion>(&training));
                tx.write(records::delete::<TrainingRecord>(&training));
            }
        }
    }
    if let Some(reason) = failed {
        refuse(&mut after, &reason, now);
    } else if after.training_arn.is_none() {
        if let Some(update) = after.latest_update.as_mut().filter(|update| update.status.is_creating()) {
            update.status = Status::Active;
            update.updated_ms = now;
            after.config = Some(update.config.clone());
        }
        if matches!(after.status, Status::CreatePending | Status::CreateInProgress) {
            after.status = Status::Active;
            after.failure_reason = None;
        }
    }
    match after.status {
        Status::StartPending | Status::StartInProgress => after.status = Status::Active,
        Status::StopPending | Status::StopInProgress => after.status = Status::Inactive,
        _ => {}
    }
    if after.status == Status::Active {
        deployer.load_recommender(&work.ctx, &after).await?;
    }
    if after != before {
        after.updated_ms = now;
        tx.replace(at, &after)?;
    } else {
        tx.unchanged(at, &after);
    }
    work.finish(tx).await?;
    if after.status == Status::Inactive {
        deployer.retire(&work.ctx, &after.arn);
    }
    Ok(replaced)
}

async fn remove(work: &LeasedJob, prefix: &str) -> Result<(), Error> {
    for blob in work.ctx.stores.blobs.list(prefix).await? {
        work.ctx.stores.blobs.delete(&blob.key).await?;
    }
    Ok(())
}

/// Adds what the commit writes that begins (CREATE IN_PROGRESS) the training of a recommender's model.
pub(super) async fn on_begin(work: &LeasedJob, tx: &Transaction, model: &SolutionVersion) -> Result<(), Stop> {
    let Some((at, mut recommender)) = work.load::<Recommender>(&model.solution_arn).await? else {
        return Ok(());
    };
    let now = work.ctx.now();
    if recommender.status == Status::CreatePending {
        recommender.status = Status::CreateInProgress;
        recommender.updated_ms = now;
    }
    if let Some(update) = recommender.latest_update.as_mut().filter(|u| u.status == Status::CreatePending) {
        update.status = Status::CreateInProgress;
        update.updated_ms = now;
    }
    Ok(tx.replace(at, &recommender)?)
}
