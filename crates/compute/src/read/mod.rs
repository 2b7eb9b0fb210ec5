//! Parquet files back to datasets and tables.
//!
//! - `source`: random access to files, wherever they are.
//! - `limits`: how far a reading goes.
//! - `interactions`, `table`: the two shapes that training and serving want.

mod interactions;
mod limits;
mod source;
mod table;

pub use interactions::{
    InteractionsFilter, InteractionsRead, ORDER_ID, read_action_interactions, read_contexts, read_interactions,
};
pub use limits::ReadLimits;
pub(crate) use source::{Batches, column_names, open, open_filtered};
pub use source::{BlobParquet, ReadAt};
pub use table::{add_to_table, read_table, table_builder};
