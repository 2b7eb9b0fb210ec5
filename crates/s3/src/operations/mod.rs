//! The S3 operations, one family per file, each adding methods to [`crate::state::State`].

pub(crate) mod buckets;
pub(crate) mod copy;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod objects;
pub(crate) mod settings;
pub(crate) mod uploads;
