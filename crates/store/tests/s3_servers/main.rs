//! Blobs and outside buckets on S3 servers of other people, and what happens when these break.

mod blobs;
mod outside;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use tastemaker_store::ObjectStoreBlobs;
use tastemaker_store::remote::{Credentials, Location, RemoteSettings};
use tastemaker_testkit::s3_servers::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

/// The bucket of every server.
const BUCKET: &str = "tests";

/// A folder with the keys of the servers, as a profile.
struct Keys(tempfile::TempDir);

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let profile = |name: &str, key: &str, secret: &str| {
            format!("[{name}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n")
        };
        let text = profile("default", ACCESS_KEY_ID, SECRET_ACCESS_KEY) + &profile("stranger", ACCESS_KEY_ID, "other");
        std::fs::write(folder.path().join("credentials"), text).expect("written");
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("credentials")
    }

    /// Settings that reach an endpoint with these keys and give up soon.
    fn settings(&self, endpoint: String) -> RemoteSettings {
        RemoteSettings {
            endpoint: Some(endpoint),
            credentials: Credentials::Profile,
            credentials_file: Some(self.file()),
            retries: 3,
            timeout_s: 10,
            ..RemoteSettings::default()
        }
    }
}

fn location(text: &str) -> Location {
    Location::parse(text).expect("a scheme").expect("a location")
}

async fn open(prefix: &str, settings: &RemoteSettings) -> tastemaker_store::Result<Arc<ObjectStoreBlobs>> {
    ObjectStoreBlobs::open_location(&location(&format!("s3://{BUCKET}/{prefix}")), settings).await.map(Arc::new)
}

fn pattern(len: usize) -> Bytes {
    (0..len).map(|n| (n * 31 % 251) as u8).collect()
}
