//! Whole jobs on memory stores.

mod asking_for_lists;
mod attributing;
mod batch;
mod catching_up;
mod checkpointing;
mod crashes;
mod deleting;
mod deploying;
mod exporting;
mod folding;
mod importing;
mod queueing;
mod recommending;
mod runner;
mod searching;
mod segmenting;
mod sharing;
mod stopping;
mod theming;
mod training;
mod updating;

use crate::{Deployer, JobsCtx, Settings, run};
use async_trait::async_trait;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tastemaker_domain::Status;
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery};
use tastemaker_domain::resource::{
    BatchInferenceJob, BatchInferenceMode, Campaign, CampaignConfig, DataDeletionJob, Dataset, DatasetExportJob,
    DatasetGroup, DatasetImportJob, DeletionStatus, ImportMode, IngestionMode, InteractionEvent, Job, JobKind,
    Recommender, S3Location, SchemaResource, SolutionVersion, TrainingMode, TrainingType,
};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_serving::Serving;
use tastemaker_store::fault_injection::{Decorated, Hook, Strike};
use tastemaker_store::objects::{self, OBJECT_FORMAT, ObjectRecord, bucket_record_key, object_record_key};
use tastemaker_store::records::{self, Record};
use tastemaker_store::{
    Blobs, BlobsExt, Error, Events, MemoryBlobs, MemoryEvents, MemoryRecords, MemoryWakeups, Records, RecordsExt,
    Stores,
};
use tokio::sync::watch;

const INTERACTIONS: &str = r#"{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
 {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"EVENT_TYPE","type":"string"},
 {"name":"EVENT_VALUE","type":["null","float"]}]}"#;
const ITEMS: &str = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
 {"name":"NAME","type":["null","string"]}]}"#;

pub(crate) const EVERY_KIND: &[JobKind] = JobKind::ALL;

pub(crate) fn arn(resource: &str) -> String {
    format!("arn:aws:personalize:eu-west-1:123456789012:{resource}")
}

/// Users walk round a ring of 24 items, three times out of four to the next one; as a CSV.
pub(crate) fn ring_csv(users: usize, events: usize) -> String {
    let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n");
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for user in 0..users {
        let mut at = draw(24);
        for k in 0..events {
            let time = 1_600_000_000 + user * events + k;
            csv.push_str(&format!("u{user},i{at},{time},view,3.7\n"));
            at = if draw(4) > 0 { (at + 1) % 24 } else { draw(4) };
        }
    }
    csv
}

/// Dies at the nth change of the storage: that call and every later one fails, as when the process is killed.
pub(crate) struct Die {
    nth: u64,
    strike: Strike,
    changes: AtomicU64,
}

impl Die {
    pub fn at(nth: u64, strike: Strike) -> Arc<Self> {
        Arc::new(Self { nth, strike, changes: AtomicU64::new(0) })
    }

    pub fn is_dead(&self) -> bool {
        self.changes.load(Ordering::SeqCst) >= self.nth
    }

    fn dead() -> Error {
        Error::Unavailable("killed".to_owned())
    }
}

#[async_trait]
impl Hook for Die {
    async fn before(&self, call: &'static str) -> Result<(), Error> {
        if self.is_dead() {
            return Err(Self::dead());
        }
        let change = matches!(call, "commit" | "put" | "finish" | "delete" | "append" | "remove");
        if change && self.strike == Strike::Before && self.changes.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            return Err(Self::dead());
        }
        Ok(())
    }

    async fn after(&self, call: &'static str) -> Result<(), Error> {
        let change = matches!(call, "commit" | "put" | "finish" | "delete" | "append" | "remove");
        if change && self.strike == Strike::After && self.changes.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            return Err(Self::dead());
        }
        Ok(())
    }
}

/// A process over some storage.
pub(crate) struct Process {
    pub ctx: JobsCtx,
    pub deployer: Arc<Deployer>,
}

impl Deref for Process {
    type Target = JobsCtx;

