//! The demonstration: a sample shop imported, trained and deployed over the public API.

mod catalog;
pub mod client;
pub mod in_server;
pub mod journey;
mod pictures;
pub mod shop;
pub mod steps;
