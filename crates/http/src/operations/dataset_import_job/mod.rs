//! Dataset import jobs.

pub mod create;
pub mod describe;
pub mod list;
pub mod wire;
