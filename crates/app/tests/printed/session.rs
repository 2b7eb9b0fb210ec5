//! A shell into which a document's commands are typed.

use super::answers;
use super::blocks::{Block, Command, commands};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

const BINARY: &str = env!("CARGO_BIN_EXE_tastemaker");
/// The address in the documents; a session's server has another port, so that several run at once.
const PRINTED_ADDRESS: &str = "127.0.0.1:4100";
/// Time for a command: trainings on a busy machine are among them.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(1800);
/// Comes before the status of a command that has ended.
const ENDED: char = '\u{1e}';

/// One shell in a directory of its own. The machine it sees has built and installed the binary and downloaded the clients already:
/// `cargo build`, `cargo run`, `python3 -m venv` and `pip install` only put them in their places.
pub struct Session {
    bash: Child,
    keys: ChildStdin,
    lines: Receiver<String>,
    home: tempfile::TempDir,
    /// `HOST:PORT` of its servers.
    pub address: String,
    /// Everything that was typed and answered.
    pub transcript: String,
}

impl Session {
    /// Opens the shell; `python` is one with boto3 and the AWS CLI beside it.
    pub fn start(python: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let home = tempfile::tempdir().expect("a temporary directory");
        let tools = home.path().join(".tools");
        std::fs::create_dir(&tools).expect("made");
        tool(&tools.join("cargo"), CARGO, &[("BINARY", BINARY)]);
        std::os::unix::fs::symlink(BINARY, tools.join("tastemaker")).expect("linked");
        if let Some(folder) = python.and_then(Path::parent) {
            tool(&tools.join("python3"), PYTHON, &[("CLIENTS", &folder.display().to_string())]);
        }
        let search = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = std::process::Command::new("bash");
        command
            .current_dir(home.path())
            .env("HOME", home.path())
            .env("PATH", search)
            .env("TASTEMAKER_LISTEN", &address);
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "AWS_PROFILE", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
        let mut bash =
            command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash starts");
        let mut keys = bash.stdin.take().expect("piped");
        keys.write_all(b"exec 2>&1\n").expect("bash reads");
        let answers = BufReader::new(bash.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in answers.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { bash, keys, lines, home, address, transcript: String::new() }
    }

    /// The directory in which the commands run.
    pub fn directory(&self) -> &Path {
        self.home.path()
    }

    /// A file of the directory, empty where it is absent.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory().join(name)).unwrap_or_default()
    }

    /// Types a block and compares what it answers.
    pub fn play(&mut self, block: &Block) {
        match block.kind.as_str() {
            "console" => commands(&block.text).iter().for_each(|command| self.command(command, block.line)),
            "sh" => {
                let text = format!("set -euo pipefail\n{}set +euo pipefail", self.here(&block.text));
                self.typed(&text, block.line);
            }
            "python" => {
                if let Some(name) = block.text.lines().next().and_then(|line| line.strip_prefix("# ")) {
                    std::fs::write(self.directory().join(name), self.here(&block.text)).expect("written");
                }
            }
            _ => {}
        }
    }

    /// Types a text and returns what it answers; it must succeed.
    pub fn typed(&mut self, text: &str, line: usize) -> Vec<String> {
        let (status, answer) = self.enter(text);
        assert_eq!(status, 0, "line {line}: {text}\n{}", self.transcript);
        answer
    }

    fn command(&mut self, command: &Command, line: usize) {
        let text = self.here(&command.text);
        let printed: Vec<String> = command.answer.iter().map(|line| self.here(line)).collect();
        let (interrupted, printed) = match printed.split_last() {
            Some((last, before)) if last == "^C" => (true, before.to_vec()),
            _ => (false, printed),
        };
        let text = if interrupted { format!("{text} &") } else { text };
        let (status, mut given) = self.enter(&text);
        if text.ends_with('&') {
            while answers::compare(&printed, &given).is_err() {
                let why = answers::compare(&printed, &given);
                let Some(more) = self.read() else { panic!("line {line}: {text}: {why:?}\n{}", self.transcript) };
                given.push(more);
            }
        }
        if interrupted {
            self.enter("kill -INT $!; wait $!");
        }
        let refused = printed.iter().any(|line| line.starts_with("error: ") || line.contains("An error occurred"));
        assert_eq!(status != 0, refused, "line {line}: {text}\n{}", self.transcript);
        if !printed.is_empty()
            && let Err(difference) = answers::compare(&printed, &given)
        {
            panic!("line {line}: {text}: {difference}\n{}", self.transcript);
        }
    }

    /// The text with this session's address.
    fn here(&self, text: &str) -> String {
        text.replace(PRINTED_ADDRESS, &self.address)
    }

    fn enter(&mut self, text: &str) -> (i32, Vec<String>) {
        let _ = writeln!(self.transcript, "$ {text}");
        let typed = format!("{text}\nprintf '\\n\\036%s\\n' \"$?\"\n");
        if self.keys.write_all(typed.as_bytes()).is_err() {
            panic!("the shell has ended\n{}", self.transcript);
        }
        let mut answer = Vec::new();
        loop {
            let Some(line) = self.read() else { panic!("no end of: {text}\n{}", self.transcript) };
            if let Some(status) = line.strip_prefix(ENDED) {
                return (status.parse().unwrap_or(-1), answer);
            }
            answer.push(line);
        }
    }

    /// The next line that is no line of a server's log.
    fn read(&mut self) -> Option<String> {
        loop {
            match self.lines.recv_timeout(COMMAND_TIME_MAX) {
                Ok(line) => {
                    if !line.starts_with(ENDED) {
                        let _ = writeln!(self.transcript, "{line}");
                    }
                    let logged = [" WARN ", " INFO ", " ERROR "].iter().any(|level| line.contains(level));
                    if !logged {
                        return Some(line);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // With the servers that it started.
        let group = format!("-{}", self.bash.id());
        let _ = std::process::Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.bash.wait();
    }
}

/// A cargo that has built everything already.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
    "build --release") mkdir -p target/release && ln -sf BINARY target/release/tastemaker ;;
    "run --release -- "*) shift 3; exec BINARY "$@" ;;
    *) echo "the documents' cargo cannot: $*"; exit 1 ;;
esac
"#;

/// A Python whose virtual environments hold the clients.
const PYTHON: &str = r#"#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec CLIENTS/python "$@"
mkdir -p "$3/bin"
for name in python aws; do
    printf '#!/bin/sh\nexec CLIENTS/%s "$@"\n' $name > "$3/bin/$name"
    chmod +x "$3/bin/$name"
done
printf '#!/bin/sh\n[ "$1" = install ]\n' > "$3/bin/pip"
chmod +x "$3/bin/pip"
"#;

fn tool(path: &PathBuf, text: &str, places: &[(&str, &str)]) {
    let text = places.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("executable");
}
