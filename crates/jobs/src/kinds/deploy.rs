//! Deploying campaigns and recommenders: the models that answer are kept in step with their records.
//!
//! A deploy job loads a new campaign (or its update) and makes it ACTIVE. Beside the jobs, [`reconcile_loop`] loads ACTIVE
//! campaigns that are not held, retires those that are gone, and publishes the tables of datasets with other files.

use super::{Kind, blocking};
use crate::catalog::{Catalog, TASTES_FILE};
use crate::context::{JobsCtx, millis};
use crate::filters;
use crate::incremental;
use crate::leased_job::{LeasedJob, Stop};
use crate::scoring::Opened;
use crate::tables;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tastemaker_domain::Status;
use tastemaker_domain::campaign_config::{Exploration, influence};
use tastemaker_domain::recipe::Ability;
use tastemaker_domain::resource::{
    BatchInferenceConfig, Campaign, CampaignConfig, DatasetGroup, JobKind, Recommender, SolutionVersion, Streamed,
    TimeMs,
};
use tastemaker_recipes::{ActionTastes, ArtifactFiles, artifact, trend_interval_s};
use tastemaker_serving::{HistoryColumns, Snapshot, SnapshotParts, TrainingHistories, UserVectorEncoder};
use tastemaker_store::records::{self, CAMPAIGNS_CHANNEL};
use tastemaker_store::{BlobsExt, Error, Transaction};
use tokio::sync::{Notify, watch};

/// Events that are read at once when the log is replayed.
const REPLAY_PAGE_LEN: usize = 10_000;

/// What each published snapshot was made from.
#[derive(Debug, Default)]
pub struct Deployments {
    published: Mutex<HashMap<String, Ingredients>>,
    /// When what is popular among a campaign's users was last counted anew.
    popularity_refreshed_ms: Mutex<HashMap<String, TimeMs>>,
    /// The tables of Items, Users and Actions datasets that serving has.
    tables: tables::Published,
    /// The bulk interactions that filters see.
    interactions: filters::Published,
    changed: Notify,
    /// Models with new items.
    refreshed: incremental::Refreshed,
    /// One loading at a time, so that an older choice never replaces a newer one.
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, PartialEq)]
struct Ingredients {
    solution_version_arn: String,
    /// Its model's folder: histories without deleted users are another one.
    artifact_key: Option<String>,
    metadata_enabled: bool,
    /// As the configuration says; only recipes with exploration follow it.
    exploration: Exploration,
    /// Of freshness and popularity.
    influence: [f32; 2],
}

impl Deployments {
    /// Tells [`reconcile_loop`] that records may have changed.
    pub(crate) fn changed(&self) {
        self.changed.notify_one();
    }

    fn get(&self, campaign_arn: &str) -> Option<Ingredients> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).get(campaign_arn).cloned()
    }

    fn set(&self, campaign_arn: &str, ingredients: Option<Ingredients>) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        self.popularity_refreshed_ms.lock().unwrap_or_else(PoisonError::into_inner).remove(campaign_arn);
        match ingredients {
            Some(ingredients) => published.insert(campaign_arn.to_owned(), ingredients),
            None => published.remove(campaign_arn),
        };
    }
}

pub(super) struct Deploy;

#[async_trait]
impl Kind for Deploy {
    fn kind(&self) -> JobKind {
        JobKind::Deploy
    }

