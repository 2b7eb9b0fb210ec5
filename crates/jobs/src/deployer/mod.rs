//! Deployment: the models that answer are kept equal to the records of campaigns and recommenders.
//!
//! A deploy job loads a new campaign (or its update) and makes it ACTIVE. Beside the jobs, [`Deployer::reconcile_loop`] loads
//! ACTIVE campaigns that are not held, retires those that are gone, and publishes the tables of datasets with other files.
//!
//! - `open`: an artifact's files, and the snapshot that answers from them.
//! - `replay`: streamed events, shown to serving at a process's start.
//! - `metadata_tables`, `filters`: what serving has besides models.
//! - `incremental`: models that take in new items without training.

mod filters;
mod incremental;
mod metadata_tables;
pub(crate) mod open;
mod replay;

use crate::blobs::blocking;
use crate::context::{JobsCtx, millis};
use crate::stop::Stop;
use open::Ingredients;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tastemaker_domain::Status;
use tastemaker_domain::campaign_config::{Exploration, influence};
use tastemaker_domain::resource::{Campaign, CampaignConfig, DatasetGroup, Recommender, SolutionVersion, TimeMs};
use tastemaker_store::{Error, records};
use tokio::sync::{Notify, watch};

/// Loads models into serving and knows what each published snapshot was made from. One for each process.
#[derive(Debug, Default)]
pub struct Deployer {
    published: Mutex<HashMap<String, Ingredients>>,
    /// When what is popular among a campaign's users was last counted anew.
    popularity_refreshed_ms: Mutex<HashMap<String, TimeMs>>,
    /// The tables of Items, Users and Actions datasets that serving has.
    tables: metadata_tables::Published,
    /// The bulk interactions that filters see.
    interactions: filters::Published,
    changed: Notify,
    /// Models with new items.
    refreshed: incremental::Refreshed,
    /// One loading at a time, so that an older choice never replaces a newer one.
    loading: tokio::sync::Mutex<()>,
}

/// The result of [`Deployer::warm_up`].
#[derive(Debug, Default)]
pub struct WarmUp {
    /// ACTIVE campaigns that answer now.
    pub campaigns: usize,
    /// Streamed events that were replayed.
    pub events: u64,
    /// Campaigns that could not be loaded: ARN and reason. They are tried again while [`crate::run`] runs.
    pub failed: Vec<(String, String)>,
}

/// The target of a campaign: the version, the configuration and the rate that it is to serve.
pub(crate) struct Deployment<'a> {
    pub campaign: &'a Campaign,
    pub solution_version_arn: &'a str,
    pub config: Option<&'a CampaignConfig>,
    /// The promised rate.
    pub min_provisioned_tps: u32,
}

impl<'a> Deployment<'a> {
    /// The target when no update is under way.
    pub fn settled(campaign: &'a Campaign) -> Self {
        Self {
            campaign,
            solution_version_arn: &campaign.solution_version_arn,
            config: campaign.config.as_ref(),
            min_provisioned_tps: campaign.min_provisioned_tps,
        }
    }
}

impl Deployer {
    /// Loads every ACTIVE campaign and replays all streamed events into serving; to be called before the server says it is
    /// ready.
    pub async fn warm_up(&self, ctx: &JobsCtx) -> Result<WarmUp, Error> {
        let mut done = WarmUp::default();
        for (_, group) in records::list::<DatasetGroup>(&*ctx.stores.records).await? {
            done.events += replay::interactions(ctx, &group.arn).await?;
            done.events += replay::action_interactions(ctx, &group.arn).await?;
        }
        done.failed = self.reconcile(ctx).await?;
        done.campaigns = ctx.serving.campaigns.arns().len();
        Ok(done)
    }

    /// Tells [`Self::reconcile_loop`] that records may have changed.
    pub(crate) fn notify_changed(&self) {
        self.changed.notify_one();
    }

