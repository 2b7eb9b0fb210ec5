//! A server process for one test, and the scripts that talk to it.

pub mod caller;
pub mod directory;
pub mod journey;
#[allow(dead_code)]
pub mod shop;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tastemaker_testkit::postgres::Postgres;

/// `tastemaker serve` on a free loopback port. Dropping it kills the process and removes its data.
pub struct Server {
    process: Child,
    data: tempfile::TempDir,
    /// The standard error of all its processes.
    log: tempfile::NamedTempFile,
    settings: Vec<(String, String)>,
    /// `HOST:PORT`.
    pub address: String,
}

impl Server {
    /// Starts on an empty data directory and waits for the line that says it is ready.
    pub fn start() -> Self {
        Self::start_on(tempfile::tempdir().expect("a temporary directory"))
    }

    /// Starts on an empty data directory with settings of the environment.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::begin(tempfile::tempdir().expect("a temporary directory"), settings)
    }

    /// Starts with settings of the environment on a directory with data.
    pub fn start_on_with(data: tempfile::TempDir, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::begin(data, settings)
    }

    /// Starts on a directory with data and waits for the line that says it is ready.
    pub fn start_on(data: tempfile::TempDir) -> Self {
        Self::begin(data, Vec::new())
    }

    /// With `TEST_STORE=postgres` every server gets a database of its own, on a server that the test process starts.
    fn begin(data: tempfile::TempDir, mut settings: Vec<(String, String)>) -> Self {
        if std::env::var_os("TEST_STORE").is_some_and(|store| store == "postgres") {
            let url = Postgres::shared().expect("PostgreSQL is installed").database();
            settings.extend(["RECORDS", "EVENTS"].map(|key| (format!("TASTEMAKER_STORE__{key}"), url.clone())));
        }
        let log = tempfile::NamedTempFile::new().expect("a temporary file");
        let (process, address) = spawn(data.path(), "127.0.0.1:0", &log, &settings);
        Self { process, data, log, settings, address }
    }

    /// The id of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The lines of its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("text")
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the process as `kill -9` does and starts another one on the same data.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    /// Kills the process as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill().expect("the server was running");
        self.process.wait().expect("it ends");
    }

    /// Starts another process on the same data.
    pub fn restart(&mut self) {
        (self.process, self.address) = spawn(self.data.path(), &self.address, &self.log, &self.settings);
    }

    /// The directory of its data.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The output of `tastemaker env`, as pairs.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.address, self.data.path())
    }
}

/// The output of `tastemaker env` for an address and a data directory, as pairs.
pub fn environment(address: &str, data: &Path) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
        .args(["env", "--listen", address, "--data-dir"])
        .arg(data)
        .output()
        .expect("tastemaker env runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("utf-8");
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    text.lines().map(|l| pair(l).unwrap_or_else(|| panic!("not an export line: {l}"))).collect()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

fn spawn(data: &Path, listen: &str, log: &tempfile::NamedTempFile, settings: &[(String, String)]) -> (Child, String) {
    let errors = std::fs::OpenOptions::new().append(true).open(log.path()).expect("the log opens");
    let mut process = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
        .args(["serve", "--listen", listen, "--data-dir"])
        .arg(data)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("the server starts");
    let stdout = process.stdout.take().expect("piped");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once("://").map(|(_, address)| address.to_owned());
    let said = || std::fs::read_to_string(log.path()).unwrap_or_default();
    (process, address.unwrap_or_else(|| panic!("the server said: {line}{}", said())))
}

/// Runs a script of `tests/clients` with Python and boto3 and returns what it printed; says so and returns nothing where
/// they are absent.
pub fn python_script(script: &str, arguments: &[&str], server: &Server) -> String {
    python_script_in(script, arguments, || server.environment())
}

/// The same with what `tastemaker env` printed before, for a server that does not run.
pub fn python_script_in(
    script: &str,
    arguments: &[&str],
    environment: impl FnOnce() -> Vec<(String, String)>,
) -> String {
    let Some(python) = python() else {
        println!("skipped: {script} needs Python with boto3; `cargo xtask test` makes one");
        return String::new();
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    run_in(Command::new(python).arg(path).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1"), environment())
}

/// Runs a script of `tests/clients/js` with Node.js where `CLIENT_TESTS_NODE_MODULES` says the SDK is; says so and returns where it
/// does not.
pub fn node_script(script: &str, server: &Server) {
    let Some(directory) = std::env::var_os("CLIENT_TESTS_NODE_MODULES").map(PathBuf::from) else {
        println!("skipped: {script} needs the AWS SDK for JavaScript; `cargo xtask test` installs it");
        return;
    };
    // Modules are looked up beside the script.
    let copy = directory.join(script);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/js").join(script);
    std::fs::copy(path, &copy).expect("the script is copied");
    run(Command::new("node").arg("--no-warnings").arg(copy), server);
}

/// Runs the client of `tests/clients/rust` that `CLIENT_TESTS_RUST` names; says so and returns where it does not.
pub fn rust_client(server: &Server) {
    let Some(client) = std::env::var_os("CLIENT_TESTS_RUST") else {
        println!("skipped: the client with the AWS SDK for Rust; `cargo xtask test` builds it");
        return;
    };
    run(&mut Command::new(client), server);
}

/// Runs a client with the keys of the server and returns what it printed, which is printed as well.
pub fn run(command: &mut Command, server: &Server) -> String {
    run_in(command, server.environment())
}

/// The same with what `tastemaker env` printed before.
pub fn run_in(command: &mut Command, environment: Vec<(String, String)>) -> String {
    let home = tempfile::tempdir().expect("a temporary directory");
    command.envs(environment).env("HOME", home.path()).current_dir(home.path());
    for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "AWS_PROFILE", "AWS_SESSION_TOKEN"] {
        command.env_remove(proxy);
    }
    let output = command.output().expect("the client starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    println!("{}", text(&output.stdout));
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// A Python with boto3: the one that `TASTEMAKER_PYTHON` names, or the machine's.
pub fn python() -> Option<PathBuf> {
    let given = std::env::var_os("TASTEMAKER_PYTHON").map(PathBuf::from);
    given.or_else(|| {
        let found = Command::new("python3").args(["-c", "import boto3, sys; print(sys.executable)"]).output().ok()?;
        let path = String::from_utf8(found.stdout).ok().filter(|_| found.status.success())?;
        Some(PathBuf::from(path.trim()))
    })
}

/// A path in the data that developers and CI have beside the repository; says so and returns `None` where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let candidates = [root.join("../shared"), root.join("shared")];
    let found = candidates.iter().map(|c| c.join(path)).find(|p| p.exists()).and_then(|p| p.canonicalize().ok());
    if found.is_none() {
        println!("skipped: ../shared/{path} is not here");
    }
    found
}
