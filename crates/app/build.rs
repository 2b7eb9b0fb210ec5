//! Link arguments of the binary, and the commit that it was built from.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_build = |name: &str| std::env::var(name).unwrap_or_default();
    let is_release = of_build("PROFILE") == "release";
    // The row of this package in `[profile.release.package]` makes Cargo forget the profile's `strip`. A profile that keeps debug
    // information hands it to `cargo xtask dist`, which strips.
    let keeps_symbols = of_build("DEBUG") == "true";
    if is_release && !keeps_symbols && of_build("CARGO_CFG_TARGET_OS") == "linux" {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
    println!("cargo::rustc-env=BUILT_FROM={}", built_from(is_release));
}

/// The commit and its date. `TASTEMAKER_COMMIT` says them where the sources are no git checkout, as in a container's build. Builds for
/// development do not look, since each commit would build the binary anew.
fn built_from(is_release: bool) -> String {
    println!("cargo::rerun-if-env-changed=TASTEMAKER_COMMIT");
    if let Ok(given) = std::env::var("TASTEMAKER_COMMIT")
        && !given.trim().is_empty()
    {
        return given.trim().to_owned();
    }
    if !is_release {
        return "development build".to_owned();
    }
    // It changes with every commit and checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && std::path::Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["show", "--no-patch", "--date=short", "--format=%h %cd", "--abbrev=12", "HEAD"])
        .map_or_else(|| "commit unknown".to_owned(), |commit| format!("commit {commit}"))
}

fn git(arguments: &[&str]) -> Option<String> {
    // Sources without a repository of their own may lie in another one.
    let top = Command::new("git").args(["rev-parse", "--show-toplevel"]).output().ok()?;
    let top = std::path::PathBuf::from(String::from_utf8(top.stdout).ok()?.trim());
    if !top.join("crates/app/build.rs").exists() {
        return None;
    }
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
