//! Observability of a running server: its log, its metrics, its traces; and what `tastemaker doctor` tells of where it runs.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_json::Value;
use server::Server;
use server::caller::{Caller, Line};
use server::journey::{Journey, STRAY, USER, scrape};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tastemaker_http::metric_families::{FAMILIES, MetricKind, family};

/// A recipe whose training takes no time, and one with epochs.
const COUNTED: &str = "aws-popularity-count";
const TRAINED: &str = "aws-user-personalization";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a log that are requests or slow requests.
fn lines(log: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    log.lines().map(line).collect()
}

#[test]
fn nobody_and_no_secret_is_in_the_log_of_a_whole_journey() {
    let settings = [
        ("TASTEMAKER_LOG__FORMAT", "json"),
        ("TASTEMAKER_LOG__LEVEL", "debug"),
        ("TASTEMAKER_LOG__SLOW_REQUEST_MS", "1"),
        ("RUST_BACKTRACE", "0"),
    ];
    let server = Server::start_with(&settings);
    let journey = Journey::walk(&server, COUNTED);
    let log = server.log();
    assert!(journey.secrets.len() > 20, "{}", journey.secrets.len());
    for secret in journey.secrets.iter().chain([&USER.to_owned(), &STRAY.to_owned()]) {
        assert!(secret.len() >= 8, "'{secret}' is found anywhere");
        let found = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "{secret} is in the log: {found:?}");
    }
    let lines = lines(&log);
    for line in &lines {
        for member in ["timestamp", "level", "target", "message"] {
            assert!(line[member].is_string() || member == "message", "{member} in {line}");
        }
    }
    let requests: Vec<&Value> = lines.iter().filter(|line| line["target"] == "tastemaker_http::request").collect();
    let of = |operation: &str, status: u64| {
        let found = requests.iter().find(|line| line["operation"] == operation && line["status"] == status);
        (*found.unwrap_or_else(|| panic!("no line of {operation} with {status}"))).clone()
    };
    let key = server.environment().into_iter().find(|(name, _)| name == "AWS_ACCESS_KEY_ID").expect("a key").1;
    let list = of("GetRecommendations", 200);
    assert_eq!((&list["campaign"], &list["access_key_id"]), (&journey.campaign.as_str().into(), &key.as_str().into()));
    assert_eq!((list["method"].as_str(), list["level"].as_str()), (Some("POST"), Some("INFO")));
    assert!(list["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{list}");
    assert!(list["request_bytes"].as_u64() > Some(50) && list["response_bytes"].as_u64() > Some(50), "{list}");
    assert!(list["request_id"].as_str().is_some_and(|id| id.len() == 36) && list["user_id"].is_null(), "{list}");
    assert_eq!(of("S3", 200)["access_key_id"], key.as_str());
    assert!(of("S3", 404)["access_key_id"].is_null(), "nobody has said that this one was verified");
    for (operation, status) in
        [("PutEvents", 200), ("Recommendations", 200), ("Currents", 200), ("Sts", 200), ("Nothing", 404)]
    {
        of(operation, status);
    }
    let refused = of("PutEvents", 400);
    assert!(refused["error"].as_str().is_some_and(|error| error.ends_with("Exception")), "{refused}");
    let slow = lines.iter().find(|line| {
        line["target"] == "tastemaker_http::slow_request" && line["operation"] == "CreateDatasetImportJob"
    });
    let slow = slow.expect("a commit takes more than a millisecond");
    for part in ["read_body_ms", "authenticate_ms", "decode_ms", "storage_ms", "encode_ms"] {
        assert!(slow[part].is_number(), "{part} in {slow}");
    }
    assert!(slow["admission_ms"].is_null(), "{slow}");
    let all: f64 = ["read_body_ms", "authenticate_ms", "decode_ms", "storage_ms", "encode_ms"]
        .iter()
        .filter_map(|part| slow[*part].as_f64())
        .sum();
    assert!(all <= slow["duration_ms"].as_f64().expect("a number") + 0.1, "{slow}");
    assert!(lines.iter().any(|line| line["message"] == "job failed"), "the refused import is told");
    assert!(lines.iter().any(|line| line["level"] == "DEBUG"));
}

