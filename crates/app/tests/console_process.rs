//! The web console of a server process: logging in by link and by token, switched off, below a path, the counts of Operate,
//! and at the end.
#![allow(clippy::expect_used, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    process: Child,
    address: String,
    data: tempfile::TempDir,
    settings: Vec<(&'static str, &'static str)>,
}

/// An answer in parts.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(prefix.as_str())).unwrap_or_default()
    }
}

impl Server {
    fn start(settings: &[(&'static str, &'static str)]) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut process = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        Self { process, address: address.expect("ready"), data, settings: settings.to_vec() }
    }

    fn open(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
            self.address
        )
        .expect("sent");
        stream
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut text = Vec::new();
        self.open(method, path, headers, body).read_to_end(&mut text).expect("an answer");
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers, "")
    }

    /// The output of `tastemaker console`.
    fn command(&self, arguments: &[&str], data: &Path) -> (bool, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
            .args(["console", "--data-dir"])
            .arg(data)
            .args(arguments)
            .envs(self.settings.iter().copied())
            .output()
            .expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    /// The cookie of somebody who opened a link.
    fn logged_in(&self, arguments: &[&str]) -> String {
        let (ok, link, error) = self.command(arguments, self.data.path());
        assert!(ok, "{error}");
        let path = link.strip_prefix(&format!("http://{}", self.address)).expect("a link to the server");
        let answer = self.get(path, "");
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie");
        assert_eq!(self.get(path, "").status, 401, "a link opens once");
        format!("Cookie: {cookie}\r\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn a_link_of_the_command_logs_in() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/", "Accept: text/html\r\n").header("location"), "console/");
    assert_eq!(server.get("/console/about", "").status, 303);
    let about = server.get("/console/about", &server.logged_in(&[]));
    assert!(about.status == 200 && about.body.contains("Data directory"), "{}", about.body);
    let directory = server.data.path().display().to_string();
    assert!(about.body.contains(&directory) && about.body.contains("<td>flag</td>"), "{}", about.body);
    let viewer = server.logged_in(&["--view"]);
    assert_eq!(server.get("/console/about", &viewer).status, 200);
    assert_eq!(server.ask("POST", "/console/g/x/y", &viewer, "").status, 403);
    let elsewhere = tempfile::tempdir().expect("a temporary directory");
    let (ok, printed, error) = server.command(&[], elsewhere.path());
    assert!(!ok && printed.is_empty() && error.contains("no server runs on the data directory"), "{error}");
}

#[test]
fn the_token_of_the_directory_and_that_of_the_environment_log_in() {
    let form = |server: &Server, token: &str| {
        let file = std::fs::read_to_string(server.data.path().join("credentials.json")).expect("credentials");
        let credentials: serde_json::Value = serde_json::from_str(&file).expect("JSON");
        let word = |name: &str| credentials[name].as_str().expect("text").to_owned();
        let token = if token.is_empty() { word("console_token") } else { token.to_owned() };
        let body = format!("key_id={}&token={token}", word("access_key_id"));
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        (server.ask("POST", "/console/login", kind, &body).status, token)
    };
    let server = Server::start(&[]);
    let (status, token) = form(&server, "");
    assert_eq!((status, token.len()), (303, 64));
    let server = Server::start(&[("TASTEMAKER_CONSOLE__TOKEN", "0123456789012345")]);
    assert_eq!(form(&server, "0123456789012345").0, 303);
    assert_eq!(form(&server, "").0, 401, "the environment's takes its place");
    let about = server.get("/console/about", &server.logged_in(&[]));
    assert!(!about.body.contains("0123456789012345"), "no page shows it");
}

