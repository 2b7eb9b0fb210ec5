//! Backups of a data directory: made while a server uses it, and put back into an empty directory.
//!
//! A repository is a directory, or a prefix of a bucket, with the backups of one data directory:
//!
//! | path | content |
//! |---|---|
//! | `instance.json` | whose backups these are |
//! | `lock`, in a bucket `blobs/lock/<number>` | held by the one process that writes |
//! | `blobs/data/<key>` | each blob once, however many backups name it |
//! | `blobs/backups/<time>/records.sqlite`, `events.sqlite` | the databases at that time |
//! | `blobs/backups/<time>/credentials.json`, `console.key`, `parameters.key` | the keys of the server |
//! | `blobs/backups/<time>/manifest.json` | names, lengths and SHA-256 of all of it; written last, so that a backup without it was not finished |

mod copy;
mod lock;
mod make;
mod manifest;
mod repository;
mod restore;
mod schedule;
mod target;
#[cfg(test)]
mod tests;

pub use make::make;
pub use repository::Repository;
pub use restore::{restore, verify};
pub use schedule::{Schedule, keep_schedule};
pub use target::Target;

/// Told how far a copy is: bytes done and bytes in all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);
