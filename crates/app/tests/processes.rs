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

    /// One whose lists wait for the log for as long as a busy machine needs.
    fn start(&self, role: &str) -> Server {
        self.start_with(role, &[("TASTEMAKER_SERVING__READ_YOUR_WRITES_MS", "30000")])
    }

    /// With further settings of the environment.
    fn start_with(&self, role: &str, settings: &[(&str, &str)]) -> Server {
        let blobs = format!("file://{}", self.blobs.path().display());
        let shared = [
            ("TASTEMAKER_STORE__RECORDS", &*self.database),
            ("TASTEMAKER_STORE__EVENTS", &self.database),
            ("TASTEMAKER_STORE__BLOBS", &blobs),
            ("TASTEMAKER_ROLE", role),
            ("TASTEMAKER_TRAINING_THREADS", "1"),
        ];
        Server::start_with(&[&shared, settings].concat())
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

    // Whoever is asked at once has the click, although another process took it.
    for n in 0..200 {
        let user = format!("fresh-{n}");
        let (taker, asked) = if n % 4 == 3 { (&b, &a) } else { (&a, &b) };
        taker.put(&shop, &format!("e{n}"), &user, "i1");
        assert!(viewed(asked, &user, "i1"), "round {n}");
        assert!(viewed(taker, &user, "i1"), "round {n}: whoever took it has it");
    }

    // To one that starts later.
    b.put(&shop, "back", "gone", "i1");
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

/// Reads of the log by a process so far.
fn reads_of_the_log(client: &Client) -> f64 {
    let (_, metrics) = client.get("/metrics");
    let counts = metrics.lines().filter(|line| {
        line.starts_with("tastemaker_storage_seconds_count")
            && line.contains("store=\"events\"")
            && line.contains("call=\"read\"")
    });
    counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn lists_wait_for_the_log_unless_a_setting_says_otherwise() {
    let Some(shared) = Shared::new() else { return };
    let waits = shared.start("all");
    let never = shared.start_with("serving", &[("TASTEMAKER_SERVING__READ_YOUR_WRITES_MS", "0")]);
    let (a, b) = (Client::of(&waits), Client::of(&never));
    let shop = Shop::open(&a);
    let version = a.training(&shop, "aws-popularity-count");
    a.trained(&version);
    let campaign = a.campaign("c", &version);
    until("b has the filter", || b.recommended(&shop, &campaign, "u1").is_ok());
    let reads = |client: &Client| {
        let (before, began) = (reads_of_the_log(client), Instant::now());
        for n in 0..200 {
            client.recommended(&shop, &campaign, &format!("u{n}")).expect("a list");
        }
        (reads_of_the_log(client) - before, began.elapsed().as_secs_f64())
    };
    let (waiting, _) = reads(&a);
    assert!(waiting >= 200.0, "one look for each list, as they come one after another: {waiting}");
    let (by_itself, seconds) = reads(&b);
    // Two streams of a group that has one dataset, twice a second.
    assert!(by_itself <= 20.0 + 10.0 * seconds, "{by_itself} looks in {seconds} s");
    // What was taken elsewhere comes all the same.
    a.put(&shop, "e", "someone", "i1");
    let viewed =
        || b.recommended(&shop, &campaign, "someone").is_ok_and(|items| !items.iter().any(|item| item == "i1"));
    until("b has the event", viewed);
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
