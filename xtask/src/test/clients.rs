//! Installation of the clients that the client tests use, under the build directory, where they are kept.

use super::steps::step;
use crate::cargo::cargo;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pinned so that a new SDK release is a change of ours, not a surprise.
const PYTHON_PACKAGES: &[&str] =
    &["boto3==1.43.11", "awscli==1.45.11", "openapi-spec-validator==0.9.0", "selenium==4.51.0", "moto[server]==5.2.1"];

/// The S3 gateway that storage is tested with beside moto.
const VERSITYGW: &str = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";

/// The tool that reads the chart in `deploy/helm`.
const HELM: &str = "helm.sh/helm/v3/cmd/helm@v3.18.6";

/// The folder of the other clients, from the root of the repository.
const CLIENTS: &str = "crates/app/tests/clients";

/// A Python with boto3, the AWS CLI and moto in a virtual environment.
pub fn python(target: &Path) -> Result<PathBuf> {
    let venv = target.join("client-tests-python");
    let python = venv.join("bin").join("python");
    let ready = venv.join(PYTHON_PACKAGES.join("_"));
    if ready.exists() {
        return Ok(python);
    }
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

/// The binary of versitygw, built by Go where there is one.
pub fn versitygw(target: &Path) -> Result<PathBuf> {
    built_by_go(target, VERSITYGW, "versitygw")
}

/// The binary of Helm, built in the same way.
pub fn helm(target: &Path) -> Result<PathBuf> {
    built_by_go(target, HELM, "helm")
}

fn built_by_go(target: &Path, package: &str, name: &str) -> Result<PathBuf> {
    let (_, version) = package.rsplit_once('@').context("a version")?;
    let folder = target.join(format!("client-tests-{name}-{version}"));
    let binary = folder.join(name);
    if !binary.exists() {
        step(Command::new("go").args(["install", package]).env("GOBIN", &folder), &format!("go install of {name}"))?;
    }
    Ok(binary)
}

/// A directory with the locked packages of `js/package.json`.
pub fn node(root: &Path, target: &Path) -> Result<PathBuf> {
    let folder = target.join("client-tests-node");
    std::fs::create_dir_all(&folder)?;
    let lock = std::fs::read(root.join(CLIENTS).join("js/package-lock.json")).context("js/package-lock.json")?;
    let ready = folder.join("installed-lock.json");
    if std::fs::read(&ready).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(root.join(CLIENTS).join("js").join(file), folder.join(file))?;
    }
    step(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder), "npm ci")?;
    std::fs::write(&ready, lock)?;
    Ok(folder)
}

/// The binary of the crate in `rust/`, which is its own workspace with its own build directory.
pub fn rust(root: &Path, target: &Path) -> Result<PathBuf> {
    let build = target.join("client-tests-rust");
    let manifest = root.join(CLIENTS).join("rust/Cargo.toml");
    let mut command = cargo();
    command.args(["build", "--quiet", "--locked", "--manifest-path"]).arg(manifest).env("CARGO_TARGET_DIR", &build);
    step(&mut command, "cargo build of the client with the AWS SDK for Rust")?;
    Ok(build.join("debug").join("tastemaker-client-test"))
}
