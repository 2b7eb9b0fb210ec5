//! The scheduler: trainings by schedule, and campaigns that follow the newest solution version.
//!
//! Records alone decide, so a restart forgets nothing and doubles nothing. A solution with automatic training is trained
//!
//! - when [`SchedulerConfig::first_training_delay`] has passed since automatic training was turned on and no training has begun
//!   since then;
//! - else when the days of its schedule have passed since the last FULL training began;
//! - but only when interactions came in since the last FULL training, and none of its versions is being trained.
//!
//! An ACTIVE recommender is trained again after seven days, under the same condition. A campaign with
//! syncWithLatestSolutionVersion is updated when its solution has a newer ACTIVE version.

use crate::context::CLOCK_AHEAD_MS_MAX;
use crate::lookup::{all_under, dataset_prefix, importing_in, owner_of, scope_of};
use crate::solution_versions::{self, NewSolutionVersion, began_ms};
use crate::{Ctx, campaigns, recommenders};
use std::time::Duration;
use tastemaker_domain::resource::{
    Campaign, DatasetImportJob, Recommender, Solution, SolutionVersion, TimeMs, TrainingMode, TrainingType,
};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{Error, Result, Status};
use tastemaker_store::records;

const DAY_MS: TimeMs = 24 * 60 * 60 * 1000;

/// The settings of the work that the server does by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulerConfig {
    /// Whether solutions are trained by their schedules.
    pub trains: bool,
    /// The pause between turning automatic training on and the first automatic training.
    pub first_training_delay: Duration,
}

/// Begins everything that is due now; returns the ARNs of what was begun. To be called again and again. A resource that
/// cannot be worked on now, because an import runs for example, is looked at again by the next call.
pub async fn tick(ctx: &Ctx, config: &SchedulerConfig) -> Result<Vec<String>> {
    let mut begun = Vec::new();
    if config.trains {
        for (_, solution) in records::list::<Solution>(&*ctx.stores.records).await? {
            match train_if_due(ctx, config, &solution).await {
                Ok(version) => begun.extend(version.map(|v| v.arn)),
                Err(error @ Error::Internal(_)) => return Err(error),
                Err(error) => tracing::debug!(solution = solution.arn, %error, "the automatic training waits"),
            }
        }
        for (_, recommender) in records::list::<Recommender>(&*ctx.stores.records).await? {
            match retrain_if_due(ctx, &recommender).await {
                Ok(model) => begun.extend(model),
                Err(error @ Error::Internal(_)) => return Err(error),
                Err(error) => tracing::debug!(recommender = recommender.arn, %error, "the retraining waits"),
            }
        }
    }
    for (_, campaign) in records::list::<Campaign>(&*ctx.stores.records).await? {
        if !campaigns::is_synchronized(&campaign) {
            continue;
        }
        match campaigns::follow(ctx, &campaign.arn).await {
            Ok(true) => begun.push(campaign.arn),
            Ok(false) => {}
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(error) => tracing::debug!(campaign = campaign.arn, %error, "the campaign stays with its version"),
        }
    }
    Ok(begun)
}

async fn train_if_due(ctx: &Ctx, config: &SchedulerConfig, solution: &Solution) -> Result<Option<SolutionVersion>> {
    let delay_ms = TimeMs::try_from(config.first_training_delay.as_millis()).unwrap_or(TimeMs::MAX);
    let now = ctx.now();
    let is_due = |solution: &Solution, versions: &[SolutionVersion]| {
        due_ms(solution, versions, delay_ms, now).is_some_and(|due| due <= now)
    };
    let versions = solution_versions::versions_of(ctx, &solution.arn).await?;
    let group = &solution.dataset_group_arn;
    // What an import brings is trained on when it has ended, so that the same data does not begin another training.
    if !is_due(solution, &versions)
        || importing_in(ctx, group).await?.is_some()
        || !has_new_interactions(ctx, group, last_full(&versions, now)).await?
    {
        return Ok(None);
    }
    let new = NewSolutionVersion {
        name: None,
        solution_arn: solution.arn.clone(),
        training_mode: TrainingMode::Full,
        tags: Tags::default(),
    };
    solution_versions::create_if(ctx, &owner_of(&solution.arn), &new, TrainingType::Automatic, &is_due).await
}

const RETRAINING_PAUSE_MS: TimeMs = 7 * DAY_MS;

async fn retrain_if_due(ctx: &Ctx, recommender: &Recommender) -> Result<Option<String>> {
    if !recommenders::is_due(recommender, RETRAINING_PAUSE_MS, ctx.now()) {
        return Ok(None);
    }
    if importing_in(ctx, &recommender.dataset_group_arn).await?.is_some() {
        return Ok(None);
    }
    let Some(model_arn) = &recommender.model_arn else { return Ok(None) };
    let model = records::load::<SolutionVersion>(&*ctx.stores.records, model_arn).await?;
    let model = model.as_ref().map(|(_, model)| model);
    if !has_new_interactions(ctx, &recommender.dataset_group_arn, model).await? {
        return Ok(None);
    }
    recommenders::retrain(ctx, recommender).await
}

/// When the next automatic training is due; `None` while there is none to come.
fn due_ms(solution: &Solution, versions: &[SolutionVersion], first_delay_ms: TimeMs, now_ms: TimeMs) -> Option<TimeMs> {
    let under_way = versions.iter().any(|version| version.status.is_creating());
    if !solution.perform_auto_training || solution.status != Status::Active || under_way {
        return None;
    }
    let since = solution.auto_training_since_ms.unwrap_or(solution.created_ms);
    let since = if since > now_ms.saturating_add(CLOCK_AHEAD_MS_MAX) { 0 } else { since };
    let pause = TimeMs::from(solution.config.auto_training_days()) * DAY_MS;
    match last_full(versions, now_ms) {
        Some(last) if began_ms(last) >= since => Some(began_ms(last).saturating_add(pause)),
        _ => Some(since.saturating_add(first_delay_ms)),
    }
}

fn last_full(versions: &[SolutionVersion], now_ms: TimeMs) -> Option<&SolutionVersion> {
    let counts = |v: &&SolutionVersion| {
        v.training_mode == TrainingMode::Full && began_ms(v) <= now_ms.saturating_add(CLOCK_AHEAD_MS_MAX)
    };
    versions.iter().filter(counts).max_by_key(|v| v.created_ms)
}

/// Whether an import ended or an event was streamed since `last` began; without `last`, whether there ever was one.
async fn has_new_interactions(ctx: &Ctx, group: &str, last: Option<&SolutionVersion>) -> Result<bool> {
    let interactions = format!("{}{}", dataset_prefix(group), DatasetType::Interactions.as_str());
    let is_new = |import: &DatasetImportJob| {
        import.dataset_arn == interactions
            && import.status == Status::Active
            && last.is_none_or(|last| import.updated_ms > began_ms(last))
    };
    if all_under::<DatasetImportJob>(ctx, scope_of(group)).await?.iter().any(|(_, import)| is_new(import)) {
        return Ok(true);
    }
    let read = last.and_then(|last| last.events_position).unwrap_or(0);
    let stream = records::interactions_stream(group);
    Ok(!ctx.stores.events.read(&stream, read, 1).await?.is_empty())
}
