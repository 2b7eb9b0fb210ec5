//! The S3 operations, one family per file, each adding methods to [`crate::state::State`].

pub(crate) mod acls;
pub(crate) mod attributes;
pub(crate) mod buckets;
pub(crate) mod copy;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod objects;
pub(crate) mod owner;
pub(crate) mod settings;
pub(crate) mod tags;
pub(crate) mod uploads;
pub(crate) mod versions;
