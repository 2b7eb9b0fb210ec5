//! `cargo xtask benchmarks`: the benchmarks of `docs/benchmarks.md`, and what they printed.

use crate::cargo::cargo;
use crate::page;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Stdio;

/// The benchmarks with their arguments; each is also a part of the page.
const BENCHMARKS: &[(&str, &[&str])] = &[
    ("import", &["5", "20"]),
    ("get_recommendations", &[]),
    ("load", &[]),
    ("restart", &[]),
    ("control_plane", &[]),
    ("console", &[]),
    ("training", &[]),
    ("learn", &[]),
    ("counting", &[]),
    ("scale", &[]),
    ("batch", &[]),
    ("append", &[]),
    ("replicas", &[]),
];

/// Millions of rows by items of the trainings that take long.
const FULL_SCALE: &[&str] = &["1x20000", "1x49999", "1x50001", "1x200000", "5x50000", "20x200000"];

/// The benchmark of whole trainings at full size; what it prints is a part of the page of its own.
pub fn full_scale(root: &Path) -> Result<()> {
    let printed = output_of(root, "scale", FULL_SCALE)?;
    page::rewrite(&root.join("docs/benchmarks.md"), "scale --full", |_| shown(&printed))
}

/// Runs the benchmarks, or `only` one, each after the other, and puts what they print into the page as it is.
pub fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let wanted: Vec<_> = BENCHMARKS.iter().filter(|one| only.is_none_or(|name| name == one.0)).collect();
    if wanted.is_empty() {
        let names: Vec<_> = BENCHMARKS.iter().map(|one| one.0).collect();
        bail!("no benchmark is called {}; there are {}", only.unwrap_or_default(), names.join(", "));
    }
    for (name, arguments) in wanted {
        let printed = output_of(root, name, arguments)?;
        page::rewrite(&root.join("docs/benchmarks.md"), name, |_| shown(&printed))?;
    }
    Ok(())
}

/// Runs a benchmark and shows what it prints.
fn output_of(root: &Path, name: &str, arguments: &[&str]) -> Result<String> {
    let mut command = cargo();
    // Of the whole workspace, so that no crate is built once more with features of its own.
    command.args(["bench", "--quiet", "--workspace", "--bench", name, "--"]).args(arguments);
    let output = command.current_dir(root).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    let printed = String::from_utf8(output.stdout).context("a benchmark printed no text")?;
    print!("{printed}");
    Ok(printed)
}

/// Tables as tables, everything else as it stood on the terminal.
fn shown(printed: &str) -> String {
    let (mut page, mut was_table) = (String::new(), None);
    for line in printed.lines().filter(|line| !line.trim().is_empty()) {
        let is_table = line.starts_with('|');
        if was_table != Some(is_table) {
            page += match (was_table, is_table) {
                (Some(true), false) => "\n```text\n",
                (None, false) => "```text\n",
                (Some(false), true) => "```\n\n",
                _ => "",
            };
            was_table = Some(is_table);
        }
        page += line;
        page += "\n";
    }
    if was_table == Some(false) {
        page += "```\n";
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stay_tables_and_the_rest_is_quoted() {
        let page = shown("\n100 items\n| a | b |\n|---|---|\n| 1 | 2 |\nresident: 5 MB\n");
        assert_eq!(
            page,
            "```text\n100 items\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```text\nresident: 5 MB\n```\n"
        );
        assert_eq!(shown("| a |\n"), "| a |\n");
        assert_eq!(shown(""), "");
    }
}