    fn concurrency(&self) -> usize {
        4
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let ended = work.transact(|tx| deploy(work, tx)).await;
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
async fn deploy(work: &LeasedJob, tx: Transaction) -> Result<(), Stop> {
    let ctx = &work.ctx;
    let Some((at, mut campaign)) = work.load::<Campaign>(&work.job.resource_arn).await? else {
        return work.finish(tx).await;
    };
    let (version_arn, config, min_tps) = wanted(&campaign);
    {
        let _one_at_a_time = ctx.deployments.loading.lock().await;
        tables::publish(ctx, &ctx.deployments.tables).await?;
        load(ctx, &campaign, &version_arn, config.as_ref()).await?;
        ctx.serving.campaigns.provision(&campaign.arn, min_tps);
    }
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

/// The version, configuration and promised rate that a deploy job is to load.
fn wanted(campaign: &Campaign) -> (String, Option<CampaignConfig>, u32) {
    match &campaign.latest_update {
        Some(update) if update.status.is_creating() => {
            (update.solution_version_arn.clone(), update.config.clone(), update.min_provisioned_tps)
        }
        _ => (campaign.solution_version_arn.clone(), campaign.config.clone(), campaign.min_provisioned_tps),
    }
}

/// What [`warm_up`] did.
#[derive(Debug, Default)]
pub struct WarmUp {
    /// ACTIVE campaigns that answer now.
    pub campaigns: usize,
    /// Streamed events that were replayed.
    pub events: u64,
    /// Campaigns that could not be loaded: ARN and reason. They are tried again while [`crate::run`] runs.
    pub failed: Vec<(String, String)>,
}

/// Loads every ACTIVE campaign and replays all streamed events into serving; to be called before the server says it is
/// ready.
pub async fn warm_up(ctx: &JobsCtx) -> Result<WarmUp, Error> {
    let mut done = WarmUp::default();
    for (_, group) in records::list::<DatasetGroup>(&*ctx.stores.records).await? {
        done.events += replay(ctx, &group.arn).await?;
        done.events += replay_actions(ctx, &group.arn).await?;
    }
    done.failed = reconcile(ctx).await?;
    done.campaigns = ctx.serving.campaigns.arns().len();
    Ok(done)
}

/// Shows serving all streamed interactions of a group, in order; their number. The next page is read while one is taken in.
async fn replay(ctx: &JobsCtx, group_arn: &str) -> Result<u64, Error> {
    let stream = records::interactions_stream(group_arn);
    let (mut after, mut events) = (0, 0);
    let mut taken_in = tokio::spawn(async { Ok(()) });
    loop {
        let page = ctx.stores.events.read(&stream, after, REPLAY_PAGE_LEN).await?;
        taken_in.await.map_err(|error| Error::backend("jobs", error))??;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.position;
        events += page.len() as u64;
        let (serving, group, stream) = (ctx.serving.clone(), group_arn.to_owned(), stream.clone());
        taken_in = tokio::task::spawn_blocking(move || {
            let events = page.iter().map(|e| records::decode_event(&stream, e)).collect::<Result<Vec<_>, _>>()?;
            serving.observe(&group, &events);
            Ok(())
        });
    }
}

/// The same of the group's responses to actions, which are few.
async fn replay_actions(ctx: &JobsCtx, group_arn: &str) -> Result<u64, Error> {
    let stream = records::action_interactions_stream(group_arn);
    let (mut after, mut events) = (0, 0);
    loop {
        let page = ctx.stores.events.read(&stream, after, REPLAY_PAGE_LEN).await?;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.position;
        let decode = |e| records::decode_action_interaction(&stream, e);
        let responses = page.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        ctx.serving.ingest(group_arn, Streamed::ActionInteractions(&responses));
        events += responses.len() as u64;
    }
}

/// Reconciles again and again until `shutdown` becomes true.
pub(crate) async fn reconcile_loop(ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
    let mut reported = HashMap::new();
    while !*shutdown.borrow() {
        match reconcile(&ctx).await {
            Ok(failed) => {
                let failed: HashMap<_, _> = failed.into_iter().collect();
                for (campaign, reason) in failed.iter().filter(|(arn, reason)| reported.get(*arn) != Some(*reason)) {
                    tracing::error!(campaign, reason, "the campaign cannot be loaded");
                }
                reported = failed;
            }
            Err(error) => tracing::warn!(%error, "campaigns cannot be read"),
        }
        tokio::select! {
            () = ctx.deployments.changed.notified() => {}
            () = tokio::time::sleep(ctx.settings.poll) => {}
            _ = shutdown.changed() => break,
        }
    }
}

/// Publishes whatever campaigns should have by now; those that cannot be loaded keep what they have.
pub(crate) async fn refresh(ctx: &JobsCtx) -> Result<(), Error> {
    for (campaign, reason) in reconcile(ctx).await? {
        tracing::warn!(campaign, reason, "the campaign cannot be loaded");
    }
    Ok(())
}

/// Makes what is held equal to the ACTIVE campaigns and the datasets; returns those that cannot be loaded, with the reason.
async fn reconcile(ctx: &JobsCtx) -> Result<Vec<(String, String)>, Error> {
    let _one_at_a_time = ctx.deployments.loading.lock().await;
    filters::follow(ctx).await?;
    tables::forget_gone(ctx).await?;
    let mut failed = tables::publish(ctx, &ctx.deployments.tables).await?;
    failed.extend(incremental::refresh(ctx, &ctx.deployments.refreshed).await?);
    failed.extend(filters::publish_interactions(ctx, &ctx.deployments.interactions).await?);
    let campaigns = records::list::<Campaign>(&*ctx.stores.records).await?;
    let recommenders = records::list::<Recommender>(&*ctx.stores.records).await?;
    let kept = |arn: &String| {
        campaigns.iter().any(|(_, c)| c.arn == *arn && !c.status.is_deleting())
            || recommenders
                .iter()
                .any(|(_, r)| r.arn == *arn && !r.status.is_deleting() && r.status != Status::Inactive)
    };
    for arn in ctx.serving.campaigns.arns().iter().filter(|arn| !kept(arn)) {
        retire(ctx, arn);
    }
    for (_, campaign) in campaigns.iter().filter(|(_, c)| c.status == Status::Active) {
        // An update that is under way belongs to its job.
        if campaign.latest_update.as_ref().is_some_and(|u| u.status.is_creating())
            && ctx.serving.campaigns.contains(&campaign.arn)
        {
            continue;
        }
        match load(ctx, campaign, &campaign.solution_version_arn, campaign.config.as_ref()).await {
            Ok(()) => ctx.serving.campaigns.provision(&campaign.arn, campaign.min_provisioned_tps),
            Err(Stop::Failed(reason)) => failed.push((campaign.arn.clone(), reason)),
            Err(Stop::Retry(error)) => failed.push((campaign.arn.clone(), error.to_string())),
            // Read again at the next round.
            Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
        }
    }
    for (_, recommender) in recommenders.iter().filter(|(_, r)| r.status == Status::Active) {
        match load_unlocked(ctx, recommender).await {
            Ok(()) => {}
            Err(Stop::Failed(reason)) => failed.push((recommender.arn.clone(), reason)),
            Err(Stop::Retry(error)) => failed.push((recommender.arn.clone(), error.to_string())),
            Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
        }
    }
    Ok(failed)
}

/// Makes a recommender answer as its record says.
pub(super) async fn load_recommender(ctx: &JobsCtx, recommender: &Recommender) -> Result<(), Stop> {
    let _one_at_a_time = ctx.deployments.loading.lock().await;
    load_unlocked(ctx, recommender).await
}

/// Stops answering for a campaign or recommender.
pub(super) fn retire(ctx: &JobsCtx, arn: &str) {
    ctx.serving.campaigns.retire(arn);
    ctx.deployments.set(arn, None);
}

async fn load_unlocked(ctx: &JobsCtx, recommender: &Recommender) -> Result<(), Stop> {
    let Some(model) = &recommender.model_arn else {
        return Err(Stop::Failed(format!("{} has no model. Delete it and create it again.", recommender.arn)));
    };
    let campaign = as_campaign(recommender, model);
    load(ctx, &campaign, model, campaign.config.as_ref()).await?;
    ctx.serving.campaigns.provision(&campaign.arn, campaign.min_provisioned_tps);
    Ok(())
}

/// What a recommender serves, in the form of the campaign that would do the same.
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

/// Counts anew what is popular among the users of a campaign that answers, if the last time is long enough ago.
async fn refresh_popularity_if_due(ctx: &JobsCtx, campaign_arn: &str) -> Result<(), Stop> {
    let now = ctx.now();
    {
        let mut popularity_refreshed_ms =
            ctx.deployments.popularity_refreshed_ms.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Publishes a snapshot of a version for a campaign, unless just that is held already.
async fn load(
    ctx: &JobsCtx,
    campaign: &Campaign,
    version_arn: &str,
    config: Option<&CampaignConfig>,
) -> Result<(), Stop> {
    let ingredients = Ingredients {
        solution_version_arn: version_arn.to_owned(),
        artifact_key: records::load::<SolutionVersion>(&*ctx.stores.records, version_arn)
            .await?
            .and_then(|(_, v)| v.artifact_key),
        metadata_enabled: config.and_then(|c| c.enable_metadata_with_recommendations).unwrap_or(false),
        exploration: config.map_or(Exploration::DEFAULT, |c| Exploration::of(&c.item_exploration_config)),
        influence: config.map_or([0.0; 2], |c| influence(&c.ranking_influence)),
    };
    if ctx.serving.campaigns.contains(&campaign.arn)
        && ctx.deployments.get(&campaign.arn).as_ref() == Some(&ingredients)
    {
        return refresh_popularity_if_due(ctx, &campaign.arn).await;
    }
    let snapshot = snapshot(ctx, &campaign.dataset_group_arn, &ingredients).await?;
    ctx.serving.campaigns.publish(&campaign.arn, snapshot);
    ctx.deployments.set(&campaign.arn, Some(ingredients));
    refresh_popularity_if_due(ctx, &campaign.arn).await
}

/// A version's model without metadata, for a job of its own.
pub(crate) async fn snapshot_of(
    ctx: &JobsCtx,
    group_arn: &str,
    version_arn: &str,
    config: &BatchInferenceConfig,
) -> Result<Snapshot, Stop> {
    let ingredients = Ingredients {
        solution_version_arn: version_arn.to_owned(),
        artifact_key: None,
        metadata_enabled: false,
        exploration: Exploration::of(&config.item_exploration_config),
        influence: influence(&config.ranking_influence),
    };
    snapshot(ctx, group_arn, &ingredients).await
}

fn unreadable(version_arn: &str, error: &tastemaker_recipes::Error) -> Stop {
    Stop::Failed(format!("The model of {version_arn} cannot be opened: {error}. Train a new solution version."))
}

/// The files of a version's model.
pub(crate) async fn files_of(ctx: &JobsCtx, version_arn: &str, artifact_key: &str) -> Result<ArtifactFiles, Stop> {
    let mut files = ArtifactFiles::new();
    let manifest = ctx.stores.blobs.read_all(&format!("{artifact_key}/{}", artifact::MANIFEST_FILE)).await?;
    let names = artifact::read_manifest(&manifest).map_err(|error| unreadable(version_arn, &error))?.files.into_keys();
    files.insert(artifact::MANIFEST_FILE.to_owned(), manifest.to_vec());
    for name in names {
        let bytes = ctx.stores.blobs.read_all(&format!("{artifact_key}/{name}")).await?;
        files.insert(name, bytes.to_vec());
    }
    Ok(files)
}

/// The files of an ACTIVE version's model.
pub(crate) async fn artifact_of(ctx: &JobsCtx, version: &SolutionVersion) -> Result<ArtifactFiles, Stop> {
    match version.artifact_key.as_ref().filter(|_| version.status == Status::Active) {
        Some(key) => files_of(ctx, &version.arn, key).await,
        None => Err(not_active(&version.arn)),
    }
}

fn not_active(version_arn: &str) -> Stop {
    Stop::Failed(format!("{version_arn} is not ACTIVE. Deploy an ACTIVE solution version."))
}

async fn snapshot(ctx: &JobsCtx, group_arn: &str, ingredients: &Ingredients) -> Result<Snapshot, Stop> {
    let version_arn = &ingredients.solution_version_arn;
    let version =
        records::load::<SolutionVersion>(&*ctx.stores.records, version_arn).await?.map(|(_, version)| version);
    let version = version.ok_or_else(|| not_active(version_arn))?;
    let files = artifact_of(ctx, &version).await?;
    let unreadable = |error: tastemaker_recipes::Error| unreadable(version_arn, &error);
    let opened = blocking(move || Ok((Opened::new(&files)?, user_vector_encoder(&files)?)));
    let (opened, user_vector_encoder) = opened.await?.map_err(unreadable)?;
    let popular = opened.catalog.popular().map_err(unreadable)?;
    let events = HistoryColumns {
        items: opened.catalog.history_items,
        times: opened.catalog.history_times,
        event_types: opened.catalog.history_event_types,
    };
    let histories = TrainingHistories::new(opened.catalog.users, opened.catalog.offsets, events).ok_or_else(|| {
        Stop::Failed(format!("The histories of {version_arn} are damaged. Train a new solution version."))
    })?;
    let recipe = opened.recipe.descriptor;
    let trend_interval_s = trend_interval_s(recipe, &version.config).map_err(unreadable)?;
    let weighted = version.config.events.into_iter().map(|event| event.event_type);
    let counted_types = version.event_type.into_iter().chain(weighted).collect();
    Snapshot::new(SnapshotParts {
        dataset_group_arn: group_arn.to_owned(),
        solution_version_arn: version.arn,
        recipe,
        scorer: opened.scorer,
        popular: Arc::new(popular),
        items: opened.catalog.items,
        event_types: opened.catalog.event_types,
        histories,
        impressions: opened.catalog.impressions,
        counted_types,
        metadata_enabled: ingredients.metadata_enabled || recipe.can(Ability::AlwaysMetadata),
        exploration: recipe.exploration(ingredients.exploration),
        user_vector_encoder,
        trend_interval_s,
        influence: ingredients.influence,
    })
    .map_err(|error| Stop::Failed(error.to_string()))
}

/// The items beside a model of actions, and how users stand with them.
fn user_vector_encoder(files: &ArtifactFiles) -> Result<Option<UserVectorEncoder>, tastemaker_recipes::Error> {
    let Some(model) = ActionTastes::open(files)? else { return Ok(None) };
    let catalog = Catalog::from_bytes(artifact::file(files, TASTES_FILE)?)?;
    let damaged = || tastemaker_recipes::Error::Artifact(format!("{TASTES_FILE} does not fit the model"));
    if catalog.items.len() != model.items() {
        return Err(damaged());
    }
    let events = HistoryColumns {
        items: catalog.history_items,
        times: catalog.history_times,
        event_types: catalog.history_event_types,
    };
    let histories = TrainingHistories::new(catalog.users, catalog.offsets, events).ok_or_else(damaged)?;
    let encode = move |items: &[u32], vector: &mut Vec<f32>| model.of_user(items, vector);
    Ok(Some(UserVectorEncoder { items: catalog.items, histories, encode: Box::new(encode) }))
}
