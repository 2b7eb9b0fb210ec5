//! `kill -9` while events pour in: every acknowledged event is there afterwards, and each is there once.
//!
//! Three rounds; `DURABILITY_ROUNDS=20 cargo test -p tastemaker --test durability -- --nocapture` for more.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod server;

use futures::TryStreamExt;
use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use tastemaker_backend_sql::SqliteEvents;
use tastemaker_store::{EventsExt, records};

const WRITERS: usize = 4;
const EVENTS_PER_CALL: usize = 10;
/// Time of each storm before the kill: a different one each round, so that kills hit different moments.
const STORM_MS: [u64; 5] = [150, 230, 310, 190, 270];

/// A client that sends calls one after another and repeats one that was not answered, as the SDKs do.
struct Writer {
    name: usize,
    next: usize,
    unanswered: Option<Vec<String>>,
    acknowledged: Vec<String>,
}

impl Writer {
    /// Sends until the server is gone.
    fn storm(&mut self, caller: &Caller, tracking_id: &str) {
        let Ok(mut line) = Line::connect(&caller.address) else { return };
        loop {
            let ids = self.unanswered.take().unwrap_or_else(|| {
                let from = self.next;
                self.next += EVENTS_PER_CALL;
                (from..self.next).map(|n| format!("w{}-{n}", self.name)).collect()
            });
            let event = |id: &String| json!({"eventId": id, "eventType": "View", "itemId": format!("i-{id}"), "sentAt": 1_700_000_000});
            let user = format!("u{}", ids[0].len() + self.name * 7);
            let body = json!({"trackingId": tracking_id, "sessionId": "s", "userId": user,
                "eventList": ids.iter().map(event).collect::<Vec<_>>()});
            match line.send(&caller.post("/events", &body)) {
                Ok((200, _)) => self.acknowledged.extend(ids),
                Ok((status, body)) => panic!("{status} {body}"),
                Err(_) => return self.unanswered = Some(ids),
            }
        }
    }
}

/// A group whose Interactions dataset takes events: its ARN and tracking id.
fn event_tracker(caller: &Caller) -> (String, String) {
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let mut made = |operation: &str, input: Value, key: &str| {
        let made = line.call(&caller.control(operation, &input));
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    };
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
        field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
    let schema = made("CreateSchema", json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
    let group = made("CreateDatasetGroup", json!({"name": "g"}), "datasetGroupArn");
    let dataset = json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
    made("CreateDataset", dataset, "datasetArn");
    let tracker = made("CreateEventTracker", json!({"name": "t", "datasetGroupArn": group}), "trackingId");
    (group, tracker)
}

/// The ids of all stored events with how often each is there.
async fn stored(server: &Server, group: &str) -> HashMap<String, usize> {
    let events = SqliteEvents::open(server.data().join("events.sqlite")).await.expect("the log opens");
    let stream = records::interactions_stream(group);
    let mut counts = HashMap::new();
    let mut pages = EventsExt::pages(&events, &stream, 0);
    while let Some(page) = pages.try_next().await.expect("readable") {
        for stored in page {
            let event = records::decode_event(&stream, &stored).expect("an event");
            assert_eq!(event.item_id, format!("i-{}", event.event_id));
            *counts.entry(event.event_id).or_default() += 1;
        }
    }
    counts
}

#[tokio::test]
async fn acknowledged_events_survive_kill_9_once() {
    let rounds = std::env::var("DURABILITY_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let mut server = Server::start();
    let caller = Caller::new(&server);
    let (group, tracking_id) = event_tracker(&caller);
    let writer = |name| Writer { name, next: 0, unanswered: None, acknowledged: Vec::new() };
    let mut writers: Vec<Writer> = (0..WRITERS).map(writer).collect();
    for round in 0..rounds {
        std::thread::scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.storm(&caller, &tracking_id));
            }
            std::thread::sleep(Duration::from_millis(STORM_MS[round % STORM_MS.len()]));
            server.kill();
        });
        let there = stored(&server, &group).await;
        let acknowledged: HashSet<&String> = writers.iter().flat_map(|w| &w.acknowledged).collect();
        let unanswered: HashSet<&String> = writers.iter().flat_map(|w| w.unanswered.iter().flatten()).collect();
        let lost = acknowledged.iter().filter(|id| !there.contains_key(**id)).count();
        let doubled = there.values().filter(|count| **count > 1).count();
        let invented = there.keys().filter(|id| !acknowledged.contains(id) && !unanswered.contains(id)).count();
        let began = Instant::now();
        server.restart();
        println!(
            "round {}: {} acknowledged, {} stored, {lost} lost, {doubled} doubled; ready after {:.2} s",
            round + 1,
            acknowledged.len(),
            there.len(),
            began.elapsed().as_secs_f64()
        );
        assert_eq!((lost, doubled, invented), (0, 0, 0));
    }
    let acknowledged: usize = writers.iter().map(|w| w.acknowledged.len()).sum();
    assert!(acknowledged >= rounds * EVENTS_PER_CALL, "only {acknowledged} events in {rounds} rounds");
}
