//! Solution versions: CREATE PENDING with a job record in the same commit.

use crate::lookup::{all_under, dataset_prefix, find, must_be_active, refuse_during_deletion, require, require_here};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page, recipes, training_requirements};
use std::collections::BTreeMap;
use tastemaker_domain::recipe::Ability;
use tastemaker_domain::resource::{
    Dataset, DatasetGroup, JobKind, Solution, SolutionVersion, TimeMs, TrainingMode, TrainingType,
};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_store::records::STOPS_CHANNEL;
use uuid::Uuid;

/// The customer's part of a training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSolutionVersion {
    /// A label, unique among the solution's versions.
    pub name: Option<String>,
    /// The solution that is trained.
    pub solution_arn: String,
    /// FULL, or UPDATE for recipes that have it.
    pub training_mode: TrainingMode,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Starts a training.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewSolutionVersion) -> Result<SolutionVersion> {
    let made = create_if(ctx, caller, &new, TrainingType::Manual, &|_, _| true).await?;
    made.ok_or_else(|| Error::Internal("a training that was asked for was not wanted".to_owned()))
}

/// Starts a training if `wanted` holds for the solution and its versions at the moment of the commit.
pub(crate) async fn create_if(
    ctx: &Ctx,
    caller: &Caller,
    new: &NewSolutionVersion,
    training_type: TrainingType,
    wanted: &(dyn Fn(&Solution, &[SolutionVersion]) -> bool + Sync),
) -> Result<Option<SolutionVersion>> {
    if let Some(label) = &new.name {
        name::check(Member::Name, label)?;
    }
    ctx.transact(|tx| async move {
        let (solution_version, solution) =
            require_here::<Solution>(ctx, caller, Member::SolutionArn, &new.solution_arn).await?;
        must_be_active(&solution.arn, solution.status)?;
        let (group_version, group) =
            require::<DatasetGroup>(ctx, Member::DatasetGroupArn, &solution.dataset_group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        refuse_during_deletion(ctx, &group.arn).await?;
        let descriptor = recipes::describe(&solution.recipe_arn)?;
        training_requirements::check(ctx, descriptor, &group.arn, solution.config.training_data.as_ref()).await?;
        let earlier = versions_of(ctx, &solution.arn).await?;
        if !wanted(&solution, &earlier) {
            return Ok(None);
        }
        let base = match new.training_mode {
            TrainingMode::Full => None,
            TrainingMode::Update => Some(base_of_update(ctx, &solution, &earlier).await?),
        };
        if let Some(other) = earlier.iter().find(|v| new.name.is_some() && v.name == new.name) {
            return Err(Error::exists(&other.arn));
        }
        let pending = Quota {
            key: "solution_versions_pending",
            what: "solution versions in CREATE PENDING or CREATE IN_PROGRESS",
            max: ctx.quotas.solution_versions_pending,
            within: Within::Region(&solution.arn),
        };
        quotas::enforce::<SolutionVersion>(ctx, &tx, pending, |r| r.status.is_creating()).await?;
        let now = ctx.now();
        // "Newest" must mean the last one created, whatever the clock did meanwhile.
        let created_ms = earlier.iter().map(|v| v.created_ms + 1).fold(now, i64::max);
        let version = SolutionVersion {
            name: new.name.clone(),
            arn: format!("{}/{}", solution.arn, &Uuid::new_v4().simple().to_string()[..8]),
            solution_arn: solution.arn.clone(),
            dataset_group_arn: group.arn.clone(),
            recipe_arn: solution.recipe_arn.clone(),
            event_type: solution.event_type.clone(),
            config: solution.config.clone(),
            perform_tuning: solution.perform_tuning && base.is_none(),
            trials: Vec::new(),
            tuned_parameters: base.map(|base| base.tuned_parameters).unwrap_or_default(),
            training_mode: new.training_mode,
            training_type,
            training_hours: None,
            events_position: None,
            status: Status::CreatePending,
            failure_reason: None,
            metrics: BTreeMap::new(),
            baseline_metrics: BTreeMap::new(),
            artifact_key: None,
            created_ms,
            updated_ms: now,
        };
        tx.touch(solution_version, &solution)?;
        tx.touch(group_version, &group)?;
        tx.create_tagged(&version, &new.tags)?;
        tx.add_job(JobKind::Train, &version.arn, now)?;
        Ok(Some(version))
    })
    .await
}

/// When a version was made. The time of its creation is also its place among the others, and may be ahead of its clock.
pub(crate) fn began_ms(version: &SolutionVersion) -> TimeMs {
    version.created_ms.min(version.updated_ms)
}

/// The version that an UPDATE would go on from: the newest ACTIVE one of mode FULL. Its datasets must have the schemas that it was
/// trained with.
async fn base_of_update(ctx: &Ctx, solution: &Solution, versions: &[SolutionVersion]) -> Result<SolutionVersion> {
    if !recipes::describe(&solution.recipe_arn)?.can(Ability::UpdateTraining) {
        return Err(Error::InvalidInput(format!(
            "{} UPDATE applies to recipes that fold new items in, such as aws-user-personalization, not to {}.",
            Member::TrainingMode,
            solution.recipe_arn
        )));
    }
    let full = versions.iter().filter(|v| v.training_mode == TrainingMode::Full && v.status == Status::Active);
    let base = full.max_by_key(|v| v.created_ms).cloned().ok_or_else(|| {
        Error::InvalidInput(format!(
            "{} UPDATE needs an ACTIVE solution version of {} that was trained with FULL; there is none.",
            Member::TrainingMode,
            solution.arn
        ))
    })?;
    for (_, dataset) in all_under::<Dataset>(ctx, &dataset_prefix(&solution.dataset_group_arn)).await? {
        if dataset.latest_update.as_ref().is_some_and(|update| update.created_ms > began_ms(&base)) {
            return Err(Error::InvalidInput(format!(
                "{} UPDATE needs unchanged schemas: {} has another one since {} was trained; use FULL.",
                Member::TrainingMode,
                dataset.arn,
                base.arn
            )));
        }
    }
    Ok(base)
}

/// Stops a training for good: one that waits is CREATE STOPPED at once, one that runs is CREATE STOPPING until its job has
/// let go.
pub async fn stop(ctx: &Ctx, solution_version_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (at, mut version) =
            require::<SolutionVersion>(ctx, Member::SolutionVersionArn, solution_version_arn).await?;
        version.status = match version.status {
            Status::CreatePending => Status::CreateStopped,
            Status::CreateInProgress => Status::CreateStopping,
            other => {
                return Err(Error::InUse(format!(
                    "Resource {} is {other}; its creation can be stopped while it is CREATE PENDING or CREATE \
                     IN_PROGRESS.",
                    version.arn
                )));
            }
        };
        version.updated_ms = ctx.now();
        tx.replace(at, &version)?;
        tx.notify(STOPS_CHANNEL);
        Ok(())
    })
    .await
}

