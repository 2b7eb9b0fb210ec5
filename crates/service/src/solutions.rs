//! Solutions: a recipe with its parameters, ACTIVE from the commit that makes them.

use crate::lookup::{
    all_under, in_use_by, must_be_active, must_be_deletable, refuse_existing, require, require_here, scope_of,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::training_data::check_training_data;
use crate::{Caller, Ctx, Listed, Page, preferences, recipes, tombstones};
use tastemaker_domain::arn::solution_of_version;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::resource::{Campaign, DatasetGroup, Solution, SolutionUpdate, SolutionVersion};
use tastemaker_domain::solution_config::{EventParameter, SolutionConfig, schedule_days};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name, parameters, tuning};
use tastemaker_store::records;

/// Characters of an event type.
const EVENT_TYPE_CHARS_MAX: usize = 256;

/// The customer's part of a solution.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSolution {
    /// Unique among the region's solutions.
    pub name: String,
    /// Whose data it learns from.
    pub dataset_group_arn: String,
    /// The recipe by which it learns.
    pub recipe_arn: String,
    /// Whether each training searches for the best hyperparameters first.
    pub perform_tuning: bool,
    /// Whether it is trained by itself, see [`crate::scheduler`].
    pub perform_auto_training: bool,
    /// Only for aws-semantic-similarity.
    pub perform_incremental_update: Option<bool>,
    /// Learn from events of this type only.
    pub event_type: Option<String>,
    /// Checked against the recipe's table.
    pub config: SolutionConfig,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// A change by UpdateSolution; a member not given keeps its value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SolutionChange {
    /// As in [`NewSolution`].
    pub perform_auto_training: Option<bool>,
    /// As in [`NewSolution`].
    pub perform_incremental_update: Option<bool>,
    /// `rate(<n> days)`.
    pub auto_training_schedule: Option<String>,
    /// `eventsConfig`.
    pub events: Option<Vec<EventParameter>>,
}

