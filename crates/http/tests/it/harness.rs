//! A whole server in process: memory stores, the real S3 endpoint, a campaign that anybody can predict, a real signer.

use aws_credential_types::Credentials as SignerCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_data::table::Value as Cell;
use tastemaker_data::{Bitmap, Column, IdMap, ItemIx, TableBuilder};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetType;
use tastemaker_http::browsers::BrowserPolicy;
use tastemaker_http::state::ServingHooks;
use tastemaker_http::{
    Admission, AdmissionLimits, ConsoleMount, HttpState, KeyRates, KeyTable, ListenerConfig, Readiness,
    RecommendationsConfig, observability, router, router_with_console,
};
use tastemaker_learn::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState};
use tastemaker_service::iam::Identities;
use tastemaker_service::{Ctx, ParameterKey};
use tastemaker_serving::{HistoryColumns, Serving, Snapshot, SnapshotParts, TrainingHistories};
use tastemaker_store::Stores;
use tastemaker_store::records::{self, Record};
use tower::ServiceExt;

pub const KEY: &str = "TMTESTKEY";
pub const SECRET: &str = "test-secret";
pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "123456789012";
pub const NOW_MS: i64 = 1_767_323_045_678;
pub const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:123456789012:campaign/shop";
pub const GROUP: &str = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop";

pub struct Server {
    pub router: Router,
    pub state: Arc<HttpState>,
    pub ctx: Ctx,
    pub serving: Arc<Serving>,
    pub readiness: Readiness,
    pub admission: Arc<Admission>,
}

/// The settings that a test may change.
pub type Options = RecommendationsConfig;

pub fn server() -> Server {
    server_with(Options::default())
}

pub fn server_with(options: Options) -> Server {
    server_admitting(options, AdmissionLimits::default())
}

pub fn server_admitting(options: Options, limits: AdmissionLimits) -> Server {
    server_made(options, limits, ListenerConfig::default())
}

/// A server behind a listener that only this machine reaches.
pub fn server_on_loopback(options: Options) -> Server {
    let browsers = BrowserPolicy::for_loopback(&["rec.example.com".into()], &["https://shop.example".into()]).unwrap();
    server_made(options, AdmissionLimits::default(), ListenerConfig { browsers, ..ListenerConfig::default() })
}

/// A server with pages of a console.
pub fn server_with_console(base_path: &str, pages: Router) -> Server {
    let server = server_with(Options::default());
    let mount = ConsoleMount { base_path: base_path.to_owned(), pages };
    Server { router: router_with_console(server.state.clone(), mount), ..server }
}

pub fn server_made(options: Options, limits: AdmissionLimits, listener: ListenerConfig) -> Server {
    server_of(options, limits, listener, KeyRates::default())
}

/// A server whose access keys have rates.
pub fn server_with_key_rates(rates: KeyRates) -> Server {
    server_of(Options::default(), AdmissionLimits::default(), ListenerConfig::default(), rates)
}

fn server_of(options: Options, limits: AdmissionLimits, listener: ListenerConfig, rates: KeyRates) -> Server {
    let serving = Arc::new(Serving::new());
    let hooks = ServingHooks::of(&serving);
    let stores = Stores::in_memory();
    let identities = Arc::new(Identities::new([(KEY.to_owned(), SECRET.to_owned())]));
    let s3 = tastemaker_http::S3Endpoint::new(tastemaker_s3::service(tastemaker_s3::S3Config {
        records: stores.records.clone(),
        blobs: stores.blobs.clone(),
        region: REGION.into(),
        credentials: {
            let identities = identities.clone();
            Arc::new(move |key| identities.secret(key, NOW_MS))
        },
        host_domains: Vec::new(),
        clock: Arc::new(now),
    }));
    let ctx = Ctx {
        stores,
        clock: Arc::new(|| NOW_MS),
        account: ACCOUNT.into(),
        observe: hooks.observe,
        recall: hooks.recall,
        filters_changed: hooks.filters_changed,
        quotas: Default::default(),
        deploy_wait: Duration::ZERO,
        tracker_cache: Arc::default(),
        odd_event_times: Arc::default(),
        parameter_key: Arc::new(ParameterKey::random()),
    };
    let readiness = Readiness::default();
    readiness.set(true);
    let admission = Arc::new(Admission::new(limits));
    let state = Arc::new(HttpState {
        service: ctx.clone(),
        serving: serving.clone(),
        admission: admission.clone(),
        s3,
        identities: identities.clone(),
        keys: Arc::new(KeyTable::new(rates)),
        default_region: REGION.into(),
        recommendations: options,
        listener,
        readiness: readiness.clone(),
        traffic: Arc::default(),
        inspect: None,
        recommendation_ids: Default::default(),
        catch_up: None,
        metrics: observability::detached_recorder(),
    });
    Server { router: router(state.clone()), state, ctx, serving, readiness, admission }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(NOW_MS as u64)
}

