//! Settings of the listener, at the sockets of a server process.
#![allow(clippy::expect_used, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server on an empty data directory, begun by a shell after `before`.
struct Server {
    process: Child,
    address: String,
    data: tempfile::TempDir,
}

impl Server {
    fn start(before: &str, settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let script = format!("{before} exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\"");
        let mut process = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_tastemaker")])
            .arg(data.path())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        Self { process, address: address.expect("ready"), data }
    }

    /// The status of a GET, and nothing where the connection ends without an answer.
    fn status(&self, path: &str, headers: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        write!(stream, "GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// Kills the server; its log.
    fn log(mut self) -> String {
        self.process.kill().expect("it runs");
        let mut log = String::new();
        self.process.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn the_environment_is_that_of_the_server_that_runs() {
    let environment = |data: &std::path::Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
            .args(["env", "--data-dir"])
            .arg(data)
            .output()
            .expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let mut server = Server::start("", &[]);
    let (ok, told, errors) = environment(server.data.path());
    assert!(ok && told.contains(&format!("export AWS_ENDPOINT_URL='http://{}'", server.address)), "{told} {errors}");
    server.process.kill().expect("it runs");
    server.process.wait().expect("it ends");
    for data in [server.data.path().to_owned(), server.data.path().join("absent")] {
        let (ok, told, errors) = environment(&data);
        assert!(!ok && told.is_empty() && errors.contains("no server runs on the data directory"), "{told} {errors}");
    }
    assert!(!server.data.path().join("absent").exists());
}

#[test]
fn names_pages_and_metrics_are_as_configured() {
    let plain = Server::start("", &[]);
    for (host, metrics) in [("localhost", Some(200)), ("127.0.0.1:1", Some(200)), ("rec.example.com", Some(403))] {
        assert_eq!(plain.status("/metrics", &format!("Host: {host}\r\n")), metrics, "{host}");
        assert_eq!(plain.status("/health", &format!("Host: {host}\r\n")), Some(200), "{host}");
    }
    let named = Server::start("", &[("TASTEMAKER_HTTP__HOSTS", "[\"rec.example.com\"]")]);
    assert_eq!(named.status("/metrics", "Host: rec.example.com\r\n"), Some(200));
    let closed = Server::start("", &[("TASTEMAKER_RECOMMENDATIONS__ACCESS", "always")]);
    assert_eq!(closed.status("/metrics", "Host: localhost\r\n"), Some(401));
}

#[test]
fn an_address_may_have_so_many_connections() {
    let server = Server::start("", &[("TASTEMAKER_HTTP__CONNECTIONS_PER_ADDRESS", "2")]);
    let silent: Vec<_> = (0..2).map(|_| TcpStream::connect(&server.address).expect("connected")).collect();
    assert_eq!(server.status("/health", "Host: localhost\r\n"), None);
    drop(silent);
    let answered = || server.status("/health", "Host: localhost\r\n") == Some(200);
    assert!((0..100).any(|_| answered() || {
        std::thread::sleep(Duration::from_millis(20));
        false
    }));
}

#[test]
fn few_files_are_said_in_the_log() {
    let server = Server::start("ulimit -n 700;", &[]);
    assert_eq!(server.status("/health", "Host: localhost\r\n"), Some(200));
    let log = server.log();
    assert!(log.contains("few files may be open at once") && log.contains("connections=350"), "{log}");
    // A soft limit below the hard one is raised.
    let raised = Server::start("ulimit -S -n 256;", &[]);
    assert_eq!(raised.status("/health", "Host: localhost\r\n"), Some(200));
    let log = raised.log();
    assert!(!log.contains("open_files=256"), "{log}");
}
