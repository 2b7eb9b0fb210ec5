//! Tags of resources.

pub mod add;
pub mod list;
pub mod remove;
