//! Recommenders.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod start;
pub mod stop;
pub mod update;
pub mod wire;
