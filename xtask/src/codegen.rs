//! `cargo xtask codegen [--check]`: writes `crates/wire/src/generated/` from `models/personalize.json`.
//!
//! The model holds facts only (shapes, members, constraints, errors). Three kinds of file come out: the structs of each
//! service, the operation table, and the constraint tables that `wire::validate` interprets. The output is checked in, so
//! that a build needs no generator; `--check` fails when the checked-in text differs from what the model gives.

mod constraints;
mod model;
mod names;
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

/// Regenerates the checked-in files under `root`; with `check` nothing is written and any difference is an error.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let text = std::fs::read_to_string(root.join(MODEL)).with_context(|| format!("cannot read {MODEL}"))?;
    let model = Model::parse(&text).with_context(|| format!("{MODEL} is not a model"))?;
    let folder = root.join(OUTPUT);
    let mut stale = Vec::new();
    for (name, source) in generate(&model)? {
        let formatted = rustfmt(root, &source).with_context(|| format!("rustfmt refused the generated {name}"))?;
        let path = folder.join(&name);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == formatted) {
            continue;
        }
        if check {
            stale.push(name);
        } else {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(&path, formatted).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    if !stale.is_empty() {
        bail!("{OUTPUT}: {} not what {MODEL} gives; run `cargo xtask codegen`", stale.join(", "));
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
    let mut out =
        names::banner("What the model gives: structs per service, the operation table, the constraint tables.");
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
