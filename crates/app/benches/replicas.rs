//! `cargo bench -p tastemaker --bench replicas`: GetRecommendations by one process with SQLite, and by two processes on one PostgreSQL,
//! of which one takes events and the other is asked at once.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/server/mod.rs"]
#[allow(dead_code)]
mod server;

use serde_json::json;
use server::Server;
use server::caller::Line;
use server::shop::{Client, Shop};
use std::time::{Duration, Instant};
use tastemaker_testkit::postgres::Postgres;

const ROUNDS: usize = 1_000;

fn main() {
    let Some(database) = Postgres::start(&[]) else { return };
    let embedded = Server::start_with(&[("TASTEMAKER_TRAINING_THREADS", "1")]);
    let url = database.database();
    let blobs = tempfile::tempdir().expect("a directory");
    let blobs = format!("file://{}", blobs.path().display());
    let start = |role: &str, wait_ms: &str| {
        Server::start_with(&[
            ("TASTEMAKER_STORE__RECORDS", &url),
            ("TASTEMAKER_STORE__EVENTS", &url),
            ("TASTEMAKER_STORE__BLOBS", &blobs),
            ("TASTEMAKER_ROLE", role),
            ("TASTEMAKER_TRAINING_THREADS", "1"),
            ("TASTEMAKER_SERVING__READ_YOUR_WRITES_MS", wait_ms),
        ])
    };
    let (one, two, hasty) = (start("all", "50"), start("serving", "50"), start("serving", "0"));
    println!(
        "| list by | right after a click | p50 | p99 | lists with the click | p50 beside SQLite |\n|---|---|---|---|---|---|"
    );
    let (shop, campaign) = shop(&embedded);
    let alone =
        Asked { shop: &shop, campaign: &campaign, takes: &Client::of(&embedded), asked: &Client::of(&embedded) };
    let base = alone.lists("one process, SQLite", None);
    alone.clicks("one process, SQLite", base);
    let (shop, campaign) = self::shop(&one);
    let takes = Client::of(&one);
    for (name, server) in
        [("the process that took it", &one), ("the other", &two), ("the other, which does not wait", &hasty)]
    {
        let asked = Client::of(server);
        while asked.recommended(&shop, &campaign, "u1").is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let replicas = Asked { shop: &shop, campaign: &campaign, takes: &takes, asked: &asked };
        replicas.lists(name, Some(base));
        replicas.clicks(name, base);
    }
}

/// A shop with a campaign on a server.
fn shop(server: &Server) -> (Shop, String) {
    let client = Client::of(server);
    let shop = Shop::open(&client);
    let version = client.training(&shop, "aws-popularity-count");
    client.trained(&version);
    let campaign = client.campaign("c", &version);
    (shop, campaign)
}

struct Asked<'a> {
    shop: &'a Shop,
    campaign: &'a str,
    takes: &'a Client,
    asked: &'a Client,
}

impl Asked<'_> {
    fn request(&self, user: &str) -> Vec<u8> {
        let input =
            json!({"campaignArn": self.campaign, "userId": user, "numResults": 40, "filterArn": self.shop.filter});
        self.asked.0.post("/recommendations", &input)
    }

    /// Lists without anything before them; their median.
    fn lists(&self, name: &str, base: Option<Duration>) -> Duration {
        let mut line = Line::connect(&self.asked.0.address).expect("it listens");
        let times = (0..ROUNDS).map(|n| {
            let request = self.request(&format!("u{}", n % 60));
            let began = Instant::now();
            line.call(&request);
            began.elapsed()
        });
        print(name, "no", times.collect(), "", base)
    }

    /// Lists right after an event of their user.
    fn clicks(&self, name: &str, base: Duration) {
        let mut line = Line::connect(&self.asked.0.address).expect("it listens");
        let mut with_click = 0;
        let times = (0..ROUNDS).map(|n| {
            let user = format!("{name}-{n}");
            let request = self.request(&user);
            self.takes.put(self.shop, &user, &user, "i1");
            let began = Instant::now();
            let answer = line.call(&request);
            let took = began.elapsed();
            let items = answer["itemList"].as_array().expect("a list");
            with_click += usize::from(!items.iter().any(|item| item["itemId"] == "i1"));
            took
        });
        let times = times.collect();
        print(name, "yes", times, &format!("{with_click} of {ROUNDS}"), Some(base));
    }
}

/// Prints a line of the table; the median.
fn print(name: &str, click: &str, mut times: Vec<Duration>, with_click: &str, base: Option<Duration>) -> Duration {
    times.sort();
    let at = |share: usize| times[times.len() * share / 100];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let ratio = at(50).as_secs_f64() / base.unwrap_or(at(50)).as_secs_f64();
    println!("| {name} | {click} | {:.2} ms | {:.2} ms | {with_click} | {ratio:.2} |", ms(at(50)), ms(at(99)));
    at(50)
}
