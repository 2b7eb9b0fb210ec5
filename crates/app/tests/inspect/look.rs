//! `tastemaker get`, `jobs`, `stats` and `campaigns` on a server with models that an earlier build made.

use crate::server::{Server, directory};
use crate::{done, refused};
use serde_json::Value;
use std::process::Command;

fn json(arguments: &[&str], server: &Server) -> Value {
    let with_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&done(&with_json, server.data())).expect("JSON")
}

#[test]
fn a_running_server_is_shown_as_tables_and_as_json() {
    let fixture = directory::fixture();
    let expected = std::fs::read(fixture.join("expected.json")).expect("the recorded answers");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let data = tempfile::tempdir().expect("a temporary directory");
    directory::copy(&fixture.join("data"), data.path());
    let server = Server::start_on(data);

    let campaigns = json(&["campaigns"], &server);
    let campaigns = campaigns["campaigns"].as_array().expect("a list").clone();
    assert!(!campaigns.is_empty());
    let answering = campaigns.iter().find(|campaign| campaign["answersHere"] == true).expect("one that answers");
    assert!(answering["items"].as_u64().is_some_and(|items| items > 0), "{answering}");
    let table = done(&["campaigns"], server.data());
    assert!(table.starts_with("NAME") && table.contains(answering["name"].as_str().expect("a name")), "{table}");

    let request = expected["recommendations"].as_array().expect("recorded").iter().find(|request| {
        let input = &request["input"];
        input["userId"].is_string() && input["campaignArn"].is_string() && input["itemId"].is_null()
    });
    let input = &request.expect("a request for a user")["input"];
    let (user, arn) = (input["userId"].as_str().expect("an id"), input["campaignArn"].as_str().expect("an ARN"));
    let found = json(&["get", "user", user, "--campaign", arn, "--count", "5"], &server);
    assert_eq!((found["userId"].as_str(), found["campaignArn"].as_str()), (Some(user), Some(arn)));
    let list = found["itemList"].as_array().unwrap_or_else(|| panic!("{found}"));
    assert_eq!(list.len(), 5, "{found}");
    assert!(found["events"].as_array().is_some_and(|events| !events.is_empty()), "{found}");
    let item = list[0]["itemId"].as_str().expect("an id");
    let shown = done(&["get", "user", user, "--campaign", arn], server.data());
    assert!(shown.contains("Newest events\nTIME") && shown.contains("Recommendations\nPLACE"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    let of_item = json(&["get", "item", item, "--campaign", arn], &server);
    assert_eq!(of_item["itemId"].as_str(), Some(item));

    for (arguments, words) in [
        (vec!["get", "user", "nobody", "--campaign", arn], "knows no user 'nobody': neither events nor metadata."),
        (vec!["get", "item", "nothing", "--campaign", arn], "knows no item 'nothing'."),
        (vec!["get", "user", user, "--campaign", "absent"], "No campaign 'absent' answers here; there are "),
        (vec!["get", "user", user, "--campaign", arn, "--count", "9999"], "count must be 1 to 500, not 9999."),
    ] {
        let said = refused(&arguments, server.data());
        assert!(said.contains(words), "{arguments:?}: {said}");
    }

    let jobs = json(&["jobs"], &server);
    let jobs = jobs["jobs"].as_array().expect("a list").clone();
    assert!(jobs.iter().any(|job| job["kind"] == "solution-version" && job["status"] == "ACTIVE"), "{jobs:?}");
    assert!(done(&["jobs"], server.data()).starts_with("KIND"));
    let failed = json(&["jobs", "--failed"], &server);
    let failed = failed["jobs"].as_array().expect("a list").clone();
    assert!(
        failed.iter().all(|job| job["status"].as_str().is_some_and(|status| status.ends_with("FAILED"))),
        "{failed:?}"
    );

    let groups = json(&["stats"], &server);
    let datasets = &groups["datasetGroups"][0]["datasets"];
    assert!(datasets.as_array().is_some_and(|all| all.iter().any(|one| one["rows"].as_u64() > Some(0))), "{groups}");
    assert!(done(&["stats"], server.data()).contains("DATASET"));

    // With keys of the environment, as `tastemaker env` prints them; a wrong one is refused in the API's words.
    let run = |secret: &str| {
        let environment = server.environment();
        let elsewhere = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.arg("campaigns").current_dir(elsewhere.path());
        command.envs(environment).env("AWS_SECRET_ACCESS_KEY", secret);
        command.output().expect("it runs")
    };
    let secret = server.environment().into_iter().find(|(name, _)| name == "AWS_SECRET_ACCESS_KEY").expect("a key").1;
    assert!(run(&secret).status.success());
    let said = run("wrong");
    assert!(!said.status.success(), "a wrong key");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("signature"), "{said}");
}

#[test]
fn without_a_server_there_is_a_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let said = refused(&["jobs"], data.path());
    assert!(said.contains("no server runs on the data directory"), "{said}");
}
