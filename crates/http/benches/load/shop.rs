//! A shop with as many items as wanted, a served campaign, filters, and clients in numbers.

use crate::client::{Client, KEY, SECRET};
use crate::{Outcome, Times};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tastemaker_data::table::Value as Cell;
use tastemaker_data::{Column, IdMap, ItemIx, TableBuilder};
use tastemaker_domain::recommendation::{FilterUse, RecommendationQuery};
use tastemaker_domain::resource::Streamed;
use tastemaker_domain::schema::DatasetType;
use tastemaker_http::{Credentials, HttpState, Readiness, RecommendationsConfig, router, serve};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::networks::gru::{GruConfig, GruModel, train};
use tastemaker_learn::networks::{SoftmaxMode, TrainerConfig};
use tastemaker_learn::{Cancel, Event, Sequences, TrainContext};
use tastemaker_service::Ctx;
use tastemaker_serving::{HistoryColumns, Serving, Snapshot, SnapshotParts, TrainingHistories};
use tastemaker_store::{Events, MemoryBlobs, MemoryWakeups, Records, Stores};

pub const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:123456789012:campaign/shop";
pub const GROUP: &str = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop";
/// A third of the items, and nothing that the user bought.
pub const FILTER: &str = "arn:aws:personalize:eu-west-1:123456789012:filter/shop";
const EXPRESSION: &str = "INCLUDE ItemID WHERE Items.CATEGORY IN (\"c0\", \"c1\", \"c2\") \
     | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Purchase\")";
pub const HIDDEN: usize = 64;
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
pub fn model(items: usize) -> Outcome<Arc<GruModel>> {
    let events: Vec<u32> = (0..EVENTS).map(|i| item(i, items)).collect();
    let sequences = Sequences { offsets: &[0, EVENTS], items: &events, weights: &[] };
    let usual = GruConfig::default();
    let training = TrainerConfig { epochs_max: 0, softmax: SoftmaxMode::Sampled, ..usual.training };
    let config = GruConfig { items, hidden: HIDDEN, training, ..usual };
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| () };
    Ok(Arc::new(train(&config, &sequences, None, None, &ctx)?.model))
}

/// A recommender with the campaign, the Items table and the filter; one event in ten of each user is a purchase.
pub fn serving(model: Arc<GruModel>, items: usize) -> Outcome<Arc<Serving>> {
    let mut ids = IdMap::default();
    (0..items).for_each(|item| _ = ids.insert(&format!("item-{item}")));
    let mut users = IdMap::default();
    (0..USERS).for_each(|user| _ = users.insert(&user_id(user)));
    let mut event_types = IdMap::default();
    ["", "View", "Purchase"].into_iter().for_each(|name| _ = event_types.insert(name));
    let events = HistoryColumns {
        items: (0..USERS).flat_map(|user| history(user, items)).map(|event| event.item.0).collect(),
        times: vec![0; USERS * EVENTS],
        event_types: (0..USERS * EVENTS).map(|n| if n % 10 == 0 { 2 } else { 1 }).collect(),
    };
    let mut table = TableBuilder::new(vec![
        ("CATEGORY".to_owned(), Column::Text(Vec::new())),
        ("PRICE".to_owned(), Column::Number(Vec::new())),
    ]);
    for item in 0..items {
        let category = Cell::Text(format!("c{}", item % 9).into());
        table.set(&format!("item-{item}"), [Some(category), Some(Cell::Number(item as f64))]);
    }
    let parts = SnapshotParts {
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "bench".into(),
        recipe: &tastemaker_domain::catalog::AWS_USER_PERSONALIZATION,
        scorer: model,
        popular: Arc::new(PopularityModel::from_counts(vec![1.0; items])?),
        items: ids,
        event_types,
        histories: TrainingHistories::new(users, (0..=USERS).map(|user| user * EVENTS).collect(), events)
            .ok_or("the histories do not fit")?,
        impressions: Vec::new(),
        counted_types: Vec::new(),
        metadata_enabled: false,
        exploration: None,
        user_vector_encoder: None,
        trend_interval_s: None,
        influence: [0.0; 2],
    };
    let serving = Arc::new(Serving::new());
    serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
    serving.filters.publish(GROUP, FILTER, tastemaker_filter::parse(EXPRESSION)?);
    serving.campaigns.publish(CAMPAIGN, Snapshot::new(parts)?);
    Ok(serving)
}