/// An answer read whole.
pub struct Received {
    pub response: Response<()>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |v| v.to_str().expect("text"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Checks an AWS error: status, the name in header and body, a word of the message.
    pub fn is_error(&self, status: u16, name: &str, word: &str) {
        assert_eq!((self.status(), self.header("x-amzn-errortype")), (status, name), "{}", self.text());
        let body = self.json();
        assert_eq!(body["__type"], name);
        let message = body["message"].as_str().expect("a message");
        assert!(message.contains(word), "{message:?} has no {word:?}");
        assert_eq!(self.header("x-amzn-requestid").len(), 36);
    }
}

/// The key, service and time with which a request is signed.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    pub key: &'a str,
    pub secret: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub seconds_ago: u64,
    /// The session token of temporary credentials.
    pub token: Option<&'a str>,
}

pub const SIGNER: Signer<'static> =
    Signer { key: KEY, secret: SECRET, service: "personalize", region: REGION, seconds_ago: 0, token: None };

impl Signer<'_> {
    pub fn sign(&self, request: Request<Vec<u8>>) -> Request<Vec<u8>> {
        let mut request = request;
        request.headers_mut().insert("host", "localhost:4100".parse().expect("a host"));
        if self.service == "s3" {
            request.headers_mut().insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().expect("a value"));
        }
        let identity =
            SignerCredentials::new(self.key, self.secret, self.token.map(str::to_owned), None, "test").into();
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = aws_sigv4::http_request::PercentEncodingMode::Single;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(now() - Duration::from_secs(self.seconds_ago))
            .settings(settings)
            .build()
            .expect("complete parameters")
            .into();
        let uri = format!("http://localhost:4100{}", request.uri());
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().expect("text").to_owned()))
            .collect();
        let body = match self.service {
            "s3" => SignableBody::UnsignedPayload,
            _ => SignableBody::Bytes(request.body()),
        };
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri,
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            body,
        );
        let (instructions, _) = sign(signable.expect("signable"), &parameters).expect("signed").into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            let name = http::HeaderName::from_static(header.name());
            request.headers_mut().insert(name, header.value().parse().expect("a value"));
        }
        request
    }
}

/// An unsigned request for an operation.
pub fn operation(name: &str, body: impl Into<Vec<u8>>) -> Request<Vec<u8>> {
    let path = match name {
        "PutEvents" => "/events",
        "PutActionInteractions" => "/action-interactions",
        "PutItems" => "/items",
        "PutUsers" => "/users",
        "PutActions" => "/actions",
        "GetRecommendations" => "/recommendations",
        "GetPersonalizedRanking" => "/personalize-ranking",
        _ => "/",
    };
    let mut request = Request::post(path).header("content-type", "application/x-amz-json-1.1");
    if path == "/" {
        request = request.header("x-amz-target", format!("AmazonPersonalize.{name}"));
    }
    request.body(body.into()).expect("a request")
}

impl Server {
    pub async fn send(&self, request: Request<Vec<u8>>) -> Received {
        let response = self.router.clone().oneshot(request.map(Body::from)).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes().to_vec();
        Received { response: Response::from_parts(parts, ()), body }
    }

    pub async fn get(&self, uri: &str) -> Received {
        self.send(Request::get(uri).body(Vec::new()).expect("a request")).await
    }

    pub async fn get_with(&self, uri: &str, name: &'static str, value: &str) -> Received {
        self.send(Request::get(uri).header(name, value).body(Vec::new()).expect("a request")).await
    }

    pub async fn call(&self, name: &str, body: Value) -> Received {
        self.send(SIGNER.sign(operation(name, body.to_string()))).await
    }

    /// Changes a record behind the server's back, as a finished job does.
    pub async fn change<R: Record>(&self, arn: &str, change: impl FnOnce(&mut R)) {
        let (_, mut record) =
            records::load::<R>(&*self.ctx.stores.records, arn).await.expect("readable").expect("present");
        change(&mut record);
        let write = records::put(&record).expect("writable");
        self.ctx.stores.records.commit(Vec::new(), vec![write]).await.expect("committed");
    }

    /// Publishes a model of five items that recommends the successor of the user's last item.
    pub fn publish(&self, campaign_arn: &str, personal: bool, metadata_enabled: bool) {
        let recipe = if personal { &catalog::AWS_USER_PERSONALIZATION } else { &catalog::AWS_POPULARITY_COUNT };
        self.publish_model(campaign_arn, recipe, Arc::new(Successor), metadata_enabled);
    }

    /// Publishes a model of the same five items; who is unknown gets those of [`Successor`].
    pub fn publish_model(
        &self,
        campaign_arn: &str,
        recipe: &'static RecipeDescriptor,
        scorer: Arc<dyn Scorer>,
        metadata_enabled: bool,
    ) {
        self.publish_parts(campaign_arn, recipe, scorer, |parts| parts.metadata_enabled = metadata_enabled);
    }

