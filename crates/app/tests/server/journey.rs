//! A whole journey through a server: import, training, campaign, lists, events, Braze, console, S3, tokens and refusals, with users
//! whose names stand out in any text.
#![allow(dead_code)]

use super::Server;
use super::caller::{Caller, Line};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

/// The beginning of the names of all users.
pub const USER: &str = "subscriber-zq";
/// A name in place of a user's where it does not belong.
pub const STRAY: &str = "subscriber-zq-stray";

/// The resources that were made, and everything that must stay out of logs.
pub struct Journey {
    pub caller: Caller,
    pub campaign: String,
    pub group: String,
    pub tracking_id: String,
    /// Secrets, tokens and signatures that were sent or received.
    pub secrets: Vec<String>,
}

fn user(n: usize) -> String {
    format!("{USER}{n}")
}

impl Journey {
    /// Walks it all.
    pub fn walk(server: &Server, recipe: &str) -> Self {
        let caller = Caller::new(server);
        let secrets = server
            .environment()
            .into_iter()
            .filter(|(name, _)| name.contains("SECRET") || name.contains("TOKEN"))
            .map(|(_, value)| value)
            .collect();
        let mut journey =
            Self { caller, campaign: String::new(), group: String::new(), tracking_id: String::new(), secrets };
        journey.import();
        journey.train(recipe);
        journey.ask(server);
        journey.refusals();
        journey.console(server);
        journey.tokens();
        journey
    }

    fn line(&self) -> Line {
        Line::connect(&self.caller.address).expect("the server listens")
    }

    /// Notes the signature of a request, and sends it.
    fn send(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        let text = String::from_utf8_lossy(request);
        if let Some((_, rest)) = text.split_once("Signature=") {
            self.secrets.push(rest.chars().take_while(char::is_ascii_hexdigit).collect());
        }
        self.line().send_for_bytes(request).expect("an answer")
    }

