//! S3 servers of other people on loopback, started by a test and ended with it, and a proxy that breaks connections to them.

mod fault_proxy;

pub use fault_proxy::{Fault, FaultProxy};

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The keys that every one of these servers takes.
pub const ACCESS_KEY_ID: &str = "AKIDTEST";
/// The secret of [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "secret-of-tests";

/// The longest time that a server takes to answer for the first time.
const START: Duration = Duration::from_secs(60);

/// A server's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum S3Kind {
    /// [moto](https://docs.getmoto.org), in memory.
    Moto,
    /// [versitygw](https://github.com/versity/versitygw), over a directory.
    Versitygw,
}

/// A running server. Dropping it ends the process.
pub struct S3Server {
    kind: S3Kind,
    port: u16,
    process: Child,
    directory: tempfile::TempDir,
}

impl S3Server {
    /// Starts a server with the bucket `bucket`, or says that it is not installed; with `CI` set a server that `cargo xtask test`
    /// installs everywhere must be there.
    pub fn start(kind: S3Kind, bucket: &str) -> Option<Self> {
        let Some(program) = program(kind) else {
            assert!(
                kind != S3Kind::Moto || std::env::var_os("CI").is_none(),
                "CI needs {kind:?}, which `cargo xtask test` installs"
            );
            println!("skipped: {kind:?} is not installed; `cargo xtask test` installs it");
            return None;
        };
        let directory = tempfile::tempdir().expect("a directory");
        if kind == S3Kind::Versitygw {
            std::fs::create_dir(directory.path().join(bucket)).expect("a bucket");
        }
        let port = free_port();
        let process = spawn(kind, &program, port, &directory);
        let mut server = Self { kind, port, process, directory };
        server.wait();
        if kind == S3Kind::Moto {
            let answer = server.request("PUT", bucket);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        Some(server)
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the process as `kill -9` does, and starts another one at the same address, which has what is in a directory.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        let program = program(self.kind).expect("it was installed");
        self.process = spawn(self.kind, &program, self.port, &self.directory);
        self.wait();
    }

    /// Kills the process as `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// The answer to an unsigned request for a path.
    fn request(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while began.elapsed() < START {
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!("{:?} ended at once: {status}", self.kind);
            }
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(_) => return,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("{:?} does not answer", self.kind);
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The program of a server: of `TASTEMAKER_PYTHON` or `TASTEMAKER_VERSITYGW`, or the machine's.
fn program(kind: S3Kind) -> Option<PathBuf> {
    let given = |variable: &str, other: &str| std::env::var_os(variable).map_or_else(|| other.into(), PathBuf::from);
    let (program, arguments): (PathBuf, &[&str]) = match kind {
        S3Kind::Moto => (given("TASTEMAKER_PYTHON", "python3"), &["-c", "import moto.server"]),
        S3Kind::Versitygw => (given("TASTEMAKER_VERSITYGW", "versitygw"), &["--version"]),
    };
    let runs = Command::new(&program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    runs.is_ok_and(|status| status.success()).then_some(program)
}

fn spawn(kind: S3Kind, program: &PathBuf, port: u16, directory: &tempfile::TempDir) -> Child {
    let mut command = Command::new(program);
    match kind {
        S3Kind::Moto => {
            command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        }
        S3Kind::Versitygw => {
            command.args(["--port", &format!("127.0.0.1:{port}"), "--access", ACCESS_KEY_ID]);
            command.args(["--secret", SECRET_ACCESS_KEY, "posix"]).arg(directory.path());
        }
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts")
}
