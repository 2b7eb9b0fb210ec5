//! Columnar work as streaming Arrow passes: CSV to Parquet import, reading datasets.
