//! `cargo xtask faults`: the faults of `crates/app/tests/faults`, and the table of what was survived.

use crate::cargo::cargo;
use crate::page;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Stdio;

/// Runs the tests one after another, prints the table, and puts it into `docs/reliability.md` if all of them passed.
pub fn run(root: &Path) -> Result<()> {
    let mut command = cargo();
    // Of the whole workspace, so that no crate is built once more with features of its own.
    command.args(["test", "--quiet", "--workspace", "--test", "faults", "--", "--nocapture", "--test-threads", "1"]);
    let output = command.current_dir(root).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run {command:?}"))?;
    let printed = String::from_utf8(output.stdout).context("a test printed no text")?;
    let table = table(&printed);
    print!("{table}");
    for line in printed.lines().filter_map(|line| line.find("skipped: ").map(|at| &line[at..])) {
        println!("{line}");
    }
    if !output.status.success() {
        println!("{printed}");
        bail!("not everything was survived");
    }
    page::rewrite(&root.join("docs/reliability.md"), "faults", |_| table)
}

/// The lines `fault | <fault> | <what was seen>` as a table, in the order of their faults.
fn table(printed: &str) -> String {
    // A test's name may stand before what it prints.
    let lines = printed.lines().filter_map(|line| line.split_once("fault | ").map(|(_, row)| row.trim()));
    let mut rows: Vec<_> = lines.map(|row| format!("| {row} |\n")).collect();
    rows.sort();
    format!("| fault | survived how |\n|---|---|\n{}", rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_faults_become_rows() {
        let printed = "running 2 tests\ntest a ... fault | z | late\nok\nfault | a | early\nskipped: b\n";
        assert_eq!(table(printed), "| fault | survived how |\n|---|---|\n| a | early |\n| z | late |\n");
    }
}
