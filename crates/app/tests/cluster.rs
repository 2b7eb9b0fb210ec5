//! The processes of `deploy/cluster/compose.yaml` without containers: the same settings, the same balancer, loopback instead of the
//! containers' network.
#![cfg(unix)]
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_norway::Value;
use server::Server;
use server::caller::Caller;
use server::shop::{Client, Shop};
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tastemaker_testkit::postgres::Postgres;
use tastemaker_testkit::s3_servers::{ACCESS_KEY_ID, S3Kind, S3Server, SECRET_ACCESS_KEY};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/cluster")
}

/// The file's services with everything that stands in one place of it for several.
fn services() -> Value {
    let text = std::fs::read_to_string(folder().join("compose.yaml")).expect("the file");
    let mut file: Value = serde_norway::from_str(&text).expect("YAML");
    file.apply_merge().expect("maps are merged into maps");
    file["services"].clone()
}

/// The file's names and values, with those of the containers' network replaced by those on loopback.
struct Replaced(Vec<(&'static str, String)>);

impl Replaced {
    fn text(&self, text: &str) -> String {
        let mut replaced = text.to_owned();
        for (from, to) in &self.0 {
            replaced = replaced.replace(from, to);
        }
        assert!(!replaced.contains("${"), "{replaced}: every variable of the file is known");
        replaced
    }

    fn environment(&self, service: &Value) -> BTreeMap<String, String> {
        let variables = service["environment"].as_mapping().expect("variables by name");
        let pair = |(name, value): (&Value, &Value)| {
            let (name, value) = (name.as_str().expect("a name"), value.as_str().expect("a text"));
            (name.to_owned(), self.text(value))
        };
        variables.iter().map(pair).collect()
    }

    fn start(&self, service: &Value) -> Server {
        assert_eq!(service["image"].as_str(), Some("tastemaker"));
        let settings = self.environment(service);
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Server::start_with(&settings)
    }
}

/// The first access key of whoever starts the file.
const FIRST_KEY: (&str, &str) = ("CLUSTERKEY0123456789", "a-secret-of-the-cluster");

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The balancer's process, which ends with the test.
struct Balancer(Child);

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status();
    found.is_ok_and(|status| status.success())
}

#[test]
fn the_services_of_the_file_are_a_whole() {
    let services = services();
    let names: Vec<_> = services.as_mapping().expect("services").keys().filter_map(Value::as_str).collect();
    assert_eq!(names, ["balancer", "node-1", "node-2", "worker", "postgres", "objects", "bucket"]);
    for (name, service) in services.as_mapping().expect("services") {
        let waits = service["depends_on"].as_mapping().into_iter().flat_map(|services| services.keys());
        let waits = waits.chain(service["depends_on"].as_sequence().into_iter().flatten());
        for other in waits.filter_map(Value::as_str) {
            assert!(names.contains(&other), "{name:?} waits for {other}");
        }
    }
    let role = |name: &str| services[name]["environment"]["TASTEMAKER_ROLE"].as_str().map(str::to_owned);
    assert_eq!(
        ["node-1", "node-2", "worker"].map(role),
        ["api,serving", "api,serving", "worker"].map(|role| Some(role.to_owned()))
    );
    // One address for all: whoever reaches it from another machine must have chosen that.
    let published: Vec<_> = services
        .as_mapping()
        .expect("services")
        .values()
        .map(|service| &service["ports"])
        .filter(|ports| !ports.is_null())
        .collect();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0][0].as_str(), Some("127.0.0.1:4100:4100"));
}

