//! The rules of every use case, on memory stores and a clock that stands still unless told.

mod bulk_jobs;
mod campaigns;
mod concurrency;
mod dataset_updates;
mod datasets;
mod deletions;
mod events;
mod filters;
mod iam;
mod import_jobs;
mod lists;
mod metric_attributions;
mod paging;
mod quotas;
mod recommenders;
mod rows;
mod scheduler;
mod solutions;
mod statuses;
mod tags;
mod training_requirements;

use crate::campaigns::NewCampaign;
use crate::dataset_groups::NewDatasetGroup;
use crate::datasets::NewDataset;
use crate::event_trackers::NewEventTracker;
use crate::import_jobs::NewImportJob;
use crate::parameter_key::ParameterKey;
use crate::schemas::NewSchema;
use crate::solution_versions::NewSolutionVersion;
use crate::solutions::NewSolution;
use crate::{Caller, Ctx, FilterChange};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tastemaker_domain::arn::Scope;
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::resource::{
    Campaign, Dataset, DatasetExportJob, DatasetGroup, DatasetImportJob, EventTracker, Filter, ImportMode,
    InteractionEvent, Job, JobKind, Recommender, SchemaResource, Solution, SolutionVersion, Streamed, StreamedRow,
    TrainingMode,
};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::solution_config::{SolutionConfig, TrainingDataConfig};
use tastemaker_domain::{Error, Result, Status};
use tastemaker_store::Stores;
use tastemaker_store::records::{self, Record};

pub const INTERACTIONS: &str = r#"{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema",
 "fields":[{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
 {"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["float","null"]},
 {"name":"NUM_RATINGS","type":["int","null"]},{"name":"DEVICE","type":["null","string"],"categorical":true}],
 "version":"1.0"}"#;

pub const ITEMS: &str = r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema",
 "fields":[{"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":["null","string"],"categorical":true}],
 "version":"1.0"}"#;

const RECIPE: &RecipeDescriptor = &catalog::AWS_USER_PERSONALIZATION;

/// A dataset group, and the events that it was shown.
pub type Observed = (String, Vec<InteractionEvent>);

/// A dataset group, and a row of one of its datasets that it was shown.
pub type ObservedRow = (String, DatasetType, StreamedRow);

/// A server of its own per test.
pub struct World {
    pub ctx: Ctx,
    pub caller: Caller,
    pub now_ms: Arc<AtomicI64>,
    pub observed: Arc<Mutex<Vec<Observed>>>,
    pub observed_rows: Arc<Mutex<Vec<ObservedRow>>>,
    pub filter_changes: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub fn new() -> Self {
        let now_ms = Arc::new(AtomicI64::new(1_700_000_000_000));
        let observed = Arc::new(Mutex::new(Vec::new()));
        let observed_rows = Arc::new(Mutex::new(Vec::new()));
        let filter_changes = Arc::new(Mutex::new(Vec::new()));
        let filters = filter_changes.clone();
        let (clock, seen, seen_rows) = (now_ms.clone(), observed.clone(), observed_rows.clone());
        let ctx = Ctx {
            stores: Stores::in_memory(),
            clock: Arc::new(move || clock.load(Ordering::SeqCst)),
            account: "123456789012".into(),
            observe: Arc::new(move |appended| {
                let group = appended.dataset_group_arn;
                match appended.streamed {
                    Streamed::Interactions(events) => {
                        seen.lock().expect("not poisoned").push((group.to_owned(), events.to_vec()));
                    }
                    Streamed::Rows { dataset_type, rows, .. } => {
                        let rows = rows.iter().map(|(_, row)| (group.to_owned(), dataset_type, row.clone()));
                        seen_rows.lock().expect("not poisoned").extend(rows);
                    }
                    Streamed::ActionInteractions(_) => {}
                }
                Box::pin(std::future::ready(()))
            }),
            filters_changed: Arc::new(move |change| {
                filters.lock().expect("not poisoned").push(match change {
                    FilterChange::Created(filter, expression) => format!("+{} {expression}", filter.arn),
                    FilterChange::Deleted(arn) => format!("-{arn}"),
                });
            }),
            quotas: Default::default(),
            recall: Arc::new(|ids| {
                let shown = ids.into_iter().filter(|id| id == "RID-shown");
                let lists = shown.map(|id| (id, vec!["i1".to_owned(), "i2".to_owned()])).collect();
                Box::pin(std::future::ready(lists))
            }),
            deploy_wait: Duration::ZERO,
            tracker_cache: Arc::default(),
            odd_event_times: Arc::default(),
            parameter_key: Arc::new(ParameterKey::random()),
        };
        Self {
            ctx,
            caller: Caller { scope: Scope::new("eu-west-1", "123456789012") },
            now_ms,
            observed,
            observed_rows,
            filter_changes,
        }
    }

    pub fn arn(&self, resource: &str) -> String {
        self.caller.scope.arn(resource)
    }

    /// Lets so much time pass that Describe shows nothing of what was deleted.
    pub fn later(&self) {
        self.now_ms.fetch_add(crate::tombstones::SHOWN_MS, Ordering::SeqCst);
    }

    pub fn tick(&self) {
        self.now_ms.fetch_add(1, Ordering::SeqCst);
    }

    pub async fn schema(&self, name: &str, text: &str) -> Result<SchemaResource> {
        let new = NewSchema { name: name.into(), text: text.into(), domain: None };
        crate::schemas::create(&self.ctx, &self.caller, new).await
    }

