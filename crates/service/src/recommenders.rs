//! Recommenders: CREATE PENDING with a first model and its training job in the same commit. What a training, an update, a stop
//! or a start ends in is written by the job that does it.

use crate::context::CLOCK_AHEAD_MS_MAX;
use crate::lookup::{
    all_under, dataset_prefix, find, in_use_by, must_be_active, must_be_deletable, refuse_during_deletion,
    refuse_existing, require, require_here,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::solutions::remove_artifact;
use crate::training_data::check_training_data;
use crate::{Caller, Ctx, Listed, Page, recipes, training_requirements};
use std::collections::BTreeMap;
use tastemaker_domain::campaign_config::check_exploration;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::resource::{
    Dataset, DatasetGroup, JobKind, Recommender, RecommenderConfig, RecommenderUpdate, SolutionVersion, TimeMs,
    TrainingMode, TrainingType,
};
use tastemaker_domain::schema::{DatasetDomain, DatasetType};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_store::Transaction;
use tastemaker_store::records::{self, JOBS_CHANNEL};
use uuid::Uuid;

/// The customer's part of a recommender.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecommender {
    /// Unique among the region's recommenders.
    pub name: String,
    /// A group of the use case's domain.
    pub dataset_group_arn: String,
    /// A use case.
    pub recipe_arn: String,
    /// Its training data and its answers, as the customer set them.
    pub config: Option<RecommenderConfig>,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Makes a use case of the group's domain answer: trains it, then serves it.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewRecommender) -> Result<Recommender> {
    name::check(Member::Name, &new.name)?;
    let descriptor = recipes::describe(&new.recipe_arn)?;
    let Some(use_case) = descriptor.use_case else {
        let text = format!(
            "{}: {} is not a use case of a domain; use it with CreateSolution.",
            Member::RecipeArn,
            new.recipe_arn
        );
        return Err(Error::invalid(Member::RecipeArn, text));
    };
    let new = &new;
    ctx.transact(|tx| async move {
        let (group_at, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, &new.dataset_group_arn).await?;
        if group.domain != Some(use_case.domain) {
            let text = format!(
                "{}: {} needs a dataset group of domain {}; {} has {}.",
                Member::RecipeArn,
                new.recipe_arn,
                use_case.domain.as_str(),
                group.arn,
                group.domain.map_or("none", DatasetDomain::as_str)
            );
            return Err(Error::invalid(Member::RecipeArn, text));
        }
        let config = checked(ctx, descriptor, &group.arn, new.config.clone()).await?;
        let arn = caller.scope.arn(&format!("recommender/{}", new.name));
        refuse_existing::<Recommender>(ctx, &arn).await?;
        must_be_active(&group.arn, group.status)?;
        let now = ctx.now();
        let mut recommender = Recommender {
            name: new.name.clone(),
            arn,
            dataset_group_arn: group.arn.clone(),
            recipe_arn: new.recipe_arn.clone(),
            config,
            status: Status::CreatePending,
            failure_reason: None,
            latest_update: None,
            model_arn: None,
            training_arn: None,
            trained_ms: now,
            metrics: BTreeMap::new(),
            created_ms: now,
            updated_ms: now,
        };
        let quota = Quota {
            key: "recommenders_per_group",
            what: "recommenders",
            max: ctx.quotas.recommenders_per_group,
            within: Within::Group(&group.arn),
        };
        let counts = |r: &Recommender| r.dataset_group_arn == group.arn && !r.status.is_deleting();
        quotas::enforce(ctx, &tx, quota, counts).await?;
        tx.touch(group_at, &group)?;
        let config = recommender.config.clone();
        train(ctx, &tx, &mut recommender, config.as_ref(), TrainingType::Manual).await?;
        tx.create_tagged(&recommender, &new.tags)?;
        Ok(recommender)
    })
    .await
}

