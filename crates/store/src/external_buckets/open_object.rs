//! One object by its location, for whoever reads without rules: the offline commands.

use std::sync::Arc;

use super::failure::ExternalError;
use super::readable::ReadableBlobs;
use super::rules::client;
use crate::remote::{Location, RemoteSettings};
use crate::{BlobFile, Blobs};

/// Opens one object for reading, wherever it is; not a file of this machine.
pub async fn open_object(location: &Location, settings: &RemoteSettings) -> Result<BlobFile, ExternalError> {
    let Location::Bucket { provider, bucket, key } = location else {
        return Err(ExternalError::Refused(format!("{location} is a file of this machine.")));
    };
    let opened = client(*provider, bucket, settings)?;
    let found = opened.find(key).await?;
    let object = found.ok_or_else(|| ExternalError::Refused(format!("There is no object {location}.")))?;
    let key = object.blob.clone();
    let blobs: Arc<dyn Blobs> = Arc::new(ReadableBlobs::of_bucket(opened));
    BlobFile::open(blobs, &key).await.map_err(|error| ExternalError::Unavailable(error.to_string()))
}