    /// Reconciles again and again until `shutdown` becomes true.
    pub(crate) async fn reconcile_loop(&self, ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
        let mut reported = HashMap::new();
        while !*shutdown.borrow() {
            match self.reconcile(&ctx).await {
                Ok(failed) => {
                    let failed: HashMap<_, _> = failed.into_iter().collect();
                    for (campaign, reason) in failed.iter().filter(|(arn, reason)| reported.get(*arn) != Some(*reason))
                    {
                        tracing::error!(campaign, reason, "the campaign cannot be loaded");
                    }
                    reported = failed;
                }
                Err(error) => tracing::warn!(%error, "campaigns cannot be read"),
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(ctx.settings.poll) => {}
                _ = shutdown.changed() => break,
            }
        }
    }

    /// Publishes whatever campaigns should have by now; those that cannot be loaded keep what they have.
    pub(crate) async fn refresh(&self, ctx: &JobsCtx) -> Result<(), Error> {
        for (campaign, reason) in self.reconcile(ctx).await? {
            tracing::warn!(campaign, reason, "the campaign cannot be loaded");
        }
        Ok(())
    }

    /// Makes what is held equal to the ACTIVE campaigns and the datasets; returns those that cannot be loaded, with the reason.
    async fn reconcile(&self, ctx: &JobsCtx) -> Result<Vec<(String, String)>, Error> {
        let _one_at_a_time = self.loading.lock().await;
        filters::follow(ctx).await?;
        metadata_tables::forget_gone(ctx).await?;
        let mut failed = metadata_tables::publish(ctx, &self.tables).await?;
        failed.extend(incremental::refresh(ctx, &self.refreshed).await?);
        failed.extend(filters::publish_interactions(ctx, &self.interactions).await?);
        let campaigns = records::list::<Campaign>(&*ctx.stores.records).await?;
        let recommenders = records::list::<Recommender>(&*ctx.stores.records).await?;
        let kept = |arn: &String| {
            campaigns.iter().any(|(_, c)| c.arn == *arn && !c.status.is_deleting())
                || recommenders
                    .iter()
                    .any(|(_, r)| r.arn == *arn && !r.status.is_deleting() && r.status != Status::Inactive)
        };
        for arn in ctx.serving.campaigns.arns().iter().filter(|arn| !kept(arn)) {
            self.retire(ctx, arn);
        }
        for (_, campaign) in campaigns.iter().filter(|(_, c)| c.status == Status::Active) {
            // An update that is under way belongs to its job.
            if campaign.latest_update.as_ref().is_some_and(|u| u.status.is_creating())
                && ctx.serving.campaigns.contains(&campaign.arn)
            {
                continue;
            }
            match self.load(ctx, &Deployment::settled(campaign)).await {
                Ok(()) => {}
                Err(Stop::Failed(reason)) => failed.push((campaign.arn.clone(), reason)),
                Err(Stop::Retry(error)) => failed.push((campaign.arn.clone(), error.to_string())),
                // Read again at the next round.
                Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
            }
        }
        for (_, recommender) in recommenders.iter().filter(|(_, r)| r.status == Status::Active) {
            match self.load_unlocked(ctx, recommender).await {
                Ok(()) => {}
                Err(Stop::Failed(reason)) => failed.push((recommender.arn.clone(), reason)),
                Err(Stop::Retry(error)) => failed.push((recommender.arn.clone(), error.to_string())),
                Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
            }
        }
        ctx.serving.campaigns.set_failures(failed.iter().cloned().collect());
        Ok(failed)
    }

    /// Makes a campaign answer as wanted.
    pub(crate) async fn load_campaign(&self, ctx: &JobsCtx, wanted: &Deployment<'_>) -> Result<(), Stop> {
        let _one_at_a_time = self.loading.lock().await;
        metadata_tables::publish(ctx, &self.tables).await?;
        self.load(ctx, wanted).await
    }

    /// Makes a recommender answer as its record says.
    pub(crate) async fn load_recommender(&self, ctx: &JobsCtx, recommender: &Recommender) -> Result<(), Stop> {
        let _one_at_a_time = self.loading.lock().await;
        self.load_unlocked(ctx, recommender).await
    }

    async fn load_unlocked(&self, ctx: &JobsCtx, recommender: &Recommender) -> Result<(), Stop> {
        let Some(model) = &recommender.model_arn else {
            return Err(Stop::Failed(format!("{} has no model. Delete it and create it again.", recommender.arn)));
        };
        self.load(ctx, &Deployment::settled(&as_campaign(recommender, model))).await
    }

