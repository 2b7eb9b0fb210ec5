//! The control plane under load: lists of a thousand resources page by page, and 200 Describes at once, on an idle server and
//! while a training runs. One process measures another over loopback; requests are signed beforehand.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/server/mod.rs"]
#[allow(dead_code)]
mod server;

use serde_json::{Value, json};
use server::Server;
use server::caller::Caller;
use std::fmt::Write;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RESOURCES: usize = 1000;
const CONCURRENT: usize = 200;
const ROUNDS: usize = 25;
const PAGE: usize = 10;
/// A training that takes longer than the rounds.
const USERS: usize = 3000;
const EVENTS: usize = 60;
const ITEMS: usize = 2000;

async fn connect(caller: &Caller) -> Connection {
    let stream = TcpStream::connect(&caller.address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    Connection { stream, answer: Vec::new() }
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    /// The body of the answer, which must be a 200, and the time it took.
    async fn send(&mut self, request: &[u8]) -> (Value, Duration) {
        let started = Instant::now();
        self.stream.write_all(request).await.expect("written");
        self.answer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.answer).await.expect("read"), 0, "the connection ended");
            let Some(head) = self.answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.answer[..head]).expect("text").to_lowercase();
            let length =
                text.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
            if self.answer.len() < head + 4 + length {
                continue;
            }
            let took = started.elapsed();
            let body = &self.answer[head + 4..];
            assert!(text.starts_with("http/1.1 200 "), "{text}\n{}", String::from_utf8_lossy(body));
            return (serde_json::from_slice(body).unwrap_or(Value::Null), took);
        }
    }
}

/// Prints one row; returns p50 and p99 in milliseconds.
fn row(what: &str, mut times: Vec<Duration>, idle: Option<(f64, f64)>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let (p50, p99) = (at(0.5), at(0.99));
    let ratio = idle.map_or(String::new(), |(i50, i99)| format!("{:.2} / {:.2}", p50 / i50, p99 / i99));
    println!("| {what} | {} | {p50:.2} | {p99:.2} | {ratio} |", times.len());
    (p50, p99)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = Server::start();
    let caller = Caller::new(&server);
    let mut one = connect(&caller).await;
    println!("| what | calls | p50 ms | p99 ms | p50 / p99 over idle |\n|---|---|---|---|---|");
    let schema = json!({"type": "record", "name": "Interactions", "namespace": "bench", "version": "1.0", "fields": [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
    ]});
    let mut created = Vec::new();
    for n in 0..RESOURCES {
        let request = caller.control("CreateSchema", &json!({"name": format!("s{n}"), "schema": schema.to_string()}));
        created.push(one.send(&request).await.1);
    }
    row("CreateSchema", created, None);
    pages(&caller, &mut one, "ListSchemas", "schemas").await;

    let (group, solution) = data(&caller, &mut one, &schema).await;
    let describe = caller.control("DescribeDatasetGroup", &json!({"datasetGroupArn": group}));
    let mut connections = Vec::new();
    for _ in 0..CONCURRENT {
        connections.push(connect(&caller).await);
    }
    burst(&mut connections, &describe, 3).await;
    let alone = repeated(&mut one, &describe).await;
    let alone = row("DescribeDatasetGroup alone, idle", alone, None);
    let idle = burst(&mut connections, &describe, ROUNDS).await;
    let idle = row(&format!("{CONCURRENT} at once, idle"), idle, None);

    let request = caller.control("CreateSolutionVersion", &json!({"solutionArn": solution}));
    let version = one.send(&request).await.0["solutionVersionArn"].clone();
    let look = caller.control("DescribeSolutionVersion", &json!({"solutionVersionArn": version}));
    let status = |answer: Value| answer["solutionVersion"]["status"].as_str().unwrap_or_default().to_owned();
    while status(one.send(&look).await.0) == "CREATE PENDING" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let alone_busy = repeated(&mut one, &describe).await;
    let busy = burst(&mut connections, &describe, ROUNDS).await;
    let after = status(one.send(&look).await.0);
    row("DescribeDatasetGroup alone, while training", alone_busy, Some(alone));
    row(&format!("{CONCURRENT} at once, while training"), busy, Some(idle));
    assert_eq!(after, "CREATE IN_PROGRESS", "the training must outlast the measurement");
}

/// Walks a list in pages; the last tenth of the pages beside the first tenth.
async fn pages(caller: &Caller, one: &mut Connection, operation: &str, key: &str) {
    let (mut times, mut token, mut seen) = (Vec::new(), Value::Null, 0);
    loop {
        let (page, took) = one.send(&caller.control(operation, &json!({"maxResults": PAGE, "nextToken": token}))).await;
        times.push(took);
        seen += page[key].as_array().map_or(0, Vec::len);
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, RESOURCES);
    let tenth = times.len() / 10;
    row(&format!("{operation}, pages of {PAGE}"), times.clone(), None);
    let first = row(&format!("{operation}, first tenth of the pages"), times[..tenth].to_vec(), None);
    row(&format!("{operation}, last tenth of the pages"), times[times.len() - tenth..].to_vec(), Some(first));
}

async fn repeated(one: &mut Connection, request: &[u8]) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..CONCURRENT * 5 {
        times.push(one.send(request).await.1);
    }
    times
}

/// All connections send at once, several times.
async fn burst(connections: &mut [Connection], request: &[u8], rounds: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let sent = connections.iter_mut().map(|connection| async { connection.send(request).await.1 });
        times.extend(futures::future::join_all(sent).await);
    }
    times
}

/// A dataset group with imported interactions and a solution that takes long to train: both ARNs.
async fn data(caller: &Caller, one: &mut Connection, schema: &Value) -> (Value, Value) {
    let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
    for user in 0..USERS {
        for step in 0..EVENTS {
            let item = (user * 31 + step * 7 + user * step % 13) % ITEMS;
            writeln!(csv, "u{user},i{item},{}", 1_700_000_000 + user * 1000 + step).unwrap();
        }
    }
    one.send(&caller.signed("s3", "PUT", "/bench", None, "")).await;
    one.send(&caller.signed("s3", "PUT", "/bench/interactions.csv", None, &csv)).await;
    let mut made = async |operation: &str, input: Value, key: &str| {
        one.send(&caller.control(operation, &input)).await.0[key].clone()
    };
    let schema = made("CreateSchema", json!({"name": "bench", "schema": schema.to_string()}), "schemaArn").await;
    let group = made("CreateDatasetGroup", json!({"name": "bench"}), "datasetGroupArn").await;
    let dataset =
        json!({"name": "bench", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
    let dataset = made("CreateDataset", dataset, "datasetArn").await;
    let source = json!({"dataLocation": "s3://bench/interactions.csv"});
    let job = json!({"jobName": "bench", "datasetArn": dataset, "dataSource": source});
    let job = made("CreateDatasetImportJob", job, "datasetImportJobArn").await;
    for left in (0..3000).rev() {
        let described = made("DescribeDatasetImportJob", json!({"datasetImportJobArn": job}), "datasetImportJob").await;
        match described["status"].as_str() {
            Some("ACTIVE") => break,
            _ => assert!(left > 0 && described["status"] != "CREATE FAILED", "{described}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let recipe = "arn:aws:personalize:::recipe/aws-user-personalization";
    let solution =
        json!({"name": "bench", "datasetGroupArn": group, "recipeArn": recipe, "performAutoTraining": false});
    let solution = made("CreateSolution", solution, "solutionArn").await;
    (group, solution)
}
