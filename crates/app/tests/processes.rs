//! Several server processes on one PostgreSQL and one folder of blobs.
#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use server::Server;
use server::shop::{Client, Shop};
use std::time::{Duration, Instant};
use tastemaker_testkit::postgres::Postgres;

/// The storage that the processes share.
struct Shared {
    database: String,
    blobs: tempfile::TempDir,
}

impl Shared {
    /// None where PostgreSQL is not installed.
    fn new() -> Option<Self> {
        let database = Postgres::shared()?.database();
        Some(Self { database, blobs: tempfile::tempdir().expect("a temporary directory") })
    }

    fn start(&self, role: &str) -> Server {
        let blobs = format!("file://{}", self.blobs.path().display());
        Server::start_with(&[
            ("TASTEMAKER_STORE__RECORDS", &self.database),
            ("TASTEMAKER_STORE__EVENTS", &self.database),
            ("TASTEMAKER_STORE__BLOBS", &blobs),
            ("TASTEMAKER_ROLE", role),
            ("TASTEMAKER_TRAINING_THREADS", "1"),
        ])
    }
}

/// Time until something holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
    began.elapsed()
}

#[test]
fn processes_with_roles_share_the_work_and_agree() {
    let Some(shared) = Shared::new() else { return };
    let (one, two, worker) = (shared.start("api, serving"), shared.start("serving"), shared.start("worker"));
    let (a, b, w) = (Client::of(&one), Client::of(&two), Client::of(&worker));
    let keys =
        |server: &Server| server.environment().into_iter().filter(|(name, _)| name.contains("KEY")).collect::<Vec<_>>();
    assert!(keys(&one) == keys(&two) && keys(&one) == keys(&worker), "the keys are everybody's");
    assert_eq!(b.get("/ready"), (200, "READY\nroles: serving".to_owned()));
    for client in [&b, &w] {
        let (status, refused) = client.control("ListSchemas", &json!({}));
        let said = refused["message"].as_str().unwrap_or_default();
        assert!(
            status == 503 && said.starts_with("ListSchemas is answered by processes with the role api"),
            "{refused}"
        );
    }

    let shop = Shop::open(&a);
    let version = a.training(&shop, "aws-popularity-count");
    a.trained(&version);
    let campaign = a.campaign("c", &version);
    let viewed = |client: &Client, user: &str, item: &str| {
        let items = client.recommended(&shop, &campaign, user).expect("a list");
        !items.iter().any(|listed| listed == item)
    };
    // ACTIVE means everywhere, filters come within a look.
    until("b has the filter", || b.recommended(&shop, &campaign, "u1").is_ok());
    assert!(!viewed(&a, "fresh", "i1") && !viewed(&b, "fresh", "i1"));

    let mut times: Vec<Duration> = (0..100)
        .map(|n| {
            let user = format!("fresh-{n}");
            a.put(&shop, &format!("e{n}"), &user, "i1");
            let began = Instant::now();
            assert!(viewed(&a, &user, "i1"), "whoever took it has it");
            until("b has the event", || viewed(&b, &user, "i1")).max(began.elapsed())
        })
        .collect();
    times.sort();
    println!("from PutEvents on A to GetRecommendations on B: p50 {:?}, p99 {:?}", times[50], times[98]);
    assert!(times[98] < Duration::from_secs(1), "{:?}", times[98]);

    // The other way round, and to one that starts later.
    b.put(&shop, "back", "gone", "i1");
    until("a has the event", || viewed(&a, "gone", "i1"));
    let three = shared.start("serving");
    let c = Client::of(&three);
    assert!(viewed(&c, "gone", "i1"));

    let source = json!({"dataLocation": "s3://walks/users.csv"});
    let deletion = json!({"jobName": "d", "datasetGroupArn": shop.group, "dataSource": source, "roleArn": "arn:aws:iam::000000000000:role/r"});
    let deletion = a.made("CreateDataDeletionJob", &deletion, "dataDeletionJobArn");
    a.until("COMPLETED", "DescribeDataDeletionJob", &json!({"dataDeletionJobArn": deletion}), "dataDeletionJob");
    for client in [&a, &b, &c] {
        assert!(!viewed(client, "gone", "i1"), "the user is forgotten");
        assert!(viewed(client, "fresh-1", "i1"), "the others are not");
    }
}

#[test]
fn a_worker_that_is_paused_beyond_its_lease_harms_nothing() {
    let Some(shared) = Shared::new() else { return };
    let (one, paused) = (shared.start("api, serving"), shared.start("worker"));
    let a = Client::of(&one);
    let shop = Shop::open(&a);
    let version = a.training(&shop, "aws-user-personalization");
    a.until(
        "CREATE IN_PROGRESS",
        "DescribeSolutionVersion",
        &json!({"solutionVersionArn": version}),
        "solutionVersion",
    );
    let signal = |signal| {
        let process = Pid::from_raw(paused.id().cast_signed()).expect("a process");
        kill_process(process, signal).expect("it is there");
    };
    signal(Signal::STOP);
    let next = shared.start("worker");
    a.trained(&version);
    signal(Signal::CONT);
    // The paused one learns that its lease is gone, and removes what is its own.
    std::thread::sleep(Duration::from_secs(12));
    let campaign = a.campaign("c", &version);
    let items = a.recommended(&shop, &campaign, "u1").expect("a list");
    assert_eq!(items.len(), 40, "{items:?}");
    for server in [&one, &paused, &next] {
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
}
