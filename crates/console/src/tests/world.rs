//! A console over canned answers, and a browser that asks it.

use super::data::NoData;
use crate::client::Client;
use crate::config::{About, ConsoleConfig, Login, Setting, SettingSource, User};
use crate::ports::{
    Api, ApiError, Estimates, Histories, HistoryEvent, PlannedTraining, Ports, Progress, Reports, RunningJob,
    UserExamples,
};
use crate::report::Trial;
use crate::secrets::{SECRET_BYTES, Secrets};
use axum::Router;
use axum::body::Body;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_wire::Operation;
use tokio::sync::watch;
use tower::ServiceExt;

pub const KEY_ID: &str = "TMTESTKEY";
pub const TOKEN: &str = "a token of the console";
pub const START_S: i64 = 1_700_000_000;

/// Canned answers by operation; without one the resource is not there.
#[derive(Default)]
pub struct Canned {
    pub answers: Mutex<HashMap<&'static str, Value>>,
    pub calls: Mutex<Vec<(Operation, Value)>>,
}

impl Api for Canned {
    fn call<'a>(
        &'a self,
        _region: &'a str,
        operation: Operation,
        input: Vec<u8>,
    ) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let input = serde_json::from_slice(&input).expect("JSON");
        self.calls.lock().push((operation, input));
        let answer = self.answers.lock().get(operation.name()).map(Value::to_string);
        async move {
            answer.map(String::into_bytes).ok_or_else(|| ApiError {
                status: 400,
                name: "ResourceNotFoundException".into(),
                message: format!("{} finds <nothing>", operation.name()),
                member: None,
            })
        }
        .boxed()
    }
}

/// Jobs that a test says are running.
pub struct Jobs {
    pub running: Mutex<Vec<RunningJob>>,
    pub count: watch::Sender<u64>,
}

impl Progress for Jobs {
    fn now(&self) -> Vec<RunningJob> {
        self.running.lock().clone()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }
}

/// A server where nothing was trained.
pub struct Nothing;

impl Reports for Nothing {
    fn of<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Arc<Value>>> {
        async { None }.boxed()
    }

    fn training<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<TrainingRecord>> {
        async { None }.boxed()
    }

    fn trials<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<Trial>> {
        async { Vec::new() }.boxed()
    }
}

impl Estimates for Nothing {
    fn memory_bytes(&self, _: &PlannedTraining<'_>) -> Option<u64> {
        None
    }

    fn available_bytes(&self) -> Option<u64> {
        None
    }
}

impl Histories for Nothing {
    fn of(&self, _: &str, _: &str, _: usize) -> Vec<HistoryEvent> {
        Vec::new()
    }

    fn users(&self, _: &str) -> UserExamples {
        UserExamples::default()
    }