/// The solution version with this ARN.
pub async fn describe(ctx: &Ctx, solution_version_arn: &str) -> Result<SolutionVersion> {
    Ok(require(ctx, Member::SolutionVersionArn, solution_version_arn).await?.1)
}

/// The region's solution versions, or those of one solution, newest first. Unlike other filters, an unknown solution is an
/// error.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    solution_arn: Option<&str>,
    page: Page,
) -> Result<Listed<SolutionVersion>> {
    if let Some(arn) = solution_arn {
        require_here::<Solution>(ctx, caller, Member::SolutionArn, arn).await?;
    }
    let filter = solution_arn.map(|arn| (Member::SolutionArn, ArnKind::Solution, arn));
    let query = Query { operation: "ListSolutionVersions", filter, order: Order::NewestFirst };
    // The models of recommenders are nobody's solution versions.
    let keep = |v: &SolutionVersion| {
        ArnKind::SolutionVersion.fits(&v.arn) && solution_arn.is_none_or(|arn| v.solution_arn == arn)
    };
    paging::list(ctx, caller, query, page, keep).await
}

/// The offline metrics of an ACTIVE solution version, by AWS's metric key.
pub async fn metrics(ctx: &Ctx, solution_version_arn: &str) -> Result<BTreeMap<String, f64>> {
    let version = describe(ctx, solution_version_arn).await?;
    must_be_active(&version.arn, version.status)?;
    Ok(version.metrics)
}

/// The solution's newest version, whatever its status.
pub async fn latest(ctx: &Ctx, solution_arn: &str) -> Result<Option<SolutionVersion>> {
    Ok(versions_of(ctx, solution_arn).await?.into_iter().max_by_key(|v| v.created_ms))
}

/// The solution's newest ACTIVE version; [`Error::NotFound`] if there is no such solution.
pub(crate) async fn latest_active(ctx: &Ctx, solution_arn: &str) -> Result<SolutionVersion> {
    if find::<Solution>(ctx, solution_arn).await?.is_none() {
        return Err(Error::unknown(solution_arn));
    }
    let versions = versions_of(ctx, solution_arn).await?.into_iter();
    versions.filter(|v| v.status == Status::Active).max_by_key(|v| v.created_ms).ok_or_else(|| {
        Error::InvalidInput(format!(
            "{}: solution {solution_arn} has no ACTIVE solution version yet.",
            Member::SolutionVersionArn
        ))
    })
}

pub(crate) async fn versions_of(ctx: &Ctx, solution_arn: &str) -> Result<Vec<SolutionVersion>> {
    let versions = all_under::<SolutionVersion>(ctx, &format!("{solution_arn}/")).await?;
    Ok(versions.into_iter().map(|(_, version)| version).collect())
}
