//! The test command: everything that proves the product, with the set-up it needs.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pinned so that a new SDK release is a change of ours, not a surprise.
const PYTHON_PACKAGES: &[&str] = &["boto3==1.43.11", "awscli==1.45.11"];

/// Makes the Python environment of the client tests and runs the whole suite.
pub fn run(root: &Path) -> Result<()> {
    let python = client_python(root);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--workspace", "--no-fail-fast"]).current_dir(root);
    match python {
        Ok(path) => {
            cargo.env("TASTEMAKER_PYTHON", path);
        }
        Err(why) => {
            if std::env::var_os("CI").is_some() {
                return Err(why.context("CI needs Python with boto3 for the client tests"));
            }
            println!("the boto3 and AWS CLI tests will be skipped: {why:#}");
        }
    }
    let status = cargo.status().context("cannot run cargo test")?;
    if !status.success() {
        bail!("tests failed");
    }
    Ok(())
}

/// A Python with boto3 and the AWS CLI in a virtual environment of the build directory.
fn client_python(root: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let venv = target.join("client-tests-python");
    let python = venv.join("bin").join("python");
    let ready = venv.join(PYTHON_PACKAGES.join("_"));
    if ready.exists() {
        return Ok(python);
    }
    std::fs::create_dir_all(&target)?;
    let made = step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv), "python3 -m venv");
    if made.is_err() && std::env::var_os("CI").is_some() {
        step(Command::new("apt-get").args(["install", "-y", "-q", "python3-venv"]), "apt-get install python3-venv")?;
        step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv), "python3 -m venv")?;
    } else {
        made?;
    }
    step(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES), "pip install")?;
    std::fs::write(&ready, "")?;
    Ok(python)
}

fn step(command: &mut Command, name: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}
