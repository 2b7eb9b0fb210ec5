//! `cargo bench -p tastemaker-http`: recommendations over a socket against the same work without one.
//!
//! 50,000 items, histories of 50 events, lists of 25, one keep-alive client. The rows take turns in rounds, so that
//! other load on the machine falls on all of them alike.

mod client;

use client::Client;
use serde_json::{Value, json};
use std::error::Error;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tastemaker_data::{IdMap, ItemIx};
use tastemaker_domain::Status;
use tastemaker_domain::recommendation::RecommendationQuery;
use tastemaker_domain::resource::Campaign;
use tastemaker_http::{Credentials, HttpState, Readiness, RecommendationsConfig, observability, router, serve};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::networks::gru::{GruConfig, GruModel, train};
use tastemaker_learn::networks::{SoftmaxMode, TrainerConfig};
use tastemaker_learn::{Cancel, Event, Scorer, ScoringContext, Scratch, Sequences, TrainContext};
use tastemaker_service::Ctx;
use tastemaker_serving::{HistoryColumns, Serving, Snapshot, SnapshotParts, TrainingHistories};
use tastemaker_store::{Stores, records};

/// The allocator of the product's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ITEMS: usize = 50_000;
const EVENTS: usize = 50;
const RESULTS: usize = 25;
const ROUNDS: usize = 10;
/// Requests of each row in a round.
const REQUESTS: usize = 200;
const USERS: usize = ROUNDS * REQUESTS;
const BASE: &str = "encode + scan in process";

const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:123456789012:campaign/shop";
const GROUP: &str = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop";
const SCHEMA: &str = "arn:aws:personalize:eu-west-1:123456789012:schema/clicks";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let metrics = observability::install_recorder()?;
    for hidden in [64, 149] {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let bench = Bench::start(&runtime, model(hidden)?, metrics.clone())?;
        println!("\nhidden {hidden}, {ITEMS} items, {USERS} requests a row, microseconds");
        bench.run()?.print();
        runtime.shutdown_background();
    }
    Ok(())
}

