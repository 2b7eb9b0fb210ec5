//! A console over a small shop whose answers a test may change.

use crate::client::Client;
use crate::config::{About, ConsoleConfig, Login, User};
use crate::data_ports::{Datasets, Files};
use crate::ports::{
    Api, ApiError, Estimates, FixedDemoShop, FixedTraffic, FixedWatch, Histories, HistoryEvent, PlannedTraining, Ports,
    Progress, Reports, RequestsKept, RunningJob, Said, TrafficSpan, UserExamples,
};
use crate::report::Trial;
use crate::secrets::Secrets;
use crate::tests::data::{KeptFiles, NoData};
use crate::tests::markup::faults;
use axum::Router;
use axum::body::Body;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_domain::dataset_statistics::{
    DatasetStatistics, EventTypeStatistics, HistoryLengths, InteractionStatistics, StreamedStatistics,
};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_wire::Operation;
use tokio::sync::watch;
use tower::ServiceExt;

/// The beginning of every ARN.
pub(crate) const ARN: &str = "arn:aws:personalize:us-east-1:000000000000";

/// The answer of an operation, by its input.
type Answer = dyn Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync;

/// The report of a version, by its ARN.
type ReportOf = dyn Fn(&str) -> Option<Value> + Send + Sync;

/// The rest of a server: a small shop, with answers that a test puts before it.
pub(crate) struct World {
    answer: Box<Answer>,
    calls: Mutex<Vec<(Operation, Value)>>,
    jobs: Vec<RunningJob>,
    reports: Box<ReportOf>,
    trials: Vec<Trial>,
    statistics: DatasetStatistics,
    files: Arc<dyn Files>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            answer: Box::new(|_, _| None),
            calls: Mutex::default(),
            jobs: Vec::new(),
            reports: Box::new(|arn| reports().remove(arn)),
            trials: Vec::new(),
            statistics: statistics(),
            files: Arc::new(NoData),
        }
    }
}

/// A console to ask for pages.
pub(crate) struct Site {
    router: Router,
    world: Arc<World>,
    language: &'static str,
}

/// A page as a browser gets it.
#[derive(Debug)]
pub(crate) struct Got {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
}

impl Site {
    /// The shop, with answers that come before its own.
    pub fn with(answer: impl Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync + 'static) -> Self {
        Self::of(World { answer: Box::new(answer), ..World::default() })
    }

    /// The shop.
    pub fn shop() -> Self {
        Self::with(|_, _| None)
    }

    /// The shop with a running job.
    pub fn with_job(
        job: RunningJob,
        answer: impl Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync + 'static,
    ) -> Self {
        Self::of(World { answer: Box::new(answer), jobs: vec![job], ..World::default() })
    }

    /// The shop with reports of other versions.
    pub fn with_reports(
        reports: impl Fn(&str) -> Option<Value> + Send + Sync + 'static,
        answer: impl Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync + 'static,
    ) -> Self {
        Self::of(World { answer: Box::new(answer), reports: Box::new(reports), ..World::default() })
    }

    /// The shop with other statistics of its interactions.
    pub fn with_statistics(change: impl FnOnce(&mut DatasetStatistics)) -> Self {
        let mut world = World::default();
        change(&mut world.statistics);
        Self::of(world)
    }

    /// The shop with a search for hyperparameters whose trials ended so far.
    pub fn with_trials(
        trials: Vec<Trial>,
        answer: impl Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync + 'static,
    ) -> Self {
        Self::of(World { answer: Box::new(answer), trials, ..World::default() })
    }

    /// The shop beside the sample shop.
    pub fn with_demo_shop(demo_shop: Arc<FixedDemoShop>) -> Self {
        Self::over(World::default(), demo_shop, FixedTraffic::default())
    }

    /// The shop with traffic that is the same at all times.
    pub fn with_traffic(span: TrafficSpan) -> Self {
        Self::over(World::default(), Arc::default(), FixedTraffic(Some(span)))
    }

