//! Names of functions and lines, moved from a binary into a file of their own.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Writes `binary` without symbols, and `debug` with them; the binary names the file, so that debuggers and backtraces find it beside
/// it.
pub fn split(built: &Path, binary: &Path, debug: &Path) -> Result<()> {
    objcopy(&["--only-keep-debug"], &[built, debug])?;
    let link = format!("--add-gnu-debuglink={}", debug.display());
    objcopy(&["--strip-all", &link], &[built, binary])
}

/// Runs binutils' objcopy.
pub fn objcopy(options: &[&str], files: &[&Path]) -> Result<()> {
    let output = Command::new("objcopy").args(options).args(files).output();
    let output = output.context("cannot run objcopy; it is in the package binutils")?;
    if !output.status.success() {
        bail!("objcopy {} failed: {}", options.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_without_symbols_runs_and_names_the_file_that_has_them() {
        let folder = std::env::temp_dir().join(format!("xtask-symbols-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (binary, debug) = (folder.join("small"), folder.join("small.debug"));
        let built = std::env::current_exe().unwrap();
        split(&built, &binary, &debug).unwrap();
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        assert!(size(&binary) < size(&built) && size(&debug) > 0);
        let bytes = std::fs::read(&binary).unwrap();
        assert!(bytes.windows(11).any(|window| window == b"small.debug"));
        let listed = Command::new(&binary).arg("--list").output().unwrap();
        assert!(listed.status.success());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
