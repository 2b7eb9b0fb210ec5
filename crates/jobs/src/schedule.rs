//! The order in which jobs begin, and which of them wait for others.
//!
//! - Trainings that are short by estimate come first; a training moves ahead by every second that it waits, so that none waits for
//!   ever behind shorter ones. Of several trainings side by side one place is for short ones alone.
//! - An import and a training of one dataset group do not read and replace the same files: what was asked for first begins first. An
//!   import need not wait for the end of a training, only until it has read its data.

use crate::context::JobsCtx;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::ModelFamily;
use tastemaker_domain::resource::{Dataset, DatasetImportJob, Job, JobKind, SolutionVersion, TimeMs, TrainingMode};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tuning;
use tastemaker_store::Error;
use tastemaker_store::records::{self, Record};

use crate::blobs::dataset_arn;

/// A training of at most this length, by estimate, is short.
const SHORT_S: f64 = 60.0;

/// The steps of a training that has read its data.
const AFTER_READING: [&str; 2] = ["fit", "tune"];

/// The jobs that were said to wait, remembered between two looks at the jobs.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    said: HashSet<String>,
}

/// The trainings and imports among the jobs, as they were looked at once.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By the id of the job.
    works: HashMap<String, Work>,
}

/// A training or an import.
#[derive(Debug, Clone, PartialEq)]
struct Work {
    group_arn: String,
    /// Seconds that it takes, roughly; 0 for imports.
    estimate_s: f64,
}

impl Schedule {
    /// Looks at the jobs.
    pub(crate) async fn plan(&mut self, ctx: &JobsCtx, jobs: &[(u64, Job)]) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        // Imports wait for trainings alone.
        if jobs.iter().any(|(_, job)| job.kind == JobKind::Train) {
            for (_, job) in jobs {
                if let Some(work) = work_of(ctx, job).await? {
                    plan.works.insert(job.id.clone(), work);
                }
            }
        }
        self.said.retain(|id| plan.works.contains_key(id));
        Ok(plan)
    }

    /// Whether a job waits for another one, which is then said once in the log.
    pub(crate) fn must_wait(&mut self, plan: &Plan, job: &Job, jobs: &[(u64, Job)]) -> bool {
        let other = jobs.iter().map(|(_, other)| other).find(|other| plan.waits_for(job, other));
        if let Some(other) = other.filter(|_| !self.said.contains(&job.id)) {
            tracing::info!(resource = job.resource_arn, other = other.resource_arn, "the job waits for another one");
            self.said.insert(job.id.clone());
        }
        other.is_some()
    }
}

impl Plan {
    /// The jobs in the order in which they should begin.
    pub(crate) fn in_order<'a>(&self, jobs: &'a [(u64, Job)], now_ms: TimeMs) -> Vec<&'a (u64, Job)> {
        let mut order: Vec<_> = jobs.iter().collect();
        let place = |job: &Job| match job.kind {
            JobKind::Train => self.estimate_s(&job.id) - now_ms.saturating_sub(job.created_ms) as f64 / 1000.0,
            _ => f64::NEG_INFINITY,
        };
        // Equals stay in the order of their ids.
        order.sort_by(|(_, a), (_, b)| place(a).partial_cmp(&place(b)).unwrap_or(Ordering::Equal));
        order
    }

    /// Whether the job with this id is a training that is not short.
    pub(crate) fn is_long(&self, job_id: &str) -> bool {
        self.estimate_s(job_id) > SHORT_S
    }

    fn estimate_s(&self, job_id: &str) -> f64 {
        self.works.get(job_id).map_or(0.0, |work| work.estimate_s)
    }

    /// Whether `job` may not begin because of `other`.
    fn waits_for(&self, job: &Job, other: &Job) -> bool {
        let group = |job: &Job| self.works.get(&job.id).map(|work| work.group_arn.as_str());
        if group(job).is_none() || group(job) != group(other) {
            return false;
        }
        let has_begun = |job: &Job| job.attempts > 0;
        match (job.kind, other.kind) {
            (JobKind::Train, JobKind::Import) => has_begun(other) || (!has_begun(job) && other.id < job.id),
            // An import that was begun once goes on whatever else is there, so that two never wait for each other.
            (JobKind::Import, JobKind::Train) if !has_begun(job) => match has_begun(other) {
                true => !AFTER_READING.contains(&other.step.as_str()),
                false => other.id < job.id,
            },
            _ => false,
        }
    }
}

async fn work_of(ctx: &JobsCtx, job: &Job) -> Result<Option<Work>, Error> {
    match job.kind {
        JobKind::Import => {
            let import = load::<DatasetImportJob>(ctx, &job.resource_arn).await?;
            let group = import.and_then(|import| group_of(&import.dataset_arn));
            Ok(group.map(|group_arn| Work { group_arn, estimate_s: 0.0 }))
        }
        JobKind::Train => {
            let Some(version) = load::<SolutionVersion>(ctx, &job.resource_arn).await? else { return Ok(None) };
            let interactions = dataset_arn(&version.dataset_group_arn, DatasetType::Interactions);
            let rows = load::<Dataset>(ctx, &interactions).await?.map_or(0, |dataset| dataset.bulk_rows);
            Ok(Some(Work { estimate_s: estimate_s(&version, rows), group_arn: version.dataset_group_arn }))
        }
        _ => Ok(None),
    }
}

