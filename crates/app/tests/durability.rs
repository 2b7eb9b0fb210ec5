//! `kill -9` while events pour in: every acknowledged event is there afterwards, and each is there once. `kill -9` during a training: it
//! goes on, and its model is that of a training which nobody disturbed.
//!
//! Three rounds of events; `DURABILITY_ROUNDS=20 cargo test -p tastemaker --test durability -- --nocapture` for more.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod server;

use futures::TryStreamExt;
use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
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

/// Every file below a folder, which need not be there.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.expect("an entry").path())).collect()
}

/// The files of a version's model by name.
fn model(server: &Server, version: &str) -> BTreeMap<String, Vec<u8>> {
    let id = version.rsplit('/').next().expect("an ARN");
    let artifacts = files_below(&server.data().join("blobs/blobs/artifacts"));
    let own = artifacts.into_iter().filter(|path| path.components().any(|part| part.as_os_str() == id));
    own.map(|path| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, std::fs::read(&path).expect("readable"))
    })
    .collect()
}

/// Puts interactions of users who walk round a ring into a group, and makes a solution over them; its ARN.
fn solution(caller: &Caller) -> String {
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
    for (user, step) in (0..300).flat_map(|user| (0..20).map(move |step| (user, step))) {
        let item = (user * 7 + step + (user * step * step) % 5) % 60;
        csv += &format!("u{user},i{item},{}\n", 1_600_000_000 + user * 1000 + step * 60);
    }
    line.call(&caller.signed("s3", "PUT", "/walks", None, ""));
    line.call(&caller.signed("s3", "PUT", "/walks/walks.csv", None, &csv));
    let (group, _) = event_tracker(caller);
    let mut made = |operation: &str, input: Value, key: &str| {
        let made = line.call(&caller.control(operation, &input));
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    };
    let dataset = format!("{}/INTERACTIONS", group.replacen(":dataset-group/", ":dataset/", 1));
    let source = json!({"dataLocation": "s3://walks/walks.csv"});
    let import = json!({"jobName": "i", "datasetArn": dataset, "dataSource": source});
    made("CreateDatasetImportJob", import, "datasetImportJobArn");
    let solution = json!({"name": "s", "datasetGroupArn": group, "performAutoTraining": false,
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "64"}}});
    made("CreateSolution", solution, "solutionArn")
}

/// The status of a solution version.
fn status(caller: &Caller, version: &str) -> String {
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let described = line.call(&caller.control("DescribeSolutionVersion", &json!({"solutionVersionArn": version})));
    let described = &described["solutionVersion"];
    assert_ne!(described["status"], "CREATE FAILED", "{described}");
    described["status"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_training_killed_several_times_goes_on_to_the_same_model() {
    /// Kills in one training.
    const KILLS: usize = 3;
    /// Checkpoints that a process writes before it is killed.
    const WRITTEN: usize = 3;
    let settings = [("TASTEMAKER_TRAINING__CHECKPOINT_S", "0"), ("TASTEMAKER_LOG", "info")];
    let mut server = Server::start_with(&settings);
    let caller = Caller::new(&server);
    let solution = solution(&caller);
    let train = || {
        let mut line = Line::connect(&caller.address).expect("the server listens");
        let made = line.call(&caller.control("CreateSolutionVersion", &json!({"solutionArn": solution})));
        made["solutionVersionArn"].as_str().expect("an ARN").to_owned()
    };
    let undisturbed = train();
    while status(&caller, &undisturbed) != "ACTIVE" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let expected = model(&server, &undisturbed);
    assert!(expected.len() >= 4, "{:?}", expected.keys());
    assert!(!server.log().contains("goes on from a checkpoint"), "{}", server.log());

    let killed = train();
    let checkpoints = server.data().join("blobs/blobs/checkpoints");
    let mut known: HashSet<PathBuf> = HashSet::new();
    for kill in 1..=KILLS {
        let before = known.len();
        while known.len() < before + WRITTEN {
            known.extend(files_below(&checkpoints));
            assert_ne!(status(&caller, &killed), "ACTIVE", "the training outlasts {kill} kills: {known:?}");
        }
        server.kill_and_restart();
    }
    while status(&caller, &killed) != "ACTIVE" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let went_on = server.log().matches("goes on from a checkpoint").count();
    // The last kill may come when nothing is left but to write the model.
    assert!(went_on >= KILLS - 1, "{went_on} checkpoints were taken up");
    let found = model(&server, &killed);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        assert!(found[name] == *bytes, "{name} differs from that of the undisturbed training");
    }
    let began = Instant::now();
    while !files_below(&checkpoints).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?} remain", files_below(&checkpoints));
        std::thread::sleep(Duration::from_millis(50));
    }
}
