//! Columnar work in streaming passes: CSV to Parquet import, reading datasets, guessing schemas.
//!
//! | you hold | you want | call |
//! |---|---|---|
//! | a CSV as `Read` and a [`Schema`](tastemaker_domain::schema::Schema) | a checked Parquet file | [`import_csv`], then [`check_totals`] over all files of the job |
//! | a file that may as well be JSON Lines or Parquet, or packed with gzip or zstd | the same | [`import_file`] |
//! | a file of text that may be packed | the text as `Read` | [`Unpacked`] |
//! | a CSV, or a file in any format, with rows that end an import | a copy without them | [`copy_readable`], [`copy_readable_file`] |
//! | Parquet files of interactions | a dataset to train on | [`read_interactions`], [`read_action_interactions`] |
//! | Parquet files of items or users | a table of metadata | [`read_table`] |
//! | a dataset's rows as [`Rows`] | CSV files without repetitions | [`export_csv`] |
//! | users to forget | the list, and files without them | [`read_users`], [`count_users`], [`remove_users`] |
//! | the first bytes of a file that is no text | what it looks like | [`looks_binary`] |
//! | a CSV without a schema | a schema | [`infer_schema`] |
//! | a CSV with any names | what its columns could be | [`inspect_csv`], then [`rewrite_csv`] |
//! | the Parquet files of a group's datasets | their statistics | [`group_statistics`] |
//!
//! Everything is synchronous and belongs on blocking threads. Memory is bounded by a block of input, a few batches and one
//! Parquet row group, whatever the size of the file. The rows of a file are imported all or not at all: a broken key, a broken
//! line, or with [`ImportRules::strict`] any broken value ends the import with an error that names file, line, column, rule and
//! value, and the caller discards the sink. Other broken values are null in the dataset, and counted in [`Totals`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod csv;
mod error;
mod event_values;
mod export;
mod first_bytes;
mod import;
mod infer;
mod inspect;
mod packed;
mod read;
mod remove;
mod rewrite;
mod statistics;
mod texts;
mod times;
mod utf_16;

pub use error::ImportError;
pub use export::{Cell, Export, Exported, Keep, ParquetRows, ROWS_IN_MEMORY, Rows, SetAside, Visit, Watch, export_csv};
pub use first_bytes::{FIRST_BYTES, looks_binary};
pub use import::{
    FileImport, IMPORT_UNPACKED_BYTES_MAX, ImportRules, LeftOut, Readable, Totals, check_totals, copy_readable,
    copy_readable_file, import_csv, import_file,
};
pub use infer::infer_schema;
pub use inspect::{inspect_csv, inspect_file};
pub use packed::{PackedFault, Unpacked};
pub use read::{
    BlobParquet, InteractionsFilter, InteractionsRead, ORDER_ID, ReadAt, ReadLimits, add_to_table,
    read_action_interactions, read_contexts, read_interactions, read_table, table_builder,
};
pub use remove::{count_users, read_users, remove_users};
pub use rewrite::{rewrite_csv, rewrite_file};
pub use statistics::{StatisticsSource, group_statistics};