    fn deref(&self) -> &JobsCtx {
        &self.ctx
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut JobsCtx {
        &mut self.ctx
    }
}

/// The storage of one server, which outlives its processes.
pub(crate) struct World {
    pub records: Arc<MemoryRecords>,
    pub events: Arc<MemoryEvents>,
    pub blobs: Arc<MemoryBlobs>,
    /// Those of processes that share the storage.
    pub wakeups: Arc<MemoryWakeups>,
    now_ms: Arc<AtomicI64>,
}

impl World {
    /// A group `shop` with empty Interactions and Items datasets, and a bucket.
    pub async fn new() -> Self {
        let world = Self {
            records: Arc::new(MemoryRecords::new()),
            events: Arc::new(MemoryEvents::new()),
            blobs: Arc::new(MemoryBlobs::new()),
            wakeups: Arc::new(MemoryWakeups::new()),
            now_ms: Arc::new(AtomicI64::new(1_700_000_000_000)),
        };
        let group = DatasetGroup {
            name: "shop".into(),
            arn: arn("dataset-group/shop"),
            status: Status::Active,
            role_arn: None,
            kms_key_arn: None,
            domain: None,
            failure_reason: None,
            created_ms: 1,
            updated_ms: 1,
        };
        world.put(&group).await;
        for (name, text, dataset_type) in
            [("clicks", INTERACTIONS, DatasetType::Interactions), ("things", ITEMS, DatasetType::Items)]
        {
            world
                .put(&SchemaResource {
                    name: name.into(),
                    arn: arn(&format!("schema/{name}")),
                    text: text.into(),
                    domain: None,
                    created_ms: 1,
                    updated_ms: 1,
                })
                .await;
            world
                .put(&Dataset {
                    name: name.into(),
                    arn: arn(&format!("dataset/shop/{}", dataset_type.as_str())),
                    dataset_group_arn: group.arn.clone(),
                    dataset_type,
                    schema_arn: arn(&format!("schema/{name}")),
                    status: Status::Active,
                    bulk_files: vec![],
                    bulk_imported_ms: vec![],
                    tracking_id: None,
                    latest_update: None,
                    bulk_rows: 0,
                    created_ms: 1,
                    updated_ms: 1,
                })
                .await;
        }
        world.records.put_json(&bucket_record_key("bucket"), "bucket").await.unwrap();
        world
    }

    pub async fn put<R: Record>(&self, record: &R) {
        self.records.commit(vec![], vec![records::put(record).unwrap()]).await.unwrap();
    }

    pub async fn get<R: Record>(&self, id: &str) -> R {
        records::load(&*self.records, id).await.unwrap().unwrap_or_else(|| panic!("{id} is there")).1
    }

    pub async fn upload(&self, key: &str, text: &str) {
        self.upload_bytes(key, text.as_bytes().to_vec()).await;
    }

    pub async fn upload_bytes(&self, key: &str, bytes: Vec<u8>) {
        let blob = format!("s3/{}", key.replace(['/', ' '], "_"));
        let size_bytes = bytes.len() as u64;
        self.blobs.put(&blob, bytes.into()).await.unwrap();
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key: key.into(),
            size_bytes,
            etag: "0".into(),
            last_modified_ms: 1,
            blob,
            ..ObjectRecord::default()
        };
        self.records.put_json(&object_record_key("bucket", key), &object).await.unwrap();
    }

    async fn job(&self, kind: JobKind, resource_arn: &str) {
        let now_ms = self.now_ms.fetch_add(1, Ordering::SeqCst);
        let job = Job {
            id: format!("{now_ms:013}-{}", kind.as_str()),
            kind,
            resource_arn: resource_arn.into(),
            step: String::new(),
            attempts: 0,
            lease: None,
            not_before_ms: now_ms,
            created_ms: now_ms,
        };
        self.put(&job).await;
    }

    /// Asks for an import of `location` into the dataset; returns the import's ARN.
    pub async fn import(&self, name: &str, dataset_type: DatasetType, location: &str, mode: ImportMode) -> String {
        let import = DatasetImportJob {
            job_name: name.into(),
            arn: arn(&format!("dataset-import-job/{name}")),
            dataset_arn: arn(&format!("dataset/shop/{}", dataset_type.as_str())),
            data_location: location.into(),
            role_arn: None,
            import_mode: mode,
            publish_attribution_metrics_to_s3: false,
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&import).await;
        self.job(JobKind::Import, &import.arn).await;
        import.arn
    }