/// The record, where there is one that can be read: what to do about one that cannot is decided by the job.
async fn load<R: Record>(ctx: &JobsCtx, id: &str) -> Result<Option<R>, Error> {
    match records::load::<R>(&*ctx.stores.records, id).await {
        Ok(found) => Ok(found.map(|(_, record)| record)),
        Err(Error::Corrupt(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The group of a dataset: `...:dataset/<group>/<TYPE>`.
fn group_of(dataset_arn: &str) -> Option<String> {
    let (group, _) = dataset_arn.rsplit_once('/')?;
    Some(group.replacen(":dataset/", ":dataset-group/", 1))
}

/// Seconds that a training on so many interactions takes on a few processors, within a factor of about three: enough to tell minutes
/// from hours.
fn estimate_s(version: &SolutionVersion, interactions: u64) -> f64 {
    let Some(recipe) = catalog::by_arn(&version.recipe_arn) else { return 0.0 };
    let rows = interactions as f64;
    let one = match recipe.model {
        ModelFamily::Compact => 1.0 + rows * 1e-6,
        ModelFamily::ItemNeighbors => 5.0 + rows * 3e-5,
        ModelFamily::Ensemble => 10.0 + rows * 5e-4,
    };
    let of_mode = match version.training_mode {
        TrainingMode::Full => 1.0,
        TrainingMode::Update => 0.2,
    };
    let plan = version.perform_tuning.then(|| tuning::plan(recipe, &version.config).ok()).flatten();
    let trials = plan.map_or(0, |plan| plan.trials.saturating_sub(version.trials.len()));
    one * of_mode * (1 + trials) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, kind: JobKind, attempts: u32, step: &str) -> Job {
        Job {
            id: id.into(),
            kind,
            resource_arn: format!("arn:{id}"),
            step: step.into(),
            attempts,
            lease: None,
            not_before_ms: 0,
            created_ms: 0,
        }
    }

    fn plan(works: &[(&str, &str, f64)]) -> Plan {
        let work = |(id, group, estimate_s): &(&str, &str, f64)| {
            ((*id).to_owned(), Work { group_arn: (*group).to_owned(), estimate_s: *estimate_s })
        };
        Plan { works: works.iter().map(work).collect() }
    }

    #[test]
    fn imports_and_trainings_of_a_group_wait_for_each_other() {
        let plan = plan(&[("1", "a", 1.0), ("2", "a", 1.0), ("3", "b", 1.0)]);
        let (train, import) = (JobKind::Train, JobKind::Import);
        let cases = [
            // Neither has begun: the older one goes first.
            (job("2", train, 0, ""), job("1", import, 0, ""), true),
            (job("1", train, 0, ""), job("2", import, 0, ""), false),
            (job("2", import, 0, ""), job("1", train, 0, ""), true),
            (job("1", import, 0, ""), job("2", train, 0, ""), false),
            // The other one has begun.
            (job("1", train, 0, ""), job("2", import, 1, "start"), true),
            (job("1", import, 0, ""), job("2", train, 1, "start"), true),
            (job("1", import, 0, ""), job("2", train, 1, "fit"), false),
            (job("1", import, 0, ""), job("2", train, 1, "tune"), false),
            // Both were begun, and the process was killed.
            (job("1", import, 1, ""), job("2", train, 1, "start"), false),
            (job("2", train, 1, ""), job("1", import, 1, "start"), true),
            (job("2", train, 1, ""), job("1", import, 0, ""), false),
            // Of another group, of the same kind, of a kind that is nobody's concern.
            (job("3", train, 0, ""), job("1", import, 1, ""), false),
            (job("2", train, 0, ""), job("1", train, 1, ""), false),
            (job("2", import, 0, ""), job("1", import, 1, ""), false),
            (job("2", JobKind::Export, 0, ""), job("1", import, 1, ""), false),
        ];
        for (one, other, waits) in cases {
            assert_eq!(plan.waits_for(&one, &other), waits, "{one:?} {other:?}");
            assert!(!(waits && plan.waits_for(&other, &one)), "{one:?} {other:?} wait for each other");
        }
    }

    #[test]
    fn short_trainings_overtake_until_long_ones_have_waited_long() {
        let plan = plan(&[("1", "a", 600.0), ("2", "a", 5.0), ("4", "b", 70.0)]);
        let train = |id: &str, created_ms: TimeMs| (0, Job { created_ms, ..job(id, JobKind::Train, 0, "") });
        let jobs = [train("1", 0), train("2", 1_000), (0, job("3", JobKind::Deploy, 0, "")), train("4", 2_000)];
        let order = |now_ms| plan.in_order(&jobs, now_ms).iter().map(|(_, job)| job.id.as_str()).collect::<String>();
        assert_eq!(order(2_000), "3241");
        let late = [train("1", 0), train("2", 599_000), train("4", 599_000)];
        let order = plan.in_order(&late, 600_000).iter().map(|(_, job)| job.id.as_str()).collect::<String>();
        assert_eq!(order, "124");
        assert!(plan.is_long("1") && plan.is_long("4") && !plan.is_long("2") && !plan.is_long("3"));
    }

    #[test]
    fn groups_of_datasets() {
        let dataset = "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/INTERACTIONS";
        let group = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop";
        assert_eq!(group_of(dataset).as_deref(), Some(group));
        assert_eq!(dataset_arn(group, DatasetType::Interactions), dataset);
        assert_eq!(group_of("x"), None);
    }
}