    pub async fn group(&self, name: &str) -> Result<DatasetGroup> {
        let new = NewDatasetGroup {
            name: name.into(),
            role_arn: None,
            kms_key_arn: None,
            domain: None,
            tags: Default::default(),
        };
        crate::dataset_groups::create(&self.ctx, &self.caller, new).await
    }

    pub async fn dataset(&self, group: &str, schema: &str, dataset_type: DatasetType) -> Result<Dataset> {
        let new = NewDataset {
            name: "data".into(),
            schema_arn: self.arn(&format!("schema/{schema}")),
            dataset_group_arn: self.arn(&format!("dataset-group/{group}")),
            dataset_type,
            tags: Default::default(),
        };
        crate::datasets::create(&self.ctx, &self.caller, new).await
    }

    /// Schema `clicks`, group `shop` and its Interactions dataset.
    pub async fn shop(&self) -> Dataset {
        self.schema("clicks", INTERACTIONS).await.expect("a schema");
        self.group("shop").await.expect("a group");
        self.dataset("shop", "clicks", DatasetType::Interactions).await.expect("a dataset")
    }

    pub async fn import(&self, job_name: &str, dataset_arn: &str, mode: ImportMode) -> Result<DatasetImportJob> {
        let new = NewImportJob {
            job_name: job_name.into(),
            dataset_arn: dataset_arn.into(),
            data_location: "s3://bucket/clicks.csv".into(),
            role_arn: None,
            import_mode: mode,
            publish_attribution_metrics_to_s3: false,
            tags: Default::default(),
        };
        crate::import_jobs::create(&self.ctx, &self.caller, new).await
    }

    pub async fn tracker(&self, group: &str) -> Result<EventTracker> {
        let new = NewEventTracker {
            name: "web".into(),
            dataset_group_arn: self.arn(&format!("dataset-group/{group}")),
            tags: Default::default(),
        };
        crate::event_trackers::create(&self.ctx, &self.caller, new).await
    }

    pub fn new_solution(&self, name: &str) -> NewSolution {
        NewSolution {
            name: name.into(),
            dataset_group_arn: self.arn("dataset-group/shop"),
            recipe_arn: RECIPE.arn(),
            perform_tuning: false,
            perform_auto_training: true,
            perform_incremental_update: None,
            event_type: None,
            config: SolutionConfig::default(),
            tags: Default::default(),
        }
    }

    pub async fn solution(&self, name: &str) -> Result<Solution> {
        crate::solutions::create(&self.ctx, &self.caller, self.new_solution(name)).await
    }

    pub async fn train(&self, solution: &str) -> Result<SolutionVersion> {
        let solution_arn = self.arn(&format!("solution/{solution}"));
        let new = NewSolutionVersion {
            name: None,
            solution_arn,
            training_mode: TrainingMode::Full,
            tags: Default::default(),
        };
        crate::solution_versions::create(&self.ctx, &self.caller, new).await
    }

    /// A solution `gru` of `shop` with one ACTIVE version.
    pub async fn trained(&self) -> SolutionVersion {
        self.solution("gru").await.expect("a solution");
        let version = self.train("gru").await.expect("a version");
        self.end(&version, Status::Active).await
    }

    pub fn new_campaign(&self, name: &str, version_arn: &str) -> NewCampaign {
        NewCampaign {
            name: name.into(),
            solution_version_arn: version_arn.into(),
            min_provisioned_tps: None,
            config: None,
            tags: Default::default(),
        }
    }

    pub async fn campaign(&self, name: &str, version_arn: &str) -> Result<Campaign> {
        crate::campaigns::create(&self.ctx, &self.caller, self.new_campaign(name, version_arn)).await
    }

    pub async fn jobs(&self) -> Vec<Job> {
        let jobs = records::list::<Job>(&*self.ctx.stores.records).await.expect("jobs");
        jobs.into_iter().map(|(_, job)| job).collect()
    }

    /// Writes a record as the job runner would, whatever it was.
    pub async fn write<R: Record>(&self, record: &R) {
        let write = records::put(record).expect("a record");
        self.ctx.stores.records.commit(vec![], vec![write]).await.expect("committed");
    }

    /// Gives a resource the status that its job would end with.
    pub async fn end<R: Record + HasStatus>(&self, record: &R, status: Status) -> R {
        let (_, mut now) =
            records::load::<R>(&*self.ctx.stores.records, record.id()).await.expect("read").expect("present");
        *now.status() = status;
        self.write(&now).await;
        now
    }
}

pub trait HasStatus {
    fn status(&mut self) -> &mut Status;
}

macro_rules! has_status {
    ($($name:ty),* $(,)?) => {$(
        impl HasStatus for $name {
            fn status(&mut self) -> &mut Status {
                &mut self.status
            }
        }
    )*};
}

has_status!(
    DatasetExportJob,
    DatasetGroup,
    Dataset,
    DatasetImportJob,
    EventTracker,
    Filter,
    Solution,
    SolutionVersion,
    Campaign,
    Recommender,
);

/// The kind of a refusal, as the start of its debug form.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T>, kind: &str, words: &[&str]) {
    let error: Error = result.expect_err("a refusal");
    let meaning = match &error {
        Error::InvalidMember { .. } => "InvalidInput".to_owned(),
        other => format!("{other:?}"),
    };
    assert!(meaning.starts_with(kind), "{error:?} is no {kind}");
    for word in words {
        assert!(error.to_string().contains(word), "{error} does not say {word}");
    }
}
