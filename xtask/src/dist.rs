//! The distribution command: the binary of the `dist` profile as a tarball and a Debian package, with manual pages, completions, the licences
//! and the list of what is in it.

mod audit;
mod control;
mod deb;
mod dependencies;
mod elf;
mod files;
mod licenses;
mod options;
mod sbom;
mod sizes;
mod symbols;
mod tarball;

use crate::cargo::cargo;
use anyhow::{Context, Result, bail};
use dependencies::Dependencies;
use elf::Elf;
use files::{PackagedFile, compressed};
use options::Options;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the packages below the build directory, unless `--out` names another.
const FOLDER: &str = "packages";

/// Shells whose completions are packaged: the word of the command, and the file's place in a Debian system.
const SHELLS: &[(&str, &str)] = &[
    ("bash", "usr/share/bash-completion/completions/tastemaker"),
    ("zsh", "usr/share/zsh/vendor-completions/_tastemaker"),
    ("fish", "usr/share/fish/vendor_completions.d/tastemaker.fish"),
];

/// Builds the binary unless one is given, and writes the packages of it.
pub fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let options = Options::of(arguments)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if options.sizes {
        let binary = options.binary.clone().map_or_else(|| build(root, &target), Ok)?;
        return sizes::print(root, &binary);
    }
    let out = options.out.clone().unwrap_or_else(|| target.join(FOLDER));
    fs::create_dir_all(&out).with_context(|| format!("cannot make the directory {}", out.display()))?;
    let work = out.join("work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;

    let given = options.binary.is_some();
    let built = match &options.binary {
        Some(binary) => binary.clone(),
        None => build(root, &target)?,
    };
    let elf = Elf::read(&built)?;
    let dependencies = Dependencies::read(root, elf.rust_target)?;
    let binary = work.join("tastemaker");
    let debug = if given {
        fs::copy(&built, &binary)?;
        None
    } else {
        let debug = work.join("tastemaker.debug");
        symbols::split(&built, &binary, &debug)?;
        Some(debug)
    };
    audit::embed(&dependencies, &binary, &work)?;

    let version = &dependencies.root().version;
    let name = format!("tastemaker-{version}-{}", elf.rust_target);
    let packing = files::Packing { modified_s: commit_time_s(root), compression: options.compression };
    let common = common_files(root, &binary, &work, &licenses::text(&dependencies)?)?;
    // A Debian system has the licence's text already.
    let license = PackagedFile::plain("LICENSE", fs::read(root.join("LICENSE"))?);
    let mut made = vec![
        tarball::write(&out, &name, &[common.as_slice(), &[license]].concat(), &packing)?,
        deb::write(&out, &control::Debian { root, version, elf: &elf, common: &common, packing: &packing })?,
        sbom::write(&out, &name, &dependencies, packing.modified_s)?,
    ];
    if let Some(debug) = debug {
        let symbols = [PackagedFile::program("tastemaker.debug", fs::read(&debug)?)];
        made.push(tarball::write(&out, &format!("{name}-debug"), &symbols, &packing)?);
    }
    fs::remove_dir_all(&work)?;
    made.push(checksums(&out, &made)?);
    for file in made {
        println!("{:>12} bytes  {}", fs::metadata(&file)?.len(), file.display());
    }
    Ok(())
}

/// The binary of the `dist` profile.
fn build(root: &Path, target: &Path) -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--locked", "--profile", "dist", "--package", "tastemaker", "--bin", "tastemaker"]);
    let status = cargo.current_dir(root).status().context("cannot run cargo build")?;
    if !status.success() {
        bail!("the binary cannot be built");
    }
    Ok(target.join("dist").join("tastemaker"))
}

/// The files of every package, by their places in a Debian system.
fn common_files(root: &Path, binary: &Path, work: &Path, licenses: &str) -> Result<Vec<PackagedFile>> {
    let mut files = vec![PackagedFile::program("usr/bin/tastemaker", fs::read(binary)?)];
    let pages = work.join("man");
    told_by(binary, &["manual", "--out", &pages.display().to_string()])?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&pages)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        let page = compressed(&fs::read(pages.join(&name))?)?;
        files.push(PackagedFile::plain(format!("usr/share/man/man1/{name}.gz"), page));
    }
    for (shell, place) in SHELLS {
        files.push(PackagedFile::plain(*place, told_by(binary, &["completions", shell])?));
    }
    for (source, place) in [
        ("deploy/systemd/tastemaker.service", "usr/lib/systemd/system/tastemaker.service"),
        ("deploy/tastemaker.toml", "etc/tastemaker/tastemaker.toml"),
        ("README.md", "usr/share/doc/tastemaker/README.md"),
    ] {
        let content = fs::read(root.join(source)).with_context(|| format!("cannot read {source}"))?;
        files.push(PackagedFile::plain(place, content));
    }
    let licenses = compressed(licenses.as_bytes())?;
    files.push(PackagedFile::plain("usr/share/doc/tastemaker/THIRD-PARTY-LICENSES.gz", licenses));
    Ok(files)
}

/// What the binary prints.
fn told_by(binary: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(binary).args(arguments).output();
    let output = output.with_context(|| format!("cannot run {} {}", binary.display(), arguments.join(" ")))?;
    if !output.status.success() {
        bail!("tastemaker {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// Seconds since 1970 of the files in packages: `SOURCE_DATE_EPOCH`, or the time of the commit, so that the same commit gives the same
/// bytes.
fn commit_time_s(root: &Path) -> u64 {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        let output =
            Command::new("git").args(["show", "--no-patch", "--format=%ct", "HEAD"]).current_dir(root).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
        text.parse().unwrap_or(0)
    })
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn checksums(out: &Path, files: &[PathBuf]) -> Result<PathBuf> {
    let mut lines = String::new();
    for file in files {
        let name = file.file_name().context("a file has a name")?.to_string_lossy();
        lines += &format!("{}  {name}\n", hex::encode(Sha256::digest(fs::read(file)?)));
    }
    let sums = out.join("SHA256SUMS");
    fs::write(&sums, lines)?;
    Ok(sums)
}
