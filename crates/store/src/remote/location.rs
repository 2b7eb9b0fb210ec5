//! Locations as `s3://bucket/key`, `gs://bucket/key`, `az://container/key` and `file:///directory`.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A protocol of object storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon S3, or a server that speaks its protocol.
    #[default]
    S3,
    /// Google Cloud Storage.
    #[serde(rename = "gs")]
    Google,
    /// Azure Blob Storage.
    #[serde(rename = "az")]
    Azure,
}

impl Provider {
    /// The scheme of its locations.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

/// A place of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A directory or file of this machine.
    File(PathBuf),
    /// A bucket, and a key or the beginning of keys in it.
    Bucket {
        /// Its protocol.
        provider: Provider,
        /// Its name; the container's at Azure.
        bucket: String,
        /// The rest of the location, without the first `/`.
        key: String,
    },
}

impl Location {
    /// Reads a location that has one of the four schemes; `None` for what has no scheme, such as a plain path. What is wrong
    /// with it otherwise is a text.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let (scheme, rest) = text.split_once("://")?;
        let provider = match scheme {
            "file" if rest.starts_with('/') && rest.len() > 1 => return Some(Ok(Self::File(rest.into()))),
            "file" => return Some(Err(format!("'{text}' must have the form file:///directory"))),
            "s3" => Provider::S3,
            "gs" => Provider::Google,
            "az" => Provider::Azure,
            _ => {
                let known = "s3://, gs://, az:// or file:///";
                return Some(Err(format!("'{text}' begins with {scheme}://; a location begins with {known}")));
            }
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(|c: char| c.is_whitespace() || "?#@".contains(c)) {
            return Some(Err(format!("'{text}' must have the form {scheme}://bucket/key")));
        }
        Some(Ok(Self::Bucket { provider, bucket: bucket.to_owned(), key: key.to_owned() }))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file://{}", path.display()),
            Self::Bucket { provider, bucket, key } => write!(f, "{}://{bucket}/{key}", provider.scheme()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_have_a_scheme_a_bucket_and_a_key() {
        for (text, provider, bucket, key) in [
            ("s3://b", Provider::S3, "b", ""),
            ("s3://b/", Provider::S3, "b", ""),
            ("s3://my.b-1/a b/c+d.csv", Provider::S3, "my.b-1", "a b/c+d.csv"),
            ("gs://b/in/", Provider::Google, "b", "in/"),
            ("az://box/x", Provider::Azure, "box", "x"),
        ] {
            let location = Location::parse(text).expect("a scheme").expect("a location");
            let expected = Location::Bucket { provider, bucket: bucket.into(), key: key.into() };
            assert_eq!(location, expected, "{text}");
        }
        let file = Location::parse("file:///srv/blobs").expect("a scheme").expect("a location");
        assert_eq!((&file, file.to_string().as_str()), (&Location::File("/srv/blobs".into()), "file:///srv/blobs"));
        for plain in ["in.csv", "/srv/in.csv", "c:\\in.csv", ""] {
            assert_eq!(Location::parse(plain), None);
        }
        for (text, word) in [
            ("http://b/x", "http://"),
            ("s3:///x", "s3://bucket/key"),
            ("s3://", "s3://bucket/key"),
            ("s3://key@b/x", "s3://bucket/key"),
            ("file://srv/blobs", "file:///directory"),
            ("file:///", "file:///directory"),
        ] {
            let refused = Location::parse(text).expect("a scheme").expect_err(text);
            assert!(refused.contains(word) && refused.contains(text), "{refused}");
        }
    }
}
