//! Secrets by access key, from the caller's lookup.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use std::sync::Arc;

/// The secret of an access key, or `None` for an unknown key.
pub type SecretLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

pub(crate) struct Secrets {
    lookup: SecretLookup,
}

impl Secrets {
    pub(crate) fn new(lookup: SecretLookup) -> Self {
        Self { lookup }
    }
}

#[async_trait::async_trait]
impl S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match (self.lookup)(access_key) {
            Some(secret) => Ok(SecretKey::from(secret)),
            None => Err(s3_error!(
                InvalidAccessKeyId,
                "The access key {access_key} is unknown here. Run: eval \"$(tastemaker env)\""
            )),
        }
    }
}
