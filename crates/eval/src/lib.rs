//! Splits and metrics, usable alone on any ranked lists.
//!
//! ```
//! use tastemaker_data::DatasetBuilder;
//! use tastemaker_eval::{report::judge, split};
//!
//! let mut builder = DatasetBuilder::new();
//! for user in ["ann", "bob", "eve"] {
//!     for (time, item) in ["tea", "mug", "pot"].into_iter().enumerate() {
//!         builder.push(user, item, time as i64, None, None);
//!     }
//! }
//! let dataset = builder.build();
//! let split = split::personalize(&dataset, 7);
//! let report = judge(&split.tests, dataset.items.len(), |history| vec![history.len() as u32]);
//! assert_eq!(report.mean("mean_reciprocal_rank_at_25"), Some(1.0));
//! ```
//!
//! Nothing here reads clocks, files or global randomness; the seed of a split is an argument.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bias;
pub mod bootstrap;
pub mod comparison;
mod means;
pub mod metrics;
pub mod report;
pub mod segments;
pub mod split;
pub mod trend;
pub mod weighted;

pub use metrics::{Judged, Metric};
pub use report::{Report, judge, report};
pub use split::{Split, TestUser};