    /// Publishes a model of the same five items of which the test changes more.
    pub fn publish_parts(
        &self,
        campaign_arn: &str,
        recipe: &'static RecipeDescriptor,
        scorer: Arc<dyn Scorer>,
        change: impl FnOnce(&mut SnapshotParts),
    ) {
        let mut items = IdMap::default();
        for id in ["i0", "i1", "i/2", "i3", "i4"] {
            items.insert(id);
        }
        let mut users = IdMap::default();
        users.insert("known");
        let events = HistoryColumns { items: vec![0, 1], times: vec![1, 2], event_types: vec![0, 0] };
        let histories = TrainingHistories::new(users, vec![0, 2], events).expect("consistent");
        let text = || Column::Text(Vec::new());
        let columns = vec![("NAME".into(), text()), ("PRICE".into(), text()), ("PRODUCT_URL".into(), text())];
        let mut table = TableBuilder::new(columns);
        let word = |text: &str| Some(Cell::Text(text.into()));
        table.set("i/2", [word("Lamp"), word("39.90"), word("http://productpage.com/product/i2")]);
        table.set("i3", [word("Vase \"blue\" <ä>"), word("5"), None]);
        let mut parts = SnapshotParts {
            dataset_group_arn: GROUP.into(),
            solution_version_arn: "v".into(),
            recipe,
            scorer,
            popular: Arc::new(Successor),
            items: items.into(),
            event_types: Arc::default(),
            histories: histories.into(),
            impressions: Arc::default(),
            counted_types: Vec::new(),
            metadata_enabled: false,
            exploration: None,
            cold_start: None,
            user_vector_encoder: None,
            trend_interval_s: None,
            influence: [0.0; 2],
        };
        change(&mut parts);
        self.serving.campaigns.publish(campaign_arn, Snapshot::new(parts).expect("consistent"));
        self.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
    }
}

pub fn arn(resource: &str) -> String {
    format!("arn:aws:personalize:{REGION}:{ACCOUNT}:{resource}")
}

pub fn clicks() -> String {
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let fields = [field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")];
    json!({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema",
        "fields": fields, "version": "1.0"})
    .to_string()
}

/// Group, schema and dataset.
pub async fn with_dataset(server: &Server) {
    for (operation, body) in [
        ("CreateDatasetGroup", json!({"name": "shop"})),
        ("CreateSchema", json!({"name": "clicks", "schema": clicks()})),
        (
            "CreateDataset",
            json!({"name": "clicks", "datasetGroupArn": arn("dataset-group/shop"), "schemaArn": arn("schema/clicks"),
                "datasetType": "Interactions"}),
        ),
    ] {
        let answer = server.call(operation, body).await;
        assert_eq!(answer.status(), 200, "{operation}: {}", answer.text());
    }
}

/// Recommends the successor of the user's last item.
pub struct Successor;

impl Scorer for Successor {
    fn item_count(&self) -> usize {
        5
    }

    fn start(&self) -> UserState {
        UserState::new(Box::new([0.0]))
    }

    fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
        state.hidden[0] = event.item.0 as f32 + 1.0;
        state.events += 1;
    }

    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }

    fn top_k(
        &self,
        state: &UserState,
        _: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        _: &mut Scratch,
    ) -> Ranked {
        let first = state.hidden[0] as u32;
        let ranked = (0..5).map(|n| (ItemIx((first + n) % 5), -(n as f32)));
        let items = ranked.filter(|(item, _)| allowed.is_none_or(|set| set.get(*item))).take(k).collect();
        Ranked { items, log_partition: 1.0 }
    }

    fn logits_of(&self, state: &UserState, _: &ScoringContext, items: &[ItemIx], _: &mut Scratch) -> Vec<f32> {
        let first = state.hidden[0] as u32;
        items.iter().map(|item| -(((item.0 + 5 - first) % 5) as f32)).collect()
    }

    fn has_probabilities(&self) -> bool {
        true
    }
}

/// Takes so long, or panics.
pub struct Trouble(pub Option<Duration>);

impl Scorer for Trouble {
    fn item_count(&self) -> usize {
        5
    }

    fn start(&self) -> UserState {
        Successor.start()
    }

    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        Successor.observe(state, event, scratch);
    }

    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }

    fn logits_of(&self, _: &UserState, _: &ScoringContext, items: &[ItemIx], _: &mut Scratch) -> Vec<f32> {
        self.suffer();
        vec![0.0; items.len()]
    }

    fn top_k(
        &self,
        state: &UserState,
        ask: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        self.suffer();
        Successor.top_k(state, ask, k, allowed, scratch)
    }

    fn has_probabilities(&self) -> bool {
        true
    }
}

impl Trouble {
    fn suffer(&self) {
        match self.0 {
            Some(time) => std::thread::sleep(time),
            None => panic!("a secret detail"),
        }
    }
}
