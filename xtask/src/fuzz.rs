//! `cargo xtask fuzz TARGET [SECONDS]`: a search with libFuzzer from the seed corpus. It needs no nightly compiler: coverage
//! is counted by LLVM's own pass, without a sanitizer of memory, as the code searched is safe Rust.

use crate::cargo::cargo;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// The time of a search when none is given, in seconds.
const SECONDS: u64 = 60;

const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

/// Builds the program with coverage, writes the seeds below the build directory and searches from there. An input that breaks
/// an invariant is left as `crash-...` beside them, and libFuzzer's exit status is the command's.
pub fn run(root: &Path, target: &str, seconds: Option<&str>) -> Result<()> {
    let seconds: u64 = match seconds {
        Some(text) => text.parse().with_context(|| format!("SECONDS must be a whole number, not '{text}'"))?,
        None => SECONDS,
    };
    let build = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into).join("fuzz");
    let found = build.join("found").join(target);
    std::fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;

    let mut seeds = cargo();
    seeds.args(["run", "--quiet", "--package", "tastemaker-fuzz", "--example", "seeds", "--", target]).arg(&found);
    status(seeds.current_dir(root))?;

    let host = host()?;
    let mut search = cargo();
    // With a target of its own, flags do not reach build scripts and macros.
    search.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "tastemaker-fuzz",
        "--features",
        "libfuzzer",
        "--bin",
        "fuzz",
    ]);
    search.args(["--target", &host, "--target-dir"]).arg(&build).arg("--").arg(&found);
    search.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", found.display()));
    search.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    status(search.env("RUSTFLAGS", COVERAGE).env("FUZZ_TARGET", target).current_dir(root))
}

fn status(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}
