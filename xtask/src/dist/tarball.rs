//! The tarball: one folder with everything, to be unpacked anywhere.

use super::files::{PackagedFile, Packing, tar_xz};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Places in a system and the folders of the tarball that stand for them.
const FOLDERS: &[(&str, &str)] = &[
    ("usr/bin/", ""),
    ("usr/lib/systemd/system/", "systemd/"),
    ("etc/tastemaker/", ""),
    ("usr/share/man/man1/", "man/"),
    ("usr/share/bash-completion/completions/tastemaker", "completions/tastemaker.bash"),
    ("usr/share/zsh/vendor-completions/", "completions/"),
    ("usr/share/fish/vendor_completions.d/", "completions/"),
    ("usr/share/doc/tastemaker/", ""),
];

/// Writes `<name>.tar.xz` with everything in the folder `<name>`.
pub fn write(out: &Path, name: &str, files: &[PackagedFile], packing: &Packing) -> Result<PathBuf> {
    let files: Vec<PackagedFile> = files.iter().map(moved).collect();
    let path = out.join(format!("{name}.tar.xz"));
    std::fs::write(&path, tar_xz(&files, &format!("{name}/"), packing)?)?;
    Ok(path)
}

fn moved(file: &PackagedFile) -> PackagedFile {
    let found = FOLDERS.iter().find_map(|(from, to)| Some(format!("{to}{}", file.path.strip_prefix(from)?)));
    PackagedFile { path: found.unwrap_or_else(|| file.path.clone()), ..file.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_move_to_short_places() {
        for (from, to) in [
            ("usr/bin/tastemaker", "tastemaker"),
            ("usr/share/bash-completion/completions/tastemaker", "completions/tastemaker.bash"),
            ("usr/share/man/man1/tastemaker.1.gz", "man/tastemaker.1.gz"),
            ("tastemaker.debug", "tastemaker.debug"),
        ] {
            assert_eq!(moved(&PackagedFile::plain(from, Vec::new())).path, to);
        }
    }
}
