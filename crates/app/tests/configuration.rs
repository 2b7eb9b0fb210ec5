//! `tastemaker config`, and the reload of a running server on SIGHUP.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_json::json;
use server::Server;
use server::caller::{Caller, Line};
use server::shop::Client;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn tastemaker(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.args(arguments).envs(variables.iter().copied()).current_dir(directory);
    command.output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn defaults_are_a_file_that_has_no_faults_and_changes_nothing() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let printed = tastemaker(directory.path(), &["config", "--defaults"], &[]);
    assert!(printed.status.success());
    std::fs::write(directory.path().join("all.toml"), &printed.stdout).expect("written");
    let checked = tastemaker(directory.path(), &["config", "--check", "all.toml"], &[]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert_eq!(text(&checked.stdout), "all.toml: no faults; 0 settings are not at their default\n");
    let plain = tastemaker(directory.path(), &["config", "--effective"], &[]);
    let same = tastemaker(directory.path(), &["config", "--effective", "--config", "all.toml"], &[]);
    assert_eq!(text(&plain.stdout), text(&same.stdout));
    let none = tastemaker(directory.path(), &["config"], &[]);
    assert!(!none.status.success() && text(&none.stderr).contains("--effective"), "{}", text(&none.stderr));
}

#[test]
fn effective_settings_name_their_places() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("t.toml"), "region = 'eu-west-1'\n[training]\nauto = false\n")
        .expect("written");
    std::fs::write(directory.path().join("token"), "a secret of 16 characters\n").expect("written");
    let variables = [
        ("TASTEMAKER_CONFIG", "t.toml"),
        ("TASTEMAKER_LIMITS__SCHEMAS", "7"),
        ("TASTEMAKER_CONSOLE__TOKEN_FILE", "token"),
    ];
    let told = tastemaker(directory.path(), &["config", "--effective", "--listen", "127.0.0.1:7"], &variables);
    let told = text(&told.stdout);
    for line in [
        "region = \"eu-west-1\"  # t.toml:1",
        "training.auto = false  # t.toml:3",
        "training.side_by_side = 3  # default",
        "limits.schemas = 7  # the variable TASTEMAKER_LIMITS__SCHEMAS",
        "listen = \"127.0.0.1:7\"  # the flag --listen",
        "console.token = \"***\"  # token of the variable TASTEMAKER_CONSOLE__TOKEN_FILE",
    ] {
        assert!(told.lines().any(|told| told == line), "{line} is not in\n{told}");
    }
}

#[test]
fn a_check_names_every_fault_and_fails() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let check = |toml: &str| {
        std::fs::write(directory.path().join("t.toml"), toml).expect("written");
        let output = tastemaker(directory.path(), &["config", "--check", "t.toml"], &[]);
        (output.status.code(), text(&output.stderr))
    };
    let (code, told) = check("listne = 'x'\n[training]\nauto = 3\n");
    assert_eq!(code, Some(1));
    for line in [
        "  t.toml:1: unknown key listne; did you mean listen?",
        "  t.toml:3: training.auto must be true or false, not 3",
    ] {
        assert!(told.lines().any(|told| told == line), "{told}");
    }
    // Rules that a start looks at when it takes the settings, each with its line.
    for (toml, line) in [
        ("[recommendations]\nbudget_ms = 1901", "t.toml:2: recommendations.budget_ms must be 1 to 1900, not 1901"),
        ("[recommendations.network]\nallow = ['10.0.0.0/99']", "t.toml:2: recommendations.network.allow: "),
        ("[http]\norigins = ['shop.example']", "t.toml:2: http.origins: 'shop.example' is no origin"),
        ("[http]\nhosts = ['https://x']", "t.toml:2: http.hosts: 'https://x' is no name of a host"),
        ("[http]\nmetrics_token_file = 'absent'", "t.toml:2: http.metrics_token_file: cannot read absent"),
        ("[themes]\nurl = 'ftp://x'", "t.toml:2: themes.url must begin with http:// or https://"),
        ("[tls]\ncertificate = 'absent'\nkey = 'absent'", "t.toml:2: tls.certificate: absent cannot be read"),
    ] {
        let (code, told) = check(toml);
        assert!(code == Some(1) && told.contains(&format!("bad configuration: {line}")), "{toml}: {told}");
    }
}

