//! Upgrades and their way back: a start that is killed while it takes over an earlier build's data begins again, and data of a newer
//! release is refused with a sentence.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use server::Server;
use server::caller::{Caller, Line};
use server::directory;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tastemaker_backend_sql::{SqliteEvents, SqliteRecords};
use tastemaker_store::{Events, NewEvent, Records, RecordsExt, Write, records};

fn copied() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a temporary directory");
    directory::copy(&directory::fixture().join("data"), data.path());
    data
}

fn tastemaker(command: &str, data: &Path) -> Command {
    let mut process = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    process.arg(command).arg("--data-dir").arg(data).args(["--listen", "127.0.0.1:0"]);
    process
}

/// The error of a start.
fn refused(command: &str, data: &Path) -> String {
    let output = tastemaker(command, data).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{command}: {told}");
    told
}

/// Gives a value the format of a release that does not exist yet.
fn raised(json: &[u8], member: &str) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    assert!(value[member].is_u64(), "{value}");
    value[member] = 99.into();
    serde_json::to_vec(&value).expect("JSON")
}

async fn raise_record(data: &Path, prefix: &str) {
    let records = SqliteRecords::open(data.join("records.sqlite")).await.expect("opens");
    let found = RecordsExt::scan_all(&records, prefix).await.expect("read");
    let (key, value) = found.into_iter().next().unwrap_or_else(|| panic!("no record {prefix}"));
    let value = raised(&value.value, "v").into();
    records.commit(Vec::new(), vec![Write::Put { key, value }]).await.expect("written");
}

async fn raise_event(data: &Path) {
    let records = SqliteRecords::open(data.join("records.sqlite")).await.expect("opens");
    let group = records::list::<tastemaker_domain::resource::DatasetGroup>(&records).await.expect("read");
    let stream = records::interactions_stream(&group[0].1.arn);
    let events = SqliteEvents::open(data.join("events.sqlite")).await.expect("opens");
    let last = events.read(&stream, 0, 1_000).await.expect("read").pop().expect("an event");
    let newer = NewEvent { id: "of-a-newer-release".into(), body: raised(&last.body, "v").into() };
    events.append(&stream, vec![newer]).await.expect("written");
}

fn raise_artifact(data: &Path) {
    let manifests = directory::files(&data.join("blobs/blobs/artifacts"));
    let manifests = manifests.iter().filter(|path| path.ends_with("manifest.json")).collect::<Vec<_>>();
    assert!(manifests.len() >= 3);
    for manifest in manifests {
        let newer = raised(&fs::read(manifest).expect("read"), "format");
        fs::write(manifest, newer).expect("written");
    }
}

/// Files with their content, but for the logs of the databases and what says where a server listened.
fn content(data: &Path) -> Vec<(String, Vec<u8>)> {
    let files = directory::files(data).into_iter().map(|path| {
        let name = path.strip_prefix(data).expect("below").display().to_string();
        (name, fs::read(&path).expect("read"))
    });
    files.filter(|(name, _)| name.starts_with("blobs/") || name == "credentials.json").collect()
}

#[tokio::test]
async fn data_of_a_newer_release_is_refused_with_a_sentence() {
    let kinds = ["campaign/", "dataset-group/", "solution-version/", "schema/"];
    for what in kinds.into_iter().chain(["event", "artifact"]) {
        let data = copied();
        let named = match what {
            "event" => {
                raise_event(data.path()).await;
                "interactions/arn:"
            }
            "artifact" => {
                raise_artifact(data.path());
                "the model of arn:"
            }
            prefix => {
                raise_record(data.path(), prefix).await;
                prefix
            }
        };
        let before = content(data.path());
        for command in ["serve", "check"] {
            let told = refused(command, data.path());
            for words in [named, "has format 99", "a newer release has written to this data", "put back a backup"] {
                assert!(told.contains(words), "{what}, {command}: {told}");
            }
        }
        assert!(content(data.path()) == before, "{what}: a refused start changes nothing");
    }
}

/// Kills at growing times fall into every step of the first start on an earlier build's data: identity, checksums, clean-up, loading.
#[test]
fn a_start_that_is_killed_while_it_takes_over_begins_again() {
    let data = copied();
    let uploads = |server: &Server| {
        let caller = Caller::new(server);
        let mut line = Line::connect(&caller.address).expect("the server listens");
        let expected = fs::read(directory::fixture().join("expected.json")).expect("the recorded answers");
        let expected: serde_json::Value = serde_json::from_slice(&expected).expect("JSON");
        for request in expected["control"].as_array().expect("recorded") {
            let operation = request["operation"].as_str().expect("an operation");
            let answer = line.call(&caller.control(operation, &request["input"]));
            assert_eq!(answer, request["answer"], "{operation}");
        }
        for (key, body) in expected["objects"].as_object().expect("objects") {
            let request = caller.signed("s3", "GET", &format!("/shop/{key}"), None, "");
            let (status, bytes) = line.send_for_bytes(&request).expect("an answer");
            assert_eq!((status, String::from_utf8(bytes).ok().as_deref()), (200, body.as_str()), "{key}");
        }
    };
    for round in 0..14_u64 {
        let mut process = tastemaker("serve", data.path());
        let mut process = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(5 + round * round * 4));
        process.kill().expect("it was running");
        process.wait().expect("it ends");
    }
    let server = Server::start_on(data);
    uploads(&server);
    assert!(!server.log().contains("damaged"), "{}", server.log());
}
