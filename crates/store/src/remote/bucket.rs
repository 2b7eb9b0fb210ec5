//! A bucket that requests can be sent to.

use std::sync::Arc;

use object_store::ObjectStore;

use super::failure::NAME;
use super::uploads::Uploads;
use crate::Error;

/// A bucket that requests can be sent to.
#[derive(Clone, Debug)]
pub(crate) struct RemoteBucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The uploads in parts that the bucket knows, where its protocol tells.
    pub(crate) uploads: Option<Uploads>,
}

/// An error of a client that cannot be made.
pub(super) fn unusable(bucket: &str) -> impl Fn(object_store::Error) -> Error {
    move |error| Error::backend(NAME, format!("the bucket '{bucket}' cannot be used: {error}"))
}
