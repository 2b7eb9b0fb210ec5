//! The list of packages inside the binary, in the section and form of cargo-auditable, so that scanners find known vulnerabilities in a
//! binary alone.

use super::dependencies::Dependencies;
use super::symbols::objcopy;
use anyhow::{Context, Result};
use auditable_serde::VersionInfo;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// The section that scanners read.
const SECTION: &str = ".dep-v0";

/// Puts the list into the binary.
pub fn embed(dependencies: &Dependencies, binary: &Path, work: &Path) -> Result<()> {
    let list = work.join("dep-v0");
    fs::write(&list, packed(dependencies)?)?;
    objcopy(&["--add-section", &format!("{SECTION}={}", list.display())], &[binary])?;
    Ok(fs::remove_file(list)?)
}

/// The list as JSON in zlib.
fn packed(dependencies: &Dependencies) -> Result<Vec<u8>> {
    let packages: Vec<serde_json::Value> = dependencies
        .all
        .iter()
        .enumerate()
        .map(|(place, package)| {
            let source = if package.from_registry { "crates.io" } else { "local" };
            json!({"name": package.name, "version": package.version, "source": source,
                "dependencies": package.dependencies, "root": dependencies.is_root(place)})
        })
        .collect();
    // Its reader refuses circles and places outside the list.
    let checked =
        VersionInfo::from_str(&json!({ "packages": packages }).to_string()).context("the list of packages")?;
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&serde_json::to_vec(&checked)?)?;
    Ok(zlib.finish()?)
}
