//! The distribution: the commands that packages rely on, the packages, and the files of `deploy`.

#[path = "distribution/chart.rs"]
mod chart;
#[path = "distribution/commands.rs"]
mod commands;
#[path = "distribution/containers.rs"]
mod containers;
#[path = "distribution/packages.rs"]
mod packages;
#[path = "distribution/service_manager.rs"]
mod service_manager;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_tastemaker");

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The text of a file of the repository.
fn text(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs a command that must succeed and returns what it printed.
fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Whether a program is on the `PATH`; says that the test is skipped where it is not.
fn present(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        println!("skipped: there is no {program}");
    }
    found
}

/// A server of a binary on a free loopback port; dropping it kills it.
struct Serving {
    process: Child,
    url: String,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("tastemaker is ready at ").map(str::to_owned);
        Self { process, url: url.unwrap_or_else(|| panic!("the server said: {line}")) }
    }

    /// `tastemaker serve` on a data directory.
    fn on(data: &Path) -> Self {
        let mut command = Command::new(BINARY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        Self::start(command)
    }

    /// Ends it as systemd does; it must end well.
    fn terminate(&mut self) {
        succeed(Command::new("kill").args(["-TERM", &self.process.id().to_string()]));
        assert!(self.process.wait().expect("it ends").success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
