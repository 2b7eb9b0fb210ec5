//! `kill -9` in jobs: each is done once by the next process.

use crate::process::*;
use serde_json::json;
use std::time::Duration;

const ROUNDS: u64 = 5;

/// Asks for work, kills the server a moment later, and waits for the end that the next server brings.
fn killed(data: &std::path::Path, round: u64, begin: impl Fn(&Process) -> String, describe: &str, member: &str) {
    let server = Process::start(data);
    let arn = begin(&server);
    std::thread::sleep(Duration::from_millis(3 + 23 * round));
    server.kill();
    let server = Process::start(data);
    assert_eq!(server.end_of(describe, member, &arn), ("ACTIVE".to_owned(), String::new()), "{arn} of round {round}");
}

#[test]
fn exports_imports_and_trainings_survive_kill_9() {
    let data = shop();
    let data = data.path();
    let made = |server: &Process, operation: &str, input, member: &str| {
        server.control(operation, &input)[member].as_str().expect("an ARN").to_owned()
    };
    for round in 0..ROUNDS {
        let name = format!("kill-{round}");
        killed(data, round, |server| server.begin_export(&name), "DescribeDatasetExportJob", "datasetExportJob");
        let import = json!({"jobName": name, "datasetArn": arn("dataset", "shop/INTERACTIONS"), "importMode": "FULL",
            "roleArn": "arn:aws:iam::000000000000:role/any", "dataSource": {"dataLocation": "s3://shop/interactions.csv"}});
        let begin = |server: &Process| made(server, "CreateDatasetImportJob", import.clone(), "datasetImportJobArn");
        killed(data, round, begin, "DescribeDatasetImportJob", "datasetImportJob");
        let training = json!({"solutionArn": arn("solution", "popular")});
        let begin = |server: &Process| made(server, "CreateSolutionVersion", training.clone(), "solutionVersionArn");
        killed(data, round, begin, "DescribeSolutionVersion", "solutionVersion");
    }
    // Every export has the rows of the one that nobody disturbed.
    let server = Process::start(data);
    assert_eq!(server.export("undisturbed").0, "ACTIVE");
    let rows = |name: &str| {
        let listed = server.caller.signed("s3", "GET", &format!("/{BUCKET}?prefix={name}/"), None, "");
        let (status, body) = server.line().send_for_bytes(&listed).expect("an answer");
        let body = String::from_utf8(body).expect("text");
        let key =
            body.split_once("<Key>").and_then(|(_, rest)| rest.split_once("</Key>")).map(|(key, _)| key.to_owned());
        let key = key.unwrap_or_else(|| panic!("{status} {body}"));
        assert_eq!(body.matches("<Key>").count(), 1, "{body}");
        let (status, body) = server.object(&key);
        (status, body.split(|byte| *byte == b'\n').count())
    };
    let undisturbed = rows("undisturbed");
    assert_eq!(undisturbed.0, 200);
    for round in 0..ROUNDS {
        assert_eq!(rows(&format!("kill-{round}")), undisturbed, "{round}");
    }
    drop(server);
    assert!(check(data).0);
    survived(
        "kill -9 in jobs",
        &format!("{} kills in exports, imports and trainings; each ends once, with all rows", 3 * ROUNDS),
    );
}
