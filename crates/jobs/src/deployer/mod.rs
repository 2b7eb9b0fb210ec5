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
use crate::deleted_users;
use crate::leased_job::LeasedJob;
use crate::nodes::DEAD_AFTER;
use crate::shown_lists::ShownLists;
use crate::stop::Stop;
use crate::tail::{LogStream, Tail};
use open::Ingredients;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::Status;
use tastemaker_domain::campaign_config::{Exploration, influence};
use tastemaker_domain::resource::{
    Campaign, CampaignConfig, DataDeletionJob, DatasetGroup, Job, JobKind, Recommender, SolutionVersion, TimeMs,
};
use tastemaker_domain::role::Role;
use tastemaker_serving::SnapshotHandle;
use tastemaker_store::Error;
use tastemaker_store::records::{self, CAMPAIGNS_CHANNEL, EVENTS_CHANNEL, HeldCampaign, NodeRecord};
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
    /// The positions up to which serving has the log, where several processes share it.
    pub tail: Tail,
    /// Lists that other processes answered.
    pub shown_lists: Arc<ShownLists>,
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
    /// The target of an update that is under way, or else the one when none is.
    pub fn under_way(campaign: &'a Campaign) -> Self {
        match &campaign.latest_update {
            Some(update) if update.status.is_creating() => Self {
                campaign,
                solution_version_arn: &update.solution_version_arn,
                config: update.config.as_ref(),
                min_provisioned_tps: update.min_provisioned_tps,
            },
            _ => Self::settled(campaign),
        }
    }

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
        ctx.nodes.beat(&ctx.stores).await?;
        if !ctx.nodes.has(Role::Serving) {
            return Ok(done);
        }
        if ctx.nodes.is_shared() {
            let taking_in = async {
                done.failed = self.reconcile(ctx).await?;
                self.tail.reach_all(ctx).await
            };
            // However long it takes, the others count on this process from now on.
            tokio::select! {
                taken_in = taking_in => taken_in?,
                never = keep_beating(ctx) => match never {},
            }
            done.campaigns = ctx.serving.campaigns.arns().len();
            return Ok(done);
        }
        for (_, group) in records::list::<DatasetGroup>(&*ctx.stores.records).await? {
            done.events += replay::interactions(ctx, &group.arn).await?;
            done.events += replay::action_interactions(ctx, &group.arn).await?;
        }
        done.failed = self.reconcile(ctx).await?;
        done.campaigns = ctx.serving.campaigns.arns().len();
        Ok(done)
    }

    /// Tells the others that a stream of the log has grown, and takes it in up to a position where this process serves.
    pub async fn appended(&self, ctx: &JobsCtx, stream: &LogStream, position: u64) {
        let take_in = async {
            match ctx.nodes.has(Role::Serving) {
                true => self.tail.reach(ctx, stream, position).await,
                false => Ok(()),
            }
        };
        let ((), taken_in) = tokio::join!(ctx.stores.wakeups.notify(EVENTS_CHANNEL), take_in);
        if let Err(error) = taken_in {
            // It is durable, and the loop that follows the log finds it.
            tracing::warn!(%error, "what was streamed is not seen yet");
        }
    }

    /// Tells the others again and again that this process lives, until `shutdown` becomes true. When it was left behind, what it
    /// has in memory may lack deletions that the others have seen: it takes everything in anew.
    pub(crate) async fn stay_among_others(&self, ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
        while !*shutdown.borrow() {
            if ctx.nodes.was_left_behind() {
                tracing::warn!(
                    seconds = DEAD_AFTER.as_secs(),
                    "this process was silent for long and takes everything in anew"
                );
                self.begin_anew(&ctx).await;
            }
            if let Err(error) = ctx.nodes.beat(&ctx.stores).await {
                tracing::warn!(%error, "the others cannot be told that this process lives");
            }
            tokio::select! {
                () = ctx.nodes.due() => {}
                _ = shutdown.changed() => break,
            }
        }
    }

    /// Forgets what serving has of the log and of datasets, and what each snapshot was made from, so that all of it is made again.
    async fn begin_anew(&self, ctx: &JobsCtx) {
        let _one_at_a_time = self.loading.lock().await;
        ctx.nodes.begin_anew();
        for group in ctx.serving.streamed.dataset_group_arns() {
            ctx.serving.streamed.forget(&group);
        }
        self.tail.begin_anew();
        self.published.lock().clear();
        self.tables.clear();
        self.interactions.clear();
        self.notify_changed();
    }

    /// Tells [`Self::reconcile_loop`] that records may have changed.
    pub(crate) fn notify_changed(&self) {
        self.changed.notify_one();
    }

    /// Reconciles again and again until `shutdown` becomes true.
    pub(crate) async fn reconcile_loop(&self, mut ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
        let mut reported = HashMap::new();
        while !*shutdown.borrow() {
            ctx.keep_up();
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
            let by_others = async {
                match ctx.nodes.is_shared() {
                    true => ctx.stores.wakeups.wait(CAMPAIGNS_CHANNEL, ctx.settings.poll).await,
                    false => tokio::time::sleep(ctx.settings.poll).await,
                }
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = by_others => {}
                _ = shutdown.changed() => break,
            }
        }
    }

    /// Publishes whatever campaigns should have by now; those that cannot be loaded keep what they have.
    pub(crate) async fn refresh(&self, ctx: &JobsCtx) -> Result<(), Error> {
        if !ctx.nodes.has(Role::Serving) {
            return Ok(());
        }
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
        if !ctx.nodes.is_shared() {
            failed.extend(incremental::refresh(ctx, &self.refreshed).await?);
        }
        failed.extend(filters::publish_interactions(ctx, &self.interactions).await?);
        let campaigns = records::list::<Campaign>(&*ctx.stores.records).await?;
        let recommenders = records::list::<Recommender>(&*ctx.stores.records).await?;
        let kept = |arn: &String| {
            campaigns.iter().any(|(_, c)| c.arn == *arn && !c.status.is_deleting() && c.status != Status::CreateFailed)
                || recommenders
                    .iter()
                    .any(|(_, r)| r.arn == *arn && !r.status.is_deleting() && r.status != Status::Inactive)
        };
        for arn in ctx.serving.campaigns.arns().iter().filter(|arn| !kept(arn)) {
            self.retire(ctx, arn);
        }
        for (_, campaign) in &campaigns {
            let Some(wanted) = wanted_now(ctx, campaign) else { continue };
            match self.load_and_tell(ctx, &wanted).await {
                Ok(()) => {}
                // The job that deploys it tells the reason.
                Err(Stop::Failed(_)) if campaign.status != Status::Active => {}
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
        if ctx.nodes.is_shared() {
            self.forget_deleted_users(ctx).await?;
        }
        Ok(failed)
    }

    /// Forgets the users of deletions that have removed them from the log, and tells so: each deletion waits for that.
    async fn forget_deleted_users(&self, ctx: &JobsCtx) -> Result<(), Error> {
        let jobs = records::list::<Job>(&*ctx.stores.records).await?;
        let purged = |job: &&Job| job.kind == JobKind::DeleteUsers && job.step == deleted_users::PURGED;
        let purged: Vec<&Job> = jobs.iter().map(|(_, job)| job).filter(purged).collect();
        let arns: Vec<String> = purged.iter().map(|job| job.resource_arn.clone()).collect();
        ctx.nodes.note_forgotten(&arns, None);
        for arn in arns.iter().filter(|arn| !ctx.nodes.has_forgotten(arn)) {
            let Some((_, deletion)) = records::load::<DataDeletionJob>(&*ctx.stores.records, arn).await? else {
                continue;
            };
            let users = match deleted_users::noted(ctx, &deletion).await {
                Ok(users) => users,
                // It has ended meanwhile.
                Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            self.tail.reach_all(ctx).await?;
            ctx.serving.forget_users(&deletion.dataset_group_arn, &users);
            ctx.nodes.note_forgotten(&arns, Some(arn));
        }
        Ok(())
    }

    /// Makes new models over new items where a solution wants them; for one process at a time.
    pub(crate) async fn refresh_items(&self, ctx: &JobsCtx) -> Result<(), Error> {
        if ctx.nodes.is_shared() {
            for (version, reason) in incremental::refresh(ctx, &self.refreshed).await? {
                tracing::warn!(version, reason, "the model cannot take in new items");
            }
        }
        Ok(())
    }

    /// Makes a campaign answer as wanted, in this process if it serves and in every other that lives and serves.
    pub(crate) async fn load_campaign(&self, work: &LeasedJob, wanted: &Deployment<'_>) -> Result<(), Stop> {
        let ctx = &work.ctx;
        if ctx.nodes.has(Role::Serving) {
            let _one_at_a_time = self.loading.lock().await;
            metadata_tables::publish(ctx, &self.tables).await?;
            self.load_and_tell(ctx, wanted).await?;
        }
        if !ctx.nodes.is_shared() {
            return Ok(());
        }
        ctx.stores.wakeups.notify(CAMPAIGNS_CHANNEL).await;
        let target = ingredients(ctx, wanted).await?.target();
        let arn = &wanted.campaign.arn;
        let held = |node: &NodeRecord| match node.campaigns.get(arn).filter(|held| held.target == target) {
            None => Ok(false),
            Some(HeldCampaign { failure: None, .. }) => Ok(true),
            Some(HeldCampaign { failure: Some(reason), .. }) => Err(Stop::Failed(reason.clone())),
        };
        ctx.nodes.await_serving(&ctx.stores, || work.cancel.is_cancelled(), held).await
    }

    /// Loads a campaign, and tells the others what this process has for it.
    async fn load_and_tell(&self, ctx: &JobsCtx, wanted: &Deployment<'_>) -> Result<(), Stop> {
        let loaded = self.load(ctx, wanted).await;
        if ctx.nodes.is_shared() {
            let failure = match &loaded {
                Ok(()) => None,
                Err(Stop::Failed(reason)) => Some(reason.clone()),
                // It is tried again.
                Err(_) => return loaded,
            };
            let target = ingredients(ctx, wanted).await?.target();
            ctx.nodes.note_campaign(&wanted.campaign.arn, HeldCampaign { target, failure });
        }
        loaded
    }

    /// Makes a recommender answer as its record says.
    pub(crate) async fn load_recommender(&self, ctx: &JobsCtx, recommender: &Recommender) -> Result<(), Stop> {
        if !ctx.nodes.has(Role::Serving) {
            return Ok(());
        }
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
        ctx.nodes.note_retired(arn);
        self.set(arn, None);
    }

    /// Publishes a snapshot of a version for a campaign, unless just that is held already, and promises it its rate.
    async fn load(&self, ctx: &JobsCtx, wanted: &Deployment<'_>) -> Result<(), Stop> {
        let Deployment { campaign, min_provisioned_tps, .. } = *wanted;
        let ingredients = ingredients(ctx, wanted).await?;
        let same = self.published.lock().get(&campaign.arn) == Some(&ingredients);
        if !(same && ctx.serving.campaigns.contains(&campaign.arn)) {
            let snapshot = match self.with_model_of(ctx, &ingredients) {
                Some(other) => other.with_settings(ingredients.settings(other.recipe())),
                None => open::snapshot(ctx, &campaign.dataset_group_arn, &ingredients).await?,
            };
            ctx.serving.campaigns.set_created_ms(&campaign.arn, campaign.created_ms);
            ctx.serving.campaigns.publish(&campaign.arn, snapshot);
            self.set(&campaign.arn, Some(ingredients));
        }
        self.refresh_popularity_if_due(ctx, &campaign.arn).await?;
        ctx.serving.campaigns.provision(&campaign.arn, min_provisioned_tps);
        Ok(())
    }

    /// A snapshot that answers from the same model already, for this campaign or another.
    fn with_model_of(&self, ctx: &JobsCtx, ingredients: &Ingredients) -> Option<SnapshotHandle> {
        let published = self.published.lock();
        let mut same = published.iter().filter(|(_, other)| ingredients.has_model_of(other));
        same.find_map(|(arn, _)| ctx.serving.snapshot(arn).ok())
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
            let due_ms = |last: &TimeMs| {
                let interval = millis(interval).max(1);
                // At the same times everywhere, so that processes side by side count the same as popular.
                let before = if ctx.nodes.is_shared() { last - last.rem_euclid(interval) } else { *last };
                before.saturating_add(interval)
            };
            let due_ms = popularity_refreshed_ms.get(campaign_arn).map(due_ms);
            if due_ms.is_some_and(|due| now < due) {
                return Ok(());
            }
            popularity_refreshed_ms.insert(campaign_arn.to_owned(), now);
        }
        let Ok(snapshot) = ctx.serving.snapshot(campaign_arn) else { return Ok(()) };
        blocking(move || snapshot.refresh_popularity()).await?.map_err(|error| Stop::Failed(error.to_string()))
    }
}

async fn keep_beating(ctx: &JobsCtx) -> Infallible {
    loop {
        ctx.nodes.due().await;
        if let Err(error) = ctx.nodes.beat(&ctx.stores).await {
            tracing::warn!(%error, "the others cannot be told that this process lives");
        }
    }
}

/// The target of a campaign for the loop that keeps serving in step; `None` where there is none, or where it is its job's to load.
fn wanted_now<'a>(ctx: &JobsCtx, campaign: &'a Campaign) -> Option<Deployment<'a>> {
    let update = campaign.latest_update.as_ref().filter(|update| update.status.is_creating());
    if ctx.nodes.is_shared() {
        // The job waits until every process that serves has it.
        let is_wanted = campaign.status == Status::Active || campaign.status.is_creating();
        return is_wanted.then(|| Deployment::under_way(campaign));
    }
    let waits = update.is_some() && ctx.serving.campaigns.contains(&campaign.arn);
    (campaign.status == Status::Active && !waits).then(|| Deployment::settled(campaign))
}

async fn ingredients(ctx: &JobsCtx, wanted: &Deployment<'_>) -> Result<Ingredients, Error> {
    let Deployment { solution_version_arn, config, .. } = *wanted;
    let version = records::load::<SolutionVersion>(&*ctx.stores.records, solution_version_arn).await?;
    Ok(Ingredients {
        solution_version_arn: solution_version_arn.to_owned(),
        artifact_key: version.and_then(|(_, version)| version.artifact_key),
        metadata_enabled: config.and_then(|c| c.enable_metadata_with_recommendations).unwrap_or(false),
        exploration: config.map_or(Exploration::DEFAULT, |c| Exploration::of(&c.item_exploration_config)),
        influence: config.map_or([0.0; 2], |c| influence(&c.ranking_influence)),
    })
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
