//! The main job on sample data.

mod catalog;
pub mod client;
pub mod journey;
pub mod pages;
pub mod shop;
