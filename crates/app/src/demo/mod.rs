//! The demonstration: a sample shop imported, trained and deployed over the public API.

mod catalog;
pub mod client;
pub mod journey;
pub mod pages;
pub mod shop;
