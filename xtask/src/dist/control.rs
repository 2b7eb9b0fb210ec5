//! The control files of the Debian package.

use super::elf::Elf;
use super::files::{PackagedFile, Packing};
use anyhow::{Context, Result};
use md5::{Digest, Md5};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Who made the package. The domain is one that never exists: there is no address for mail.
const MAINTAINER: &str = "Tastemaker maintainers <maintainers@tastemaker.invalid>";
/// The scripts of `deploy/debian` that dpkg runs.
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];
/// Unit of `Installed-Size`.
const KIBIBYTE: usize = 1024;

/// What a Debian package is made of.
pub struct Debian<'a> {
    /// The repository.
    pub root: &'a Path,
    /// The version.
    pub version: &'a str,
    /// What the binary runs on.
    pub elf: &'a Elf,
    /// The files that every package has.
    pub common: &'a [PackagedFile],
    /// How the archives are made.
    pub packing: &'a Packing,
}

/// The files of the control archive for a package with `files`.
pub fn files(debian: &Debian<'_>, files: &[PackagedFile]) -> Result<Vec<PackagedFile>> {
    let mut control = vec![PackagedFile::plain("control", paragraph(debian, files).into_bytes())];
    let mut sums = String::new();
    let mut conffiles = String::new();
    for file in files {
        if file.path.starts_with("etc/") {
            writeln!(conffiles, "/{}", file.path)?;
        } else {
            writeln!(sums, "{}  {}", hex::encode(Md5::digest(&file.content)), file.path)?;
        }
    }
    control.push(PackagedFile::plain("md5sums", sums.into_bytes()));
    control.push(PackagedFile::plain("conffiles", conffiles.into_bytes()));
    for script in SCRIPTS {
        let source = format!("deploy/debian/{script}");
        let content = fs::read(debian.root.join(&source)).with_context(|| format!("cannot read {source}"))?;
        control.push(PackagedFile::program(*script, content));
    }
    Ok(control)
}

fn paragraph(debian: &Debian<'_>, files: &[PackagedFile]) -> String {
    let size: usize = files.iter().map(|file| file.content.len().div_ceil(KIBIBYTE)).sum();
    format!(
        "Package: tastemaker\nVersion: {}\nArchitecture: {}\nMaintainer: {MAINTAINER}\nInstalled-Size: {size}\n\
         Depends: libc6 (>= 2.{}), libgcc-s1\nSection: net\nPriority: optional\n\
         Description: recommender with the API of Amazon Personalize\n\
         \x20One server that imports interactions, items and users, trains models of them, and\n\
         \x20answers GetRecommendations, GetPersonalizedRanking and PutEvents as Amazon\n\
         \x20Personalize does, for the AWS CLI and every AWS SDK, and for Braze.\n",
        debian.version, debian.elf.debian_architecture, debian.elf.glibc_minor
    )
}

/// The copyright file, with the place of the licence in a Debian system.
pub fn copyright() -> String {
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: tastemaker\n\n\
     Files: *\nCopyright: the Tastemaker authors\nLicense: Apache-2.0\n\nLicense: Apache-2.0\n \
     The full text is in /usr/share/common-licenses/Apache-2.0. The packages that are compiled into the\n \
     binary, and their licences, are listed in /usr/share/doc/tastemaker/THIRD-PARTY-LICENSES.gz.\n"
        .to_owned()
}

/// The changelog in Debian's form.
pub fn changelog(version: &str, modified_s: u64) -> Result<String> {
    let date = OffsetDateTime::from_unix_timestamp(i64::try_from(modified_s)?)?.format(&Rfc2822)?;
    Ok(format!("tastemaker ({version}) stable; urgency=medium\n\n  * Release {version}.\n\n -- {MAINTAINER}  {date}\n"))
}
