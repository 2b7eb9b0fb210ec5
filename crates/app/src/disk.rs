//! The room on a disk.

use anyhow::{Context, Result};
use std::path::Path;

/// Bytes that this process may still write to the disk of a directory.
pub fn free_bytes(path: &Path) -> Result<u64> {
    let found = rustix::fs::statvfs(path).with_context(|| format!("cannot look at the disk of {}", path.display()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
