//! Several server processes on one PostgreSQL and one folder of blobs.
#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use server::Server;
use server::caller::Line;
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
        Some(Self::of(Postgres::shared()?.database()))
    }

    fn of(database: String) -> Self {
        Self { database, blobs: tempfile::tempdir().expect("a temporary directory") }
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

#[test]
fn the_first_key_of_the_configuration_is_that_of_all_processes() {
    let Some(shared) = Shared::new() else { return };
    let start = |id: &str| {
        let secret = format!("secret-of-{id}");
        let key = [
            ("TASTEMAKER_AUTH__FIRST_ACCESS_KEY_ID", id),
            ("TASTEMAKER_AUTH__FIRST_SECRET_ACCESS_KEY", secret.as_str()),
        ];
        shared.start_with("all", &key)
    };
    let (one, two) = (start("FIRSTKEY0123456789"), start("OTHERKEY0123456789"));
    for server in [&one, &two] {
        let environment = server.environment();
        for (name, value) in
            [("AWS_ACCESS_KEY_ID", "FIRSTKEY0123456789"), ("AWS_SECRET_ACCESS_KEY", "secret-of-FIRSTKEY0123456789")]
        {
            assert!(environment.contains(&(name.to_owned(), value.to_owned())), "{name}");
        }
        assert_eq!(Client::of(server).control("ListSchemas", &json!({})).0, 200);
    }
    let told = "auth.first_access_key_id names another key than the data has, which goes on";
    assert!(!one.log().contains(told), "{}", one.log());
    assert!(two.log().contains(told) && !two.log().contains("secret-of-"), "{}", two.log());
}

#[test]
fn an_event_has_the_list_that_another_process_answered() {
    let Some(shared) = Shared::new() else { return };
    let (one, mut two) = (shared.start("all"), shared.start("serving"));
    let (a, b) = (Client::of(&one), Client::of(&two));
    let shop = Shop::open(&a);
    let version = a.training(&shop, "aws-popularity-count");
    a.trained(&version);
    let campaign = a.campaign("c", &version);
    let answered = |client: &Client, user: &str| {
        let input = json!({"campaignArn": campaign, "userId": user, "numResults": 5});
        let (status, answer) = client.send(&client.0.post("/recommendations", &input));
        assert_eq!(status, 200, "{answer}");
        let items = answer["itemList"].as_array().expect("a list").iter();
        let items: Vec<&str> = items.filter_map(|item| item["itemId"].as_str()).collect();
        assert_eq!(items.len(), 5, "{answer}");
        (answer["recommendationId"].as_str().expect("an id").to_owned(), items.join("|"))
    };
    let put = |client: &Client, user: &str, id: &str| {
        let event = json!({"eventId": user, "eventType": "View", "itemId": "i1", "sentAt": 1_700_000_000, "recommendationId": id});
        client.put_event(&shop, user, &event);
    };
    let mut expected = Vec::new();
    for n in 0..20 {
        let user = format!("visitor-{n}");
        let (answers, takes) = if n % 2 == 0 { (&b, &a) } else { (&a, &b) };
        let (id, items) = answered(answers, &user);
        put(takes, &user, &id);
        expected.push(format!("{user},i1,1700000000,View,{items}"));
    }
    // Ids that no process made, and that of a process that is gone.
    put(&a, "stranger-1", "made up");
    put(&a, "stranger-2", "RID-00000000-0000-4000-8000-000000000000");
    let (id, _) = answered(&b, "late");
    two.kill();
    put(&a, "late", &id);
    expected.extend(["stranger-1", "stranger-2", "late"].map(|user| format!("{user},i1,1700000000,View,")));

    let dataset = shop.group.replace(":dataset-group/", ":dataset/") + "/INTERACTIONS";
    let export = json!({"jobName": "e", "datasetArn": dataset, "ingestionMode": "PUT", "roleArn": "arn:aws:iam::000000000000:role/r",
        "jobOutput": {"s3DataDestination": {"path": "s3://walks/out/"}}});
    let export = a.made("CreateDatasetExportJob", &export, "datasetExportJobArn");
    a.until("ACTIVE", "DescribeDatasetExportJob", &json!({"datasetExportJobArn": export}), "datasetExportJob");
    let get = |path: &str| {
        let request = a.0.signed("s3", "GET", path, None, "");
        let answer = Line::connect(&a.0.address).expect("it listens").send_for_bytes(&request);
        String::from_utf8(answer.expect("an answer").1).expect("text")
    };
    let listed = get("/walks?list-type=2&prefix=out%2F");
    let keys = listed.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    let rows: String =
        keys.filter(|(key, _)| key.ends_with(".csv")).map(|(key, _)| get(&format!("/walks/{key}"))).collect();
    for row in expected {
        assert!(rows.lines().any(|line| line == row), "{row} is not in\n{rows}");
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

/// Puts an event, again and again until it is acknowledged, however often the server or its database is gone meanwhile.
fn put_until_acknowledged(client: &Client, shop: &Shop, id: &str, user: &str) {
    let event = json!({"eventId": id, "eventType": "View", "itemId": "i1", "sentAt": 1_700_000_000});
    let body = json!({"trackingId": shop.tracking_id, "sessionId": user, "userId": user, "eventList": [event]});
    let request = client.0.post("/events", &body);
    until("an event is acknowledged", || {
        match Line::connect(&client.0.address).and_then(|mut line| line.send(&request)) {
            Ok((200, _)) => true,
            Ok((503, _)) | Err(_) => {
                std::thread::sleep(Duration::from_millis(20));
                false
            }
            Ok((status, refused)) => panic!("{status}: {refused}"),
        }
    });
}

#[test]
fn a_storm_over_two_processes_loses_and_doubles_nothing() {
    const ROUNDS: usize = 20;
    const USERS: usize = 8;
    let Some(database) = Postgres::start(&[]) else { return };
    let url = database.database();
    let shared = Shared::of(url.clone());
    let (one, mut two) = (shared.start("all"), shared.start("api, serving"));
    let (a, b) = (Client::of(&one), Client::of(&two));
    let shop = Shop::open(&a);
    let version = a.training(&shop, "aws-popularity-count");
    a.trained(&version);
    let campaign = a.campaign("c", &version);
    until("b has the filter", || b.recommended(&shop, &campaign, "u1").is_ok());
    for round in 0..ROUNDS {
        std::thread::scope(|storm| {
            for user in 0..USERS {
                let (a, b, shop) = (&a, &b, &shop);
                storm.spawn(move || {
                    let (user, id) = (format!("r{round}-{user}"), format!("{round}-{user}"));
                    // The same event at both, as a sender does that saw no answer.
                    put_until_acknowledged(a, shop, &id, &user);
                    put_until_acknowledged(b, shop, &id, &user);
                });
            }
            match round {
                4 | 9 | 14 => {
                    database.kill();
                    for client in [&a, &b] {
                        assert_eq!(client.recommended(&shop, &campaign, "u1").map(|items| items.len()), Ok(40));
                    }
                    database.resume();
                }
                7 | 17 => two.kill_and_restart(),
                _ => {}
            }
        });
    }
    let name = url.rsplit('/').next().expect("a name");
    let sent = "SELECT split_part(id, chr(31), 1) AS id FROM tastemaker_events WHERE id ~ '^[0-9]+-[0-9]'";
    let stored = database.psql(name, &format!("SELECT count(*), count(DISTINCT id) FROM ({sent}) AS sent"));
    assert_eq!(stored, format!("{}|{}", ROUNDS * USERS, ROUNDS * USERS));

    // Both have all of it, and so has one that starts without anything of its own.
    until("b answers", || b.recommended(&shop, &campaign, "u1").is_ok());
    let began = Instant::now();
    let three = shared.start("serving");
    println!("a process without local state is ready after {:?}", began.elapsed());
    let c = Client::of(&three);
    for round in 0..ROUNDS {
        for user in (0..USERS).map(|user| format!("r{round}-{user}")).chain([format!("u{round}")]) {
            let lists = [&a, &b, &c].map(|client| client.recommended(&shop, &campaign, &user).expect("a list"));
            assert!(lists[0] == lists[1] && lists[0] == lists[2], "{user}: {lists:?}");
            assert_eq!(lists[0].iter().any(|item| item == "i1"), user.starts_with('u'), "{user}");
        }
    }
    for server in [&one, &two, &three] {
        assert!(!server.log().contains("panicked"), "{}", server.log());
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
