//! Metric attributions.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod list_metrics;
pub mod update;
pub mod wire;
