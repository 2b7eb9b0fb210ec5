//! `s3://bucket/key` locations.

use crate::{Error, Result};

/// A bucket and a key, or a folder when the key is empty or ends with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Path {
    /// The bucket's name.
    pub bucket: String,
    /// The key, or the prefix of a folder.
    pub key: String,
}

impl S3Path {
    /// Parses `s3://bucket/key`. `field` names the request's member in the error.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let wrong = || {
            Error::InvalidInput(format!(
                "Invalid Data location. '{text}' at '{field}' must have the form s3://bucket/key.csv or s3://bucket/folder/"
            ))
        };
        let (bucket, key) = text.strip_prefix("s3://").and_then(|r| r.split_once('/')).ok_or_else(wrong)?;
        if bucket.is_empty() {
            return Err(wrong());
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// Whether the location names every object below a prefix rather than one object.
    pub fn is_folder(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_folders() -> Result<()> {
        let object = S3Path::parse("dataLocation", "s3://b/a b/c+d.csv")?;
        assert_eq!((object.bucket.as_str(), object.key.as_str(), object.is_folder()), ("b", "a b/c+d.csv", false));
        assert!(S3Path::parse("dataLocation", "s3://b/in/")?.is_folder());
        assert!(S3Path::parse("dataLocation", "s3:///x").is_err());
        assert!(S3Path::parse("dataLocation", "https://b/x").is_err());
        Ok(())
    }
}