    /// The shop with files in its buckets.
    pub fn with_files(
        files: Arc<KeptFiles>,
        answer: impl Fn(Operation, &Value) -> Option<Result<Value, ApiError>> + Send + Sync + 'static,
    ) -> Self {
        let world = World { answer: Box::new(answer), files, ..World::default() };
        Self::of(world)
    }

    fn of(world: World) -> Self {
        Self::over(world, Arc::default(), FixedTraffic::default())
    }

    fn over(world: World, demo_shop: Arc<FixedDemoShop>, traffic: FixedTraffic) -> Self {
        Self::watched(world, demo_shop, traffic, FixedWatch::default())
    }

    /// The shop with traffic, in a server that tells this of itself.
    pub fn with_watch(span: TrafficSpan, watch: FixedWatch) -> Self {
        Self::watched(World::default(), Arc::default(), FixedTraffic(Some(span)), watch)
    }

    fn watched(world: World, demo_shop: Arc<FixedDemoShop>, traffic: FixedTraffic, watch: FixedWatch) -> Self {
        Self::made(world, demo_shop, traffic, watch, None)
    }

    fn made(
        world: World,
        demo_shop: Arc<FixedDemoShop>,
        traffic: FixedTraffic,
        watch: FixedWatch,
        requests: Option<RequestsKept>,
    ) -> Self {
        let world = Arc::new(world);
        let ports = Ports {
            demo_shop,
            api: world.clone(),
            progress: world.clone(),
            datasets: world.clone(),
            files: world.files.clone(),
            reports: world.clone(),
            estimates: world.clone(),
            histories: world.clone(),
            traffic: Arc::new(traffic),
            last_requests: Arc::new(crate::ports::FixedRequests(requests)),
            watch: Arc::new(watch),
            dismissals: Arc::new(crate::ports::KeptDismissals::default()),
            planned_copies: Arc::new(crate::ports::KeptPlans::default()),
            sentences: Arc::new(sentence),
            clock: Arc::new(|| 1_800_000_000_000),
        };
        Self { router: crate::router(config(), ports), world, language: "en" }
    }

    /// The shop where campaigns were asked last at these times.
    pub fn with_last_requests(requests: RequestsKept) -> Self {
        let kept = Some(requests);
        Self::made(World::default(), Arc::default(), FixedTraffic::default(), FixedWatch::default(), kept)
    }

    /// The same in Korean.
    pub fn korean(self) -> Self {
        Self { language: "ko", ..self }
    }

    /// The inputs of an operation's calls.
    pub fn calls(&self, operation: Operation) -> Vec<Value> {
        self.world.calls.lock().iter().filter(|call| call.0 == operation).map(|call| call.1.clone()).collect()
    }

    /// A page that is there.
    pub async fn page(&self, path: &str) -> String {
        let got = self.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.body);
        got.body
    }

    /// The parts of a page that a script asks for.
    pub async fn by_script(&self, path: &str) -> String {
        let got = self.send(Request::get(path).header("hx-request", "true").body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.body);
        got.body
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let encode = |text: &str| crate::cx::segment(text);
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> Got {
        let client = Client { peer: Some([127, 0, 0, 1].into()), ..Client::default() };
        request.extensions_mut().insert(client);
        request.headers_mut().insert(HOST, "127.0.0.1:4100".parse().unwrap());
        request.headers_mut().insert("accept-language", self.language.parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response.headers().get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        if body.contains("<main") {
            assert_eq!(faults(&body), Vec::<String>::new(), "{body}");
        }
        Got { status, location, body }
    }
}

fn config() -> ConsoleConfig {
    ConsoleConfig {
        base_path: String::new(),
        read_only: false,
        login: Login::LoopbackFree,
        listens_on_loopback: true,
        session_seconds: 60,
        hosts: Vec::new(),
        upload_bytes_max: 1,
        language: None,
        image_hosts: vec!["https://cdn.example".to_owned()],
        user: User { key_id: "TMKEY".into(), token: "token".into() },
        secrets: Secrets::of(Secrets::random()).unwrap(),
        region: "us-east-1".into(),
        account_id: "000000000000".into(),
        about: About { data_dir: "/data".into(), ..About::default() },
        stopping: watch::channel(false).1,
    }
}

impl Api for World {
    fn call<'a>(
        &'a self,
        _: &'a str,
        operation: Operation,
        input: Vec<u8>,
    ) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let input: Value = serde_json::from_slice(&input).unwrap();
        self.calls.lock().push((operation, input.clone()));
        let answered = (self.answer)(operation, &input).unwrap_or_else(|| shop(operation, &input));
        async move { answered.map(|output| serde_json::to_vec(&output).unwrap()) }.boxed()
    }
}