#[test]
fn users_are_named_where_it_is_asked_for_and_levels_are_kept() {
    let server = Server::start_with(&[
        ("TASTEMAKER_LOG__LEVEL", "error,tastemaker_http=warn"),
        ("TASTEMAKER_LOG__REQUEST_LEVEL", "warn"),
        ("TASTEMAKER_LOG__USER_IDS", "true"),
        ("TASTEMAKER_LOG__SLOW_REQUEST_MS", "0"),
        ("TASTEMAKER_LOG__FORMAT", "json"),
    ]);
    let journey = Journey::walk(&server, COUNTED);
    let lines = lines(&server.log());
    let named = |line: &&Value| line["user_id"].as_str().is_some_and(|user| user.starts_with(USER));
    for operation in ["GetRecommendations", "PutEvents", "Recommendations"] {
        let of_operation: Vec<&Value> = lines.iter().filter(|line| line["operation"] == operation).collect();
        assert!(of_operation.iter().any(named), "{operation}: {of_operation:?}");
    }
    for line in &lines {
        let mut rest = line.clone();
        rest["user_id"] = Value::Null;
        let text = rest.to_string();
        assert!(!text.contains(USER) && !journey.secrets.iter().any(|secret| text.contains(secret.as_str())), "{text}");
    }
    assert!(lines.iter().all(|line| line["target"] != "tastemaker_http::slow_request"));
    assert!(lines.iter().all(|line| line["level"] == "WARN" || line["level"] == "ERROR"));

    let silent = Server::start_with(&[("TASTEMAKER_LOG__LEVEL", "info"), ("TASTEMAKER_LOG__REQUEST_LEVEL", "off")]);
    Line::connect(&silent.address)
        .expect("it listens")
        .call(&Caller::new(&silent).control("ListSchemas", &Value::Object(Default::default())));
    assert!(!silent.log().contains("ListSchemas"), "{}", silent.log());
}

#[test]
fn the_last_error_of_a_command_is_an_object_too() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
        .args(["serve", "--log-format", "json", "--listen", &address, "--data-dir"])
        .arg(directory.path())
        .output()
        .expect("the binary runs");
    let said = lines(&String::from_utf8_lossy(&output.stderr));
    let last = said.last().expect("a line");
    assert!(!output.status.success() && last["level"] == "ERROR" && last["message"] == "the command failed", "{last}");
    assert!(last["cause"].as_str().is_some_and(|cause| cause.contains("another process listens there")), "{last}");
}

/// The families of a scrape with their types, and the names of their series.
#[derive(Default)]
struct Scraped {
    types: BTreeMap<String, String>,
    /// The last value of each series, by name and then by the text before it.
    series: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Scraped {
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                self.types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') && !line.is_empty() {
                let name = line.split(['{', ' ']).next().unwrap_or_default();
                let (labels, value) = line.rsplit_once(' ').expect("a value");
                let value = value.parse().expect("a number");
                self.series.entry(name.to_owned()).or_default().insert(labels.to_owned(), value);
            }
        }
    }

    /// The last value of the series with these labels.
    fn value(&self, name: &str, labels: &str) -> f64 {
        let series = self.series.get(name).unwrap_or_else(|| panic!("{name} is not there"));
        let found = series.iter().find(|(text, _)| text.contains(labels));
        *found.unwrap_or_else(|| panic!("{name} has no series with {labels}: {series:?}")).1
    }

    /// Whether a name of a query is a series, or one of a histogram.
    fn has(&self, name: &str) -> bool {
        self.series.contains_key(name)
    }
}

/// Words of PromQL that are no metrics.
const WORDS: &[&str] =
    &["by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset"];

/// The names of metrics in a query: what is neither a function, a label nor a word of the language.
fn metrics_of(query: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let characters: Vec<char> = query.chars().collect();
    let (mut at, mut after) = (0, String::new());
    while at < characters.len() {
        let c = characters[at];
        if c == '"' {
            at += 1;
            while characters[at] != '"' {
                at += if characters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '{' || c == '[' {
            let close = if c == '{' { '}' } else { ']' };
            let mut quoted = false;
            while quoted || characters[at] != close {
                quoted ^= characters[at] == '"';
                at += 1;
            }
        } else if c == '(' && WORDS.contains(&after.as_str()) {
            at += characters[at..].iter().position(|c| *c == ')').expect("closed") + 1;
            after.clear();
        } else if c.is_ascii_alphabetic() || c == '_' {
            let end = characters[at..].iter().position(|c| !(c.is_ascii_alphanumeric() || *c == '_' || *c == ':'));
            let end = end.map_or(characters.len(), |end| at + end);
            let word: String = characters[at..end].iter().collect();
            let next = characters[end..].iter().find(|c| !c.is_whitespace());
            let is_aggregation = characters[end..].iter().collect::<String>().trim_start().starts_with("by ");
            if next != Some(&'(') && !is_aggregation && !WORDS.contains(&word.as_str()) {
                found.insert(word.clone());
            }
            after = word;
            at = end;
        } else {
            at += if c.is_ascii_digit() {
                characters[at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '.').count()
            } else {
                1
            };
            if !c.is_whitespace() {
                after.clear();
            }
        }
    }
    found
}

#[test]
fn names_are_found_in_queries() {
    let names = |query: &str| metrics_of(query).into_iter().collect::<Vec<_>>();
    assert_eq!(
        names("histogram_quantile(0.99, sum by (le, campaign) (rate(a_bucket{b=~\"x{y\"}[5m]))) > 1e3"),
        ["a_bucket"]
    );
    assert_eq!(names("sum(rate(a[5m])) / sum by (c) (b) and on (kind) d == 0"), ["a", "b", "d"]);
}

/// The queries of the dashboard and of the alerts.
fn queries() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/tastemaker.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut queries: Vec<String> = targets.map(|target| target["expr"].as_str().expect("an expr").to_owned()).collect();
    assert!(queries.len() > 50, "{}", queries.len());
    let alerts = read("deploy/prometheus/alerts.yml");
    let of_alerts = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: '")?.strip_suffix('\''));
    queries.extend(of_alerts.map(str::to_owned));
    queries
}

