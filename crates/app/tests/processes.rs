//! Several server processes on one PostgreSQL and one folder of blobs.
#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
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

/// One process as its clients see it.
struct Client(Caller);

impl Client {
    fn of(server: &Server) -> Self {
        Self(Caller::new(server))
    }

    fn send(&self, request: &[u8]) -> (u16, Value) {
        Line::connect(&self.0.address).expect("the server listens").send(request).expect("the server answers")
    }

    fn control(&self, operation: &str, input: &Value) -> (u16, Value) {
        self.send(&self.0.control(operation, input))
    }

    fn made(&self, operation: &str, input: &Value, key: &str) -> String {
        let (status, made) = self.control(operation, input);
        assert_eq!(status, 200, "{operation}: {made}");
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    }

    /// Waits until a resource has a status.
    fn until(&self, wanted: &str, operation: &str, input: &Value, key: &str) {
        let began = Instant::now();
        loop {
            let (_, described) = self.control(operation, input);
            let status = described[key]["status"].as_str().unwrap_or_default();
            assert!(!status.ends_with("FAILED"), "{described}");
            if status == wanted {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(300), "{operation}: {described}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = Line::connect(&self.0.address).expect("the server listens").send_for_bytes(request.as_bytes());
        let (status, body) = answer.expect("the server answers");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn put(&self, shop: &Shop, id: &str, user: &str, item: &str) {
        let event = json!({"eventId": id, "eventType": "View", "itemId": item, "sentAt": 1_700_000_000});
        let body = json!({"trackingId": shop.tracking_id, "sessionId": user, "userId": user, "eventList": [event]});
        let (status, refused) = self.send(&self.0.post("/events", &body));
        assert_eq!(status, 200, "{refused}");
    }

    /// The items that are recommended to a user, without what they have viewed; or the refusal.
    fn recommended(&self, shop: &Shop, campaign: &str, user: &str) -> Result<Vec<String>, Value> {
        let body = json!({"campaignArn": campaign, "userId": user, "numResults": 40, "filterArn": shop.filter});
        let (status, answer) = self.send(&self.0.post("/recommendations", &body));
        if status != 200 {
            return Err(answer);
        }
        let items = answer["itemList"].as_array().expect("a list").iter();
        Ok(items.map(|item| item["itemId"].as_str().expect("an id").to_owned()).collect())
    }

    fn campaign(&self, name: &str, version: &str) -> String {
        let create = json!({"name": name, "solutionVersionArn": version, "minProvisionedTPS": 1});
        let campaign = self.made("CreateCampaign", &create, "campaignArn");
        self.until("ACTIVE", "DescribeCampaign", &json!({"campaignArn": campaign}), "campaign");
        campaign
    }

    /// A solution of a recipe and the beginning of its training: the version's ARN.
    fn training(&self, shop: &Shop, recipe: &str) -> String {
        let solution = json!({"name": recipe, "datasetGroupArn": shop.group, "performAutoTraining": false,
            "recipeArn": format!("arn:aws:personalize:::recipe/{recipe}")});
        let solution = self.made("CreateSolution", &solution, "solutionArn");
        self.made("CreateSolutionVersion", &json!({"solutionArn": solution}), "solutionVersionArn")
    }

    fn trained(&self, version: &str) {
        let describe = json!({"solutionVersionArn": version});
        self.until("ACTIVE", "DescribeSolutionVersion", &describe, "solutionVersion");
    }
}

struct Shop {
    group: String,
    tracking_id: String,
    filter: String,
}

impl Shop {
    /// A group with imported interactions, through a process with the control plane while another one works.
    fn open(api: &Client) -> Self {
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
            field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long"), field("EVENT_TYPE", "string")]});
        let schema = api.made("CreateSchema", &json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
        let group = api.made("CreateDatasetGroup", &json!({"name": "g"}), "datasetGroupArn");
        let dataset =
            json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
        let dataset = api.made("CreateDataset", &dataset, "datasetArn");
        let tracker = json!({"name": "t", "datasetGroupArn": group});
        let tracking_id = api.made("CreateEventTracker", &tracker, "trackingId");
        let expression = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"View\")";
        let filter = json!({"name": "f", "datasetGroupArn": group, "filterExpression": expression});
        let filter = api.made("CreateFilter", &filter, "filterArn");
        let mut csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n".to_owned();
        for (user, step) in (0..60).flat_map(|user| (0..20).map(move |step| (user, step))) {
            let time = 1_600_000_000 + user * 1000 + step * 60;
            csv += &format!("u{user},i{},{time},Buy\n", (user * 7 + step) % 40);
        }
        for (path, body) in [("/walks", ""), ("/walks/walks.csv", &*csv), ("/walks/users.csv", "USER_ID\ngone\n")] {
            assert_eq!(api.send(&api.0.signed("s3", "PUT", path, None, body)).0, 200);
        }
        let source = json!({"dataLocation": "s3://walks/walks.csv"});
        let import = json!({"jobName": "i", "datasetArn": dataset, "dataSource": source});
        let import = api.made("CreateDatasetImportJob", &import, "datasetImportJobArn");
        let describe = json!({"datasetImportJobArn": import});
        api.until("ACTIVE", "DescribeDatasetImportJob", &describe, "datasetImportJob");
        Self { group, tracking_id, filter }
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