impl Progress for World {
    fn now(&self) -> Vec<RunningJob> {
        self.jobs.clone()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
}

impl Reports for World {
    fn of<'a>(&'a self, arn: &'a str) -> BoxFuture<'a, Option<Arc<Value>>> {
        async move { (self.reports)(arn).map(Arc::new) }.boxed()
    }

    fn trials<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<Trial>> {
        let trials = self.trials.clone();
        async move { trials }.boxed()
    }

    fn training<'a>(&'a self, arn: &'a str) -> BoxFuture<'a, Option<TrainingRecord>> {
        let mut record = TrainingRecord {
            version_arn: arn.to_owned(),
            seed: 18_446_744_073_709_551_615,
            threads: 2,
            attempts: 2,
            peak_memory_bytes: Some(300 << 20),
            artifact_bytes: Some(1_234_567),
            ..TrainingRecord::default()
        };
        record.add_stage("gather", 1_250);
        record.add_stage("refit: network", 64_000);
        record.add_line(1_700_000_000_250, "split: 9 <training> users");
        async move { Some(record).filter(|_| arn.ends_with("/v1")) }.boxed()
    }
}

impl Estimates for World {
    fn memory_bytes(&self, training: &PlannedTraining<'_>) -> Option<u64> {
        // A byte for each interaction, user and item, and a kibibyte for each changed parameter.
        let rows = training.interactions + training.users + training.items + u64::from(training.has_metadata);
        Some(rows + 1024 * training.hyperparameters.len() as u64)
    }

    fn available_bytes(&self) -> Option<u64> {
        Some(8 << 10)
    }
}

impl Datasets for World {
    fn statistics<'a>(&'a self, arn: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>> {
        let found = arn.ends_with("dataset/shop/INTERACTIONS").then(|| Arc::new(self.statistics.clone()));
        async move { found }.boxed()
    }

    fn streamed<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>> {
        async { None }.boxed()
    }

    fn report<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>> {
        async { None }.boxed()
    }
}

/// A hundred users, whose histories are 1 to 100 events long.
fn statistics() -> DatasetStatistics {
    let view = EventTypeStatistics {
        name: "View".into(),
        rows: 5050,
        users: 100,
        with_value: 0,
        first_s: 1_600_000_000,
        last_s: 1_700_000_000,
    };
    let interactions = InteractionStatistics {
        users: 100,
        items: 30,
        users_with_two: 99,
        first_s: 1_600_000_000,
        last_s: 1_700_000_000,
        event_types: vec![view],
        history_lengths: (1..=100).map(|length| HistoryLengths { from: length, to: length, users: 1 }).collect(),
        length_percentiles: (0..=100).map(|percent: u64| percent.max(1)).collect(),
        ..InteractionStatistics::default()
    };
    DatasetStatistics {
        dataset_arn: format!("{ARN}:dataset/shop/INTERACTIONS"),
        dataset_type: DatasetType::Interactions,
        made_ms: 1,
        source: String::new(),
        rows: 5050,
        rows_with_missing: 0,
        is_estimate: false,
        columns: Vec::new(),
        interactions: Some(interactions),
        metadata: None,
    }
}

impl Histories for World {
    fn of(&self, _: &str, user: &str, _: usize) -> Vec<HistoryEvent> {
        let event = HistoryEvent { item_id: "p1".into(), event_type: "View".into(), timestamp_s: 1_700_000_000 };
        if user == "user42" { vec![event] } else { Vec::new() }
    }

