//! The server under measurement: a shop's users and model, the product's router on a socket.

use crate::Outcome;
use crate::client::{Client, KEY, SECRET};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_data::{IdMap, ItemIx};
use tastemaker_http::state::ServingHooks;
use tastemaker_http::{
    ConnectionLimits, HttpState, ListenerConfig, Readiness, RecommendationsConfig, S3Endpoint, router, serve,
};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::networks::gru::{GruConfig, GruModel, train};
use tastemaker_learn::networks::{SoftmaxMode, TrainerConfig};
use tastemaker_learn::{Cancel, Event, Sequences, TrainContext};
use tastemaker_service::iam::Identities;
use tastemaker_service::{Ctx, ParameterKey};
use tastemaker_serving::{HistoryColumns, Serving, Snapshot, SnapshotParts, TrainingHistories};
use tastemaker_store::Stores;

pub const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:123456789012:campaign/shop";
pub const GROUP: &str = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop";
pub const RESULTS: usize = 25;
pub const USERS: usize = 2000;
pub const EVENTS: usize = 50;

/// A fixed scramble of `i` into `0..items`.
pub fn item(i: usize, items: usize) -> u32 {
    ((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % items as u32
}

pub fn history(user: usize, items: usize) -> Vec<Event> {
    (0..EVENTS).map(|event| Event::new(ItemIx(item(user * EVENTS + event, items)), 0)).collect()
}

pub fn user_id(user: usize) -> String {
    format!("user-{user}")
}

/// Random weights: the time does not depend on their values.
pub fn model(items: usize, hidden: usize) -> Outcome<Arc<GruModel>> {
    let events: Vec<u32> = (0..EVENTS).map(|i| item(i, items)).collect();
    let sequences = Sequences { offsets: &[0, EVENTS], items: &events, weights: &[] };
    let usual = GruConfig::default();
    let training = TrainerConfig { epochs_max: 0, softmax: SoftmaxMode::Sampled, ..usual.training };
    let config = GruConfig { items, hidden, training, ..usual };
    let cancel = Cancel::new();
    let ctx = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| (),
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    Ok(Arc::new(train(&config, &sequences, None, None, &ctx)?.model))
}

/// The model with the histories of all users, whose n-th event has the type of the number `event_type(n)`.
pub fn snapshot(
    model: Arc<GruModel>,
    items: usize,
    event_types: &[&str],
    event_type: impl Fn(usize) -> u16,
) -> Outcome<Snapshot> {
    let ids = |names: Vec<String>| {
        let mut ids = IdMap::default();
        names.iter().for_each(|name| _ = ids.insert(name));
        ids
    };
    let events = HistoryColumns {
        items: (0..USERS).flat_map(|user| history(user, items)).map(|event| event.item.0).collect(),
        times: vec![0; USERS * EVENTS],
        event_types: (0..USERS * EVENTS).map(event_type).collect(),
    };
    let users = ids((0..USERS).map(user_id).collect());
    let offsets = (0..=USERS).map(|user| user * EVENTS).collect();
    Ok(Snapshot::new(SnapshotParts {
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "bench".into(),
        recipe: &tastemaker_domain::catalog::AWS_USER_PERSONALIZATION,
        scorer: model,
        popular: Arc::new(PopularityModel::from_counts(vec![1.0; items])?),
        items: ids((0..items).map(|item| format!("item-{item}")).collect()).into(),
        event_types: ids(event_types.iter().map(|name| (*name).to_owned()).collect()).into(),
        histories: TrainingHistories::new(users, offsets, events).ok_or("the histories do not fit")?.into(),
        impressions: Arc::default(),
        counted_types: Vec::new(),
        metadata_enabled: false,
        exploration: None,
        cold_start: None,
        user_vector_encoder: None,
        trend_interval_s: None,
        influence: [0.0; 2],
    })?)
}

/// The product's router and listener over `serving` and `stores`, on runtime threads of their own.
pub fn listen(
    runtime: &tokio::runtime::Runtime,
    serving: Arc<Serving>,
    stores: Stores,
    metrics: &PrometheusHandle,
) -> Outcome<SocketAddr> {
    let identities = Arc::new(Identities::new([(KEY.to_owned(), SECRET.to_owned())]));
    let s3 = S3Endpoint::new(tastemaker_s3::service(tastemaker_s3::S3Config {
        records: stores.records.clone(),
        blobs: stores.blobs.clone(),
        region: "eu-west-1".into(),
        credentials: Arc::new(|_| None),
        host_domains: Vec::new(),
        clock: Arc::new(SystemTime::now),
    }));
    let hooks = ServingHooks::of(&serving);
    let service = Ctx {
        stores,
        clock: Arc::new(now_ms),
        account: "123456789012".into(),
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
    let state = HttpState {
        service,
        serving,
        admission: Arc::default(),
        s3,
        identities,
        keys: Arc::default(),
        default_region: "eu-west-1".into(),
        recommendations: RecommendationsConfig { cache: Duration::ZERO, ..RecommendationsConfig::default() },
        listener: ListenerConfig::default(),
        readiness,
        traffic: Arc::default(),
        inspect: None,
        recommendation_ids: Default::default(),
        catch_up: None,
        metrics: metrics.clone(),
    };
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(serve(listener, router(state), ConnectionLimits::default(), Box::pin(std::future::pending())));
    Ok(address)
}

pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// Makes the group's Interactions dataset and an event tracker; its id.
pub fn tracking_id(address: SocketAddr) -> Outcome<String> {
    let mut client = Client::new(address)?;
    let mut call = |operation: &str, body: Value| -> Outcome<Value> {
        let request = client.signed("/", &format!("x-amz-target: AmazonPersonalize.{operation}\r\n"), &body)?;
        Ok(serde_json::from_slice(client.send(&request)?)?)
    };
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
        field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long"), field("EVENT_TYPE", "string")]});
    call("CreateDatasetGroup", json!({"name": "shop"}))?;
    let schema = call("CreateSchema", json!({"name": "clicks", "schema": schema.to_string()}))?["schemaArn"].clone();
    call(
        "CreateDataset",
        json!({"name": "d", "datasetGroupArn": GROUP, "schemaArn": schema, "datasetType": "Interactions"}),
    )?;
    let tracker = call("CreateEventTracker", json!({"name": "t", "datasetGroupArn": GROUP}))?;
    Ok(tracker["trackingId"].as_str().ok_or("no trackingId")?.to_owned())
}