#[test]
fn settings_of_the_console_work() {
    let off = Server::start(&[("TASTEMAKER_CONSOLE__ENABLED", "false")]);
    for path in ["/console", "/console/about", "/"] {
        assert_eq!(off.get(path, "Accept: text/html\r\n").status, 404, "{path}");
    }
    let (ok, _, error) = off.command(&[], off.data.path());
    assert!(!ok && error.contains("console.enabled"), "{error}");

    let free = Server::start(&[
        ("TASTEMAKER_CONSOLE__BASE_PATH", "/rec/"),
        ("TASTEMAKER_CONSOLE__LOGIN", "loopback-free"),
        ("TASTEMAKER_CONSOLE__READ_ONLY", "true"),
        ("TASTEMAKER_CONSOLE__LANGUAGE", "ko"),
        ("TASTEMAKER_CONSOLE__HOSTS", "[\"rec.example.com\"]"),
        ("TASTEMAKER_CONSOLE__IMAGE_HOSTS", "[\"https://cdn.shop.example\"]"),
        ("TASTEMAKER_RECOMMENDATIONS__NETWORK__TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
    ]);
    for path in ["/console/about", "/rec/console/about"] {
        let about = free.get(path, "");
        assert!(about.status == 200 && about.body.contains("href=\"/rec/console/about\""), "{}", about.body);
        assert!(about.body.contains("데이터 디렉터리") && about.body.contains("환경 변수"));
        assert!(about.header("content-security-policy").contains("https://cdn.shop.example"));
    }
    let proxied = free.get("/console/login", "X-Forwarded-Prefix: /a/b\r\n");
    assert!(proxied.body.contains("action=\"/a/b/console/login\""), "{}", proxied.body);
    let refused = free.ask("POST", "/console/g/x/y", "", "");
    assert!(refused.status == 403 && refused.body.contains("console.read_only"), "{}", refused.body);
    let (_, link, _) = free.command(&[], free.data.path());
    assert!(link.starts_with(&format!("http://{}/rec/console/login?code=", free.address)), "{link}");

    let short = Server::start(&[("TASTEMAKER_CONSOLE__SESSION_HOURS", "2")]);
    let (_, link, _) = short.command(&[], short.data.path());
    let path = link.strip_prefix(&format!("http://{}", short.address)).expect("a link");
    assert!(short.get(path, "").header("set-cookie").contains("Max-Age=7200"));
}

/// The sum of the numbers of an operation in the text of `/metrics`; with a class, of statuses that begin with it.
fn counted(metrics: &str, operation: &str, class: &str) -> u64 {
    let prefix = format!("tastemaker_requests_total{{operation=\"{operation}\",status=\"{class}");
    let numbers = metrics.lines().filter(|line| line.starts_with(&prefix));
    numbers.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

/// The cells of an operation's row on the page Operate.
fn row(page: &str, operation: &str) -> Option<Vec<String>> {
    let row = page.split(&format!("<th scope=\"row\" title=\"{operation}\">")).nth(1)?.split("</tr>").next()?;
    let cells = row.split("<td class=\"number\">").skip(1);
    Some(cells.filter_map(|cell| Some(cell.split("</td>").next()?.to_owned())).collect())
}

#[test]
fn operate_shows_the_counts_of_the_metrics() {
    let server = Server::start(&[]);
    let user = server.logged_in(&[]);
    for _ in 0..5 {
        assert_eq!(server.get("/health", "").status, 200);
    }
    for _ in 0..3 {
        let target = "X-Amz-Target: AmazonPersonalize.ListSchemas\r\nContent-Type: application/x-amz-json-1.1\r\n";
        assert!((400..500).contains(&server.ask("POST", "/", target, "{}").status));
    }
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(server.ask("POST", "/console/login", form, "key_id=nobody&token=nothing").status, 401);
    // A second's counts are shown after its end.
    let mut page = String::new();
    for _ in 0..100 {
        page = server.get("/console/operate", &user).body;
        let requests = |operation| row(&page, operation).and_then(|cells| cells.first()?.parse::<u64>().ok());
        if requests("Health") == Some(5) && requests("ListSchemas") == Some(3) {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let metrics = server.get("/metrics", "").body;
    for operation in ["Health", "ListSchemas"] {
        let cells = row(&page, operation).expect(&page);
        let expected = ["", "4", "5"].map(|class| counted(&metrics, operation, class).to_string());
        assert_eq!([&cells[0], &cells[5], &cells[6]], [&expected[0], &expected[1], &expected[2]], "{operation}");
    }
    assert_eq!((counted(&metrics, "Health", "2"), counted(&metrics, "ListSchemas", "4")), (5, 3));
    let hour = server.get("/console/operate?window=1h", &user).body;
    assert_eq!(row(&hour, "Health").expect("a row")[0], "5");

    let log = server.get("/console/operate/log?level=warn&q=login", &user).body;
    assert!(log.contains("a login to the console failed") && !log.contains("nothing"), "{log}");
    let request_id = log.split("request_id=").nth(1).and_then(|rest| rest.get(..36)).expect("an id");
    let found = server.get(&format!("/console/operate/log?q={request_id}"), &user).body;
    assert_eq!(found.matches("<li><time").count(), 1, "{found}");
    let store = server.get("/console/operate/store", &user);
    assert!(store.status == 200 && store.body.contains("iB</strong>"), "{}", store.body);
    assert_eq!(server.get("/console/operate/jobs", &user).status, 200);
    assert_eq!(server.get("/console/operate/events", &user).status, 200);
}

#[test]
fn open_live_pages_do_not_keep_a_server_from_ending() {
    let mut server = Server::start(&[]);
    let cookie = server.logged_in(&[]);
    let mut streams: Vec<TcpStream> =
        (0..5).map(|_| server.open("GET", "/console/live?topics=", &cookie, "")).collect();
    let mut first = [0; 512];
    for stream in &mut streams {
        let read = stream.read(&mut first).expect("a head");
        assert!(String::from_utf8_lossy(&first[..read]).starts_with("HTTP/1.1 200"));
    }
    let began = Instant::now();
    let id = server.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
    for stream in &mut streams {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).expect("the end");
        assert!(rest.contains("event: bye"), "{rest}");
    }
    server.process.wait().expect("it ends");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}