/// Binds a recipe with its parameters to a dataset group.
pub async fn create(ctx: &Ctx, caller: &Caller, mut new: NewSolution) -> Result<Solution> {
    name::check(Member::Name, &new.name)?;
    let descriptor = recipes::describe(&new.recipe_arn)?;
    if let Some(use_case) = descriptor.use_case {
        let text = format!(
            "{}: {} is the use case '{}' of domain {}, which a recommender takes; a solution takes a custom recipe.",
            Member::RecipeArn,
            new.recipe_arn,
            use_case.title,
            use_case.domain.as_str()
        );
        return Err(Error::invalid(Member::RecipeArn, text));
    }
    parameters::validate(descriptor, &new.config)?;
    if let Some(asked) = &new.config.tuning {
        tuning::validate(descriptor, asked)?;
    }
    if new.perform_tuning {
        tuning::plan(descriptor, &new.config)?;
    }
    if let Some(event_type) = &new.event_type {
        let length = event_type.chars().count();
        if !(1..=EVENT_TYPE_CHARS_MAX).contains(&length) {
            let text = format!("{} must have 1 to {EVENT_TYPE_CHARS_MAX} characters, not {length}.", Member::EventType);
            return Err(Error::invalid(Member::EventType, text));
        }
    }
    if let Some(threshold) = new.config.event_value_threshold.filter(|threshold| !threshold.is_finite()) {
        let member = Member::SolutionConfig.then(Member::EventValueThreshold);
        let text = format!("{member} must be finite, not {threshold}.");
        return Err(Error::invalid(member, text));
    }
    preferences::check(ctx, descriptor, &new.dataset_group_arn, new.event_type.as_deref(), &new.config).await?;
    let perform_incremental_update = incremental(descriptor, new.perform_incremental_update)?;
    if let Some(schedule) = &new.config.auto_training_schedule {
        schedule_days(
            Member::SolutionConfig.then(Member::AutoTrainingConfig).then(Member::SchedulingExpression),
            schedule,
        )?;
    }
    if let Some(data) = new.config.training_data.take() {
        let data = check_training_data(ctx, Member::SolutionConfig, &new.dataset_group_arn, data).await?;
        for (given, member, column) in [
            (new.event_type.is_some(), Member::EventType.into(), "EVENT_TYPE"),
            (!new.config.events.is_empty(), Member::SolutionConfig.then(Member::EventsConfig), "EVENT_TYPE"),
            (
                new.config.event_value_threshold.is_some(),
                Member::SolutionConfig.then(Member::EventValueThreshold),
                "EVENT_VALUE",
            ),
        ] {
            if given && !data.takes("INTERACTIONS", column) {
                let text = format!(
                    "{member} needs the column {column}, which {} leaves out.",
                    Member::SolutionConfig.then(Member::TrainingDataConfig)
                );
                return Err(Error::invalid(member, text));
            }
        }
        new.config.training_data = Some(data);
    }
    let new = &new;
    ctx.transact(|tx| async move {
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, &new.dataset_group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        let now = ctx.now();
        let solution = Solution {
            name: new.name.clone(),
            arn: caller.scope.arn(&format!("solution/{}", new.name)),
            dataset_group_arn: group.arn.clone(),
            recipe_arn: new.recipe_arn.clone(),
            perform_tuning: new.perform_tuning,
            perform_auto_training: new.perform_auto_training,
            perform_incremental_update: perform_incremental_update
                .unwrap_or(descriptor.can(Ability::IncrementalUpdate)),
            auto_training_since_ms: None,
            event_type: new.event_type.clone(),
            config: new.config.clone(),
            status: Status::Active,
            latest_update: None,
            created_ms: now,
            updated_ms: now,
        };
        refuse_existing::<Solution>(ctx, &solution.arn).await?;
        let within = Within::Group(&group.arn);
        let quota =
            Quota { key: "solutions_per_group", what: "solutions", max: ctx.quotas.solutions_per_group, within };
        let counts = |s: &Solution| s.dataset_group_arn == group.arn && !s.status.is_deleting();
        quotas::enforce(ctx, &tx, quota, counts).await?;
        tx.touch(group_version, &group)?;
        tx.create_tagged(&solution, &new.tags)?;
        Ok(solution)
    })
    .await
}

/// Changes when a solution is trained by itself, and which events count in its next training; ACTIVE when the call returns.
pub async fn update(ctx: &Ctx, solution_arn: &str, change: SolutionChange) -> Result<Solution> {
    if let Some(schedule) = &change.auto_training_schedule {
        schedule_days(
            Member::SolutionUpdateConfig.then(Member::AutoTrainingConfig).then(Member::SchedulingExpression),
            schedule,
        )?;
    }
    let change = &change;
    ctx.transact(|tx| async move {
        let (at, mut solution) = require::<Solution>(ctx, Member::SolutionArn, solution_arn).await?;
        must_be_active(&solution.arn, solution.status)?;
        let descriptor = recipes::describe(&solution.recipe_arn)?;
        let incremental = incremental(descriptor, change.perform_incremental_update)?;
        if let Some(events) = &change.events {
            preferences::check_events(
                &Member::SolutionUpdateConfig.then(Member::EventsConfig),
                descriptor,
                solution.event_type.as_deref(),
                &solution.config,
                events,
            )?;
            solution.config.events.clone_from(events);
        }
        solution.perform_incremental_update = incremental.unwrap_or(solution.perform_incremental_update);
        let now = ctx.now();
        if change.perform_auto_training == Some(true) && !solution.perform_auto_training {
            solution.auto_training_since_ms = Some(now);
        }
        solution.perform_auto_training = change.perform_auto_training.unwrap_or(solution.perform_auto_training);
        if let Some(schedule) = &change.auto_training_schedule {
            solution.config.auto_training_schedule = Some(schedule.clone());
        }
        solution.latest_update = Some(SolutionUpdate {
            perform_auto_training: change.perform_auto_training,
            perform_incremental_update: change.perform_incremental_update,
            auto_training_schedule: change.auto_training_schedule.clone(),
            events: change.events.clone().unwrap_or_default(),
            status: Status::Active,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        });
        solution.updated_ms = now;
        tx.replace(at, &solution)?;
        Ok(solution)
    })
    .await
}

