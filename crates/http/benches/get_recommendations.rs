//! `cargo bench -p tastemaker-http`: recommendations over a socket against the same work without one.
//!
//! 50,000 items, histories of 50 events, lists of 25, one keep-alive client. The rows take turns in rounds, so that
//! other load on the machine falls on all of them alike.

mod client;
mod server;

use client::Client;
use serde_json::{Value, json};
use server::{
    CAMPAIGN, EVENTS, GROUP, RESULTS, USERS, history, item, listen, model, now_ms, snapshot, tracking_id, user_id,
};
use std::error::Error;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_data::ItemIx;
use tastemaker_domain::Status;
use tastemaker_domain::recommendation::RecommendationQuery;
use tastemaker_domain::resource::Campaign;
use tastemaker_http::observability;
use tastemaker_learn::networks::gru::GruModel;
use tastemaker_learn::{Event, Scorer, ScoringContext, Scratch};
use tastemaker_serving::Serving;
use tastemaker_store::{Stores, records};

/// The allocator of the product's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ITEMS: usize = 50_000;
const ROUNDS: usize = 10;
/// Requests of each row in a round, each for another user.
const REQUESTS: usize = USERS / ROUNDS;
const BASE: &str = "encode + scan in process";

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let metrics = observability::install_recorder()?;
    for hidden in [64, 149] {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let bench = Bench::start(&runtime, model(ITEMS, hidden)?, &metrics)?;
        println!("\nhidden {hidden}, {ITEMS} items, {USERS} requests a row, microseconds");
        bench.run()?.print();
        runtime.shutdown_background();
    }
    Ok(())
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
        model: Arc<GruModel>,
        metrics: &metrics_exporter_prometheus::PrometheusHandle,
    ) -> Outcome<Self> {
        let (serving, inside, stores) = (Arc::new(Serving::new()), Serving::new(), Stores::in_memory());
        let write = records::put(&campaign())?;
        runtime.block_on(stores.records.commit(Vec::new(), vec![write]))?;
        let address = listen(runtime, serving.clone(), stores, metrics)?;
        Ok(Self { model, serving, inside, address })
    }

    /// Starts both recommenders without any encoded user.
    fn publish(&self) -> Outcome<()> {
        self.serving.campaigns.publish(CAMPAIGN, snapshot(self.model.clone(), ITEMS, &[], |_| 0)?);
        self.inside.campaigns.publish(CAMPAIGN, snapshot(self.model.clone(), ITEMS, &[], |_| 0)?);
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
        let tracking_id = tracking_id(self.address)?;
        let mut scratch = Scratch::default();
        for (user, ask) in post.iter().enumerate() {
            let new = item(USERS * EVENTS + user, ITEMS);
            let event = json!({"trackingId": tracking_id, "userId": user_id(user), "sessionId": "s",
                "eventList": [{"eventType": "View", "itemId": format!("item-{new}"), "sentAt": now_ms() / 1000}]});
            let put = client.signed("/events", "", &event)?;
            table.time("PutEvents, one event", || client.send(&put).map(|_| ()))?;
            let list = table.time("POST /recommendations after it", || client.send(ask).map(<[u8]>::to_vec))?;
            let list: Value = serde_json::from_slice(&list)?;
            let listed = list["itemList"].as_array().ok_or("no itemList")?;
            let events: Vec<_> = history(user, ITEMS).into_iter().chain([Event::new(ItemIx(new), 0)]).collect();
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
        let history = history(user, ITEMS);
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