/// A fixed scramble of `i` into the catalog.
fn item(i: usize) -> u32 {
    ((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % ITEMS as u32
}

fn history(user: usize) -> Vec<Event> {
    (0..EVENTS).map(|event| Event::new(ItemIx(item(user * EVENTS + event)), 0)).collect()
}

fn user_id(user: usize) -> String {
    format!("user-{user}")
}

/// Random weights: the time does not depend on their values.
fn model(hidden: usize) -> Outcome<GruModel> {
    let events: Vec<u32> = (0..EVENTS).map(item).collect();
    let sequences = Sequences { offsets: &[0, EVENTS], items: &events, weights: &[] };
    let usual = GruConfig::default();
    let training = TrainerConfig { epochs_max: 0, softmax: SoftmaxMode::Sampled, ..usual.training };
    let config = GruConfig { items: ITEMS, hidden, training, ..usual };
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| () };
    Ok(train(&config, &sequences, None, None, &ctx)?.model)
}

fn snapshot(model: Arc<GruModel>) -> Outcome<Snapshot> {
    let mut items = IdMap::default();
    for item in 0..ITEMS {
        items.insert(&format!("item-{item}"));
    }
    let mut users = IdMap::default();
    for user in 0..USERS {
        users.insert(&user_id(user));
    }
    let offsets = (0..=USERS).map(|user| user * EVENTS).collect();
    let events = HistoryColumns {
        items: (0..USERS).flat_map(history).map(|event| event.item.0).collect(),
        times: vec![0; USERS * EVENTS],
        event_types: vec![0; USERS * EVENTS],
    };
    let parts = SnapshotParts {
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "bench".into(),
        recipe: &tastemaker_domain::catalog::AWS_USER_PERSONALIZATION,
        scorer: model,
        popular: Arc::new(PopularityModel::from_counts(vec![1.0; ITEMS])?),
        items,
        event_types: IdMap::default(),
        histories: TrainingHistories::new(users, offsets, events).ok_or("the histories do not fit")?,
        impressions: Vec::new(),
        counted_types: Vec::new(),
        metadata_enabled: false,
        exploration: None,
        user_vector_encoder: None,
        trend_interval_s: None,
        influence: [0.0; 2],
    };
    Ok(Snapshot::new(parts)?)
}

fn campaign() -> Campaign {
    Campaign {
        name: "shop".into(),
        arn: CAMPAIGN.into(),
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "bench".into(),
        min_provisioned_tps: 1,
        config: None,
        status: Status::Active,
        failure_reason: None,
        latest_update: None,
        created_ms: 0,
        updated_ms: 0,
    }
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The server, and a second recommender with its own cache for the rows without HTTP.
struct Bench {
    model: Arc<GruModel>,
    serving: Arc<Serving>,
    inside: Serving,
    address: SocketAddr,
}

impl Bench {
    fn start(
        runtime: &tokio::runtime::Runtime,
        model: GruModel,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
    ) -> Outcome<Self> {
        let (model, serving, inside) = (Arc::new(model), Arc::new(Serving::new()), Serving::new());
        let (observer, answered) = (serving.clone(), serving.clone());
        let stores = Stores::in_memory();
        let records = stores.records.clone();
        let s3 = tastemaker_http::S3Endpoint::new(tastemaker_s3::service(tastemaker_s3::S3Config {
            records: records.clone(),
            blobs: stores.blobs.clone(),
            region: "eu-west-1".into(),
            credentials: Arc::new(|_| None),
            host_domains: Vec::new(),
            clock: Arc::new(SystemTime::now),
        }));
        let service = Ctx {
            stores,
            clock: Arc::new(now_ms),
            account: "123456789012".into(),
            observe: Arc::new(move |group, streamed| observer.ingest(group, streamed)),
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
            serving: serving.clone(),
            admission: Arc::default(),
            s3,
            credentials: Credentials::new([(client::KEY.to_owned(), client::SECRET.to_owned())]),
            default_region: "eu-west-1".into(),
            recommendations: RecommendationsConfig { cache: Duration::ZERO, ..RecommendationsConfig::default() },
            readiness,
            metrics,
        };
        let write = records::put(&campaign())?;
        let listener = runtime.block_on(async {
            records.commit(Vec::new(), vec![write]).await?;
            Ok::<_, Box<dyn Error>>(tokio::net::TcpListener::bind("127.0.0.1:0").await?)
        })?;
        let address = listener.local_addr()?;
        runtime.spawn(serve(listener, router(state), std::future::pending()));
        Ok(Self { model, serving, inside, address })
    }

    /// Starts both recommenders without any encoded user.
    fn publish(&self) -> Outcome<()> {
        self.serving.campaigns.publish(CAMPAIGN, snapshot(self.model.clone())?);
        self.inside.campaigns.publish(CAMPAIGN, snapshot(self.model.clone())?);
        Ok(())
    }

    fn run(&self) -> Outcome<Times> {
        let mut client = Client::new(self.address)?;
        let ask = |user| json!({"campaignArn": CAMPAIGN, "userId": user_id(user), "numResults": RESULTS});
        let post: Vec<_> =
            (0..USERS).map(|user| client.signed("/recommendations", "", &ask(user))).collect::<Outcome<_>>()?;
        let head = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").into_bytes();
        let get: Vec<_> =
            (0..USERS).map(|user| head(&format!("/recommendations?user_id=user-{user}&n={RESULTS}"))).collect();
        let health = head("/health");
        let mut scratch = Scratch::default();

        self.publish()?;
        for user in 0..REQUESTS {
            client.send(&post[user])?;
            client.send(&get[user])?;
            client.send(&health)?;
            self.encode_and_scan(user, &mut scratch);
            self.recommend(user)?;
        }
        self.publish()?;
        let mut table = Times::default();
        for round in 0..ROUNDS {
            let users = || round * REQUESTS..(round + 1) * REQUESTS;
            for user in users() {
                table.time(BASE, || {
                    self.encode_and_scan(user, &mut scratch);
                    Ok(())
                })?;
            }
            for row in ["Serving::recommend, user's first", "Serving::recommend, later"] {
                for user in users() {
                    table.time(row, || self.recommend(user))?;
                }
            }
            for row in ["POST /recommendations, user's first", "POST /recommendations, later"] {
                for user in users() {
                    table.time(row, || client.send(&post[user]).map(|_| ()))?;
                }
            }
            for user in users() {
                table.time("GET /recommendations, later", || client.send(&get[user]).map(|_| ()))?;
            }
            for _ in users() {
                table.time("GET /health", || client.send(&health).map(|_| ()))?;
            }
        }
        self.events(&mut client, &post, &mut table)?;
        Ok(table)
    }

    /// A streamed event of each user and the list after it, which must be the one that the model gives with it.
    fn events(&self, client: &mut Client, post: &[Vec<u8>], table: &mut Times) -> Outcome<()> {
        let mut call = |operation: &str, body: Value| -> Outcome<Value> {
            let target = format!("x-amz-target: AmazonPersonalize.{operation}\r\n");
            let request = client.signed("/", &target, &body)?;
            Ok(serde_json::from_slice(client.send(&request)?)?)
        };
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema",
            "fields": [field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")],
            "version": "1.0"});
        call("CreateDatasetGroup", json!({"name": "shop"}))?;
        call("CreateSchema", json!({"name": "clicks", "schema": schema.to_string()}))?;
        call(
            "CreateDataset",
            json!({"name": "clicks", "datasetGroupArn": GROUP, "schemaArn": SCHEMA, "datasetType": "Interactions"}),
        )?;
        let tracker = call("CreateEventTracker", json!({"name": "t", "datasetGroupArn": GROUP}))?;
        let mut scratch = Scratch::default();
        for (user, ask) in post.iter().enumerate() {
            let new = item(USERS * EVENTS + user);
            let event = json!({"trackingId": tracker["trackingId"], "userId": user_id(user), "sessionId": "s",
                "eventList": [{"eventType": "View", "itemId": format!("item-{new}"), "sentAt": now_ms() / 1000}]});
            let put = client.signed("/events", "", &event)?;
            table.time("PutEvents, one event", || client.send(&put).map(|_| ()))?;
            let list = table.time("POST /recommendations after it", || client.send(ask).map(<[u8]>::to_vec))?;
            let list: Value = serde_json::from_slice(&list)?;
            let listed = list["itemList"].as_array().ok_or("no itemList")?;
            let events: Vec<_> = history(user).into_iter().chain([Event::new(ItemIx(new), 0)]).collect();
            let state = self.model.encode(&events, &mut scratch);
            let expected = self.model.top_k(&state, &ScoringContext::default(), RESULTS, None, &mut scratch).items;
            let same = expected.iter().zip(listed).all(|((item, _), l)| l["itemId"] == format!("item-{}", item.0));
            if listed.len() != RESULTS || !same {
                return Err(format!("the list of user-{user} is not the one after its event").into());
            }
        }
        Ok(())
    }

    fn encode_and_scan(&self, user: usize, scratch: &mut Scratch) {
        let history = history(user);
        let state = self.model.encode(&history, scratch);
        black_box(self.model.top_k(&state, &ScoringContext::default(), RESULTS, None, scratch));
    }

    fn recommend(&self, user: usize) -> Outcome<()> {
        let query = RecommendationQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: Some(user_id(user)),
            num_results: RESULTS,
            metadata_columns: Vec::new(),
            ..RecommendationQuery::default()
        };
        black_box(self.inside.snapshot(CAMPAIGN)?.recommend(&query)?);
        Ok(())
    }
}

/// Measured times by row, in the order of the first measurement.
#[derive(Default)]
struct Times(Vec<(String, Vec<Duration>)>);

impl Times {
    fn time<T>(&mut self, row: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let began = Instant::now();
        let result = work();
        let took = began.elapsed();
        match self.0.iter_mut().find(|(name, _)| name == row) {
            Some((_, times)) => times.push(took),
            None => self.0.push((row.to_owned(), vec![took])),
        }
        result
    }

    fn print(mut self) {
        self.0.iter_mut().for_each(|(_, times)| times.sort_unstable());
        let at = |times: &[Duration], percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
        let base = self.0.iter().find(|(name, _)| name == BASE).map_or(f64::NAN, |(_, times)| at(times, 50));
        println!("| | p50 | p90 | p99 | p50 ratio |\n|---|---|---|---|---|");
        for (name, times) in &self.0 {
            let [p50, p90, p99] = [50, 90, 99].map(|percent| at(times, percent));
            println!("| {name} | {p50:.0} | {p90:.0} | {p99:.0} | {:.2} |", p50 / base);
        }
    }
}