#[test]
fn new_data_begins_with_the_first_key_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "first-secret-of-the-shop\n").expect("written");
    let secret = secret.display().to_string();
    let settings = |id: &'static str| {
        [("TASTEMAKER_AUTH__FIRST_ACCESS_KEY_ID", id), ("TASTEMAKER_AUTH__FIRST_SECRET_ACCESS_KEY_FILE", &*secret)]
    };
    let data = tempfile::tempdir().expect("a temporary directory");
    let is_first = |environment: &[(String, String)]| {
        let has = |name: &str, value: &str| environment.contains(&(name.to_owned(), value.to_owned()));
        has("AWS_ACCESS_KEY_ID", "SHOPKEY0123456789") && has("AWS_SECRET_ACCESS_KEY", "first-secret-of-the-shop")
    };
    let path = data.path().to_owned();
    let mut server = Server::start_on_with(data, &settings("SHOPKEY0123456789"));
    assert!(is_first(&server.environment()));
    let caller = Caller::new(&server);
    let listed = |caller: &Caller| {
        let mut line = Line::connect(&caller.address).expect("the server listens");
        line.send(&caller.control("ListSchemas", &json!({}))).expect("an answer").0
    };
    assert_eq!(listed(&caller), 200);
    server.kill();

    // Later the key of the data goes on, whatever the configuration says.
    let start = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.args(["keys", "list", "--data-dir"]).arg(&path).envs(variables.iter().copied());
        command.output().expect("it runs")
    };
    assert!(start(&settings("OTHERKEY0123456789")).status.success());
    server.restart();
    assert!(is_first(&server.environment()) && !server.log().contains("goes on"), "{}", server.log());
    let malformed = start(&settings("short"));
    let said = text(&malformed.stderr);
    assert!(!malformed.status.success(), "{said}");
    assert!(
        said.contains(
            "bad configuration: the variable TASTEMAKER_AUTH__FIRST_ACCESS_KEY_ID: auth.first_access_key_id must be 16 to 128 letters"
        ),
        "{said}"
    );
}

#[test]
fn the_counts_of_a_key_survive_a_restart() {
    let mut server = Server::start();
    let keys = |server: &Server, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.arg("keys").args(arguments).args(["--json", "--data-dir"]).arg(server.data());
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let made = keys(&server, &["create", "--user", "shop", "--policy", "read-only"]);
    let part = |name: &str| made[name].as_str().expect("text").to_owned();
    let caller = Caller::new(&server).with_key(&part("access_key_id"), &part("secret_access_key"));
    for _ in 0..3 {
        let mut line = Line::connect(&caller.address).expect("the server listens");
        assert_eq!(line.send(&caller.control("ListSchemas", &json!({}))).expect("an answer").0, 200);
    }
    let control = |server: &Server| {
        let listed = keys(server, &["list"]);
        let counts = listed[0]["requests"]["member"].as_array().expect("counts").clone();
        let of = counts.iter().find(|count| count["family"] == "control").expect("a count");
        (of["count"].clone(), listed[0]["last_used_date"].clone())
    };
    let before = control(&server);
    assert!(before.0 == 3 && before.1.is_string(), "{before:?}");
    // It ends as a service manager ends it.
    let id = server.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
    let began = Instant::now();
    while TcpStream::connect(&server.address).is_ok() || !server_ended(&id) {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    // The command is not told of a database.
    if std::env::var_os("TEST_STORE").is_none() {
        assert_eq!(control(&server), before, "of a server that does not run");
    }
    server.kill_and_restart();
    assert_eq!(control(&server), before);
}

/// Whether a process of this test has ended.
fn server_ended(id: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with('Z'))
}

/// A server with a file of settings, and the number of reloads that its log has.
struct Reloading {
    server: Server,
    file: PathBuf,
    directory: tempfile::TempDir,
}

impl Reloading {
    fn start(toml: &str) -> Self {
        Self::start_with(toml, &[("TASTEMAKER_CONSOLE__LOGIN", "loopback-free")])
    }

    fn start_with(toml: &str, variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("t.toml");
        let toml = toml.replace("DIR", &directory.path().display().to_string());
        std::fs::write(&file, toml).expect("written");
        std::fs::write(directory.path().join("token"), "first\n").expect("written");
        let path = file.display().to_string();
        let server = Server::start_with(&[&[("TASTEMAKER_CONFIG", path.as_str())], variables].concat());
        Self { server, file, directory }
    }

    fn reloads(&self) -> usize {
        let log = self.server.log();
        log.matches("the configuration was read again").count()
            + log.matches("the new configuration is not taken").count()
    }

