//! The programs that make and judge the lists, and how they are called.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that make and judge the lists.
pub(super) struct Tools {
    pub binary: PathBuf,
    pub baselines: PathBuf,
    pub scorer: PathBuf,
}

/// Seconds that finished child processes spent on processors, from `/proc/self/stat` (Linux; 0 elsewhere).
pub(super) fn children_cpu_s() -> f64 {
    /// Hundredths of a second, `USER_HZ` of every Linux in use.
    const TICKS_PER_S: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_S
}

pub(super) fn unzip(from: &Path, to: &Path) -> Result<()> {
    fs::write(to, call(Command::new("gzip").arg("-dc").arg(from))?)?;
    Ok(())
}

pub(super) fn call(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
