//! Variables of the environment, as the binary meets them.

use std::process::Command;

/// A command that loads the configuration and fails, as there is no data directory.
fn check(variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.arg("check").envs(variables.iter().copied()).current_dir(directory.path());
    String::from_utf8_lossy(&command.output().expect("the binary runs").stderr).into_owned()
}

#[test]
fn an_unknown_variable_is_named_and_stops_nothing() {
    let said = check(&[("TASTEMAKER_RECOMMENDATIONS__CAMPAIN", "x"), ("TASTEMAKER_TOKEN", "y")]);
    let advice = "the variable TASTEMAKER_RECOMMENDATIONS__CAMPAIN sets nothing; did you mean TASTEMAKER_RECOMMENDATIONS__CAMPAIGN?";
    assert!(said.contains(advice), "{said}");
    assert!(said.contains("the variable TASTEMAKER_TOKEN sets nothing\n"), "{said}");
    assert!(said.contains("is no data directory"), "the command goes on: {said}");
    assert!(!check(&[("TASTEMAKER_LOG", "warn"), ("TASTEMAKER_BRAZE_KEY", "k")]).contains("sets nothing"));
    let token = ("TASTEMAKER_CONSOLE__TOKEN", "a long enough token");
    assert!(!check(&[token]).contains("sets nothing"));
    assert!(check(&[("TASTEMAKER_CONSOLE__TOKEN", "short")]).contains("a token has at least 16 characters"));
    let wrong = check(&[("TASTEMAKER_TRAINING_THREADS", "many")]);
    assert!(wrong.contains("training_threads") && !wrong.contains("is no data directory"), "{wrong}");
}

#[test]
fn a_busy_port_names_the_flag() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.args(["serve", "--listen", &address]).current_dir(directory.path());
    let output = command.output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("choose another port with --listen HOST:PORT"), "{said}");
    assert!(said.starts_with(&format!("error: cannot listen on {address}: another process listens there")), "{said}");
}
