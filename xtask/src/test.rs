//! The test command: everything that proves the product, with the set-up it needs.

mod balancer;
mod browser;
mod clients;
mod database;
mod debian;
mod on_postgres;
mod steps;

use crate::cargo::cargo;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sets up the clients of the client tests and runs the whole suite.
pub fn run(root: &Path) -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    std::fs::create_dir_all(&target)?;
    let mut clients = Vec::new();
    for (variable, what, made) in [
        ("TASTEMAKER_PYTHON", "Python with boto3, the AWS CLI and moto", clients::python(&target)),
        ("CLIENT_TESTS_NODE_MODULES", "Node.js with the AWS SDK for JavaScript", clients::node(root, &target)),
        ("CLIENT_TESTS_RUST", "a client with the AWS SDK for Rust", clients::rust(root, &target)),
    ] {
        match made {
            Ok(path) => {
                clients.push((variable, path));
            }
            Err(why) if std::env::var_os("CI").is_some() => {
                return Err(why.context(format!("CI needs {what} for the client tests")));
            }
            Err(why) => println!("the tests that need {what} will be skipped: {why:#}"),
        }
    }
    // Debian's Go is too old to build them, so that not even CI must have them; moto has no such excuse.
    for (variable, what, made) in [
        ("TASTEMAKER_VERSITYGW", "on versitygw", clients::versitygw(&target)),
        ("CLIENT_TESTS_HELM", "of the chart in Helm", clients::helm(&target)),
    ] {
        match made {
            Ok(path) => {
                clients.push((variable, path));
            }
            Err(why) => println!("the tests {what} will be skipped: {why:#}"),
        }
    }
    match browser::chromium() {
        // What could be installed must work.
        Ok(()) if std::env::var_os("CI").is_some() => {
            clients.push(("CONSOLE_BROWSER", "require".into()));
        }
        Ok(()) => {}
        Err(why) => println!("the tests of the console in a browser will be skipped: {why:#}"),
    }
    let has_postgres = match database::postgres() {
        Err(why) if std::env::var_os("CI").is_some() => return Err(why.context("CI needs PostgreSQL for its tests")),
        Err(why) => {
            println!("the tests that need PostgreSQL will be skipped: {why:#}");
            false
        }
        Ok(()) => true,
    };
    match balancer::haproxy() {
        Err(why) if std::env::var_os("CI").is_some() => return Err(why.context("CI needs haproxy for its tests")),
        Err(why) => println!("the test of the cluster behind a balancer will be skipped: {why:#}"),
        Ok(()) => {}
    }
    let test = |arguments: &[&str]| {
        let mut cargo = cargo();
        cargo.args(["test", "--workspace"]).args(arguments).envs(clients.iter().cloned()).current_dir(root);
        cargo
    };
    let everything = passes(&mut test(&["--no-fail-fast"]));
    if has_postgres {
        println!("the tests of clients that touch the store most, with records and events in PostgreSQL:");
        let mut on_postgres = test(on_postgres::TARGETS);
        on_postgres.arg("--").arg("--exact").args(on_postgres::TESTS);
        passes(on_postgres.env("TEST_STORE", "postgres"))?;
    }
    everything
}

fn passes(tests: &mut Command) -> Result<()> {
    let status = tests.status().context("cannot run cargo test")?;
    if !status.success() {
        bail!("tests failed");
    }
    Ok(())
}
