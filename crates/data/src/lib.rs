//! Typed tables of interactions, items and users in memory, with id maps and column views.
//!
//! Nothing here reads files or clocks; builders are fed with rows and become immutable.

pub mod bitmap;
mod builder;
mod chunks;
pub mod contexts;
pub mod dataset;
pub mod ids;
pub mod newest;
pub mod table;

pub use bitmap::Bitmap;
pub use builder::DatasetBuilder;
pub use contexts::ContextCounts;
pub use dataset::{Dataset, Sequence};
pub use ids::{IdMap, ItemIx, UserIx};
pub use newest::{NewestTimes, newest_s};
pub use table::{Column, Table, TableBuilder};
