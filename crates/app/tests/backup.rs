//! A backup made beside a server that takes events, and a server on what is put back after `kill -9` and the loss of the whole
//! data directory.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use futures::TryStreamExt;
use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use server::directory;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use tastemaker_backend_sql::SqliteEvents;
use tastemaker_store::{EventsExt, records};

/// Events of one call.
const EVENTS: usize = 5;

fn tastemaker(arguments: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.args(arguments).arg("--data-dir").arg(data).output().expect("the command runs")
}

/// The standard output of a command that must succeed.
fn done(arguments: &[&str], data: &Path) -> String {
    let output = tastemaker(arguments, data);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The error of a command that must fail.
fn refused(arguments: &[&str], data: &Path) -> String {
    let output = tastemaker(arguments, data);
    assert!(!output.status.success(), "{arguments:?} succeeds");
    String::from_utf8(output.stderr).expect("text")
}

/// A group whose Interactions dataset takes events: its ARN and tracking id.
fn event_tracker(line: &mut Line, caller: &Caller) -> (String, String) {
    let mut made = |operation: &str, input: Value, key: &str| {
        let made = line.call(&caller.control(operation, &input));
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    };
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
        field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
    let schema = made("CreateSchema", json!({"name": "taken", "schema": schema.to_string()}), "schemaArn");
    let group = made("CreateDatasetGroup", json!({"name": "taken"}), "datasetGroupArn");
    let dataset = json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
    made("CreateDataset", dataset, "datasetArn");
    let tracking_id = made("CreateEventTracker", json!({"name": "t", "datasetGroupArn": group}), "trackingId");
    (group, tracking_id)
}

/// The ids of all events of a group that a data directory holds.
async fn stored(data: &Path, group: &str) -> HashSet<String> {
    let events = SqliteEvents::open(data.join("events.sqlite")).await.expect("the log opens");
    let stream = records::interactions_stream(group);
    let pages: Vec<_> = EventsExt::pages(&events, &stream, 0).try_collect().await.expect("readable");
    let id = |stored| records::decode_event(&stream, stored).expect("an event").event_id;
    pages.iter().flatten().map(id).collect()
}

/// Sends the events `n * EVENTS` and following.
fn send(line: &mut Line, caller: &Caller, tracking_id: &str, n: usize) {
    let event = |n: usize| json!({"eventId": format!("e{n}"), "eventType": "View", "itemId": format!("i{n}"), "sentAt": 1_700_000_000});
    let events: Vec<Value> = (n * EVENTS..(n + 1) * EVENTS).map(event).collect();
    let body = json!({"trackingId": tracking_id, "sessionId": "s", "userId": "u", "eventList": events});
    let (status, answer) = line.send(&caller.post("/events", &body)).expect("an answer");
    assert_eq!(status, 200, "{answer}");
}

/// The items that the fixture's requests are answered with.
fn lists(line: &mut Line, caller: &Caller, requests: &[Value]) -> Vec<Vec<String>> {
    let ids = |answer: Value| {
        let items = answer["itemList"].as_array().expect("a list");
        items.iter().map(|item| item["itemId"].as_str().expect("an id").to_owned()).collect()
    };
    requests.iter().map(|request| ids(line.call(&caller.post("/recommendations", &request["input"])))).collect()
}

#[test]
fn a_server_on_what_was_put_back_answers_as_before_with_every_event_acknowledged_before_the_backup() {
    let fixture = directory::fixture();
    let expected = fs::read(fixture.join("expected.json")).expect("the recorded answers");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let requests = expected["recommendations"].as_array().expect("recorded").clone();
    let data = tempfile::tempdir().expect("a temporary directory");
    directory::copy(&fixture.join("data"), data.path());
    let mut server = Server::start_on(data);
    let caller = Caller::new(&server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let (group, tracking_id) = event_tracker(&mut line, &caller);
    let before = lists(&mut line, &caller, &requests);
    let known = 10;
    for n in 0..known {
        send(&mut line, &caller, &tracking_id, n);
    }

    let place = tempfile::tempdir().expect("a temporary directory");
    let backups = place.path().join("backups");
    let to = backups.to_str().expect("text");
    let stop = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = known;
            while !stop.load(Ordering::Relaxed) {
                send(&mut line, &caller, &tracking_id, n);
                n += 1;
            }
        });
        let told = done(&["backup", to], server.data());
        let again = done(&["backup", to, "--keep", "1"], server.data());
        assert!(again.contains("1 older backups were deleted"), "{again}");
        stop.store(true, Ordering::Relaxed);
        told
    });
    assert!(told.contains(" files with ") && told.contains(" of them new"), "{told}");
    server.kill();
    fs::remove_dir_all(server.data()).expect("lost");
    fs::create_dir(server.data()).expect("a new disk");

    assert_eq!(done(&["restore", to, "--list"], server.data()).lines().count(), 1);
    assert!(done(&["restore", to, "--verify"], server.data()).contains("everything is as it was written"));
    done(&["restore", to], server.data());
    assert!(refused(&["restore", to], server.data()).contains("is not empty; nothing was written there"));
    assert!(done(&["check"], server.data()).contains("everything is as it was written"));
    server.restart();
    let caller = Caller::new(&server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    assert_eq!(lists(&mut line, &caller, &requests), before);
    assert!(!server.log().contains("older backup"), "{}", server.log());

    server.kill();
    let there = tokio::runtime::Runtime::new().expect("a runtime").block_on(stored(server.data(), &group));
    let lost: Vec<String> = (0..known * EVENTS).map(|n| format!("e{n}")).filter(|id| !there.contains(id)).collect();
    assert_eq!(lost, [""; 0]);
}

#[test]
fn what_is_no_backup_is_refused_in_plain_words() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| place.path().join(name);
    fs::create_dir(path("full")).expect("made");
    fs::write(path("full/letter.txt"), "dear").expect("written");
    let full = path("full");
    let full = full.to_str().expect("text");
    assert!(refused(&["backup", full], &path("absent")).contains("is no data directory: it has no records.sqlite"));
    assert!(refused(&["restore", full], &path("absent")).contains("is no directory of backups"));
    assert!(refused(&["backup", full, "--keep", "0"], &path("absent")).contains("--keep"));
    assert!(!path("absent").exists());
}
