//! The packages that are compiled into the binary, as Cargo resolves them for one target.

use crate::cargo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The package of the binary.
const ROOT: &str = "tastemaker";
/// The registry as the source of a package.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name in the registry.
    pub name: String,
    /// The version.
    pub version: String,
    /// Whether it comes from crates.io, rather than from this repository.
    pub from_registry: bool,
    /// The licence as an SPDX expression, where its manifest has one.
    pub license: Option<String>,
    /// Where its sources are kept.
    pub repository: Option<String>,
    /// The SHA-256 of its archive in the registry.
    pub checksum: Option<String>,
    /// The folder of its manifest.
    pub folder: PathBuf,
    /// The places in the list of those that it names itself.
    pub dependencies: Vec<usize>,
}

/// All of them, sorted by name and version.
#[derive(Debug)]
pub struct Dependencies {
    /// The packages.
    pub all: Vec<Dependency>,
    root: usize,
}

type Key = (String, String);

impl Dependencies {
    /// Asks Cargo for the packages of the binary for a target. Those that only builds and tests need are left out; procedural
    /// macros, which leave code behind, are in.
    pub fn read(root: &Path, target: &str) -> Result<Self> {
        let tree = cargo(
            root,
            &[
                "tree",
                "--locked",
                "--package",
                ROOT,
                "--edges",
                "normal",
                "--prefix",
                "depth",
                "--format",
                "{p}",
                "--target",
                target,
            ],
        )?;
        let metadata = cargo(root, &["metadata", "--locked", "--format-version", "1", "--filter-platform", target])?;
        let metadata = serde_json::from_str(&metadata).context("cargo metadata")?;
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?;
        Self::of(&tree, &metadata, &lock)
    }

    fn of(tree: &str, metadata: &Value, lock: &str) -> Result<Self> {
        let edges = edges(tree)?;
        let facts: BTreeMap<Key, &Value> = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|package| Some(((text(package, "name")?, text(package, "version")?), package)))
            .collect();
        let lock: toml::Table = lock.parse().context("Cargo.lock")?;
        let locked = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
        let checksums: BTreeMap<Key, String> = locked
            .filter_map(|package| {
                let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
                Some(((text("name")?, text("version")?), text("checksum")?))
            })
            .collect();
        let places: BTreeMap<&Key, usize> = edges.keys().enumerate().map(|(place, key)| (key, place)).collect();
        let mut all = Vec::with_capacity(edges.len());
        for (key, names) in &edges {
            let (name, version) = key;
            let package = facts.get(key).with_context(|| format!("cargo metadata does not know {name} {version}"))?;
            let manifest = text(package, "manifest_path").context("a package has a manifest")?;
            all.push(Dependency {
                name: name.clone(),
                version: version.clone(),
                from_registry: text(package, "source").as_deref() == Some(CRATES_IO),
                license: text(package, "license"),
                repository: text(package, "repository"),
                checksum: checksums.get(key).cloned(),
                folder: Path::new(&manifest).parent().unwrap_or(Path::new("")).to_owned(),
                dependencies: names.iter().filter_map(|key| places.get(key).copied()).collect(),
            });
        }
        let root = all.iter().position(|package| package.name == ROOT).context("the binary's own package")?;
        Ok(Self { all, root })
    }

    /// The binary's own package.
    pub fn root(&self) -> &Dependency {
        &self.all[self.root]
    }

    /// Whether the package at a place is the binary's own.
    pub fn is_root(&self, place: usize) -> bool {
        place == self.root
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

/// What each package names, from lines with their depth first. A package is spelled out where it stands first.
fn edges(tree: &str) -> Result<BTreeMap<Key, BTreeSet<Key>>> {
    let mut edges: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    let mut above: Vec<Key> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
        let depth: usize = line[..digits].parse().with_context(|| format!("a line of cargo tree: {line}"))?;
        let mut words = line[digits..].split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next().and_then(|version| version.strip_prefix('v')))
        else {
            bail!("a line of cargo tree: {line}");
        };
        let key = (name.to_owned(), version.to_owned());
        edges.entry(key.clone()).or_default();
        if depth > above.len() {
            bail!("a line of cargo tree: {line}");
        }
        above.truncate(depth);
        if let Some(parent) = above.last() {
            edges.entry(parent.clone()).or_default().insert(key.clone());
        }
        above.push(key);
    }
    Ok(edges)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = cargo::cargo().args(arguments).current_dir(root).output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).context("cargo's answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_its_facts_and_what_it_names() {
        let tree = "0tastemaker v0.1.0 (/x)\n1b v2.0.0\n2c v1.0.0 (proc-macro)\n1c v1.0.0 (*)\n1b v1.0.0\n";
        let package = |name: &str, version: &str, source: Option<&str>| {
            serde_json::json!({"name": name, "version": version, "source": source, "license": "MIT",
                "manifest_path": format!("/m/{name}/Cargo.toml")})
        };
        let metadata = serde_json::json!({"packages": [package("tastemaker", "0.1.0", None),
            package("b", "1.0.0", Some(CRATES_IO)), package("b", "2.0.0", Some(CRATES_IO)),
            package("c", "1.0.0", Some(CRATES_IO)), package("unused", "1.0.0", Some(CRATES_IO))]});
        let lock = "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\nchecksum = \"aa\"\n";
        let found = Dependencies::of(tree, &metadata, lock).unwrap();
        let told: Vec<(&str, &str, &[usize])> =
            found.all.iter().map(|d| (d.name.as_str(), d.version.as_str(), d.dependencies.as_slice())).collect();
        assert_eq!(
            told,
            [("b", "1.0.0", &[][..]), ("b", "2.0.0", &[2]), ("c", "1.0.0", &[]), ("tastemaker", "0.1.0", &[0, 1, 2])]
        );
        assert_eq!((found.root().name.as_str(), found.root().from_registry), ("tastemaker", false));
        assert_eq!(found.all[2].checksum.as_deref(), Some("aa"));
        assert_eq!(found.all[2].folder, Path::new("/m/c"));
        assert!(Dependencies::of("0tastemaker v0.1.0\n1absent v1.0.0\n", &metadata, lock).is_err());
        assert!(edges("tastemaker v1").is_err() && edges("2a v1").is_err());
    }
}