    /// Writes the file, sends the signal, and waits until the server has read it.
    fn reload(&self, toml: &str) {
        std::fs::write(&self.file, toml.replace("DIR", &self.directory.path().display().to_string())).expect("written");
        let before = self.reloads();
        let id = self.server.process_id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().expect("kill runs").success());
        let began = Instant::now();
        while self.reloads() == before {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", self.server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn agent() -> ureq::Agent {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        config.build().into()
    }

    /// Sends a form of the console as a browser does.
    fn post(&self, path: &str, form: &[(&str, &str)], cookie: &str) -> (u16, http::HeaderMap) {
        let url = format!("http://{}{path}", self.server.address);
        let sent = Self::agent().post(&url).header("sec-fetch-site", "same-origin").header("cookie", cookie);
        let answer = sent.send_form(form.iter().copied()).expect("an answer");
        (answer.status().as_u16(), answer.headers().clone())
    }

    fn get(&self, path: &str, header: (&str, &str)) -> (u16, http::HeaderMap, String) {
        let agent = Self::agent();
        let url = format!("http://{}{path}", self.server.address);
        let mut answer = agent.get(&url).header(header.0, header.1).call().expect("an answer");
        let body = answer.body_mut().read_to_string().expect("text");
        (answer.status().as_u16(), answer.headers().clone(), body)
    }
}

const KEYS: &str = "[[recommendations.keys]]\nname = 'shop'\ntoken_file = 'DIR/token'\n";