pub fn query(user: usize, filtered: bool) -> RecommendationQuery {
    RecommendationQuery {
        campaign_arn: CAMPAIGN.into(),
        user_id: Some(user_id(user)),
        num_results: RESULTS,
        filter: filtered.then(|| FilterUse { arn: FILTER.into(), values: Default::default() }),
        ..RecommendationQuery::default()
    }
}

/// The product's router and listener over `serving` and `events`, on runtime threads of their own.
pub fn listen(
    runtime: &tokio::runtime::Runtime,
    serving: Arc<Serving>,
    (records, events): (Arc<dyn Records>, Arc<dyn Events>),
    metrics: &PrometheusHandle,
) -> Outcome<SocketAddr> {
    let blobs = Arc::new(MemoryBlobs::new());
    let s3 = tastemaker_http::S3Endpoint::new(tastemaker_s3::service(tastemaker_s3::S3Config {
        records: records.clone(),
        blobs: blobs.clone(),
        region: "eu-west-1".into(),
        credentials: Arc::new(|_| None),
        host_domains: Vec::new(),
        clock: Arc::new(SystemTime::now),
    }));
    let (observer, answered) = (serving.clone(), serving.clone());
    let service = Ctx {
        stores: Stores { records, events, blobs, wakeups: Arc::new(MemoryWakeups::new()) },
        clock: Arc::new(now_ms),
        account: "123456789012".into(),
        observe: Arc::new(move |group: &str, streamed: Streamed<'_>| observer.ingest(group, streamed)),
        recall: Arc::new(move |id| {
            answered
                .impressions
                .recall(id)
                .map(|s| s.item_ids.into_iter().map(String::from).collect())
                .unwrap_or_default()
        }),
        filters_changed: Arc::new(|_| {}),
        quotas: Default::default(),
        deploy_wait: Duration::ZERO,
        tracker_cache: Arc::default(),
    };
    let readiness = Readiness::default();
    readiness.set(true);
    let state = HttpState {
        service,
        serving,
        admission: Arc::default(),
        s3,
        credentials: Credentials::new([(KEY.to_owned(), SECRET.to_owned())]),
        default_region: "eu-west-1".into(),
        recommendations: RecommendationsConfig { cache: Duration::ZERO, ..RecommendationsConfig::default() },
        readiness,
        metrics: metrics.clone(),
    };
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(serve(listener, router(state), std::future::pending()));
    Ok(address)
}

fn now_ms() -> i64 {
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

/// What clients found.
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    pub times: Times,
}

/// Puts the calling thread before the server's threads wherever the system allows it (root), so that a client sends when it is due
/// and reads when its answer is there, as it would on a machine of its own. A nice value would not do: the scheduler lets a thread
/// that computes finish its slice of some milliseconds.
fn ahead_of_the_server() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes numbers only; 0 is the calling thread.
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_RR, &libc::sched_param { sched_priority: 1 });
    }
}

/// `clients` threads that send `requests` in turn. Each sends its next one when it is due: `every` apart over all clients, or at
/// once if `every` is zero.
pub fn load(
    address: SocketAddr,
    clients: usize,
    requests: &[Vec<u8>],
    every: Duration,
    lasts: Duration,
) -> Outcome<Load> {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let work = || -> Outcome<Vec<Duration>> {
        ahead_of_the_server();
        let mut client = Client::new(address)?;
        let mut times = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let due = began + every.mul_f64(n as f64);
            let now = Instant::now();
            if now.max(due) >= began + lasts {
                return Ok(times);
            }
            std::thread::sleep(due.saturating_duration_since(now));
            client.send(&requests[n % requests.len()])?;
            times.push(if every.is_zero() { now.elapsed() } else { due.elapsed() });
        }
    };
    let all: Vec<Outcome<Vec<Duration>>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".into()))).collect()
    });
    let mut times = Vec::new();
    for client in all {
        times.extend(client?);
    }
    Ok(Load { rate: times.len() as f64 / began.elapsed().as_secs_f64(), times: Times::new(times) })
}