/// Adds a model and the job that trains it. Its number is the time, so that the newest model is the last one asked for.
async fn train(
    ctx: &Ctx,
    tx: &Transaction,
    recommender: &mut Recommender,
    config: Option<&RecommenderConfig>,
    training_type: TrainingType,
) -> Result<()> {
    let descriptor = recipes::describe(&recommender.recipe_arn)?;
    let training_data = config.and_then(|c| c.training_data.as_ref());
    training_requirements::check(ctx, descriptor, &recommender.dataset_group_arn, training_data).await?;
    refuse_during_deletion(ctx, &recommender.dataset_group_arn).await?;
    let now = ctx.now();
    let model = SolutionVersion {
        name: None,
        arn: format!("{}/{}", recommender.arn, &Uuid::new_v4().simple().to_string()[..8]),
        solution_arn: recommender.arn.clone(),
        dataset_group_arn: recommender.dataset_group_arn.clone(),
        recipe_arn: recommender.recipe_arn.clone(),
        // The recipe picks the events of its use case itself: histories hold them all, so that what a user has already
        // purchased or watched is known.
        event_type: None,
        config: SolutionConfig {
            training_data: config.and_then(|c| c.training_data.clone()),
            ..SolutionConfig::default()
        },
        perform_tuning: false,
        trials: Vec::new(),
        tuned_parameters: BTreeMap::new(),
        training_mode: TrainingMode::Full,
        training_type,
        training_hours: None,
        events_position: None,
        status: Status::CreatePending,
        failure_reason: None,
        metrics: BTreeMap::new(),
        baseline_metrics: BTreeMap::new(),
        artifact_key: None,
        created_ms: now,
        updated_ms: now,
    };
    tx.create(&model)?;
    tx.add_job(JobKind::Train, &model.arn, now)?;
    recommender.training_arn = Some(model.arn);
    recommender.trained_ms = now;
    Ok(())
}

/// Every rule of `recommenderConfig`; names of datasets come back in upper case.
async fn checked(
    ctx: &Ctx,
    descriptor: &RecipeDescriptor,
    group_arn: &str,
    config: Option<RecommenderConfig>,
) -> Result<Option<RecommenderConfig>> {
    let Some(mut config) = config else { return Ok(None) };
    if config.min_recommendation_requests_per_second == Some(0) {
        let member = Member::RecommenderConfig.then(Member::MinRecommendationRequestsPerSecond);
        let text = format!("{member} must be at least 1, not 0.");
        return Err(Error::invalid(member, text));
    }
    let exploration = Member::RecommenderConfig.then(Member::ItemExplorationConfig);
    if !config.item_exploration_config.is_empty() && !descriptor.can(Ability::Exploration) {
        let text = format!("{exploration} does not apply to {}.", descriptor.arn());
        return Err(Error::invalid(exploration, text));
    }
    check_exploration(exploration, &config.item_exploration_config)?;
    if let Some(data) = config.training_data.take() {
        config.training_data = Some(check_training_data(ctx, Member::RecommenderConfig, group_arn, data).await?);
    }
    if config.enable_metadata_with_recommendations == Some(true) {
        let items = format!("{}{}", dataset_prefix(group_arn), DatasetType::Items.as_str());
        if find::<Dataset>(ctx, &items).await?.is_none_or(|(_, dataset)| dataset.status.is_deleting()) {
            let member = Member::RecommenderConfig.then(Member::EnableMetadataWithRecommendations);
            let text = format!("{member} needs an Items dataset; {group_arn} has none.");
            return Err(Error::invalid(member, text));
        }
    }
    Ok(Some(config))
}

/// Replaces the configuration; the recommender answers by the old one meanwhile. Other training columns train a new model.
pub async fn update(ctx: &Ctx, recommender_arn: &str, config: RecommenderConfig) -> Result<Recommender> {
    let config = &config;
    ctx.transact(|tx| async move {
        let (at, mut recommender) = require::<Recommender>(ctx, Member::RecommenderArn, recommender_arn).await?;
        must_be(&recommender, Status::Active, "updated")?;
        must_be_settled(&recommender, "updated")?;
        let descriptor = recipes::describe(&recommender.recipe_arn)?;
        let Some(config) = checked(ctx, descriptor, &recommender.dataset_group_arn, Some(config.clone())).await? else {
            return Ok(recommender);
        };
        let now = ctx.now();
        let trained_on = recommender.config.as_ref().and_then(|c| c.training_data.clone());
        if config.training_data != trained_on {
            if let Some(training) = &recommender.training_arn {
                return Err(in_use_by(recommender_arn, training));
            }
            train(ctx, &tx, &mut recommender, Some(&config), TrainingType::Manual).await?;
        } else {
            tx.add_job(JobKind::Recommend, recommender_arn, now)?;
        }
        recommender.latest_update = Some(RecommenderUpdate {
            config,
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        });
        recommender.updated_ms = now;
        tx.replace(at, &recommender)?;
        Ok(recommender)
    })
    .await
}