#[test]
fn a_hangup_takes_limits_tokens_and_origins_and_names_what_waits() {
    let reloading = Reloading::start(&format!("[limits]\nschemas = 1\n{KEYS}"));
    let caller = Caller::new(&reloading.server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let mut schema = |name: &str| {
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
            field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
        let request = caller.control("CreateSchema", &json!({"name": name, "schema": schema.to_string()}));
        line.send(&request).expect("an answer").0
    };
    let status = |token: &str| reloading.get("/recommendations?user_id=u", ("x-api-key", token)).0;
    let origin = || {
        let answer = reloading.get("/health", ("origin", "https://shop.example"));
        answer.1.get("access-control-allow-origin").is_some()
    };
    assert_eq!((schema("one"), schema("two")), (200, 400), "one schema is allowed");
    assert!(status("first") != 401 && status("second") == 401 && !origin());

    std::fs::write(reloading.directory.path().join("token"), "second\n").expect("written");
    reloading.reload(&format!(
        "region = 'eu-west-1'\n[limits]\nschemas = 2\n[http]\norigins = ['https://shop.example']\nconnections_per_address = 77\n{KEYS}"
    ));
    assert_eq!((schema("two"), schema("three")), (200, 400), "two schemas are allowed");
    assert!(status("first") == 401 && status("second") != 401 && origin());
    let log = reloading.server.log();
    for words in [
        "limits.schemas has its new value",
        "http.origins has its new value",
        "region has another value now, which takes effect after a restart",
        "http.connections_per_address has another value now, which takes effect after a restart",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    let (_, _, about) = reloading.get("/console/about", ("accept", "text/html"));
    let row =
        |key: &str| about.split("<tr>").find(|row| row.contains(&format!(">{key}<"))).unwrap_or_default().to_owned();
    assert!(row("limits.schemas").contains(">2<"), "{about}");
    assert!(row("region").contains("us-east-1"), "a setting that waits is shown as it is in effect: {about}");
}

#[test]
fn a_faulty_file_leaves_the_former_configuration_in_use() {
    let reloading = Reloading::start(KEYS);
    let status = |token: &str| reloading.get("/recommendations?user_id=u", ("x-api-key", token)).0;
    std::fs::write(reloading.directory.path().join("token"), "second\n").expect("written");
    for (toml, words) in [
        ("[limits]\nschemas = 0\n", "t.toml:2: limits.schemas must be a whole number of at least 1, not 0"),
        ("[limits\n", "t.toml:1: "),
        ("[recommendations]\nbudget_ms = 5000\n", "recommendations.budget_ms must be 1 to 1900, not 5000"),
        ("[[recommendations.keys]]\nname = 'shop'\ntoken_file = 'DIR/absent'\n", "absent"),
    ] {
        reloading.reload(toml);
        let log = reloading.server.log();
        let told =
            log.lines().rev().find(|line| line.contains("the new configuration is not taken, the former one goes on"));
        assert!(told.is_some_and(|told| told.contains(words)), "{words}: {log}");
        assert!(status("first") != 401 && status("second") == 401, "{toml}");
    }
    reloading.reload(KEYS);
    assert!(status("first") == 401 && status("second") != 401);
}

#[test]
fn reloads_under_load_lose_no_request() {
    let reloading = Reloading::start("[limits]\nschemas = 5\n");
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let caller = Caller::new(&reloading.server);
                let mut line = Line::connect(&caller.address).expect("the server listens");
                while !stop.load(Ordering::Relaxed) {
                    let sent = line.send(&caller.control("ListSchemas", &json!({})));
                    assert_eq!(sent.map(|(status, _)| status).map_err(|error| error.to_string()), Ok(200));
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..15 {
            reloading.reload(&format!("[limits]\nschemas = {}\n", 6 + round));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) > 100, "{answered:?}");
}

#[test]
fn a_hangup_takes_the_limits_of_keys() {
    let reloading = Reloading::start("");
    let caller = Caller::new(&reloading.server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let mut statuses = |count: usize| -> Vec<u16> {
        let mut ask = || line.send(&caller.control("ListSchemas", &json!({}))).expect("an answer").0;
        (0..count).map(|_| ask()).collect()
    };
    assert_eq!(statuses(3), [200; 3]);
    // So slow that nothing comes back while the test runs.
    reloading.reload("[key_limits]\ncontrol_per_second = 1\ncontrol_burst = 2\n");
    let limited = statuses(10);
    assert_eq!(limited[..2], [200, 200]);
    assert!(limited[2..].contains(&400) || limited[2..].contains(&429), "{limited:?}");
    reloading.reload("");
    assert_eq!(statuses(10), [200; 10], "no limit");
    let log = reloading.server.log();
    assert!(log.contains("key_limits.control_per_second has its new value"), "{log}");
}

#[test]
fn a_hangup_takes_the_settings_of_the_console_and_sessions_stay() {
    let reloading = Reloading::start_with("", &[("TASTEMAKER_CONSOLE__TOKEN", "a token of 20 letters")]);
    let variables = reloading.server.environment();
    let key_id = &variables.iter().find(|(name, _)| name == "AWS_ACCESS_KEY_ID").expect("a key").1;
    let log_in = || {
        let form = [("key_id", key_id.as_str()), ("token", "a token of 20 letters"), ("next", "/")];
        let (status, headers) = reloading.post("/console/login", &form, "");
        assert_eq!(status, 303);
        headers["set-cookie"].to_str().expect("text").to_owned()
    };
    let cookie = log_in();
    assert!(cookie.contains("Max-Age=43200"), "{cookie}");
    let session = cookie.split(';').next().expect("a pair").to_owned();
    let about = || reloading.get("/console/about", ("cookie", &session));
    let change = || reloading.post("/console/g/shop/delete-user", &[("user", "u")], &session).0;
    let (status, headers, page) = about();
    assert!(status == 200 && page.contains("lang=\"en\""), "{status}");
    let policy = |headers: &http::HeaderMap| headers["content-security-policy"].to_str().expect("text").to_owned();
    assert!(!policy(&headers).contains("cdn.shop.example"));
    let changed = change();
    assert_ne!(changed, 403);

    reloading.reload(
        "[console]\nread_only = true\nlanguage = 'ko'\nimage_hosts = ['https://cdn.shop.example']\nsession_hours = 2\n\
         hosts = ['console.shop.example']\nenabled = false\n",
    );
    let (status, headers, page) = about();
    assert!(status == 200 && page.contains("lang=\"ko\""), "the session goes on: {status}");
    assert!(policy(&headers).contains("https://cdn.shop.example"));
    assert_eq!(change(), 403, "it is read only");
    assert!(log_in().contains("Max-Age=7200"));
    let by_name = |name: &str| reloading.get("/console/login", ("host", name)).0;
    assert_eq!((by_name("console.shop.example"), by_name("other.shop.example")), (200, 421));
    let log = reloading.server.log();
    assert!(log.contains("console.read_only has its new value"), "{log}");
    assert!(log.contains("console.enabled has another value now, which takes effect after a restart"), "{log}");

    reloading.reload("[console]\nlogin = 'loopback-free'\nbase_path = '/rec'\n");
    let (status, _, page) = reloading.get("/rec/console/about", ("accept", "text/html"));
    assert!(status == 200 && page.contains("/rec/console/"), "nobody has to log in: {status}");
    assert_eq!(change(), changed, "changes are taken again");
}

#[test]
fn a_hangup_takes_the_settings_of_jobs_and_the_format_of_the_log() {
    let reloading = Reloading::start("");
    let of_last_reload = || reloading.server.log().lines().last().expect("a line").to_owned();
    reloading.reload("training_threads = 1\n[training]\nside_by_side = 1\nmemory_mb = 77\n[imports]\nstrict = true\n");
    let log = reloading.server.log();
    for key in ["training_threads", "training.side_by_side", "training.memory_mb", "imports.strict"] {
        assert!(log.contains(&format!("{key} has its new value")), "{key}: {log}");
    }
    assert!(serde_json::from_str::<serde_json::Value>(&of_last_reload()).is_err());
    reloading.reload("[log]\nformat = 'json'\n");
    let line: serde_json::Value = serde_json::from_str(&of_last_reload()).expect("a line of JSON");
    assert_eq!((line["taken"].as_i64(), line["after_restart"].as_i64()), (Some(5), Some(0)), "{line}");
    reloading.reload("");
    assert!(serde_json::from_str::<serde_json::Value>(&of_last_reload()).is_err(), "text again");
    reloading.reload("data_dir = 'elsewhere'\nlisten = '127.0.0.1:1'\n[store]\nwait_s = 3\n");
    assert!(reloading.server.log().contains("store.wait_s has another value now, which takes effect after a restart"));
}

/// A server of others that takes every request and keeps its path and its body.
struct Taker {
    url: String,
    taken: Arc<Mutex<Vec<(String, String)>>>,
}

impl Taker {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = Arc::<Mutex<Vec<(String, String)>>>::default();
        let kept = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = kept.clone();
                std::thread::spawn(move || Self::take(&stream.expect("a connection"), &kept));
            }
        });
        Self { url, taken }
    }

    /// Takes the one request of a connection.
    fn take(mut stream: &TcpStream, kept: &Mutex<Vec<(String, String)>>) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
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
        kept.lock().expect("not poisoned").push((path, String::from_utf8_lossy(&body).into_owned()));
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").ok()
    }

    fn has(&self, path: &str, words: &str) -> bool {
        let taken = self.taken.lock().expect("not poisoned");
        taken.iter().any(|(of, body)| of.starts_with(path) && body.contains(words))
    }

    fn wait_for(&self, path: &str, words: &str, log: impl Fn() -> String) {
        let began = Instant::now();
        while !self.has(path, words) {
            assert!(began.elapsed() < Duration::from_secs(60), "{path} {words}: {:?}\n{}", self.taken, log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_hangup_takes_other_receivers_of_webhooks() {
    let reloading = Reloading::start("");
    let client = Client::of(&reloading.server);
    let group = |name: &str| client.made("CreateDatasetGroup", &json!({"name": name}), "datasetGroupArn");
    let (one, two) = (Taker::start(), Taker::start());
    let to = |taker: &Taker, secret: &str| format!("[[webhooks]]\nurl = '{}/hook'\nsecret = '{secret}'\n", taker.url);
    let log = || reloading.server.log();
    group("untold");
    reloading.reload(&to(&one, "a long enough secret"));
    group("first");
    one.wait_for("/hook", "dataset-group/first", log);
    reloading.reload(&to(&two, "a long enough secret"));
    group("second");
    two.wait_for("/hook", "dataset-group/second", log);
    reloading.reload("");
    group("third");
    reloading.reload(&to(&two, "a long enough secret"));
    group("fourth");
    two.wait_for("/hook", "dataset-group/fourth", log);
    assert!(!one.has("/hook", "dataset-group/untold") && !one.has("/hook", "dataset-group/second"));
    assert!(!two.has("/hook", "dataset-group/third"));
    let named = || log().matches("webhooks has its new value").count();
    assert_eq!(named(), 4, "{}", log());
    reloading.reload(&to(&two, "another one, long enough"));
    assert_eq!(named(), 5, "a secret alone is named, too");
    assert!(!log().contains("long enough"), "{}", log());
    reloading.reload("[[webhooks]]\nurl = 'ftp://x'\nsecret = 'a long enough secret'\n");
    group("fifth");
    two.wait_for("/hook", "dataset-group/fifth", log);
}

#[test]
fn a_hangup_takes_another_collector_of_spans() {
    let reloading = Reloading::start("");
    let client = Client::of(&reloading.server);
    let (one, two) = (Taker::start(), Taker::start());
    let to = |taker: &Taker| format!("[telemetry]\notlp_endpoint = '{}'\n", taker.url);
    let log = || reloading.server.log();
    reloading.reload(&to(&one));
    assert_eq!(client.control("ListSchemas", &json!({})).0, 200);
    // What the former one has not got yet is sent when another takes its place.
    reloading.reload(&to(&two));
    one.wait_for("/v1/traces", "ListSchemas", log);
    assert_eq!(client.control("ListDatasetGroups", &json!({})).0, 200);
    reloading.reload("");
    two.wait_for("/v1/traces", "ListDatasetGroups", log);
    assert!(!one.has("/v1/traces", "ListDatasetGroups") && !two.has("/v1/traces", "ListSchemas"));
    assert!(log().contains("telemetry.otlp_endpoint has its new value"), "{}", log());
}

#[test]
fn a_hangup_takes_buckets_outside() {
    let reloading = Reloading::start("");
    let client = Client::of(&reloading.server);
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let schema = json!({"type": "record", "name": "Interactions", "namespace": "x", "version": "1.0", "fields": [
        field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
    let schema = client.made("CreateSchema", &json!({"name": "s", "schema": schema.to_string()}), "schemaArn");
    let group = client.made("CreateDatasetGroup", &json!({"name": "g"}), "datasetGroupArn");
    let dataset = json!({"name": "d", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
    let dataset = client.made("CreateDataset", &dataset, "datasetArn");
    let import = |name: &str| {
        let source = json!({"dataLocation": "s3://outside/x.csv"});
        let role = "arn:aws:iam::000000000000:role/r";
        let input = json!({"jobName": name, "datasetArn": dataset, "dataSource": source, "roleArn": role});
        client.made("CreateDatasetImportJob", &input, "datasetImportJobArn")
    };
    let taker = Taker::start();
    let rule = format!(
        "[[s3.external]]\nbucket = 'outside'\nendpoint = '{}'\ncredentials = 'anonymous'\nretries = 0\n",
        taker.url
    );
    let log = || reloading.server.log();
    let before = import("before");
    let began = Instant::now();
    loop {
        let (_, described) = client.control("DescribeDatasetImportJob", &json!({"datasetImportJobArn": before}));
        if described["datasetImportJob"]["status"] == "CREATE FAILED" {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{described}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(taker.taken.lock().expect("not poisoned").is_empty());
    reloading.reload(&rule);
    import("after");
    taker.wait_for("/outside", "", log);
    assert!(log().contains("s3.external has its new value"), "{}", log());
}

#[test]
fn a_hangup_begins_and_ends_backups() {
    if std::env::var_os("TEST_STORE").is_some() {
        println!("skipped: what is in a database is not backed up by the server");
        return;
    }
    let reloading = Reloading::start("");
    let made = || {
        let backups = std::fs::read_dir(reloading.directory.path().join("backups/blobs/backups"));
        backups.map_or(0, Iterator::count)
    };
    let until = |count: usize| {
        let began = Instant::now();
        while made() < count {
            assert!(began.elapsed() < Duration::from_secs(60), "{}", reloading.server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    reloading.reload("[backup]\ntarget = 'DIR/backups'\nevery = '1s'\n");
    until(2);
    reloading.reload("[backup]\ntarget = 'DIR/backups'\nevery = '1s'\n[[webhooks]]\nurl = 'x'\n");
    let log = reloading.server.log();
    assert!(log.contains("backup.every has its new value") && log.contains("backup.target has its new value"), "{log}");
    reloading.reload("[backup]\nevery = '1s'\n");
    assert!(reloading.server.log().contains("backup.target, the place of the backups, is not"));
    until(made() + 1);
    reloading.reload("");
    // One that was under way may still come.
    std::thread::sleep(Duration::from_millis(1500));
    let count = made();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(made(), count, "no more backups");
}

#[test]
fn a_hangup_takes_the_writer_of_themes() {
    let reloading = Reloading::start("");
    reloading.reload("[themes]\nurl = 'http://127.0.0.1:9/v1'\nmodel = 'm'\nkey_file = 'DIR/absent'\n");
    let log = reloading.server.log();
    assert!(log.contains("the former one goes on") && log.contains("themes.key_file: the key of"), "{log}");
    reloading.reload("[themes]\nurl = 'http://127.0.0.1:9/v1'\nmodel = 'm'\nkey_file = 'DIR/token'\n");
    let log = reloading.server.log();
    for key in ["themes.url", "themes.model", "themes.key_file"] {
        assert!(log.contains(&format!("{key} has its new value")), "{log}");
    }
}
