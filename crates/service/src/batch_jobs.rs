//! Batch inference and batch segment jobs: CREATE PENDING with a job record in the same commit.

use crate::lookup::{
    Resource, must_be_active, refuse_during_deletion, refuse_existing, require, require_here, schema_of,
};
use crate::paging::{self, Order, Query};
use crate::quotas::{self, Quota, Within};
use crate::{Caller, Ctx, Listed, Page, filters};
use tastemaker_domain::limits::{NUM_BATCH_RESULTS_DEFAULT, NUM_RESULTS_MAX, NUM_SEGMENT_USERS_MAX};
use tastemaker_domain::quotas::Quotas;
use tastemaker_domain::recipe::{Ability, Inference, RecipeDescriptor};
use tastemaker_domain::resource::{
    BatchInferenceConfig, BatchInferenceJob, BatchInferenceMode, BatchSegmentJob, DatasetGroup, JobKind, S3Location,
    SolutionVersion,
};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::{DatasetType, FieldType};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, MemberPath, Result, Status, campaign_config, catalog, name};
use tastemaker_store::Transaction;

/// The part that both kinds of jobs have.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatchJob {
    /// Unique among the region's jobs of the kind.
    pub job_name: String,
    /// An ACTIVE version of a recipe that fits.
    pub solution_version_arn: String,
    /// An ACTIVE filter of the version's dataset group.
    pub filter_arn: Option<String>,
    /// Results of each request; 0 or nothing for the default.
    pub num_results: Option<i32>,
    /// A file or a folder of JSON lines.
    pub input: S3Location,
    /// The folder of the results.
    pub output: S3Location,
    /// Shown again by Describe; this server's own bucket access needs no role.
    pub role_arn: String,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// The customer's part of a batch inference job.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInferenceJob {
    /// The part that segment jobs have as well.
    pub job: NewBatchJob,
    /// Lists alone, or lists with themes.
    pub mode: BatchInferenceMode,
    /// The settings by which to recommend, for recipes that take some.
    pub config: Option<BatchInferenceConfig>,
    /// The Items column with names; given with THEME_GENERATION alone.
    pub theme_item_name: Option<String>,
}

/// Starts a batch inference job.
pub async fn create_inference(ctx: &Ctx, caller: &Caller, new: NewInferenceJob) -> Result<BatchInferenceJob> {
    let job = &new.job;
    let num_results = check(job, NUM_RESULTS_MAX)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let arn = caller.scope.arn(&format!("batch-inference-job/{}", job.job_name));
        let (version, recipe) = prepare::<BatchInferenceJob>(ctx, &tx, caller, job, &arn).await?;
        check_recipe(recipe, new)?;
        if let Some(column) = &new.theme_item_name {
            check_theme(ctx, &version.dataset_group_arn, column).await?;
        }
        let now = ctx.now();
        let created = BatchInferenceJob {
            job_name: job.job_name.clone(),
            arn,
            solution_version_arn: version.arn,
            dataset_group_arn: version.dataset_group_arn,
            filter_arn: job.filter_arn.clone(),
            num_results,
            input: job.input.clone(),
            output: job.output.clone(),
            role_arn: job.role_arn.clone(),
            mode: new.mode,
            config: new.config.clone(),
            theme_item_name: new.theme_item_name.clone(),
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        tx.create_tagged(&created, &job.tags)?;
        tx.add_job(JobKind::BatchInference, &created.arn, now)?;
        Ok(created)
    })
    .await
}

/// Starts a batch segment job.
pub async fn create_segment(ctx: &Ctx, caller: &Caller, job: NewBatchJob) -> Result<BatchSegmentJob> {
    let num_results = check(&job, NUM_SEGMENT_USERS_MAX)?;
    let job = &job;
    ctx.transact(|tx| async move {
        let arn = caller.scope.arn(&format!("batch-segment-job/{}", job.job_name));
        let (version, recipe) = prepare::<BatchSegmentJob>(ctx, &tx, caller, job, &arn).await?;
        if recipe.inference() != Inference::Segments {
            return Err(Error::InvalidInput(format!(
                "{}: recipe {} is of type {}; batch segment jobs take recipes of type USER_SEGMENTATION.",
                Member::SolutionVersionArn,
                recipe.name,
                recipe.recipe_type.as_str()
            )));
        }
        let now = ctx.now();
        let created = BatchSegmentJob {
            job_name: job.job_name.clone(),
            arn,
            solution_version_arn: version.arn,
            dataset_group_arn: version.dataset_group_arn,
            filter_arn: job.filter_arn.clone(),
            num_results,
            input: job.input.clone(),
            output: job.output.clone(),
            role_arn: job.role_arn.clone(),
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: now,
            updated_ms: now,
        };
        tx.create_tagged(&created, &job.tags)?;
        tx.add_job(JobKind::BatchSegment, &created.arn, now)?;
        Ok(created)
    })
    .await
}