/// Stops answering and being trained, until [`start`].
pub async fn stop(ctx: &Ctx, recommender_arn: &str) -> Result<()> {
    switch(ctx, recommender_arn, Status::Active, Status::StopPending, "stopped").await
}

/// Answers again, by the model it was stopped with.
pub async fn start(ctx: &Ctx, recommender_arn: &str) -> Result<()> {
    switch(ctx, recommender_arn, Status::Inactive, Status::StartPending, "started").await
}

async fn switch(ctx: &Ctx, recommender_arn: &str, from: Status, to: Status, done: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (at, mut recommender) = require::<Recommender>(ctx, Member::RecommenderArn, recommender_arn).await?;
        must_be(&recommender, from, done)?;
        must_be_settled(&recommender, done)?;
        let now = ctx.now();
        recommender.status = to;
        recommender.failure_reason = None;
        recommender.updated_ms = now;
        tx.replace(at, &recommender)?;
        tx.add_job(JobKind::Recommend, recommender_arn, now)?;
        Ok(())
    })
    .await
}

fn must_be(recommender: &Recommender, status: Status, done: &str) -> Result<()> {
    if recommender.status == status {
        return Ok(());
    }
    Err(Error::InUse(format!(
        "Resource {} is {}; it can be {done} when it is {status}.",
        recommender.arn, recommender.status
    )))
}

fn must_be_settled(recommender: &Recommender, done: &str) -> Result<()> {
    match &recommender.latest_update {
        Some(update) if update.status.is_creating() => Err(Error::InUse(format!(
            "Resource {} has an update that is {}; it can be {done} when the update has ended.",
            recommender.arn, update.status
        ))),
        _ => Ok(()),
    }
}

/// The recommender with this ARN.
pub async fn describe(ctx: &Ctx, recommender_arn: &str) -> Result<Recommender> {
    Ok(require(ctx, Member::RecommenderArn, recommender_arn).await?.1)
}

/// The region's recommenders, or those of one group, oldest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_group_arn: Option<&str>,
    page: Page,
) -> Result<Listed<Recommender>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListRecommenders", filter, order: Order::OldestFirst };
    let keep = |r: &Recommender| dataset_group_arn.is_none_or(|arn| r.dataset_group_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// Removes a recommender with its models. A retraining of its own does not hold it.
pub async fn delete(ctx: &Ctx, recommender_arn: &str) -> Result<()> {
    let models = ctx.transact(|tx| async move {
        let (at, recommender) = require::<Recommender>(ctx, Member::RecommenderArn, recommender_arn).await?;
        must_be_deletable(&recommender.arn, recommender.status)?;
        must_be_settled(&recommender, "deleted")?;
        tx.remove(at, &recommender);
        let models = all_under::<SolutionVersion>(ctx, &format!("{recommender_arn}/")).await?;
        for (at, model) in &models {
            tx.remove(*at, model);
            tx.write(records::delete::<TrainingRecord>(&model.arn));
        }
        tx.notify(JOBS_CHANNEL);
        Ok(models)
    });
    for (_, model) in models.await? {
        remove_artifact(ctx, &model).await;
    }
    Ok(())
}

/// Begins a retraining if the recommender still is as `seen` was.
pub(crate) async fn retrain(ctx: &Ctx, seen: &Recommender) -> Result<Option<String>> {
    ctx.transact(|tx| async move {
        let (at, mut recommender) = require::<Recommender>(ctx, Member::RecommenderArn, &seen.arn).await?;
        if recommender != *seen {
            return Ok(None);
        }
        let config = recommender.config.clone();
        train(ctx, &tx, &mut recommender, config.as_ref(), TrainingType::Automatic).await?;
        tx.replace(at, &recommender)?;
        Ok(recommender.training_arn)
    })
    .await
}

/// Whether a retraining is due: `pause_ms` after the last one was asked for, while the recommender is ACTIVE and nothing else
/// changes it.
pub(crate) fn is_due(recommender: &Recommender, pause_ms: TimeMs, now_ms: TimeMs) -> bool {
    recommender.status == Status::Active
        && recommender.training_arn.is_none()
        && !recommender.is_updating()
        && (recommender.trained_ms.saturating_add(pause_ms) <= now_ms
            || recommender.trained_ms > now_ms.saturating_add(CLOCK_AHEAD_MS_MAX))
}
