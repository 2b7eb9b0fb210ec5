//! The Debian package.

use super::control::{self, Debian};
use super::files::{PackagedFile, compressed, tar_xz};
use anyhow::Result;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes `tastemaker_<version>_<architecture>.deb`.
pub fn write(out: &Path, debian: &Debian<'_>) -> Result<PathBuf> {
    let mut files = debian.common.to_vec();
    let changelog = control::changelog(debian.version, debian.packing.modified_s)?;
    for (name, content) in
        [("copyright", control::copyright().into_bytes()), ("changelog.gz", compressed(changelog.as_bytes())?)]
    {
        files.push(PackagedFile::plain(format!("usr/share/doc/tastemaker/{name}"), content));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let path = out.join(format!("tastemaker_{}_{}.deb", debian.version, debian.elf.debian_architecture));
    let mut archive = ar::Builder::new(File::create(&path)?);
    for (name, content) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.xz", tar_xz(&control::files(debian, &files)?, "", debian.packing)?),
        ("data.tar.xz", tar_xz(&files, "", debian.packing)?),
    ] {
        let mut header = ar::Header::new(name.as_bytes().to_vec(), content.len() as u64);
        header.set_mode(0o100_644);
        header.set_mtime(debian.packing.modified_s);
        archive.append(&header, content.as_slice())?;
    }
    archive.into_inner()?.sync_all()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::elf::Elf;
    use crate::dist::files::Packing;
    use std::io::Read;
    use std::process::Command;

    fn package() -> (PathBuf, PathBuf) {
        let out =
            std::env::temp_dir().join(format!("xtask-deb-{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::create_dir_all(&out).unwrap();
        let elf = Elf { rust_target: "x86_64-unknown-linux-gnu", debian_architecture: "amd64", glibc_minor: 34 };
        let common = [
            PackagedFile::program("usr/bin/tastemaker", vec![0; 3000]),
            PackagedFile::plain("etc/tastemaker/tastemaker.toml", b"# empty\n".to_vec()),
        ];
        let debian = Debian {
            root: &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
            version: "1.2.3",
            elf: &elf,
            common: &common,
            packing: &Packing { modified_s: 1_700_000_000, compression: 0 },
        };
        let path = write(&out, &debian).unwrap();
        (out, path)
    }

    #[test]
    fn the_members_stand_in_dpkgs_order() {
        let (out, path) = package();
        assert_eq!(path.file_name().unwrap(), "tastemaker_1.2.3_amd64.deb");
        let mut archive = ar::Archive::new(File::open(&path).unwrap());
        let mut names = Vec::new();
        let mut control = String::new();
        while let Some(entry) = archive.next_entry() {
            let mut entry = entry.unwrap();
            let name = String::from_utf8_lossy(entry.header().identifier()).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            if name == "control.tar.xz" {
                let mut tar = tar::Archive::new(liblzma::read::XzDecoder::new(content.as_slice()));
                for file in tar.entries().unwrap() {
                    let mut file = file.unwrap();
                    control += &format!("== {}\n", file.path().unwrap().display());
                    file.read_to_string(&mut control).unwrap();
                }
            }
            names.push(name);
        }
        assert_eq!(names, ["debian-binary", "control.tar.xz", "data.tar.xz"]);
        for part in [
            "Version: 1.2.3\nArchitecture: amd64\n",
            "Depends: libc6 (>= 2.34), libgcc-s1\n",
            "/etc/tastemaker/tastemaker.toml\n",
            "  usr/bin/tastemaker\n",
            "postrm\n#!/bin/sh\n",
        ] {
            assert!(control.contains(part), "{part} is not in\n{control}");
        }
        std::fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn dpkg_reads_it() {
        let (out, path) = package();
        match Command::new("dpkg-deb").arg("--contents").arg(&path).output() {
            Err(error) => println!("skipped: dpkg-deb: {error}"),
            Ok(output) => {
                let told = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                assert!(told.contains("-rwxr-xr-x root/root      3000 2023-11-14"), "{told}");
                assert!(told.contains(" usr/share/doc/tastemaker/changelog.gz"), "{told}");
            }
        }
        std::fs::remove_dir_all(out).unwrap();
    }
}