/// The rules that need no other resource; returns the number of results.
fn check(job: &NewBatchJob, results_max: usize) -> Result<u32> {
    name::check(Member::JobName, &job.job_name)?;
    let input = &job.input.path;
    if S3Path::parse(Member::Path, input).is_err() {
        return Err(Error::InvalidInput(format!(
            "Invalid S3 input path. '{input}' at '{}' must have the form s3://bucket/file or \
             s3://bucket/folder/",
            Member::JobInput.then(Member::S3DataSource).then(Member::Path)
        )));
    }
    S3Path::parse_folder(Member::JobOutput.then(Member::S3DataDestination).then(Member::Path), &job.output.path)?;
    match job.num_results {
        None | Some(0) => Ok(NUM_BATCH_RESULTS_DEFAULT),
        Some(n) => u32::try_from(n).ok().filter(|n| *n as usize <= results_max).ok_or_else(|| {
            let text = format!("{} must be in [1, {results_max}], not {n}.", Member::NumResults);
            Error::invalid(Member::NumResults, text)
        }),
    }
}

/// The rules that both kinds share; returns the version and its recipe, which must not change before the commit.
async fn prepare<R: Resource + BatchJob>(
    ctx: &Ctx,
    tx: &Transaction,
    caller: &Caller,
    job: &NewBatchJob,
    arn: &str,
) -> Result<(SolutionVersion, &'static RecipeDescriptor)> {
    let (version_at, version) =
        require_here::<SolutionVersion>(ctx, caller, Member::SolutionVersionArn, &job.solution_version_arn).await?;
    refuse_existing::<R>(ctx, arn).await?;
    must_be_active(&version.arn, version.status)?;
    let recipe = catalog::by_arn(&version.recipe_arn);
    let recipe = recipe.ok_or_else(|| Error::Internal(format!("{} has no known recipe", version.arn)))?;
    let group_arn = &version.dataset_group_arn;
    let (group_at, group) = require::<DatasetGroup>(ctx, Member::DatasetGroupArn, group_arn).await?;
    refuse_during_deletion(ctx, group_arn).await?;
    let (key, what, max) = R::quota(&ctx.quotas);
    let pending = Quota { key, what, max, within: Within::Region(arn) };
    quotas::enforce::<R>(ctx, tx, pending, |job| job.status().is_creating()).await?;
    if let Some(filter_arn) = &job.filter_arn {
        let (filter_at, filter) = filters::usable(ctx, filter_arn, group_arn).await?;
        tx.touch(filter_at, &filter)?;
    }
    tx.unchanged(version_at, &version);
    tx.touch(group_at, &group)?;
    Ok((version, recipe))
}

/// The properties of a batch job that the shared rules look at.
pub(crate) trait BatchJob {
    /// The quota's key, what it counts, and its number.
    fn quota(quotas: &Quotas) -> (&'static str, &'static str, usize);

    fn status(&self) -> Status;
}

impl BatchJob for BatchInferenceJob {
    fn quota(quotas: &Quotas) -> (&'static str, &'static str, usize) {
        (
            "batch_inference_jobs_pending",
            "batch inference jobs in CREATE PENDING or CREATE IN_PROGRESS",
            quotas.batch_inference_jobs_pending,
        )
    }

    fn status(&self) -> Status {
        self.status
    }
}

impl BatchJob for BatchSegmentJob {
    fn quota(quotas: &Quotas) -> (&'static str, &'static str, usize) {
        (
            "batch_segment_jobs_pending",
            "batch segment jobs in CREATE PENDING or CREATE IN_PROGRESS",
            quotas.batch_segment_jobs_pending,
        )
    }

    fn status(&self) -> Status {
        self.status
    }
}