/// Families of processes that share their storage, of backups by a schedule and of webhooks, which are tested beside their code.
const ELSEWHERE: [&str; 6] = [
    "tastemaker_nodes",
    "tastemaker_nodes_disagreeing_campaigns",
    "tastemaker_event_log_lag_seconds",
    "tastemaker_backup_failures_total",
    "tastemaker_backup_last_success_timestamp_seconds",
    "tastemaker_webhook_dead_letters_total",
];

#[test]
fn dashboards_and_alerts_name_what_a_server_shows() {
    let server = Server::start();
    let ended = Arc::new(AtomicBool::new(false));
    let watching = {
        let (address, ended) = (server.address.clone(), ended.clone());
        std::thread::spawn(move || {
            let mut scraped = Scraped::default();
            while !ended.load(Ordering::Relaxed) {
                scraped.add(&scrape(&address));
                std::thread::sleep(Duration::from_millis(20));
            }
            scraped
        })
    };
    let journey = Journey::walk(&server, TRAINED);
    ended.store(true, Ordering::Relaxed);
    let mut scraped = watching.join().expect("no panic");
    scraped.add(&over_tls());
    // After the other server, so that the values are those of the journey.
    scraped.add(&scrape(&server.address));

    for (name, kind) in &scraped.types {
        let known = family(name).unwrap_or_else(|| panic!("{name} is not in the table of families"));
        assert_eq!(kind, known.kind.as_str(), "{name}");
    }
    for query in queries() {
        for name in metrics_of(&query) {
            let is_elsewhere = ELSEWHERE.contains(&name.as_str());
            // Prometheus makes it itself.
            let known = name == "up" || scraped.has(&name) || is_elsewhere;
            assert!(known, "{name} of {query} is not among what a server shows");
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let base = base.filter(|base| family(base).is_some_and(|family| family.kind == MetricKind::Histogram));
            assert!(name == "up" || family(base.unwrap_or(&name)).is_some(), "{name} of {query}");
        }
    }
    let campaign = format!("campaign=\"{}\"", journey.campaign);
    for (name, labels, least, most) in [
        ("tastemaker_campaign_requests_total", "class=\"2xx\"", 10.0, 10.0),
        ("tastemaker_model_users", &campaign, 120.0, 120.0),
        ("tastemaker_model_items", &campaign, 30.0, 30.0),
        ("tastemaker_model_bytes", &campaign, 1_000.0, 1e9),
        ("tastemaker_model_metric", "metric=\"normalized_discounted_cumulative_gain_at_25\"", 0.0, 1.0),
        ("tastemaker_dataset_rows", "dataset/shop/INTERACTIONS", 1_440.0, 1_440.0),
        ("tastemaker_dataset_bytes", "dataset/shop/INTERACTIONS", 1_000.0, 1e6),
        ("tastemaker_filters", "dataset-group/shop", 1.0, 1.0),
        ("tastemaker_events_appended_total", "kind=\"interactions\"", 6.0, 6.0),
        ("tastemaker_jobs_ended_total", "kind=\"import\",outcome=\"failed\"", 1.0, 1.0),
        ("tastemaker_jobs_ended_total", "kind=\"train\",outcome=\"completed\"", 1.0, 1.0),
        ("tastemaker_training_epoch", "solution/model/", 1.0, 1e4),
        ("tastemaker_training_loss", "solution/model/", 0.0, 1e4),
        ("tastemaker_storage_seconds_count", "store=\"records\",call=\"commit\"", 10.0, 1e6),
        ("tastemaker_s3_requests_total", "method=\"PUT\",class=\"2xx\"", 3.0, 3.0),
        ("tastemaker_newest_event_timestamp_seconds", "dataset-group/shop", 1.7e9, 1e11),
        ("process_resident_memory_bytes", "", 1e6, 1e11),
        ("process_open_fds", "", 3.0, 1e5),
        ("tastemaker_scrape_errors", "", 0.0, 0.0),
        ("tastemaker_tls_certificate_expiry_timestamp_seconds", "", 6.7e10, 6.8e10),
    ] {
        let value = scraped.value(name, labels);
        assert!((least..=most).contains(&value), "{name} {labels} is {value}");
    }
    // A training that has ended leaves no progress behind.
    assert!(!scrape(&server.address).contains("tastemaker_training_epoch"));
}

