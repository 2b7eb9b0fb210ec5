//! `cargo xtask codegen [--check]`: writes `crates/wire/src/generated/`, `crates/http/src/openapi.json` and
//! `docs/api-compatibility.md` from `models/`.
//!
//! The model holds facts only (shapes, members, constraints, errors). For `wire` come out the structs of each service, the
//! operation table, and the constraint tables that `wire::validate` interprets. The output is checked in, so that a build
//! needs no generator; `--check` fails when the checked-in text differs from what the model gives.

mod built;
mod compat;
mod constraints;
mod model;
mod names;
mod openapi;
mod operations;
mod pattern;
mod structs;

use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use model::Model;

const MODEL: &str = "models/personalize.json";
const OUTPUT: &str = "crates/wire/src/generated";
const OPENAPI: &str = "crates/http/src/openapi.json";
const COMPATIBILITY: &str = "docs/api-compatibility.md";

/// Regenerates the checked-in files under `root`; with `check` nothing is written and any difference is an error.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let text = std::fs::read_to_string(root.join(MODEL)).with_context(|| format!("cannot read {MODEL}"))?;
    let model = Model::parse(&text).with_context(|| format!("{MODEL} is not a model"))?;
    let built = built::Built::read(root)?;
    let compatibility = compat::Compatibility::read(root)?;
    let mut files = vec![
        (OPENAPI.to_owned(), openapi::generate(&model, &built, &compatibility)?),
        (COMPATIBILITY.to_owned(), compat::generate(&model, &built, &compatibility)?),
    ];
    for (name, source) in generate(&model)? {
        let formatted = rustfmt(root, &source).with_context(|| format!("rustfmt refused the generated {name}"))?;
        files.push((format!("{OUTPUT}/{name}"), formatted));
    }
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = root.join(&name);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        if check {
            stale.push(name);
        } else {
            std::fs::create_dir_all(path.parent().unwrap_or(root))?;
            std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        }
    }
    if !stale.is_empty() {
        bail!("{} not what models/ gives; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn generate(model: &Model) -> Result<Vec<(String, String)>> {
    let mut files = vec![("mod.rs".to_owned(), module_list(model))];
    for service in &model.services {
        files.push((format!("{}.rs", service.module()), structs::generate(service)?));
    }
    files.push(("operations.rs".to_owned(), operations::generate(model)?));
    files.push(("constraints.rs".to_owned(), constraints::generate(model)?));
    Ok(files)
}

fn module_list(model: &Model) -> String {
    let mut out = names::banner(
        "Code generated from the model: structs per service, the operation table, the constraint tables.",
    );
    out.push_str("pub mod constraints;\npub mod operations;\n");
    for service in &model.services {
        out.push_str(&format!("pub mod {};\n", service.module()));
    }
    out
}

/// Formats with the `rustfmt.toml` of the repository, which rustfmt finds from its working directory.
fn rustfmt(root: &Path, source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start rustfmt")?;
    let mut input = child.stdin.take().context("rustfmt has no standard input")?;
    let text = source.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the thread that feeds rustfmt panicked"))??;
    if !output.status.success() {
        bail!("rustfmt ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_files_are_what_the_model_gives() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        if let Err(error) = run(&root, true) {
            panic!("{error:#}");
        }
    }
}
