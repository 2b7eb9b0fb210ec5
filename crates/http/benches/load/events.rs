//! PutEvents: durable events a second against an appender that syncs the same bytes in groups, lists while they pour in,
//! and how soon an event changes its user's list.

use crate::client::Client;
use crate::processors::{Processors, keep_on};
use crate::server::{CAMPAIGN, RESULTS, USERS, item, listen, model, tracking_id, user_id};
use crate::shop::{HIDDEN, Load, load, serving};
use crate::{Outcome, Times};
use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tastemaker_backend_sql::{SqliteEvents, SqliteRecords};
use tastemaker_store::{Events, NewEvent, StoredEvent, Stores};

const ITEMS: usize = 100_000;
const CLIENTS: usize = 64;
const LASTS: Duration = Duration::from_secs(6);
/// Bytes that the log keeps of one event, about.
const EVENT_BYTES: usize = 170;

pub fn run(metrics: &PrometheusHandle, processors: Processors) -> Outcome<()> {
    let directory = tempfile::tempdir_in(".")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let events = runtime.block_on(SqliteEvents::open(directory.path().join("events.sqlite")))?;
    let records = runtime.block_on(SqliteRecords::open(directory.path().join("records.sqlite")))?;
    let stores = Stores { records: Arc::new(records), events: Arc::new(events), ..Stores::in_memory() };
    let address = listen(&runtime, serving(model(ITEMS, HIDDEN)?, ITEMS)?, stores, metrics)?;
    let without = Stores { events: Arc::new(WithoutStorage::default()), ..Stores::in_memory() };
    let without = listen(&runtime, serving(model(ITEMS, HIDDEN)?, ITEMS)?, without, metrics)?;
    let trackers = [tracking_id(address)?, tracking_id(without)?];
    println!(
        "\nPutEvents, {CLIENTS} clients, one processor\n| | events a second | p50 us | p99 us | of the slower floor |\n|---|---|---|---|---|"
    );
    for batch in [10, 1] {
        let appended = append(&mut File::create(directory.path().join("appended"))?, CLIENTS * batch)?;
        let put = |address, tracker: &String| -> Outcome<Load> {
            let requests = requests(address, tracker, batch)?;
            load(address, processors, CLIENTS, &requests, Duration::ZERO, LASTS)
        };
        let path = put(without, &trackers[1])?;
        let stored = put(address, &trackers[0])?;
        let slower = appended.min(path.rate * batch as f64);
        println!("| appender, groups of {} | {appended:.0} | | | {:.2} |", CLIENTS * batch, appended / slower);
        for (what, put) in [("the same path without storage", path), ("PutEvents", stored)] {
            let (rate, [p50, p99]) = (put.rate * batch as f64, [50.0, 99.0].map(|percent| put.times.at(percent)));
            println!("| {what}, batches of {batch} | {rate:.0} | {p50:.0} | {p99:.0} | {:.2} |", rate / slower);
        }
    }
    reading(address, processors, &trackers[0])?;
    keep_on(processors.clients);
    visible(address, &trackers[0])?;
    keep_on(processors.server);
    runtime.shutdown_background();
    Ok(())
}

/// Events that are numbered and forgotten, so that the rest of the way remains.
#[derive(Default)]
struct WithoutStorage(AtomicU64);

#[async_trait]
impl Events for WithoutStorage {
    async fn append(&self, _: &str, events: Vec<NewEvent>) -> tastemaker_store::Result<Vec<u64>> {
        let first = self.0.fetch_add(events.len() as u64, Ordering::Relaxed) + 1;
        Ok((first..first + events.len() as u64).collect())
    }

    async fn read(&self, _: &str, _: u64, _: usize) -> tastemaker_store::Result<Vec<StoredEvent>> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: &str, _: Vec<u64>) -> tastemaker_store::Result<()> {
        Ok(())
    }

    async fn delete_stream(&self, _: &str) -> tastemaker_store::Result<()> {
        Ok(())
    }
}

