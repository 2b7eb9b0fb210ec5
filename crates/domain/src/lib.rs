//! The nouns of Tastemaker and the rules that need no data: names, ARNs, statuses and their legal transitions,
//! dataset schemas, limits and recipe descriptors.
//!
//! This room names no other room and nothing in it is serializable: what is stored is a record (room `store`),
//! what is sent is a wire type (room `wire`).

pub mod arn;
pub mod arn_kind;
pub mod campaign_config;
pub mod catalog;
pub mod cold_start;
pub mod csv_columns;
pub mod dataset_statistics;
pub mod error;
pub mod event_properties;
pub mod iam;
pub mod import_report;
pub mod limits;
pub mod member;
pub mod metric_expression;
pub mod name;
pub mod parameter_store;
pub mod parameters;
pub mod plain_decimal;
pub mod quotas;
pub mod recipe;
pub mod recommendation;
pub mod resource;
pub mod role;
pub mod row_properties;
pub mod s3_path;
pub mod schema;
pub mod solution_config;
pub mod status;
pub mod tags;
pub mod training_record;
pub mod tuning;
mod tuning_config;
pub mod words;

pub use arn_kind::ArnKind;
pub use error::{Error, Result};
pub use member::{Member, MemberPath};
pub use status::Status;
