//! Data directories that earlier builds and releases made open with this build and answer the same: see the READMEs of the fixtures.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_json::Value;
use server::Server;
use server::caller::{Caller, Line};
use server::directory;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The greatest difference of a score between processors.
const SCORE_TOLERANCE: f64 = 1e-4;

/// The items of a list in order, and their scores.
fn list(answer: &Value) -> (Vec<&str>, Vec<f64>) {
    let items = answer["itemList"].as_array().expect("a list");
    let ids = items.iter().map(|item| item["itemId"].as_str().expect("an id")).collect();
    (ids, items.iter().filter_map(|item| item["score"].as_f64()).collect())
}

/// Opens a copy of a directory, twice, and compares the answers with those that were recorded in the fixture beside it.
fn answers_as_it_did(fixture: &Path, data: tempfile::TempDir) {
    let expected = fs::read(fixture.join("expected.json")).expect("the recorded answers");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let recorded = |kind: &str| expected[kind].as_array().expect("recorded").clone();
    // Recommenders would be trained anew when the fixture is older than a week.
    let mut server = Server::start_on_with(data, &[("TASTEMAKER_TRAINING__AUTO", "false")]);
    for start in ["first", "second"] {
        let caller = Caller::new(&server);
        let mut line = Line::connect(&caller.address).expect("the server listens");
        for request in recorded("control") {
            let operation = request["operation"].as_str().expect("an operation");
            let answer = line.call(&caller.control(operation, &request["input"]));
            assert_eq!(answer, request["answer"], "{operation} {} at the {start} start", request["input"]);
        }
        for request in recorded("recommendations") {
            let answer = line.call(&caller.post("/recommendations", &request["input"]));
            let ((items, scores), (was, was_scored)) = (list(&answer), list(&request["answer"]));
            assert_eq!(items, was, "{} at the {start} start", request["input"]);
            let near = scores.iter().zip(&was_scored).all(|(score, was)| (score - was).abs() < SCORE_TOLERANCE);
            // Users without history had no scores there.
            let as_many = was_scored.is_empty() || scores.len() == was_scored.len();
            assert!(as_many && near, "{}: {scores:?}, {was_scored:?}", request["input"]);
        }
        for (key, body) in expected["objects"].as_object().expect("objects") {
            let request = caller.signed("s3", "GET", &format!("/shop/{key}"), None, "");
            let (status, bytes) = line.send_for_bytes(&request).expect("an answer");
            assert_eq!((status, String::from_utf8(bytes).ok().as_deref()), (200, body.as_str()), "{key}");
        }
        // What this build has written is opened by it, too.
        server.kill_and_restart();
    }
}

#[test]
fn a_directory_of_an_earlier_build_answers_as_it_did_there() {
    let fixture = directory::fixture();
    let data = tempfile::tempdir().expect("a temporary directory");
    directory::copy(&fixture.join("data"), data.path());
    answers_as_it_did(&fixture, data);
}

/// Every folder `release-<version>` of the fixtures.
#[test]
fn a_directory_of_each_release_answers_as_it_did_there() {
    let fixtures = fs::read_dir(directory::fixture().join("..")).expect("a folder");
    let fixtures: Vec<PathBuf> = fixtures.map(|entry| entry.expect("an entry").path()).collect();
    let is_release =
        |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("release-"));
    let releases: Vec<&PathBuf> = fixtures.iter().filter(is_release).collect();
    assert!(!releases.is_empty());
    for fixture in releases {
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut unpack = Command::new("tar");
        unpack.args(["--extract", "--gzip", "--no-same-owner", "--strip-components=1", "--file"]);
        unpack.arg(fixture.join("data.tar.gz")).arg("-C").arg(data.path());
        assert!(unpack.status().expect("tar runs").success());
        answers_as_it_did(fixture, data);
    }
}