/// Whether new items are to be taken in without training, if that is said; only some recipes can.
fn incremental(descriptor: &RecipeDescriptor, wanted: Option<bool>) -> Result<Option<bool>> {
    match wanted {
        Some(true) if !descriptor.can(Ability::IncrementalUpdate) => {
            let text = format!(
                "{} applies to the recipe aws-semantic-similarity only, not to {}.",
                Member::PerformIncrementalUpdate,
                descriptor.arn()
            );
            Err(Error::invalid(Member::PerformIncrementalUpdate, text))
        }
        wanted => Ok(wanted),
    }
}

/// The solution with this ARN.
pub async fn describe(ctx: &Ctx, solution_arn: &str) -> Result<Solution> {
    tombstones::describe(ctx, Member::SolutionArn, solution_arn).await
}

/// The region's solutions, or those of one group, oldest first.
pub async fn list(ctx: &Ctx, caller: &Caller, dataset_group_arn: Option<&str>, page: Page) -> Result<Listed<Solution>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListSolutions", filter, order: Order::OldestFirst };
    let keep = |s: &Solution| dataset_group_arn.is_none_or(|arn| s.dataset_group_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// Removes a solution with its versions. Refused while a campaign deploys one of them or one of them is being trained.
pub async fn delete(ctx: &Ctx, solution_arn: &str) -> Result<()> {
    let versions = ctx.transact(|tx| async move {
        let Some((version, solution)) =
            tombstones::deletable::<Solution>(ctx, Member::SolutionArn, solution_arn).await?
        else {
            return Ok(Vec::new());
        };
        must_be_deletable(&solution.arn, solution.status)?;
        for (_, campaign) in all_under::<Campaign>(ctx, scope_of(solution_arn)).await? {
            if !campaign.status.is_deleting() && deploys(&campaign, solution_arn) {
                return Err(in_use_by(solution_arn, &campaign.arn));
            }
        }
        tombstones::remove(ctx, &tx, version, &solution).await?;
        let versions = all_under::<SolutionVersion>(ctx, &format!("{solution_arn}/")).await?;
        for (at, trained) in &versions {
            if trained.status.is_creating() {
                return Err(in_use_by(solution_arn, &trained.arn));
            }
            tx.remove(*at, trained);
            tx.write(records::delete::<TrainingRecord>(&trained.arn));
        }
        Ok(versions)
    });
    for (_, trained) in versions.await? {
        remove_artifact(ctx, &trained).await;
    }
    Ok(())
}

fn deploys(campaign: &Campaign, solution_arn: &str) -> bool {
    let update = campaign.latest_update.iter().map(|update| &update.solution_version_arn);
    std::iter::once(&campaign.solution_version_arn)
        .chain(update)
        .any(|version| solution_of_version(version) == Some(solution_arn))
}

/// Frees the space of a model that nothing names any more; what cannot be removed costs space and nothing else.
pub(crate) async fn remove_artifact(ctx: &Ctx, version: &SolutionVersion) {
    let Some(prefix) = &version.artifact_key else { return };
    let removal = async {
        for blob in ctx.stores.blobs.list(prefix).await? {
            ctx.stores.blobs.delete(&blob.key).await?;
        }
        Ok::<(), tastemaker_store::Error>(())
    };
    if let Err(error) = removal.await {
        tracing::warn!(solution_version = %version.arn, %prefix, %error, "the model of a deleted version stays on disk");
    }
}