    fn users(&self, _: &str) -> UserExamples {
        UserExamples { short: Some("user1".into()), median: Some("user42".into()), long: None }
    }

    fn columns(&self, _: &str) -> Vec<String> {
        ["ITEM_ID", "NAME", "PRICE", "IMAGE"].map(str::to_owned).to_vec()
    }

    fn item(&self, _: &str, item: &str, _: &[String]) -> Vec<(String, String)> {
        vec![("NAME".into(), format!("Name of {item}")), ("PRICE".into(), "84.90".into())]
    }

    fn knows_item(&self, _: &str, item: &str) -> bool {
        item.starts_with('p')
    }

    fn user(&self, _: &str, user: &str) -> Vec<(String, String)> {
        if user == "user42" { vec![("AGE".into(), "42".into())] } else { Vec::new() }
    }
}

/// The one sentence that is known here.
fn sentence(text: &str) -> Option<Said> {
    let (epoch, loss) = text.strip_prefix("epoch ")?.split_once(": loss ")?;
    Some(Said { kind: "epoch-loss", values: vec![("epoch", epoch.to_owned()), ("loss", loss.to_owned())] })
}

/// A refusal of the API.
pub(crate) fn refusal(name: &str, message: &str) -> ApiError {
    ApiError { status: 400, name: name.to_owned(), message: message.to_owned(), member: None }
}

/// A refusal of a member of the input.
pub(crate) fn refusal_of(member: &str, message: &str) -> ApiError {
    ApiError { member: Some(member.to_owned()), ..refusal("InvalidInputException", message) }
}

/// The ARN of one of the shop's two versions.
pub(crate) fn version_arn(id: &str) -> String {
    format!("{ARN}:solution/for-you/{id}")
}

/// The shop: one group with a solution of two versions, of which the second is deployed.
fn shop(operation: Operation, input: &Value) -> Result<Value, ApiError> {
    let group = json!({"name": "shop", "datasetGroupArn": format!("{ARN}:dataset-group/shop"), "status": "ACTIVE", "creationDateTime": 1.7e9});
    let solution = json!({"name": "for-you", "solutionArn": format!("{ARN}:solution/for-you"), "status": "ACTIVE",
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2", "datasetGroupArn": format!("{ARN}:dataset-group/shop"),
        "creationDateTime": 1.7e9, "lastUpdatedDateTime": 1.7e9, "performHPO": false});
    let version = |id: &str| {
        json!({"solutionVersionArn": version_arn(id), "solutionArn": format!("{ARN}:solution/for-you"),
        "datasetGroupArn": format!("{ARN}:dataset-group/shop"), "status": "ACTIVE", "trainingMode": "FULL",
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
        "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": if id == "v1" { "32" } else { "64" }}},
        "creationDateTime": if id == "v1" { 1.7e9 } else { 1.71e9 }, "lastUpdatedDateTime": 1.71e9 + 40.0})
    };
    let campaign = json!({"name": "home", "campaignArn": format!("{ARN}:campaign/home"), "status": "ACTIVE", "solutionVersionArn": version_arn("v2"),
        "minProvisionedTPS": 1, "campaignConfig": {"enableMetadataWithRecommendations": true}, "lastUpdatedDateTime": 1.7e9});
    let known = |member: &str, arn: &str, found: Value| {
        let asked = input[member].as_str().unwrap_or_default();
        if asked == arn {
            Ok(found)
        } else {
            Err(refusal("ResourceNotFoundException", &format!("Resource {asked} does not exist.")))
        }
    };
    let id = input["solutionVersionArn"].as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned();
    let is_version = id == "v1" || id == "v2";
    let no_version = || Err(refusal("ResourceNotFoundException", "Resource does not exist."));
    match operation {
        Operation::ListDatasetGroups => Ok(json!({"datasetGroups": [group]})),
        Operation::DescribeDatasetGroup => {
            known("datasetGroupArn", &format!("{ARN}:dataset-group/shop"), json!({"datasetGroup": group}))
        }
        Operation::ListDatasets => Ok(
            json!({"datasets": [{"datasetArn": format!("{ARN}:dataset/shop/INTERACTIONS"), "datasetType": "INTERACTIONS"}]}),
        ),
        Operation::DescribeDataset => Ok(json!({"dataset": {"schemaArn": format!("{ARN}:schema/s")}})),
        Operation::DescribeSchema => {
            Ok(json!({"schema": {"schema": "{\"fields\": [{\"name\": \"USER_ID\"}, {\"name\": \"DEVICE\"}]}"}}))
        }
        Operation::ListDatasetImportJobs => Ok(json!({"datasetImportJobs": []})),
        Operation::ListDatasetExportJobs => Ok(json!({"datasetExportJobs": []})),
        Operation::ListDataDeletionJobs => Ok(json!({"dataDeletionJobs": []})),
        Operation::ListSolutions => Ok(json!({"solutions": [solution]})),
        Operation::DescribeSolution => {
            known("solutionArn", &format!("{ARN}:solution/for-you"), json!({"solution": solution}))
        }
        Operation::ListSolutionVersions => Ok(json!({"solutionVersions": [version("v1"), version("v2")]})),
        Operation::DescribeSolutionVersion if is_version => Ok(json!({"solutionVersion": version(&id)})),
        Operation::GetSolutionMetrics if is_version => {
            Ok(json!({"solutionVersionArn": version_arn(&id), "metrics": report(&id)["metrics"]}))
        }
        Operation::DescribeSolutionVersion | Operation::GetSolutionMetrics => no_version(),
        Operation::ListCampaigns => Ok(json!({"campaigns": [campaign]})),
        Operation::DescribeCampaign => {
            known("campaignArn", &format!("{ARN}:campaign/home"), json!({"campaign": campaign}))
        }
        Operation::ListRecommenders => Ok(json!({"recommenders": []})),
        Operation::DescribeRecommender => known(
            "recommenderArn",
            &format!("{ARN}:recommender/bought"),
            json!({"recommender": {"name": "bought", "recommenderArn": format!("{ARN}:recommender/bought"), "status": "ACTIVE",
                "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-purchases", "lastUpdatedDateTime": 1.7e9,
                "modelMetrics": {"coverage": 0.25},
                "recommenderConfig": {"minRecommendationRequestsPerSecond": 7, "itemExplorationConfig": {"explorationWeight": "0.6"},
                    "trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE"]}}}}}),
        ),
        Operation::ListEventTrackers => {
            Ok(json!({"eventTrackers": [{"name": "web", "eventTrackerArn": format!("{ARN}:event-tracker/1")}]}))
        }
        Operation::DescribeEventTracker => Ok(
            json!({"eventTracker": {"name": "web", "eventTrackerArn": format!("{ARN}:event-tracker/1"), "status": "ACTIVE",
            "trackingId": "9d5b-track", "creationDateTime": 1.7e9, "lastUpdatedDateTime": 1.7e9}}),
        ),
        Operation::ListFilters => Ok(json!({"filters": [{"name": "cat", "filterArn": format!("{ARN}:filter/cat")}]})),
        Operation::DescribeFilter => {
            Ok(json!({"filter": {"filterExpression": "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)"}}))
        }
        Operation::GetRecommendations => Ok(json!({"recommendationId": "rid-1", "itemList": [
            {"itemId": "p9", "score": 0.5, "metadata": {"NAME": "Kettle <b>", "PRICE": "12.5", "IMAGE": "https://cdn.example/p9.png"}},
            {"itemId": "p8", "score": 0.25, "reason": ["Exploration"], "metadata": {"NAME": "Pot", "IMAGE": "https://evil.example/p8.png"}}]})),
        Operation::CreateSolution => {
            Ok(json!({"solutionArn": format!("{ARN}:solution/{}", input["name"].as_str().unwrap())}))
        }
        Operation::CreateSolutionVersion => Ok(json!({"solutionVersionArn": version_arn("v3")})),
        Operation::CreateCampaign | Operation::UpdateCampaign => {
            Ok(json!({"campaignArn": format!("{ARN}:campaign/home")}))
        }
        Operation::ListBatchInferenceJobs => Ok(json!({"batchInferenceJobs": [inference_job()]})),
        Operation::ListBatchSegmentJobs => Ok(json!({"batchSegmentJobs": []})),
        Operation::DescribeBatchInferenceJob => known(
            "batchInferenceJobArn",
            &format!("{ARN}:batch-inference-job/nightly"),
            json!({"batchInferenceJob": inference_job()}),
        ),
        Operation::DescribeBatchSegmentJob => no_version(),
        Operation::CreateBatchInferenceJob => {
            Ok(json!({"batchInferenceJobArn": format!("{ARN}:batch-inference-job/new")}))
        }
        Operation::CreateDatasetGroup => Ok(json!({"datasetGroupArn": format!("{ARN}:dataset-group/new")})),
        Operation::CreateRecommender => Ok(json!({"recommenderArn": format!("{ARN}:recommender/r")})),
        Operation::UpdateRecommender => Ok(json!({"recommenderArn": format!("{ARN}:recommender/bought")})),
        Operation::CreateEventTracker => {
            Ok(json!({"eventTrackerArn": format!("{ARN}:event-tracker/2"), "trackingId": "t2"}))
        }
        Operation::DeleteCampaign
        | Operation::DeleteRecommender
        | Operation::StopRecommender
        | Operation::StartRecommender
        | Operation::DeleteEventTracker
        | Operation::StopSolutionVersionCreation => Ok(Value::Null),
        other => panic!("{other:?} is not asked for"),
    }
}

