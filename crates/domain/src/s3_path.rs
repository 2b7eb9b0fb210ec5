//! `s3://bucket/key` locations.

use crate::{Error, MemberPath, Result};

/// A bucket and a key, or a folder when the key is empty or ends with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Path {
    /// The bucket's name.
    pub bucket: String,
    /// The key, or the prefix of a folder.
    pub key: String,
}

impl S3Path {
    /// Parses `s3://bucket/key`. `member` names the request's member in the error.
    pub fn parse(member: impl Into<MemberPath>, text: &str) -> Result<Self> {
        let wrong = |member: MemberPath| {
            let form = "must have the form s3://bucket/key.csv or s3://bucket/folder/";
            let text = format!("Invalid Data location. '{text}' at '{member}' {form}");
            Error::invalid(member, text)
        };
        match text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
            Some((bucket, key)) if !bucket.is_empty() => Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() }),
            _ => Err(wrong(member.into())),
        }
    }

    /// Parses the folder that a job writes into: `s3://bucket/folder/`, `s3://bucket/folder` or `s3://bucket`.
    pub fn parse_folder(member: impl Into<MemberPath>, text: &str) -> Result<Self> {
        let wrong = |member: MemberPath| {
            let text = format!("Invalid S3 output path. '{text}' at '{member}' must have the form s3://bucket/folder/");
            Error::invalid(member, text)
        };
        let location = text.strip_prefix("s3://").unwrap_or_default();
        let (bucket, key) = location.split_once('/').unwrap_or((location, ""));
        if bucket.is_empty() {
            return Err(wrong(member.into()));
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
    use crate::Member;

    #[test]
    fn objects_and_folders() -> Result<()> {
        let object = S3Path::parse(Member::DataLocation, "s3://b/a b/c+d.csv")?;
        assert_eq!((object.bucket.as_str(), object.key.as_str(), object.is_folder()), ("b", "a b/c+d.csv", false));
        assert!(S3Path::parse(Member::DataLocation, "s3://b/in/")?.is_folder());
        assert!(S3Path::parse(Member::DataLocation, "s3:///x").is_err());
        assert!(S3Path::parse(Member::DataLocation, "https://b/x").is_err());
        for (text, key) in [("s3://b", ""), ("s3://b/", ""), ("s3://b/out", "out/"), ("s3://b/a/out/", "a/out/")] {
            assert_eq!(S3Path::parse_folder(Member::Path, text)?, S3Path { bucket: "b".into(), key: key.into() });
        }
        for text in ["s3://", "s3:///out/", "https://b/out/", "b/out"] {
            let refused = S3Path::parse_folder(Member::Path, text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(refused.contains("Invalid S3 output path") && refused.contains(text), "{refused}");
        }
        Ok(())
    }
}