    fn control(&mut self, operation: &str, input: Value) -> Value {
        let (status, body) = self.send(&self.caller.control(operation, &input));
        assert_eq!(status, 200, "{operation}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    fn made(&mut self, operation: &str, input: Value, key: &str) -> String {
        let made = self.control(operation, input);
        made[key].as_str().unwrap_or_else(|| panic!("{operation} gave {made}")).to_owned()
    }

    fn until_active(&mut self, operation: &str, member: &str, key: &str, arn: &str) -> String {
        let until = Instant::now() + Duration::from_secs(240);
        loop {
            let answer = self.control(operation, json!({ key: arn }));
            let status = answer[member]["status"].as_str().unwrap_or_default();
            if status == "ACTIVE" || status == "CREATE FAILED" {
                return status.to_owned();
            }
            assert!(Instant::now() < until, "{operation}: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn upload(&mut self, key: &str, body: &str) {
        let put = self.caller.signed("s3", "PUT", &format!("/shop/{key}"), None, body);
        assert_eq!(self.send(&put).0, 200);
    }

    fn import(&mut self) {
        let bucket = self.caller.signed("s3", "PUT", "/shop", None, "");
        assert_eq!(self.send(&bucket).0, 200);
        let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
        for n in 0..120 {
            for step in 0..12 {
                let item = (n * 7 + step * step) % 30;
                writeln!(csv, "{},i{item},{}", user(n), 1_700_000_000 + n * 1_000 + step * 60)
                    .expect("text takes text");
            }
        }
        self.upload("interactions.csv", &csv);
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
            field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
        let schema = self.made("CreateSchema", json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
        self.group = self.made("CreateDatasetGroup", json!({"name": "shop"}), "datasetGroupArn");
        let dataset =
            json!({"name": "d", "datasetGroupArn": self.group, "datasetType": "Interactions", "schemaArn": schema});
        let dataset = self.made("CreateDataset", dataset, "datasetArn");
        let import = |name: &str, key: &str| {
            json!({"jobName": name, "datasetArn": dataset, "roleArn": "arn:aws:iam::000000000000:role/r",
                "dataSource": {"dataLocation": format!("s3://shop/{key}")}})
        };
        let job = self.made("CreateDatasetImportJob", import("good", "interactions.csv"), "datasetImportJobArn");
        let (describe, member, key) = ("DescribeDatasetImportJob", "datasetImportJob", "datasetImportJobArn");
        assert_eq!(self.until_active(describe, member, key, &job), "ACTIVE");
        // A file that is refused at a row of somebody.
        let broken = format!("USER_ID,ITEM_ID,TIMESTAMP\n{},i1,1700000000\n{},i2,yesterday\n", user(1), user(2));
        self.upload("broken.csv", &broken);
        let job = self.made("CreateDatasetImportJob", import("broken", "broken.csv"), "datasetImportJobArn");
        assert_eq!(self.until_active(describe, member, key, &job), "CREATE FAILED");
    }

    fn train(&mut self, recipe: &str) {
        let recipe = format!("arn:aws:personalize:::recipe/{recipe}");
        let solution = json!({"name": "model", "datasetGroupArn": self.group, "recipeArn": recipe});
        let solution = self.made("CreateSolution", solution, "solutionArn");
        let version = self.made("CreateSolutionVersion", json!({"solutionArn": solution}), "solutionVersionArn");
        let status = self.until_active("DescribeSolutionVersion", "solutionVersion", "solutionVersionArn", &version);
        assert_eq!(status, "ACTIVE");
        let campaign = json!({"name": "home", "solutionVersionArn": version});
        self.campaign = self.made("CreateCampaign", campaign, "campaignArn");
        let campaign = self.campaign.clone();
        assert_eq!(self.until_active("DescribeCampaign", "campaign", "campaignArn", &campaign), "ACTIVE");
        let expression = format!("EXCLUDE ItemID WHERE Interactions.event_type IN (\"{STRAY}\")");
        let filter = json!({"name": "f", "datasetGroupArn": self.group, "filterExpression": expression});
        self.made("CreateFilter", filter, "filterArn");
        let tracker = json!({"name": "t", "datasetGroupArn": self.group});
        self.tracking_id = self.made("CreateEventTracker", tracker, "trackingId");
    }

    fn ask(&mut self, server: &Server) {
        for n in 0..5 {
            let list = self.caller.post("/recommendations", &json!({"campaignArn": self.campaign, "userId": user(n)}));
            assert_eq!(self.send(&list).0, 200);
            let event = json!({"eventType": "View", "itemId": "i3", "sentAt": 1_700_000_000_000_u64,
                "properties": format!("{{\"note\": \"{STRAY}\"}}")});
            let events =
                json!({"trackingId": self.tracking_id, "sessionId": STRAY, "userId": user(n), "eventList": [event]});
            assert_eq!(self.send(&self.caller.post("/events", &events)).0, 200);
            let (status, _) = get(&server.address, &format!("/recommendations?user_id={}&num_results=3", user(n)), "");
            assert_eq!(status, 200);
        }
        let purchase = json!({"event_type": "users.behaviors.Purchase", "id": "e1", "external_user_id": user(3),
            "time": 1_767_000_000, "product_id": "i3", "price": 9.5, "currency": "USD", "properties": "{}"});
        let batch =
            json!({"events": [purchase, {"event_type": "something.New", "external_user_id": STRAY}]}).to_string();
        let (status, _) = post(&server.address, "/braze/currents", "content-type: application/json\r\n", &batch);
        assert_eq!(status, 200);
    }

    /// Requests that are refused, or that nothing answers, with users and secrets where they do not belong.
    fn refusals(&mut self) {
        let address = self.caller.address.clone();
        let unknown = format!("{}-unknown", self.campaign);
        for input in [
            json!({"campaignArn": unknown, "userId": STRAY}),
            json!({"campaignArn": self.campaign, "userId": STRAY, "numResults": 9_999}),
            json!({"campaignArn": self.campaign, "userId": [STRAY]}),
        ] {
            assert_eq!(self.send(&self.caller.post("/recommendations", &input)).0 / 100, 4);
        }
        let events = json!({"trackingId": STRAY, "sessionId": STRAY, "userId": STRAY, "eventList": []});
        assert_eq!(self.send(&self.caller.post("/events", &events)).0, 400);
        let mut forged = self.caller.post("/recommendations", &json!({"campaignArn": self.campaign, "userId": STRAY}));
        let last = forged.len() - 3;
        forged[last] ^= 1;
        assert_eq!(self.send(&forged).0 / 100, 4);
        for path in
            [format!("/nowhere/{STRAY}?token=hidden-word-1"), format!("/related?item_id={STRAY}&user_id={STRAY}")]
        {
            let (status, _) =
                get(&address, &path, "authorization: Bearer hidden-word-2\r\nx-api-key: hidden-word-3\r\n");
            assert_ne!(status, 0, "{path}");
        }
        let (status, _) =
            post(&address, "/recommendations", "content-type: application/json\r\n", &format!("{{{STRAY}"));
        assert_eq!(status / 100, 4);
        let missing = self.caller.signed("s3", "GET", &format!("/shop/{STRAY}"), None, "");
        assert_eq!(self.send(&missing).0, 404);
        self.secrets.extend(["hidden-word-1", "hidden-word-2", "hidden-word-3"].map(str::to_owned));
    }

    fn console(&mut self, server: &Server) {
        let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
            .args(["console", "--data-dir"])
            .arg(server.data())
            .output()
            .expect("the binary runs");
        let link = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let path = link.strip_prefix(&format!("http://{}", server.address)).expect("a link to the server");
        let (status, head) = get(&server.address, path, "");
        assert_eq!(status, 303);
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let (status, _) = get(&server.address, "/console/", &format!("Cookie: {cookie}\r\n"));
        assert!(status == 200 || status == 303, "{status}");
        let page = format!("/console/search?q={STRAY}");
        get(&server.address, &page, &format!("Cookie: {cookie}\r\n"));
        let (_, value) = cookie.split_once('=').expect("a pair");
        let (_, token) = path.rsplit_once(['=', '/']).expect("a token at the end of the link");
        self.secrets.extend([value.to_owned(), token.to_owned()]);
    }

    fn tokens(&mut self) {
        let body = "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600";
        let (status, answer) = self.send(&self.caller.signed("sts", "POST", "/", None, body));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(status, 200, "{answer}");
        for element in ["SecretAccessKey", "SessionToken"] {
            let (_, rest) = answer.split_once(&format!("<{element}>")).expect(element);
            self.secrets.push(rest.split('<').next().expect("a value").to_owned());
        }
        let refused = self.caller.signed("iam", "POST", "/", None, &format!("Action=Nothing&UserName={STRAY}"));
        assert_eq!(self.send(&refused).0 / 100, 4);
    }
}

/// Status and head of the answer to a GET.
pub fn get(address: &str, path: &str, headers: &str) -> (u16, String) {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"))
}

/// Status and head of the answer to a POST.
pub fn post(address: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let length = body.len();
    ask(
        address,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ),
    )
}

fn ask(address: &str, request: &str) -> (u16, String) {
    let answer = text(address, request);
    let (head, _) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), head.to_owned())
}

/// The text of an answer, head and body.
pub fn text(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The text of `/metrics`.
pub fn scrape(address: &str) -> String {
    let answer = text(address, &format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}
