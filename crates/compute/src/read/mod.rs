//! Parquet files back to datasets and tables.
//!
//! - `source`: random access to files, wherever they are.
//! - `interactions`, `table`: the two shapes that training and serving want.

mod interactions;
mod source;
mod table;

pub use interactions::{InteractionsFilter, InteractionsRead, read_interactions};
pub(crate) use source::open;
pub use source::{BlobParquet, ReadAt};
pub use table::read_table;
