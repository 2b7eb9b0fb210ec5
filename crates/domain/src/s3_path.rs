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

    /// Parses the folder that a job writes into: `s3://bucket/folder/`, `s3://bucket/folder` or `s3://bucket`.
    pub fn parse_folder(field: &str, text: &str) -> Result<Self> {
        let wrong = || {
            Error::InvalidInput(format!(
                "Invalid S3 output path. '{text}' at '{field}' must have the form s3://bucket/folder/"
            ))
        };
        let location = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, key) = location.split_once('/').unwrap_or((location, ""));
        if bucket.is_empty() {
            return Err(wrong());
        }
        let separator = if key.is_empty() || key.ends_with('/') { "" } else { "/" };
        Ok(Self { bucket: bucket.to_owned(), key: format!("{key}{separator}") })
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
        for (text, key) in [("s3://b", ""), ("s3://b/", ""), ("s3://b/out", "out/"), ("s3://b/a/out/", "a/out/")] {
            assert_eq!(S3Path::parse_folder("path", text)?, S3Path { bucket: "b".into(), key: key.into() });
        }
        for text in ["s3://", "s3:///out/", "https://b/out/", "b/out"] {
            let refused = S3Path::parse_folder("path", text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(refused.contains("Invalid S3 output path") && refused.contains(text), "{refused}");
        }
        Ok(())
    }
}