    /// Asks for an export into the folder; returns its ARN.
    pub async fn export(&self, name: &str, dataset_type: DatasetType, mode: IngestionMode, path: &str) -> String {
        let export = DatasetExportJob {
            job_name: name.into(),
            arn: arn(&format!("dataset-export-job/{name}")),
            dataset_arn: arn(&format!("dataset/shop/{}", dataset_type.as_str())),
            ingestion_mode: mode,
            role_arn: "role".into(),
            output: S3Location { path: path.into(), kms_key_arn: None },
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&export).await;
        self.job(JobKind::Export, &export.arn).await;
        export.arn
    }

    /// Asks for a deletion of the users in the location; returns its ARN.
    pub async fn delete_users(&self, name: &str, location: &str) -> String {
        let deletion = DataDeletionJob {
            job_name: name.into(),
            arn: arn(&format!("data-deletion-job/{name}")),
            dataset_group_arn: arn("dataset-group/shop"),
            data_location: location.into(),
            role_arn: "role".into(),
            status: DeletionStatus::Pending,
            failure_reason: None,
            num_deleted: None,
            users_blob: None,
            streams: Default::default(),
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&deletion).await;
        self.job(JobKind::DeleteUsers, &deletion.arn).await;
        deletion.arn
    }

    /// Asks for lists for the requests in the location; returns the job's ARN.
    pub async fn infer(&self, name: &str, input: &str, change: impl FnOnce(&mut BatchInferenceJob)) -> String {
        let location = |path: &str| S3Location { path: path.into(), kms_key_arn: None };
        let mut job = BatchInferenceJob {
            job_name: name.into(),
            arn: arn(&format!("batch-inference-job/{name}")),
            solution_version_arn: arn("solution/s/v"),
            dataset_group_arn: arn("dataset-group/shop"),
            filter_arn: None,
            num_results: 3,
            input: location(input),
            output: location("s3://bucket/out/"),
            role_arn: "role".into(),
            mode: BatchInferenceMode::BatchInference,
            config: None,
            theme_item_name: None,
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: 1,
            updated_ms: 1,
        };
        change(&mut job);
        self.put(&job).await;
        self.job(JobKind::BatchInference, &job.arn).await;
        job.arn
    }