/// The metrics of a server with TLS.
fn over_tls() -> String {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let file = |name: &str, text: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let certificate = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let server = Server::start_with(&[("TASTEMAKER_TLS__CERTIFICATE", &certificate), ("TASTEMAKER_TLS__KEY", &key)]);
    let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let url = format!("https://{}/metrics", server.address);
    let mut answer = agent.get(url).call().expect("an answer");
    answer.body_mut().read_to_string().expect("text")
}

#[test]
fn the_page_of_metrics_is_the_table_of_the_code() {
    let page = read("docs/operations/metrics.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |family: &tastemaker_http::metric_families::MetricFamily| {
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{}` | {} | {} | {} |", family.name, family.kind.as_str(), labels.join(", "), family.help)
    };
    let wanted: Vec<String> = FAMILIES.iter().map(row).collect();
    assert_eq!(rows, wanted, "the rows are to be:\n{}", wanted.join("\n"));
}

#[test]
fn every_alert_has_a_section_in_the_runbook() {
    let (alerts, runbook) = (read("deploy/prometheus/alerts.yml"), read("docs/operations/runbook.md"));
    let anchor = |title: &str| title.to_lowercase().replace(' ', "-");
    let sections: BTreeSet<String> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect();
    let named: BTreeSet<String> = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("runbook: docs/operations/runbook.md#"))
        .map(str::to_owned)
        .collect();
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(sections, named);
    assert!(names.len() == named.len() && names.len() > 20, "{}", names.len());
    for name in names {
        assert!(runbook.contains(&format!("`{name}` (")), "{name}");
    }
    if Command::new("promtool").arg("--version").output().is_err() {
        println!("skipped: the alerts are not parsed by Prometheus' own promtool, which is not here");
        return;
    }
    let parsed =
        Command::new("promtool").args(["check", "rules"]).arg(repository("deploy/prometheus/alerts.yml")).output();
    let parsed = parsed.expect("promtool runs");
    assert!(parsed.status.success(), "{}", String::from_utf8_lossy(&parsed.stderr));
}

/// A collector of spans on loopback.
struct Collector {
    endpoint: String,
    bodies: Arc<parking_lot::Mutex<Vec<Value>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let bodies = Arc::<parking_lot::Mutex<Vec<Value>>>::default();
        let kept = bodies.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, kept) = (stream.expect("a connection"), kept.clone());
                std::thread::spawn(move || while Self::take(&stream, &kept).is_some() {});
            }
        });
        Self { endpoint, bodies }
    }

    /// Takes one request of a connection.
    fn take(stream: &TcpStream, kept: &parking_lot::Mutex<Vec<Value>>) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        assert!(line.starts_with("POST /v1/traces "), "{line}");
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let head = line.trim().to_lowercase();
            if let Some(bytes) = head.strip_prefix("content-length:") {
                length = bytes.trim().parse().ok()?;
            }
            if head.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        kept.lock().push(serde_json::from_slice(&body).expect("JSON"));
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}").ok()
    }

    /// All spans that came.
    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock();
        let of = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let resources = bodies.iter().flat_map(|body| of(body, "resourceSpans"));
        resources.flat_map(|resource| of(&resource, "scopeSpans")).flat_map(|scope| of(&scope, "spans")).collect()
    }

    /// Waits until a span fits.
    fn wait(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(span) = self.spans().into_iter().find(|span| fits(span)) {
                return span;
            }
            assert!(Instant::now() < until, "no {what}: {:?}", self.spans());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn spans_of_requests_and_jobs_reach_a_collector() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const CALLER: &str = "00f067aa0ba902b7";
    let collector = Collector::start();
    let server = Server::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("TASTEMAKER_LOG__FORMAT", "json"),
        ("TASTEMAKER_LOG__LEVEL", "info"),
    ]);
    let journey = Journey::walk(&server, COUNTED);
    let input = serde_json::json!({"campaignArn": journey.campaign, "userId": "u"});
    let request = String::from_utf8(journey.caller.post("/recommendations", &input)).expect("text");
    let request = request.replacen("\r\n", &format!("\r\ntraceparent: 00-{TRACE}-{CALLER}-01\r\n"), 1);
    Line::connect(&server.address).expect("it listens").call(request.as_bytes());
    let of_trace = |span: &Value| span["traceId"] == TRACE;
    let span =
        collector.wait("span of the caller's trace", |span| of_trace(span) && span["name"] == "GetRecommendations");
    assert_eq!(span["parentSpanId"], CALLER);
    let attribute = |span: &Value, key: &str| {
        let attributes = span["attributes"].as_array().cloned().unwrap_or_default();
        attributes.into_iter().find(|attribute| attribute["key"] == key).map(|attribute| attribute["value"].to_string())
    };
    assert!(attribute(&span, "http.response.status_code").is_some_and(|status| status.contains("200")), "{span}");
    let nanoseconds =
        |span: &Value, key: &str| span[key].as_str().and_then(|time| time.parse::<u64>().ok()).expect(key);
    for part in ["read_body", "authenticate", "decode", "admission", "compute", "encode"] {
        let of_part = collector.wait(part, |other| of_trace(other) && other["name"] == part);
        assert_eq!(of_part["parentSpanId"], span["spanId"], "{part}");
        assert!(nanoseconds(&of_part, "startTimeUnixNano") >= nanoseconds(&span, "startTimeUnixNano"), "{part}");
        assert!(
            nanoseconds(&of_part, "endTimeUnixNano") <= nanoseconds(&span, "endTimeUnixNano") + 1_000_000,
            "{part}"
        );
    }
    let import = collector.wait("span of an import", |span| {
        span["name"] == "job import" && attribute(span, "tastemaker.outcome").is_some_and(|end| end.contains("failed"))
    });
    assert_eq!(import["status"]["code"], 2, "{import}");
    let training = collector.wait("span of a training", |span| span["name"] == "job train");
    collector.wait("span of a step of the training", |span| {
        span["parentSpanId"] == training["spanId"]
            && span["name"].as_str().is_some_and(|name| name.starts_with("step ") || name.starts_with("stage "))
    });
    let text = serde_json::to_string(&collector.spans()).expect("JSON");
    assert!(!text.contains(USER) && !journey.secrets.iter().any(|secret| text.contains(secret.as_str())));
    let log = lines(&server.log());
    assert!(log.iter().any(|line| line["trace_id"] == TRACE && line["operation"] == "GetRecommendations"));
}

/// The findings of `tastemaker doctor --json`, and whether it succeeded.
fn doctor(arguments: &[&str]) -> (bool, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker")).args(["doctor", "--json"]).args(arguments).output();
    let output = output.expect("the binary runs");
    let found = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), found)
}

fn finding<'a>(found: &'a Value, check: &str) -> &'a Value {
    let findings = found["findings"].as_array().expect("findings");
    findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("no {check} in {found}"))
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_change() {
    let server = Server::start();
    let data = server.data().display().to_string();
    let (_, found) = doctor(&["--data-dir", &data, "--listen", "127.0.0.1:4100"]);
    let port = finding(&found, "port");
    assert!(
        port["verdict"] == "ok" && port["found"].as_str().is_some_and(|said| said.contains(&server.address)),
        "{port}"
    );
    assert_eq!(finding(&found, "clock of the server")["verdict"], "ok");
    assert_eq!(finding(&found, "data directory")["verdict"], "ok");
    assert!(finding(&found, "fsync")["found"].as_str().is_some_and(|said| said.contains("ms")));

    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let (succeeded, found) = doctor(&["--data-dir", &file.display().to_string(), "--listen", &address]);
    assert!(!succeeded && found["verdict"] == "fail", "{found}");
    for check in ["data directory", "port"] {
        let finding = finding(&found, check);
        assert!(finding["verdict"] == "fail" && finding["advice"].is_string(), "{finding}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
        .args(["doctor", "--listen", &address, "--data-dir"])
        .arg(dir.path().join("new"))
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("fail  port: ") && text.contains("      -> end the other process"), "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("checks failed") && output.status.code() == Some(1));
    assert!(!dir.path().join("new").exists(), "it leaves nothing behind");
}
