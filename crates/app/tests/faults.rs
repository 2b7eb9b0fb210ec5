//! Faults of disks, databases and processes, each put into a real server on a real directory. `cargo xtask faults` runs them
//! and prints what was survived; `docs/reliability.md` has the table.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

#[path = "faults/bit_rot.rs"]
mod bit_rot;
#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/damaged_values.rs"]
mod damaged_values;
#[path = "faults/databases.rs"]
mod databases;
#[path = "faults/full_disk.rs"]
mod full_disk;
#[path = "faults/jobs.rs"]
mod jobs;
#[path = "faults/limits.rs"]
mod limits;
#[path = "faults/process.rs"]
mod process;
#[allow(dead_code)]
mod server;
#[path = "faults/uploads.rs"]
mod uploads;
