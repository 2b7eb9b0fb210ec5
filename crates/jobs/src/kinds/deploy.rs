//! Deploy jobs: a new campaign, or an update of one, is loaded and becomes ACTIVE.

use super::Kind;
use crate::context::Settings;
use crate::deployer::{Deployer, Deployment};
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use async_trait::async_trait;
use std::sync::Arc;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Campaign, JobKind};
use tastemaker_store::Transaction;
use tastemaker_store::records::CAMPAIGNS_CHANNEL;

/// The kind of deploy jobs.
pub(super) struct Deploy {
    pub deployer: Arc<Deployer>,
}

#[async_trait]
impl Kind for Deploy {
    fn kind(&self) -> JobKind {
        JobKind::Deploy
    }

    fn concurrency(&self, _: &Settings) -> usize {
        4
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let ended = work.transact(|tx| deploy(work, &self.deployer, tx)).await;
        work.ctx.stores.wakeups.notify(CAMPAIGNS_CHANNEL).await;
        ended
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let Some((at, mut campaign)) = work.load::<Campaign>(&work.job.resource_arn).await? else {
            return work.finish(tx).await;
        };
        let now = work.ctx.now();
        match &mut campaign.latest_update {
            // A failed update leaves the campaign answering as before.
            Some(update) if update.status.is_creating() => {
                update.status = Status::CreateFailed;
                update.failure_reason = Some(reason.to_owned());
                update.updated_ms = now;
            }
            _ => {
                campaign.status = Status::CreateFailed;
                campaign.failure_reason = Some(reason.to_owned());
            }
        }
        campaign.updated_ms = now;
        tx.replace(at, &campaign)?;
        work.finish(tx).await?;
        work.ctx.stores.wakeups.notify(CAMPAIGNS_CHANNEL).await;
        Ok(())
    }

    async fn clean_up(&self, _: &LeasedJob) {}
}

/// Loads what the campaign is to serve, then says so.
async fn deploy(work: &LeasedJob, deployer: &Deployer, tx: Transaction) -> Result<(), Stop> {
    let ctx = &work.ctx;
    let Some((at, mut campaign)) = work.load::<Campaign>(&work.job.resource_arn).await? else {
        return work.finish(tx).await;
    };
    deployer.load_campaign(work, &Deployment::under_way(&campaign)).await?;
    let now = ctx.now();
    if let Some(update) = campaign.latest_update.as_mut().filter(|update| update.status.is_creating()) {
        update.status = Status::Active;
        update.failure_reason = None;
        update.updated_ms = now;
        campaign.solution_version_arn = update.solution_version_arn.clone();
        campaign.min_provisioned_tps = update.min_provisioned_tps;
        campaign.config = update.config.clone();
    }
    campaign.status = Status::Active;
    campaign.failure_reason = None;
    campaign.updated_ms = now;
    tx.replace(at, &campaign)?;
    work.finish(tx).await
}
