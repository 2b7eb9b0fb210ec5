//! Object stores that are reached over a network: Amazon S3 and what speaks its protocol, Google Cloud Storage and Azure Blob
//! Storage, from a location such as `s3://bucket/prefix` and settings.

mod bucket;
mod connector;
mod failure;
mod google_and_azure;
mod location;
mod open;
mod profile;
mod s3;
mod settings;
mod uploads;

pub use location::{Location, Provider};
pub use settings::{Credentials, Encryption, RemoteSettings};

pub(crate) use connector::Completion;
pub(crate) use failure::{code, is_passing, is_without_credentials, reason};
pub(crate) use open::open;
pub(crate) use uploads::Uploads;
