//! Conformance suites: the promises of every backend, which each backend runs in its own tests.
//!
//! A suite takes a factory of *empty* stores and panics with what was promised and what was found.
//!
//! ```
//! use std::sync::Arc;
//! use tastemaker_store::{MemoryRecords, Records, conformance};
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! conformance::records::run_all(async || Arc::new(MemoryRecords::new()) as Arc<dyn Records>).await;
//! # });
//! ```
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a suite reports by panicking")]

pub mod blobs;
pub mod events;
pub mod records;
pub mod wakeups;
