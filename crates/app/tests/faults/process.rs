//! A server process whose end and log are looked at, and the requests that a test makes.

use crate::server::caller::{Caller, Line};
use crate::server::directory;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const BUCKET: &str = "shop";

/// Says what was survived; `cargo xtask faults` makes a table of these lines.
pub fn survived(fault: &str, how: &str) {
    println!("fault | {fault} | {how}");
}

/// A copy of the directory that an earlier build made: models, uploads, events.
pub fn shop() -> TempDir {
    let data = tempfile::tempdir().expect("a temporary directory");
    directory::copy(&directory::fixture().join("data"), data.path());
    data
}

pub fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:personalize:us-east-1:000000000000:{kind}/{name}")
}

/// A server that runs.
pub struct Process {
    child: Mutex<Child>,
    log: tempfile::NamedTempFile,
    pub caller: Caller,
}

impl Process {
    /// Starts on a directory; panics with the log if the server does not come up.
    pub fn start(data: &Path) -> Self {
        Self::try_start(data, &[], None).unwrap_or_else(|log| panic!("no start: {log}"))
    }

    /// Starts with more arguments, below the limits that a shell command sets; the log if the server ends instead.
    pub fn try_start(data: &Path, arguments: &[&str], limits: Option<&str>) -> Result<Self, String> {
        let log = tempfile::NamedTempFile::new().expect("a log");
        let mut command = match limits {
            Some(limits) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("{limits}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_tastemaker")]);
                shell
            }
            None => Command::new(env!("CARGO_BIN_EXE_tastemaker")),
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--training-threads", "1", "--data-dir"]).arg(data);
        command.args(arguments).stdout(Stdio::piped()).stderr(log.reopen().expect("a log"));
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        match line.trim().rsplit_once("http://") {
            Some((_, address)) => {
                Ok(Self { child: Mutex::new(child), log, caller: Caller::with_environment(address, data) })
            }
            None => {
                child.wait().expect("it ends");
                Err(fs::read_to_string(log.path()).expect("the log"))
            }
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).expect("the log")
    }

    /// Ends it as `kill -9` does.
    pub fn kill(self) {
        self.kill_now();
    }

    /// The same while others still hold it.
    pub fn kill_now(&self) {
        let mut child = self.child.lock().expect("no panic");
        child.kill().expect("it ran");
        child.wait().expect("it ends");
    }

    pub fn line(&self) -> Line {
        Line::connect(&self.caller.address).expect("the server listens")
    }

    /// Status and body of an unsigned GET.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.caller.address).expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Status of an unsigned POST of JSON.
    pub fn post_unsigned(&self, path: &str, body: &Value) -> u16 {
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n");
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.line().send_for_bytes(request.as_bytes()).expect("an answer").0
    }

    pub fn control(&self, operation: &str, input: &Value) -> Value {
        self.line().call(&self.caller.control(operation, input))
    }

    /// Status and items of a list for a user.
    pub fn recommend(&self, campaign: &str) -> (u16, usize) {
        let input = json!({"campaignArn": arn("campaign", campaign), "userId": "u1", "itemId": "i1"});
        let (status, answer) = self.line().send(&self.caller.post("/recommendations", &input)).expect("an answer");
        (status, answer["itemList"].as_array().map_or(0, Vec::len))
    }

    /// Status and bytes of an object.
    pub fn object(&self, key: &str) -> (u16, Vec<u8>) {
        let request = self.caller.signed("s3", "GET", &format!("/{BUCKET}/{key}"), None, "");
        self.line().send_for_bytes(&request).unwrap_or((0, Vec::new()))
    }

    pub fn put_object(&self, key: &str, body: &str) -> std::io::Result<u16> {
        let request = self.caller.signed("s3", "PUT", &format!("/{BUCKET}/{key}"), None, body);
        Line::connect(&self.caller.address)?.send_for_bytes(&request).map(|(status, _)| status)
    }

    pub fn delete_object(&self, key: &str) -> u16 {
        let request = self.caller.signed("s3", "DELETE", &format!("/{BUCKET}/{key}"), None, "");
        self.line().send_for_bytes(&request).expect("an answer").0
    }

    /// The end of an export of the shop's interactions: its status and failure reason.
    pub fn export(&self, name: &str) -> (String, String) {
        let job = self.begin_export(name);
        self.end_of("DescribeDatasetExportJob", "datasetExportJob", &job)
    }

    /// Asks for an export of the shop's interactions; its ARN.
    pub fn begin_export(&self, name: &str) -> String {
        let input = json!({"jobName": name, "datasetArn": arn("dataset", "shop/INTERACTIONS"), "ingestionMode": "ALL",
            "roleArn": "arn:aws:iam::000000000000:role/any",
            "jobOutput": {"s3DataDestination": {"path": format!("s3://{BUCKET}/{name}/")}}});
        let made = self.control("CreateDatasetExportJob", &input);
        made["datasetExportJobArn"].as_str().expect("an ARN").to_owned()
    }

    /// The status and failure reason of a resource when it is made or has failed.
    pub fn end_of(&self, describe: &str, member: &str, arn: &str) -> (String, String) {
        let began = Instant::now();
        loop {
            let mut input = json!({});
            input[format!("{member}Arn")] = arn.into();
            let described = self.control(describe, &input);
            let job = &described[member];
            let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
            if matches!(text("status").as_str(), "ACTIVE" | "CREATE FAILED") {
                return (text("status"), text("failureReason"));
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{described}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The campaigns of the list by name: status and failure reason.
    pub fn campaign(&self, name: &str) -> (String, String) {
        let listed = self.control("ListCampaigns", &json!({}));
        let campaigns = listed["campaigns"].as_array().expect("a list");
        let found = campaigns.iter().find(|campaign| campaign["name"] == name).expect("listed");
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        (text("status"), text("failureReason"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Gives the blobs of the earlier build their checksums.
pub fn adopted(data: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker")).args(["check", "--data-dir"]).arg(data).output();
    let output = output.expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.ends_with("everything is as it was written\n"), "{text}");
}

/// The output of `tastemaker check`, and whether it found nothing.
pub fn check(data: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tastemaker")).args(["check", "--data-dir"]).arg(data).output();
    let output = output.expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// The one file of a kind below the blobs.
pub fn blob(data: &Path, part: &str, end: &str) -> PathBuf {
    let found = directory::files(&data.join("blobs/blobs"));
    let mut found =
        found.into_iter().filter(|file| file.to_string_lossy().contains(part) && file.to_string_lossy().ends_with(end));
    found.next().unwrap_or_else(|| panic!("no {part} {end}"))
}

/// Changes the bit in the middle of a file.
pub fn flip_bit(file: &Path) {
    let mut bytes = fs::read(file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).expect("write");
}