/// So many calls that none is sent twice.
fn requests(address: SocketAddr, tracker: &str, batch: usize) -> Outcome<Vec<Vec<u8>>> {
    let client = Client::new(address)?;
    let call = |n: usize| {
        let event = |k: usize| {
            let id = (n * batch + k) * 2 + usize::from(batch == 1);
            json!({"eventId": format!("{id:032x}"), "eventType": "View", "itemId": format!("item-{}", item(id, ITEMS)),
                "sentAt": 1_700_000_000 + id})
        };
        let body = json!({"trackingId": tracker, "sessionId": format!("s{n}"), "userId": user_id(n % USERS),
            "eventList": (0..batch).map(event).collect::<Vec<_>>()});
        client.signed("/events", "", &body)
    };
    (0..150_000).map(call).collect()
}

/// Events a second of one thread that writes groups of `group` events and syncs each.
fn append(file: &mut File, group: usize) -> Outcome<f64> {
    let bytes = vec![b'x'; group * EVENT_BYTES];
    let (began, mut written) = (Instant::now(), 0);
    while began.elapsed() < LASTS / 2 {
        file.write_all(&bytes)?;
        file.sync_data()?;
        written += group;
    }
    Ok(written as f64 / began.elapsed().as_secs_f64())
}

/// Lists at a fixed rate, alone and while events come in at a fixed rate.
fn reading(address: SocketAddr, processors: Processors, tracker: &str) -> Outcome<()> {
    let client = Client::new(address)?;
    let ask = |user: usize| {
        let body = json!({"campaignArn": CAMPAIGN, "userId": user_id(user), "numResults": RESULTS});
        client.signed("/recommendations", "", &body)
    };
    let lists: Vec<_> = (0..USERS).map(ask).collect::<Outcome<_>>()?;
    let puts = requests(address, tracker, 1)?;
    let every = Duration::from_millis(10);
    let alone = load(address, processors, 4, &lists, every, LASTS)?;
    let beside = std::thread::scope(|scope| {
        let writing = scope.spawn(|| load(address, processors, 16, &puts[75_000..], Duration::from_micros(500), LASTS));
        let lists = load(address, processors, 4, &lists, every, LASTS);
        writing.join().map_err(|_| "the writers panicked")??;
        lists
    })?;
    println!("\n100 lists a second\n| | p50 us | p99 us |\n|---|---|---|");
    for (what, found) in [("alone", alone), ("beside 2,000 events a second", beside)] {
        println!("| {what} | {:.0} | {:.0} |", found.times.at(50.0), found.times.at(99.0));
    }
    Ok(())
}

/// The time from an event's acknowledgement to a list that has it, asked for on another connection.
fn visible(address: SocketAddr, tracker: &str) -> Outcome<()> {
    let (mut puts, mut asks) = (Client::new(address)?, Client::new(address)?);
    let (mut times, mut asked) = (Vec::new(), 0);
    for n in 0..1000 {
        let user = user_id(n % USERS);
        let ask = json!({"campaignArn": CAMPAIGN, "userId": user, "numResults": RESULTS});
        let ask = asks.signed("/recommendations", "", &ask)?;
        let before: Value = serde_json::from_slice(asks.send(&ask)?)?;
        let event = json!({"trackingId": tracker, "sessionId": "s", "userId": user, "eventList": [
            {"eventId": format!("v{n}"), "eventType": "View", "itemId": format!("item-{}", item(7 * n + 3, ITEMS)), "sentAt": 1_750_000_000}]});
        puts.send(&puts.signed("/events", "", &event)?)?;
        let acknowledged = Instant::now();
        loop {
            asked += 1;
            let now: Value = serde_json::from_slice(asks.send(&ask)?)?;
            if now["itemList"] != before["itemList"] {
                break;
            }
            if acknowledged.elapsed() > Duration::from_secs(5) {
                return Err(format!("the event of {user} changed nothing").into());
            }
        }
        times.push(acknowledged.elapsed());
    }
    let times = Times::new(times);
    println!(
        "\nan event in the user's list, after its acknowledgement: p50 {:.0} us, p99 {:.0} us, {} lists for 1000 events",
        times.at(50.0),
        times.at(99.0),
        asked
    );
    Ok(())
}