    fn columns(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn item(&self, _: &str, _: &str, _: &[String]) -> Vec<(String, String)> {
        Vec::new()
    }

    fn knows_item(&self, _: &str, _: &str) -> bool {
        false
    }

    fn user(&self, _: &str, _: &str) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// A console with everything that a test turns.
pub struct World {
    pub router: Router,
    pub api: Arc<Canned>,
    pub jobs: Arc<Jobs>,
    pub now_s: Arc<AtomicI64>,
    pub stop: watch::Sender<bool>,
    pub secrets: Secrets,
}

/// A console whose settings `change` changes.
pub fn world(change: impl FnOnce(&mut ConsoleConfig)) -> World {
    let (stop, stopping) = watch::channel(false);
    let secrets = Secrets::of(vec![7; SECRET_BYTES]).expect("enough bytes");
    let mut config = ConsoleConfig {
        base_path: String::new(),
        read_only: false,
        login: Login::Always,
        listens_on_loopback: true,
        session_seconds: 3600,
        hosts: Vec::new(),
        upload_bytes_max: 1 << 30,
        language: None,
        image_hosts: Vec::new(),
        user: User { key_id: KEY_ID.into(), token: TOKEN.into() },
        secrets: secrets.clone(),
        region: "eu-west-1".into(),
        account_id: "000000000000".into(),
        about: About {
            version: "1.2.3".into(),
            data_dir: "/data".into(),
            started_ms: START_S * 1000,
            env_command: "eval \"$(tastemaker env)\"".into(),
            settings: watch::channel(vec![Setting {
                key: "listen".into(),
                value: "\"x\"".into(),
                source: SettingSource::File,
            }])
            .1,
        },
        stopping,
    };
    change(&mut config);
    let api = Arc::new(Canned::default());
    let group = json!({ "name": "shop", "status": "ACTIVE", "datasetGroupArn": "arn:aws:personalize:eu-west-1:000000000000:dataset-group/shop" });
    let mut answers = HashMap::new();
    answers.insert("ListDatasetGroups", json!({ "datasetGroups": [group] }));
    answers.insert("DescribeDatasetGroup", json!({ "datasetGroup": group }));
    for (operation, list) in [
        ("ListDatasets", "datasets"),
        ("ListSolutions", "solutions"),
        ("ListSolutionVersions", "solutionVersions"),
        ("ListCampaigns", "campaigns"),
        ("ListRecommenders", "recommenders"),
        ("ListFilters", "filters"),
        ("ListDatasetImportJobs", "datasetImportJobs"),
    ] {
        answers.insert(operation, json!({ list: [] }));
    }
    *api.answers.lock() = answers;
    let jobs = Arc::new(Jobs { running: Mutex::default(), count: watch::Sender::default() });
    let now_s = Arc::new(AtomicI64::new(START_S));
    let clock = now_s.clone();
    let ports = Ports {
        demo_shop: Arc::new(crate::ports::FixedDemoShop::default()),
        api: api.clone(),
        progress: jobs.clone(),
        datasets: Arc::new(NoData),
        files: Arc::new(NoData),
        reports: Arc::new(Nothing),
        estimates: Arc::new(Nothing),
        histories: Arc::new(Nothing),
        traffic: Arc::new(crate::ports::FixedTraffic::default()),
        last_requests: Arc::new(crate::ports::FixedRequests::default()),
        watch: Arc::new(crate::ports::FixedWatch::default()),
        dismissals: Arc::new(crate::ports::KeptDismissals::default()),
        planned_copies: Arc::new(crate::ports::KeptPlans::default()),
        sentences: Arc::new(|_| None),
        clock: Arc::new(move || clock.load(Ordering::SeqCst) * 1000),
    };
    World { router: crate::router(config, ports), api, jobs, now_s, stop, secrets }
}

/// An answer read whole.
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }
}

/// A browser at an address.
#[derive(Clone)]
pub struct Browser<'a> {
    world: &'a World,
    cookies: Vec<(String, String)>,
    pub client: Client,
    pub headers: Vec<(&'static str, String)>,
}

impl World {
    /// A browser that has not logged in.
    pub fn stranger(&self) -> Browser<'_> {
        let address = Some(IpAddr::from([127, 0, 0, 1]));
        let client = Client { peer: address, address, request_id: "request-1".into(), ..Client::default() };
        Browser { world: self, cookies: Vec::new(), client, headers: vec![("host", "127.0.0.1:4100".into())] }
    }

    /// A browser that has logged in.
    pub async fn user(&self) -> Browser<'_> {
        let mut browser = self.stranger();
        let seen = browser.post("/login", &format!("key_id={KEY_ID}&token={}&next=/", TOKEN.replace(' ', "+"))).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser
    }
}

impl Browser<'_> {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn request(&self, method: &str, path: &str, body: &str) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        for (name, value) in &self.cookies {
            request = request.header(COOKIE, format!("{name}={value}"));
        }
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        request.extensions_mut().insert(self.client.clone());
        request
    }

    pub async fn open(&self, method: &str, path: &str, body: &str) -> Response<Body> {
        let request = self.request(method, path, body);
        assert!(request.headers().contains_key(HOST));
        self.world.router.clone().oneshot(request).await.expect("an answer")
    }

    pub async fn send(&mut self, method: &str, path: &str, body: &str) -> Seen {
        let (parts, body) = self.open(method, path, body).await.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Seen { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        self.send("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Seen {
        self.send("POST", path, form).await
    }
}