/// A finished job of the shop.
pub(crate) fn inference_job() -> Value {
    json!({"jobName": "nightly", "batchInferenceJobArn": format!("{ARN}:batch-inference-job/nightly"), "status": "ACTIVE",
        "solutionVersionArn": version_arn("v2"), "numResults": 25, "batchInferenceJobMode": "BATCH_INFERENCE",
        "jobInput": {"s3DataSource": {"path": "s3://b/in.json"}}, "jobOutput": {"s3DataDestination": {"path": "s3://b/out/"}},
        "creationDateTime": 1.7e9, "lastUpdatedDateTime": 1.7e9})
}

fn reports() -> BTreeMap<String, Value> {
    ["v1", "v2"].map(|id| (version_arn(id), report(id))).into()
}

fn report(id: &str) -> Value {
    let ndcg = if id == "v1" { 0.2 } else { 0.3 };
    let key = crate::report::NDCG_AT_25;
    json!({"metrics": {key: ndcg, "coverage": 0.5}, "popularity_baseline": {key: 0.1, "coverage": 0.02},
        "confidence_95": {key: [ndcg - 0.02, ndcg + 0.02]}, "over_popularity_95": {key: [ndcg - 0.12, ndcg - 0.08]},
        "parameters": {"hidden_dimension": if id == "v1" { "32" } else { "64" }}, "training_users": 1000, "test_users": 100,
        "by_history": [{"events_from": 1, "users": 60, "ndcg_at_10": [ndcg, 0.1], "ndcg_at_10_95": [ndcg - 0.03, ndcg + 0.03]},
            {"events_from": 10, "users": 40, "ndcg_at_10": [ndcg, 0.1]}],
        "training_curve": [{"epoch": 1, "loss": 3.5, "ndcg_at_10": 0.1}, {"epoch": 2, "loss": 2.5, "ndcg_at_10": 0.15}],
        "notes": ["A note of the training."]})
}
