//! A running server looked into by the command line, and the changes that it sends to webhooks.
#![allow(clippy::expect_used, missing_docs)]

#[path = "inspect/look.rs"]
mod look;
#[path = "inspect/receiver.rs"]
mod receiver;
#[allow(dead_code)]
mod server;
#[path = "inspect/webhooks.rs"]
mod webhooks;

use std::path::Path;
use std::process::{Command, Output};

/// The output of a command on a data directory, without keys of the test's own environment.
fn output(arguments: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    for name in ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    command.args(arguments).arg("--data-dir").arg(data).output().expect("the command runs")
}

/// The standard output of a command that must succeed.
fn done(arguments: &[&str], data: &Path) -> String {
    let output = output(arguments, data);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The error of a command that must fail with exit code 1.
fn refused(arguments: &[&str], data: &Path) -> String {
    let output = output(arguments, data);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}
