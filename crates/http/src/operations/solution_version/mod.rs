//! Solution versions.

pub mod create;
pub mod describe;
pub mod get_metrics;
pub mod list;
pub mod stop_creation;
pub mod wire;