/// The rules that follow from the version's recipe.
fn check_recipe(recipe: &RecipeDescriptor, new: &NewInferenceJob) -> Result<()> {
    let refuse = |text: String| Err(Error::InvalidInput(text));
    if !recipe.can(Ability::BatchInference) {
        return refuse(format!("{}: recipe {} has no batch inference.", Member::SolutionVersionArn, recipe.name));
    }
    let config = new.config.clone().unwrap_or_default();
    let exploration = Member::BatchInferenceJobConfig.then(Member::ItemExplorationConfig);
    let influence = Member::BatchInferenceJobConfig.then(Member::RankingInfluence);
    if !config.item_exploration_config.is_empty() {
        if !recipe.can(Ability::Exploration) {
            return refuse(format!("{exploration}: recipe {} does not explore.", recipe.name));
        }
        campaign_config::check_exploration(exploration, &config.item_exploration_config)?;
    }
    if !config.ranking_influence.is_empty() && !recipe.can(Ability::RankingInfluence) {
        return refuse(format!("{influence}: recipe {} does not take one.", recipe.name));
    }
    campaign_config::check_influence(influence, &config.ranking_influence)?;
    match (new.mode, &new.theme_item_name) {
        (BatchInferenceMode::ThemeGeneration, _) if !recipe.can(Ability::Themes) => {
            refuse(format!("{} THEME_GENERATION is not for recipe {}.", Member::BatchInferenceJobMode, recipe.name))
        }
        (BatchInferenceMode::ThemeGeneration, None) => {
            refuse(format!("{} is required in {} THEME_GENERATION.", theme_item_name(), Member::BatchInferenceJobMode))
        }
        (BatchInferenceMode::BatchInference, Some(_)) => refuse(format!(
            "{} is for {} THEME_GENERATION only.",
            Member::ThemeGenerationConfig,
            Member::BatchInferenceJobMode
        )),
        _ => Ok(()),
    }
}

/// The member that names the column with names.
fn theme_item_name() -> MemberPath {
    Member::ThemeGenerationConfig.then(Member::FieldsForThemeGeneration).then(Member::ItemName)
}

/// Themes come from a column with names and a textual one.
async fn check_theme(ctx: &Ctx, group_arn: &str, column: &str) -> Result<()> {
    let member = theme_item_name();
    let Some(schema) = schema_of(ctx, group_arn, DatasetType::Items).await? else {
        return Err(Error::InvalidInput(format!("{member}: dataset group {group_arn} has no Items dataset.")));
    };
    if !schema.field(column).is_some_and(|field| field.field_type == FieldType::String) {
        return Err(Error::InvalidInput(format!("{member}: the Items schema has no string column '{column}'.")));
    }
    if !schema.fields.iter().any(|field| field.textual) {
        return Err(Error::InvalidInput(format!(
            "{} THEME_GENERATION needs a textual column; the Items schema of {group_arn} has none.",
            Member::BatchInferenceJobMode
        )));
    }
    Ok(())
}

/// The batch inference job with this ARN.
pub async fn describe_inference(ctx: &Ctx, batch_inference_job_arn: &str) -> Result<BatchInferenceJob> {
    Ok(require(ctx, Member::BatchInferenceJobArn, batch_inference_job_arn).await?.1)
}

/// The batch segment job with this ARN.
pub async fn describe_segment(ctx: &Ctx, batch_segment_job_arn: &str) -> Result<BatchSegmentJob> {
    Ok(require(ctx, Member::BatchSegmentJobArn, batch_segment_job_arn).await?.1)
}

/// The region's batch inference jobs, or those of one solution version, newest first.
pub async fn list_inference(
    ctx: &Ctx,
    caller: &Caller,
    version_arn: Option<&str>,
    page: Page,
) -> Result<Listed<BatchInferenceJob>> {
    let filter = version_arn.map(|arn| (Member::SolutionVersionArn, ArnKind::SolutionVersion, arn));
    let query = Query { operation: "ListBatchInferenceJobs", filter, order: Order::NewestFirst };
    let keep = |job: &BatchInferenceJob| version_arn.is_none_or(|arn| job.solution_version_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// The region's batch segment jobs, or those of one solution version, newest first.
pub async fn list_segment(
    ctx: &Ctx,
    caller: &Caller,
    version_arn: Option<&str>,
    page: Page,
) -> Result<Listed<BatchSegmentJob>> {
    let filter = version_arn.map(|arn| (Member::SolutionVersionArn, ArnKind::SolutionVersion, arn));
    let query = Query { operation: "ListBatchSegmentJobs", filter, order: Order::NewestFirst };
    let keep = |job: &BatchSegmentJob| version_arn.is_none_or(|arn| job.solution_version_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}
