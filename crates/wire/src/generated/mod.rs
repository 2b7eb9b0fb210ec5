//! Code generated from the model: structs per service, the operation table, the constraint tables.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

pub mod constraints;
pub mod events;
pub mod operations;
pub mod personalize;
pub mod runtime;
