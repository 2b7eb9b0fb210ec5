//! Checks that the compiler cannot make: arrows between rooms, idle dependencies, circles of files, facts and names
//! spelled in the wrong room, unfinished words, machine paths.

mod circles;
mod code;
mod manifests;
mod member_names;
mod recipe_literals;
mod tokens;

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which rooms a room names in `[dependencies]`. Everything absent is forbidden, and so is a row's arrow that nobody uses. The binary may name
/// every room; `testkit` may be named by nobody outside `[dev-dependencies]`.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &[]),
    ("data", &[]),
    ("filter", &["data", "domain"]),
    ("learn", &["data"]),
    ("eval", &["data"]),
    ("recipes", &["learn", "data", "domain"]),
    ("serving", &["learn", "filter", "data", "domain"]),
    ("store", &["domain"]),
    ("backend-sql", &["store"]),
    ("compute", &["store", "data", "domain"]),
    ("s3", &["store", "wire"]),
    ("service", &["store", "filter", "domain"]),
    ("training", &["learn", "recipes", "eval", "filter", "data", "domain"]),
    ("jobs", &["store", "compute", "training", "recipes", "learn", "filter", "serving", "data", "domain"]),
    ("braze", &["domain"]),
    ("http", &["wire", "service", "serving", "braze", "domain"]),
    ("console", &["wire", "domain"]),
    ("testkit", &[]),
];

/// Words that say a line is not finished.
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "TODO", "FIXME", "XXX", "HACK"];

/// Lines above which a file should be split.
const FILE_LINES_MAX: usize = 700;

/// Runs every check and lists all findings at once.
pub fn run(root: &Path) -> Result<()> {
    let mut findings = Vec::new();
    let manifests = manifests::read(root)?;
    manifests::arrows(&manifests, ARROWS, &mut findings);
    manifests::unused(&manifests, &fs::read_to_string(root.join("Cargo.toml"))?, &mut findings)?;
    circles::check(root, &mut findings)?;
    let files = tracked(root)?;
    recipe_literals::check(root, &files, &mut findings)?;
    member_names::check(root, &files, &mut findings)?;
    for file in files {
        let Ok(text) = fs::read_to_string(root.join(&file)) else { continue };
        source(&file, &text, &mut findings);
    }
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "deny.toml", ".ci/run"] {
        if !root.join(file).exists() {
            findings.push(format!("{file} is missing"));
        }
    }
    if findings.is_empty() {
        println!("tidy: all checks passed");
        return Ok(());
    }
    bail!("tidy: {} findings\n{}", findings.len(), findings.join("\n"))
}

fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git").args(["ls-files"]).current_dir(root).output().context("git ls-files")?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect())
}

fn source(file: &Path, text: &str, findings: &mut Vec<String>) {
    let name = file.to_string_lossy();
    let own = name.ends_with("xtask/src/tidy.rs");
    let rust = name.ends_with(".rs");
    if rust && !own {
        for (n, line) in text.lines().enumerate() {
            for word in UNFINISHED.iter().filter(|w| line.contains(**w)) {
                findings.push(format!("{name}:{}: `{word}`: finish it or take it out", n + 1));
            }
            if line.trim_start().starts_with("#[ignore") {
                findings.push(format!("{name}:{}: an ignored test proves nothing", n + 1));
            }
        }
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX && !name.contains("generated") && !name.contains("/tests/") {
            findings.push(format!("{name}: {lines} lines; is it still one thing?"));
        }
    }
    if !own && !name.ends_with(".lock") {
        for (n, line) in text.lines().enumerate() {
            for place in ["/work/", "/root/", "/home/"] {
                let starts = line.match_indices(place).any(|(at, _)| {
                    at == 0
                        || !line.as_bytes()[at - 1].is_ascii_alphanumeric()
                            && !b"./-_".contains(&line.as_bytes()[at - 1])
                });
                if starts {
                    findings.push(format!("{name}:{}: a machine's own path ({place})", n + 1));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        source(Path::new(name), text, &mut found);
        found
    }

    #[test]
    fn finds_what_it_looks_for() {
        assert_eq!(findings("a.rs", "fn f() {}\n"), Vec::<String>::new());
        assert_eq!(findings("a.rs", "fn f() { todo!() }").len(), 1);
        assert_eq!(findings("a.rs", "    #[ignore = \"slow\"]").len(), 1);
        assert_eq!(findings("README.md", &format!("see {}me/x, not ./work/ or a/home/b", "/home/")).len(), 1);
        assert_eq!(findings("a.rs", &"x\n".repeat(FILE_LINES_MAX + 1)).len(), 1);
        assert_eq!(findings("crates/wire/src/generated/a.rs", &"x\n".repeat(FILE_LINES_MAX + 1)).len(), 0);
    }

    #[test]
    fn the_repository_keeps_its_arrows() -> Result<()> {
        let mut found = Vec::new();
        manifests::arrows(&manifests::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?, ARROWS, &mut found);
        assert_eq!(found, Vec::<String>::new());
        Ok(())
    }
}