    /// Stops answering for a campaign or recommender.
    pub(crate) fn retire(&self, ctx: &JobsCtx, arn: &str) {
        ctx.serving.campaigns.retire(arn);
        self.set(arn, None);
    }

    /// Publishes a snapshot of a version for a campaign, unless just that is held already, and promises it its rate.
    async fn load(&self, ctx: &JobsCtx, wanted: &Deployment<'_>) -> Result<(), Stop> {
        let Deployment { campaign, solution_version_arn, config, min_provisioned_tps } = *wanted;
        let ingredients = Ingredients {
            solution_version_arn: solution_version_arn.to_owned(),
            artifact_key: records::load::<SolutionVersion>(&*ctx.stores.records, solution_version_arn)
                .await?
                .and_then(|(_, v)| v.artifact_key),
            metadata_enabled: config.and_then(|c| c.enable_metadata_with_recommendations).unwrap_or(false),
            exploration: config.map_or(Exploration::DEFAULT, |c| Exploration::of(&c.item_exploration_config)),
            influence: config.map_or([0.0; 2], |c| influence(&c.ranking_influence)),
        };
        let same = self.published.lock().get(&campaign.arn) == Some(&ingredients);
        if !(same && ctx.serving.campaigns.contains(&campaign.arn)) {
            let snapshot = open::snapshot(ctx, &campaign.dataset_group_arn, &ingredients).await?;
            ctx.serving.campaigns.set_created_ms(&campaign.arn, campaign.created_ms);
            ctx.serving.campaigns.publish(&campaign.arn, snapshot);
            self.set(&campaign.arn, Some(ingredients));
        }
        self.refresh_popularity_if_due(ctx, &campaign.arn).await?;
        ctx.serving.campaigns.provision(&campaign.arn, min_provisioned_tps);
        Ok(())
    }

    fn set(&self, campaign_arn: &str, ingredients: Option<Ingredients>) {
        let mut published = self.published.lock();
        self.popularity_refreshed_ms.lock().remove(campaign_arn);
        match ingredients {
            Some(ingredients) => published.insert(campaign_arn.to_owned(), ingredients),
            None => published.remove(campaign_arn),
        };
    }

    /// Counts anew what is popular among the users of a campaign that answers, if the last time is long enough ago.
    async fn refresh_popularity_if_due(&self, ctx: &JobsCtx, campaign_arn: &str) -> Result<(), Stop> {
        let now = ctx.now();
        {
            let mut popularity_refreshed_ms = self.popularity_refreshed_ms.lock();
            // A trend may be asked to be found sooner.
            let trend = ctx.serving.snapshot(campaign_arn).ok().and_then(|snapshot| snapshot.trend_interval());
            let interval = trend.unwrap_or(Duration::MAX).min(ctx.settings.update_interval);
            let due_ms = popularity_refreshed_ms.get(campaign_arn).map(|last| last.saturating_add(millis(interval)));
            if due_ms.is_some_and(|due| now < due) {
                return Ok(());
            }
            popularity_refreshed_ms.insert(campaign_arn.to_owned(), now);
        }
        let Ok(snapshot) = ctx.serving.snapshot(campaign_arn) else { return Ok(()) };
        blocking(move || snapshot.refresh_popularity()).await?.map_err(|error| Stop::Failed(error.to_string()))
    }
}

/// The target of a recommender, in the form of the campaign that would do the same.
fn as_campaign(recommender: &Recommender, model_arn: &str) -> Campaign {
    let config = recommender.config.as_ref().map(|config| CampaignConfig {
        enable_metadata_with_recommendations: config.enable_metadata_with_recommendations,
        item_exploration_config: config.item_exploration_config.clone(),
        ..CampaignConfig::default()
    });
    Campaign {
        name: recommender.name.clone(),
        arn: recommender.arn.clone(),
        dataset_group_arn: recommender.dataset_group_arn.clone(),
        solution_version_arn: model_arn.to_owned(),
        min_provisioned_tps: recommender
            .config
            .as_ref()
            .and_then(|config| config.min_recommendation_requests_per_second)
            .unwrap_or(1),
        config,
        status: recommender.status,
        failure_reason: None,
        latest_update: None,
        created_ms: recommender.created_ms,
        updated_ms: recommender.updated_ms,
    }
}
