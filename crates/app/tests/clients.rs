//! Real clients against the real server process.

#[allow(dead_code)]
mod server;

use std::io::Write;

use server::{Server, python_script, python_script_in, shared};

/// Every operation, good and bad. The table is printed past the test harness, which shows only what failing tests print.
#[test]
fn boto3_every_operation() {
    let table = python_script("conformance/run.py", &[], &Server::start());
    std::io::stdout().write_all(table.as_bytes()).expect("standard output takes the table");
}

#[test]
fn openapi_document_is_valid() {
    python_script("openapi.py", &[], &Server::start());
}

#[test]
fn boto3_main_journey() {
    python_script("journey.py", &[], &Server::start());
}

#[test]
fn boto3_complete_clean_up() {
    python_script("cleanup.py", &[], &Server::start());
}

#[test]
fn boto3_bad_input() {
    python_script("errors.py", &[], &Server::start());
}

#[test]
fn boto3_object_storage() {
    python_script("storage.py", &[], &Server::start());
}

#[test]
fn boto3_preferences_and_circumstances() {
    python_script("preferences.py", &[], &Server::start());
}

#[test]
fn boto3_users_metadata() {
    python_script("people.py", &[], &Server::start());
}

#[test]
fn boto3_items_without_content() {
    python_script("items_without_content.py", &[], &Server::start());
}

#[test]
fn boto3_odd_files() {
    python_script("odd_files.py", &[], &Server::start());
}

#[test]
fn boto3_older_schemas() {
    python_script("older_schemas.py", &[], &Server::start());
}

#[test]
fn boto3_strict_imports() {
    python_script("strict_imports.py", &[], &Server::start_with(&[("TASTEMAKER_IMPORTS__STRICT", "true")]));
}

/// The log says to operators what concerns them.
#[test]
fn curl_and_boto3_messages() {
    let server = Server::start();
    if python_script("messages.py", &[], &server).is_empty() {
        return;
    }
    let log = server.log();
    for words in [
        "several campaigns could answer; the one that was created first does, unless recommendations.campaign names another",
        "no column of the Items dataset fills a field of /recommendations, which is null; looked for URL, PRODUCT_URL",
        "set recommendations.columns.url",
    ] {
        assert!(log.contains(words), "{words} is not in the log");
    }
}

#[test]
fn boto3_getting_started_set_up() {
    python_script("setup.py", &[], &Server::start());
}

/// The command and boto3 side by side, and again after the server was killed.
#[test]
fn boto3_users_keys_and_policies() {
    let mut server = Server::start();
    let arguments = |part: &'static str, server: &Server| {
        [part.to_owned(), env!("CARGO_BIN_EXE_tastemaker").to_owned(), server.data().display().to_string()]
    };
    let run = |part: &'static str, server: &Server| {
        let arguments = arguments(part, server);
        python_script("keys.py", &arguments.each_ref().map(String::as_str), server);
    };
    run("make", &server);
    server.kill_and_restart();
    run("again", &server);
    let environment = server.environment();
    server.kill();
    let stopped = arguments("stopped", &server);
    python_script_in("keys.py", &stopped.each_ref().map(String::as_str), || environment);
    server.restart();
    run("after", &server);
}

#[test]
fn boto3_scripts_of_other_services() {
    python_script("scripts.py", &[], &Server::start());
}

#[test]
fn boto3_movielens_small() {
    movielens("ml-latest-small");
}

#[test]
fn boto3_movielens_1m() {
    movielens("ml-1m");
}

fn movielens(name: &str) {
    if let Some(directory) = shared(&format!("data/{name}")) {
        python_script("movielens.py", &[&directory.to_string_lossy(), name], &Server::start());
    }
}

#[test]
fn javascript_sdk_main_path() {
    server::node_script("journey.mjs", &Server::start());
}

#[test]
fn rust_sdk_main_path() {
    server::rust_client(&Server::start());
}

/// Everything acknowledged survives `kill -9`, and jobs go on after it.
#[test]
fn jobs_finish_after_the_server_is_killed() {
    let mut server = Server::start();
    python_script("kill_start.py", &["import"], &server);
    server.kill_and_restart();
    python_script("kill_start.py", &["train"], &server);
    server.kill_and_restart();
    python_script("kill_finish.py", &["campaign"], &server);
    server.kill_and_restart();
    python_script("kill_finish.py", &["answers"], &server);
}

/// Exports, batch inferences, data deletions and recommenders end as they would have without a kill in their middle.
#[test]
fn jobs_of_every_other_kind_finish_after_kills() {
    let mut server = Server::start();
    for step in ["exporting_and_inferring", "deleting", "recommending"] {
        python_script("kill_jobs.py", &[step], &server);
        server.kill_and_restart();
    }
    python_script("kill_jobs.py", &["answering"], &server);
}