#[test]
fn the_processes_of_the_file_answer_behind_its_balancer() {
    if !is_installed("haproxy") || !is_installed("curl") {
        assert!(std::env::var_os("CI").is_none(), "CI needs haproxy and curl, which `cargo xtask test` installs");
        println!("skipped: haproxy and curl are not both on the PATH; `cargo xtask test` installs them");
        return;
    }
    let Some(database) = Postgres::shared() else { return };
    let Some(objects) = S3Server::start(S3Kind::Versitygw, "other").or_else(|| S3Server::start(S3Kind::Moto, "other"))
    else {
        return;
    };
    let services = services();
    let mut replaced = Replaced(vec![
        ("postgres://tastemaker:${DATABASE_PASSWORD:?a password}@postgres:5432/tastemaker", database.database()),
        ("${BUCKET_SECRET:?a secret}", SECRET_ACCESS_KEY.to_owned()),
        ("${FIRST_ACCESS_KEY_ID:-}", FIRST_KEY.0.to_owned()),
        ("${FIRST_SECRET_ACCESS_KEY:-}", FIRST_KEY.1.to_owned()),
        ("tastemaker:secret", format!("{ACCESS_KEY_ID}:secret")),
        ("http://objects:7070", objects.endpoint()),
    ]);
    // The first time it is made, the second time it is there.
    for _ in 0..2 {
        let script = services["bucket"]["command"][0].as_str().expect("a script").replace("$$", "$");
        let mut make = Command::new("sh");
        make.args(["-c", &script]).envs(replaced.environment(&services["bucket"]));
        assert!(make.status().expect("sh runs").success());
    }

    // The servers' own account of the bucket.
    let mut services = services;
    for name in ["node-1", "node-2", "worker"] {
        services[name]["environment"]["AWS_ACCESS_KEY_ID"] = ACCESS_KEY_ID.into();
    }
    let mut first = replaced.start(&services["node-1"]);
    let (second, worker) = (replaced.start(&services["node-2"]), replaced.start(&services["worker"]));

    for node in [&first, &second, &worker] {
        let environment = node.environment();
        for (name, value) in [("AWS_ACCESS_KEY_ID", FIRST_KEY.0), ("AWS_SECRET_ACCESS_KEY", FIRST_KEY.1)] {
            assert!(environment.contains(&(name.to_owned(), value.to_owned())), "{name} is that of the environment");
        }
    }

    let port = free_port();
    replaced.0.push(("node-1:4100", first.address.clone()));
    replaced.0.push(("node-2:4100", second.address.clone()));
    let mut environment = replaced.environment(&services["balancer"]);
    environment.insert("BALANCER_PORT".to_owned(), port.to_string());
    let mut haproxy = Command::new("haproxy");
    haproxy.args(["-db", "-f"]).arg(folder().join("haproxy.cfg")).envs(environment).stdout(Stdio::null());
    let _balancer = Balancer(haproxy.spawn().expect("haproxy starts"));
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the balancer listens");
        std::thread::sleep(Duration::from_millis(20));
    }

    let mut caller = Caller::new(&first);
    caller.address = format!("127.0.0.1:{port}");
    let client = Client(caller);
    let shop = Shop::open(&client);
    let version = client.training(&shop, "aws-popularity-count");
    client.trained(&version);
    let campaign = client.campaign("c", &version);
    let viewed = |client: &Client, user: &str| {
        let items = client.recommended(&shop, &campaign, user).unwrap_or_else(|refused| panic!("{user}: {refused}"));
        !items.iter().any(|item| item == "i1")
    };
    let began = Instant::now();
    while [&first, &second].iter().any(|node| Client::of(node).recommended(&shop, &campaign, "u").is_err()) {
        assert!(began.elapsed() < Duration::from_secs(30), "both servers have the filter");
        std::thread::sleep(Duration::from_millis(20));
    }
    // A user's requests go to one server, so that the list has the click without any waiting; users go to both.
    let served = |node: &Server| {
        let metrics = Client::of(node).get("/metrics").1;
        let counts =
            metrics.lines().filter(|line| line.starts_with("tastemaker_requests_total") && line.contains("PutEvents"));
        counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum::<f64>()
    };
    for n in 0..60 {
        let user = format!("visitor-{n}");
        assert!(!viewed(&client, &user));
        client.put(&shop, &format!("e{n}"), &user, "i1");
        assert!(viewed(&client, &user), "{user} reads the own click");
    }
    let shares = [served(&first), served(&second)];
    assert!(shares[0] >= 10.0 && shares[1] >= 10.0 && shares[0] + shares[1] == 60.0, "{shares:?}");

    // One server is killed: nobody is refused, and the other one has every click.
    first.kill();
    for n in 0..60 {
        assert!(viewed(&client, &format!("visitor-{n}")), "visitor-{n}");
    }
    client.put(&shop, "late", "late", "i1");
    first.restart();
    let began = Instant::now();
    while Client::of(&first).get("/ready").0 != 200 {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(viewed(&Client::of(&first), "late") && viewed(&client, "late"));
    for node in [&first, &second, &worker] {
        assert!(!node.log().contains("panicked"), "{}", node.log());
    }
}
