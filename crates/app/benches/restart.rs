//! `cargo bench -p tastemaker --bench restart -- [events]`: how long a server with ten million streamed events in its log
//! takes from its start to the line that says it is ready, after a `kill -9`: from the log alone, and from the folded log.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/server/mod.rs"]
#[allow(dead_code)]
mod server;

use serde_json::json;
use server::Server;
use server::caller::{Caller, Line};
use std::path::Path;
use std::time::{Duration, Instant};
use tastemaker_backend_sql::SqliteEvents;
use tastemaker_domain::resource::InteractionEvent;
use tastemaker_store::{Events, records};

const USERS: usize = 200_000;
const ITEMS: usize = 50_000;
const CHUNK: usize = 5_000;

#[tokio::main]
async fn main() {
    let wanted = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(10_000_000usize);
    let mut server = Server::start();
    let caller = Caller::new(&server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let group = line.call(&caller.control("CreateDatasetGroup", &json!({"name": "g"})))["datasetGroupArn"].clone();
    let group = group.as_str().expect("an ARN").to_owned();
    server.kill();
    write(&server, &group, wanted).await;
    println!("| start | events | ready after | resident memory |\n|---|---|---|---|");
    for round in 1..=3 {
        restart(&mut server, &format!("{round}, the whole log"), wanted);
        server.kill();
    }
    restart(&mut server, "4, the whole log", wanted);
    let folded = server.data().join("blobs/blobs/folded");
    let began = Instant::now();
    while !has_file(&folded) {
        assert!(began.elapsed() < Duration::from_secs(600), "the log is folded within ten minutes");
        std::thread::sleep(Duration::from_millis(500));
    }
    server.kill();
    for round in 5..=7 {
        restart(&mut server, &format!("{round}, the folded log"), wanted);
        server.kill();
    }
}

/// Starts the server, and prints how long it took and what it holds then.
fn restart(server: &mut Server, what: &str, events: usize) {
    let began = Instant::now();
    server.restart();
    let seconds = began.elapsed().as_secs_f64();
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default().trim().to_owned();
    println!("| {what} | {events} | {seconds:.1} s | {resident} |");
}

/// Whether a file lies in one of a folder's folders, whole.
fn has_file(folder: &Path) -> bool {
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = folders.flat_map(|inner| std::fs::read_dir(inner.path()).into_iter().flatten().flatten());
    files.into_iter().any(|file| !file.file_name().to_string_lossy().contains('#'))
}

/// Appends events to the log as PutEvents does, in large groups.
async fn write(server: &Server, group: &str, count: usize) {
    let events = SqliteEvents::open(server.data().join("events.sqlite")).await.expect("the log opens");
    let stream = records::interactions_stream(group);
    let event = |n: usize| InteractionEvent {
        event_id: format!("{n:032x}"),
        user_id: format!("user-{}", (n * 7919) % USERS),
        session_id: format!("session-{}", (n * 7919) % USERS),
        item_id: format!("item-{}", (n * n + 31 * n) % ITEMS),
        event_type: "View".into(),
        event_value: None,
        timestamp_s: 1_700_000_000 + n as i64,
        properties: Default::default(),
        recommendation_id: None,
        impression: Vec::new(),
    };
    let began = Instant::now();
    for from in (0..count).step_by(CHUNK) {
        let chunk = (from..count.min(from + CHUNK)).map(|n| records::encode_event(&event(n)).expect("encodes"));
        events.append(&stream, chunk.collect()).await.expect("appended");
    }
    println!("{count} events written in {:.0} s", began.elapsed().as_secs_f64());
}
