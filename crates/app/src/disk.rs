//! The room on a disk.

use anyhow::{Context, Result};
use std::path::Path;

/// Bytes that this process may still write to the disk of a directory.
pub fn free_bytes(path: &Path) -> Result<u64> {
    Ok(Disk::of(path)?.free_bytes)
}

/// The room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that this process may still write.
    pub free_bytes: u64,
    /// All bytes.
    pub size_bytes: u64,
    /// Files that this process may still make.
    pub free_inodes: u64,
    /// All files that there may be; 0 where the file system has no limit.
    pub inodes: u64,
}

impl Disk {
    /// The disk of a directory.
    pub fn of(path: &Path) -> Result<Self> {
        let found =
            rustix::fs::statvfs(path).with_context(|| format!("cannot look at the disk of {}", path.display()))?;
        Ok(Self {
            free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
            size_bytes: found.f_blocks.saturating_mul(found.f_frsize),
            free_inodes: found.f_favail,
            inodes: found.f_files,
        })
    }
}
