//! The manifest of a backup.

use serde::{Deserialize, Serialize};

/// The format that this build writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// All that belongs to a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub v: u32,
    /// The version of the build that made it.
    pub made_by: String,
    /// The id of the data directory's instance.
    pub instance: String,
    /// Databases and keys, which lie beside the manifest.
    pub files: Vec<FileEntry>,
    /// The blobs that the records name.
    pub blobs: Vec<BlobEntry>,
    /// Blobs that the records name and that were damaged or missing when the backup was made, each with what was wrong.
    pub damaged: Vec<String>,
}

/// A file of one backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name in the data directory.
    pub name: String,
    /// Its length and digest.
    #[serde(flatten)]
    pub content: Content,
}

/// A blob, which several backups may share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobEntry {
    /// Its key in the data directory.
    pub key: String,
    /// Its length and digest.
    #[serde(flatten)]
    pub content: Content,
    /// SHA-256 of the record with its checksums: equal records, equal blobs.
    pub record: String,
}

/// A length in bytes and a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Bytes of everything in it.
    pub fn bytes(&self) -> u64 {
        let files = self.files.iter().map(|file| &file.content);
        files.chain(self.blobs.iter().map(|blob| &blob.content)).map(|content| content.size).sum()
    }
}