    /// The text of an object of the bucket.
    pub async fn object(&self, key: &str) -> String {
        let (_, object) = objects::find(&*self.records, "bucket", key).await.unwrap().expect(key);
        let bytes = self.blobs.read_all(&object.blob).await.unwrap();
        assert_eq!(object.size_bytes, bytes.len() as u64);
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Blobs below `s3/` that jobs wrote; uploads of this room's tests lie beside them.
    pub async fn blobs_of_jobs(&self) -> Vec<String> {
        self.keys("s3/1").await
    }

    /// Removes bytes that no object names, as the S3 endpoint does at its start.
    pub async fn sweep_s3(&self) {
        let named = objects::list(&*self.records, "bucket", "").await.unwrap();
        for blob in self.keys("s3/").await {
            if !named.iter().any(|object| object.blob == blob) {
                self.blobs.delete(&blob).await.unwrap();
            }
        }
    }

    /// Asks for a solution version; returns its ARN.
    pub async fn train(&self, name: &str, recipe: &str, change: impl FnOnce(&mut SolutionVersion)) -> String {
        let mut version = SolutionVersion {
            name: None,
            arn: arn(&format!("solution/s/{name}")),
            solution_arn: arn("solution/s"),
            dataset_group_arn: arn("dataset-group/shop"),
            recipe_arn: format!("arn:aws:personalize:::recipe/{recipe}"),
            event_type: None,
            config: SolutionConfig::default(),
            perform_tuning: false,
            trials: vec![],
            tuned_parameters: Default::default(),
            training_mode: TrainingMode::Full,
            training_type: TrainingType::Manual,
            training_hours: None,
            events_position: None,
            status: Status::CreatePending,
            failure_reason: None,
            metrics: Default::default(),
            baseline_metrics: Default::default(),
            artifact_key: None,
            created_ms: 1,
            updated_ms: 1,
        };
        change(&mut version);
        self.put(&version).await;
        self.job(JobKind::Train, &version.arn).await;
        version.arn
    }

    /// Asks for the campaign `c`; returns its ARN.
    pub async fn deploy(&self, version_arn: &str) -> String {
        self.deploy_as("c", version_arn).await
    }

    pub async fn deploy_as(&self, name: &str, version_arn: &str) -> String {
        let campaign = Campaign {
            name: name.into(),
            arn: arn(&format!("campaign/{name}")),
            dataset_group_arn: arn("dataset-group/shop"),
            solution_version_arn: version_arn.into(),
            min_provisioned_tps: 1,
            config: Some(CampaignConfig {
                enable_metadata_with_recommendations: Some(true),
                ..CampaignConfig::default()
            }),
            status: Status::CreatePending,
            failure_reason: None,
            latest_update: None,
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&campaign).await;
        self.job(JobKind::Deploy, &campaign.arn).await;
        campaign.arn
    }

    pub async fn deploy_again(&self, campaign_arn: &str) {
        self.job(JobKind::Deploy, campaign_arn).await;
    }

    pub async fn stream(&self, events: &[InteractionEvent]) {
        let stream = records::interactions_stream(&arn("dataset-group/shop"));
        let events = events.iter().map(|e| records::encode_event(e).unwrap()).collect();
        self.events.append(&stream, events).await.unwrap();
    }

    /// A new process over this storage.
    pub fn process(&self, owner: &str) -> Process {
        self.process_over(owner, self.records.clone(), self.events.clone(), self.blobs.clone())
    }

    /// A new process that sees the storage through `hook`.
    pub fn hooked(&self, owner: &str, hook: Arc<impl Hook>) -> Process {
        self.process_over(
            owner,
            Arc::new(Decorated::new(self.records.clone(), hook.clone())),
            Arc::new(Decorated::new(self.events.clone(), hook.clone())),
            Arc::new(Decorated::new(self.blobs.clone(), hook)),
        )
    }

    fn process_over(
        &self,
        owner: &str,
        records: Arc<dyn Records>,
        events: Arc<dyn Events>,
        blobs: Arc<dyn Blobs>,
    ) -> Process {
        let now_ms = self.now_ms.clone();
        let ctx = JobsCtx {
            stores: Stores { records, events, blobs, wakeups: Arc::new(MemoryWakeups::new()) },
            external: Arc::default(),
            clock: Arc::new(move || now_ms.fetch_add(1, Ordering::SeqCst)),
            serving: Arc::new(Serving::new()),
            available_memory: Arc::new(|| None),
            training_memory: Arc::default(),
            threads: 1,
            theme_writer: None,
            progress: Arc::new(|_, _| {}),
            ended: Arc::new(|_| {}),
            tracer: None,
            owner: owner.into(),
            nodes: Arc::default(),
            live: None,
            settings: Settings {
                poll: Duration::from_millis(5),
                heartbeat: Duration::from_millis(50),
                backoff_first: Duration::from_millis(1),
                backoff_max: Duration::from_millis(4),
                ..Settings::default()
            },
        };
        Process { ctx, deployer: Arc::default() }
    }

    /// Runs the process until `done` or until no job is left, then shuts it down.
    pub async fn run_until(&self, ctx: &Process, done: impl Fn() -> bool) {
        let (stop, shutdown) = watch::channel(false);
        let running = tokio::spawn(run(ctx.ctx.clone(), ctx.deployer.clone(), EVERY_KIND, shutdown));
        while !done() && !self.records.scan("job/", None, 1).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.send(true).unwrap();
        running.await.unwrap();
    }

    pub async fn run(&self, ctx: &Process) {
        self.run_until(ctx, || false).await;
    }

    /// Blob keys below `prefix`.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        self.blobs.list(prefix).await.unwrap().into_iter().map(|blob| blob.key).collect()
    }

    pub async fn interactions(&self) -> Dataset {
        self.get(&arn("dataset/shop/INTERACTIONS")).await
    }
}

pub(crate) fn event(n: usize, user: &str, item: &str) -> InteractionEvent {
    InteractionEvent {
        event_id: format!("e{n}"),
        user_id: user.into(),
        session_id: "s".into(),
        item_id: item.into(),
        event_type: "view".into(),
        event_value: None,
        timestamp_s: 1_700_000_000 + n as i64,
        properties: Default::default(),
        recommendation_id: None,
        impression: vec![],
    }
}

pub(crate) fn ask(ctx: &JobsCtx, user: &str) -> Result<RecommendationList, tastemaker_domain::Error> {
    let campaign_arn = arn("campaign/c");
    ctx.serving.snapshot(&campaign_arn)?.recommend(&RecommendationQuery {
        campaign_arn,
        user_id: Some(user.into()),
        num_results: 3,
        metadata_columns: vec!["NAME".into()],
        ..RecommendationQuery::default()
    })
}
