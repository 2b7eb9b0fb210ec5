//! Files of a package, and archives of them whose bytes depend on nothing else.

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use liblzma::write::XzEncoder;
use std::collections::BTreeSet;
use std::io::Write;

/// A file by its place in a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// The path without the leading slash.
    pub path: String,
    /// The permissions.
    pub mode: u32,
    /// The bytes.
    pub content: Vec<u8>,
}

impl PackagedFile {
    /// A file that everybody may read.
    pub fn plain(path: impl Into<String>, content: Vec<u8>) -> Self {
        Self { path: path.into(), mode: 0o644, content }
    }

    /// A file that everybody may run.
    pub fn program(path: impl Into<String>, content: Vec<u8>) -> Self {
        Self { path: path.into(), mode: 0o755, content }
    }
}

/// The time in archives, and the effort spent on their size.
#[derive(Debug, Clone, Copy)]
pub struct Packing {
    /// Seconds since 1970.
    pub modified_s: u64,
    /// The preset of xz.
    pub compression: u32,
}

/// A tar archive in xz of the files and the folders that they lie in, each path after `prefix`.
pub fn tar_xz(files: &[PackagedFile], prefix: &str, packing: &Packing) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(XzEncoder::new(Vec::new(), packing.compression));
    let mut folders = BTreeSet::new();
    for file in files {
        let path = format!("{prefix}{}", file.path);
        for (at, _) in path.match_indices('/') {
            if folders.insert(path[..=at].to_owned()) {
                let mut header = header(0o755, 0, packing);
                header.set_entry_type(tar::EntryType::Directory);
                archive.append_data(&mut header, &path[..=at], std::io::empty())?;
            }
        }
        let mut header = header(file.mode, file.content.len(), packing);
        archive.append_data(&mut header, &path, file.content.as_slice())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn header(mode: u32, size: usize, packing: &Packing) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(size as u64);
    header.set_mtime(packing.modified_s);
    header.set_uid(0);
    header.set_gid(0);
    // Fixed names that fit.
    let _ = header.set_username("root");
    let _ = header.set_groupname("root");
    header
}

/// The bytes in gzip without name and time, as Debian's documentation is compressed.
pub fn compressed(content: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gzip.write_all(content)?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn archives_hold_files_and_their_folders_and_repeat() {
        let files = [PackagedFile::program("usr/bin/a", b"one".to_vec()), PackagedFile::plain("usr/share/b", vec![])];
        let packing = Packing { modified_s: 7, compression: 0 };
        let bytes = tar_xz(&files, "a/", &packing).unwrap();
        assert_eq!(bytes, tar_xz(&files, "a/", &packing).unwrap());
        let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(bytes.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (7, 0));
            found.push((String::from_utf8_lossy(&entry.path_bytes()).into_owned(), header.mode().unwrap(), content));
        }
        let told: Vec<(&str, u32, &str)> =
            found.iter().map(|(path, mode, text)| (path.as_str(), *mode, text.as_str())).collect();
        assert_eq!(
            told,
            [
                ("a/", 0o755, ""),
                ("a/usr/", 0o755, ""),
                ("a/usr/bin/", 0o755, ""),
                ("a/usr/bin/a", 0o755, "one"),
                ("a/usr/share/", 0o755, ""),
                ("a/usr/share/b", 0o644, ""),
            ]
        );
    }
}
