//! A server whose records and events are in PostgreSQL: what it says and does when the database is not there, is lost and comes back.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tastemaker_testkit::postgres::{PASSWORD, Postgres};

/// The settings of a server on a database.
fn settings(url: &str) -> [(&'static str, &str); 2] {
    [("TASTEMAKER_STORE__RECORDS", url), ("TASTEMAKER_STORE__EVENTS", url)]
}

/// A command that ends, on a data directory.
fn tastemaker(command: &str, data: &std::path::Path, variables: &[(&str, &str)]) -> (Output, String) {
    let mut tastemaker = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    tastemaker.arg(command).arg("--data-dir").arg(data).envs(variables.iter().copied());
    if command == "serve" {
        tastemaker.args(["--listen", "127.0.0.1:0"]);
    }
    let output = tastemaker.output().expect("the binary runs");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains("s3cret"), "{said}");
    (output, said)
}

struct Shop {
    caller: Caller,
    tracking_id: String,
    solution: String,
}

/// A caller's line, however often the server has closed one.
fn send(caller: &Caller, request: &[u8]) -> (u16, Value) {
    let mut line = Line::connect(&caller.address).expect("the server listens");
    line.send(request).expect("the server answers")
}

impl Shop {
    /// A group with interactions and a solution whose trainings are short.
    fn open(server: &Server) -> Self {
        let caller = Caller::new(server);
        let made = |operation: &str, input: Value, key: &str| {
            let (status, made) = send(&caller, &caller.control(operation, &input));
            assert_eq!(status, 200, "{operation}: {made}");
            made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
        };
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
            field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
        let schema = made("CreateSchema", json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
        let group = made("CreateDatasetGroup", json!({"name": "g"}), "datasetGroupArn");
        let dataset =
            json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
        let dataset = made("CreateDataset", dataset, "datasetArn");
        let tracker = json!({"name": "t", "datasetGroupArn": group});
        let tracking_id = made("CreateEventTracker", tracker, "trackingId");
        let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
        for (user, step) in (0..60).flat_map(|user| (0..20).map(move |step| (user, step))) {
            csv += &format!("u{user},i{},{}\n", (user * 7 + step) % 40, 1_600_000_000 + user * 1000 + step * 60);
        }
        for (path, body) in [("/walks", ""), ("/walks/walks.csv", &csv)] {
            assert_eq!(send(&caller, &caller.signed("s3", "PUT", path, None, body)).0, 200);
        }
        let source = json!({"dataLocation": "s3://walks/walks.csv"});
        let import = json!({"jobName": "i", "datasetArn": dataset, "dataSource": source});
        let import = made("CreateDatasetImportJob", import, "datasetImportJobArn");
        let described = json!({"datasetImportJobArn": import});
        active(&caller, "DescribeDatasetImportJob", &described, "datasetImportJob");
        let solution = json!({"name": "s", "datasetGroupArn": group, "performAutoTraining": false,
            "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"});
        let solution = made("CreateSolution", solution, "solutionArn");
        Self { caller, tracking_id, solution }
    }

    /// Begins a training; its version's ARN, or the status of a refusal.
    fn train(&self) -> Result<String, u16> {
        let create = json!({"solutionArn": self.solution});
        let (status, made) = send(&self.caller, &self.caller.control("CreateSolutionVersion", &create));
        if status == 200 { Ok(made["solutionVersionArn"].as_str().expect("an ARN").to_owned()) } else { Err(status) }
    }

    fn trained(&self, version: &str) {
        let describe = json!({"solutionVersionArn": version});
        active(&self.caller, "DescribeSolutionVersion", &describe, "solutionVersion");
    }

    /// Puts an event; the answer's status and body.
    fn put(&self, id: &str) -> (u16, Value) {
        let event = json!({"eventId": id, "eventType": "View", "itemId": "i1", "sentAt": 1_700_000_000});
        let body = json!({"trackingId": self.tracking_id, "sessionId": "s", "userId": "u", "eventList": [event]});
        send(&self.caller, &self.caller.post("/events", &body))
    }
}

/// Waits until a resource is ACTIVE.
fn active(caller: &Caller, operation: &str, input: &Value, key: &str) {
    let began = Instant::now();
    loop {
        let (_, described) = send(caller, &caller.control(operation, input));
        let status = described[key]["status"].as_str().unwrap_or_default();
        assert!(!status.ends_with("FAILED"), "{described}");
        if status == "ACTIVE" {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(240), "{operation}: {described}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_lost_database_costs_no_recommendation_and_no_event() {
    let Some(database) = Postgres::start(&[]) else { return };
    let url = database.database();
    let mut server = Server::start_with(&settings(&url));
    let shop = Shop::open(&server);
    let version = shop.train().expect("accepted");
    shop.trained(&version);
    let campaign = json!({"name": "c", "solutionVersionArn": version, "minProvisionedTPS": 1});
    let (status, campaign) = send(&shop.caller, &shop.caller.control("CreateCampaign", &campaign));
    assert_eq!(status, 200, "{campaign}");
    let campaign = campaign["campaignArn"].as_str().expect("an ARN").to_owned();
    active(&shop.caller, "DescribeCampaign", &json!({"campaignArn": campaign}), "campaign");
    let recommend = || {
        let input = json!({"campaignArn": campaign, "userId": "u1"});
        let (status, list) = send(&shop.caller, &shop.caller.post("/recommendations", &input));
        assert_eq!(status, 200, "{list}");
        assert_eq!(list["itemList"].as_array().expect("a list").len(), 25, "{list}");
    };
    recommend();
    let mut acknowledged = Vec::new();
    for n in 0..20 {
        let id = format!("before-{n}");
        assert_eq!(shop.put(&id).0, 200);
        acknowledged.push(id);
    }

    // The training begins, and the database is gone before it ends.
    let interrupted = shop.train().expect("accepted");
    database.kill();
    for n in 0..3 {
        recommend();
        let began = Instant::now();
        let (status, body) = shop.put(&format!("while-{n}"));
        assert_eq!(status, 503, "{body}");
        assert!(!body.to_string().contains("s3cret"), "{body}");
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    }
    assert_eq!(shop.train(), Err(503));
    recommend();

    database.resume();
    let began = Instant::now();
    while shop.put("after-0").0 != 200 {
        assert!(began.elapsed() < Duration::from_secs(30), "events are taken again");
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("the first event after the restart took {:.2} s", began.elapsed().as_secs_f64());
    acknowledged.push("after-0".to_owned());
    shop.trained(&interrupted);
    let next = shop.train().expect("accepted");
    shop.trained(&next);
    recommend();

    server.kill_and_restart();
    assert_eq!(shop.put("last").0, 200);
    acknowledged.push("last".to_owned());
    active(&shop.caller, "DescribeCampaign", &json!({"campaignArn": campaign}), "campaign");
    recommend();
    server.kill();
    let name = url.rsplit('/').next().expect("a name");
    let stored = database.psql(name, "SELECT split_part(id, chr(31), 1) FROM tastemaker_events");
    for id in &acknowledged {
        assert_eq!(stored.lines().filter(|line| line == id).count(), 1, "{id} in {stored}");
    }
    let log = server.log();
    assert!(!log.contains("s3cret") && !log.contains(PASSWORD), "{log}");

    let (checked, said) = tastemaker("check", server.data(), &settings(&url));
    assert!(checked.status.success(), "{said}");
    assert!(
        said.contains("everything is as it was written") && said.contains("its pages are left to pg_amcheck"),
        "{said}"
    );
    // The blobs of another data directory do not belong to these records.
    let other = tempfile::tempdir().expect("a directory");
    let (refused, said) = tastemaker("serve", other.path(), &settings(&url));
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("none is there") && said.contains("tm:***@127.0.0.1"), "{said}");
}

#[test]
fn a_start_without_its_database_waits_and_then_says_so() {
    let absent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let url = format!("postgres://tm:s3cret@127.0.0.1:{absent}/tm");
    let data = tempfile::tempdir().expect("a directory");
    let variables = [settings(&url).as_slice(), &[("TASTEMAKER_STORE__WAIT_S", "1")]].concat();
    let began = Instant::now();
    let (output, said) = tastemaker("serve", data.path(), &variables);
    assert!(began.elapsed() > Duration::from_millis(400), "{:?}", began.elapsed());
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("waiting for the database postgres://tm:***@127.0.0.1"), "{said}");
    assert!(said.contains("did not answer within 1 s"), "{said}");
    let bad = [("TASTEMAKER_STORE__RECORDS", "mysql://tm:s3cret@db/tm")];
    let (output, said) = tastemaker("serve", data.path(), &bad);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("store.records: is sqlite or a URL: must be postgres://USER@HOST:PORT/DATABASE"), "{said}");
}
