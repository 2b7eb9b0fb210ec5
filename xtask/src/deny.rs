//! `cargo xtask deny`: licences, banned packages, duplicates and sources of every dependency, after the lists in
//! `deny.toml`. That file is cargo-deny's, whose `cargo deny check bans licenses sources` asks for the same; this needs no
//! installation. Advisories are not looked at.

use crate::cargo::cargo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The address of crates.io in `cargo metadata`.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every package of the lock file and lists all findings at once.
pub fn run(root: &Path) -> Result<()> {
    let mut cargo = cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root);
    let output = cargo.output().context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let settings = Settings::of(&fs::read_to_string(root.join("deny.toml")).context("deny.toml")?)?;
    let findings = findings(&settings, metadata["packages"].as_array().context("no packages")?);
    if findings.is_empty() {
        println!("deny: licences, bans and sources hold");
        return Ok(());
    }
    bail!("deny: {} findings\n{}", findings.len(), findings.join("\n"))
}

/// The content of `deny.toml`.
#[derive(Debug, Default)]
struct Settings {
    licenses: BTreeSet<String>,
    banned: BTreeSet<String>,
    duplicates_denied: bool,
    registries_denied: bool,
    repositories_denied: bool,
}

impl Settings {
    /// Words that this check would not heed are refused.
    fn of(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().context("deny.toml")?;
        let mut settings = Self::default();
        for (section, entries) in &table {
            let entries = entries.as_table().with_context(|| format!("deny.toml: {section} is no table"))?;
            for (key, value) in entries {
                let denied = value.as_str() == Some("deny");
                let texts = value.as_array().into_iter().flatten();
                match (section.as_str(), key.as_str()) {
                    ("licenses", "allow") => {
                        settings.licenses = texts.filter_map(|text| Some(text.as_str()?.to_owned())).collect();
                    }
                    ("bans", "deny") => {
                        let names = texts.filter_map(|entry| Some(entry.get("name")?.as_str()?.to_owned()));
                        settings.banned = names.collect();
                    }
                    ("bans", "multiple-versions") => settings.duplicates_denied = denied,
                    ("sources", "unknown-registry") => settings.registries_denied = denied,
                    ("sources", "unknown-git") => settings.repositories_denied = denied,
                    // For cargo-deny alone, which has their database.
                    ("advisories", _) => {}
                    _ => bail!("deny.toml: {section}.{key} is not known to cargo xtask deny"),
                }
            }
        }
        Ok(settings)
    }
}

fn findings(settings: &Settings, packages: &[Value]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let text = |key: &str| package[key].as_str();
        let (name, version) = (text("name").unwrap_or_default(), text("version").unwrap_or_default());
        versions.entry(name).or_default().insert(version);
        match text("license") {
            None => findings.push(format!("{name} {version}: no licence is declared")),
            Some(license) if !allowed(license, &settings.licenses) => {
                findings.push(format!("{name} {version}: licence {license} is not allowed"));
            }
            Some(_) => {}
        }
        if settings.banned.contains(name) {
            findings.push(format!("{name} {version}: banned"));
        }
        // Without a source it is a package of the workspace.
        let source = text("source").unwrap_or(CRATES_IO);
        let registry = settings.registries_denied && !source.starts_with("git+") && source != CRATES_IO;
        let repository = settings.repositories_denied && source.starts_with("git+");
        if registry || repository {
            findings.push(format!("{name} {version}: from {source}"));
        }
    }
    if settings.duplicates_denied {
        let duplicates = versions.iter().filter(|(_, versions)| versions.len() > 1);
        findings.extend(duplicates.map(|(name, versions)| format!("{name}: {} versions", versions.len())));
    }
    findings
}

/// Whether an SPDX expression can be met with `licenses`.
fn allowed(expression: &str, licenses: &BTreeSet<String>) -> bool {
    // Before SPDX expressions, `A/B` was `A OR B`.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any(&words, &mut at, licenses) && at == words.len()
}

fn any(words: &[&str], at: &mut usize, licenses: &BTreeSet<String>) -> bool {
    let mut met = all(words, at, licenses);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, licenses);
    }
    met
}

fn all(words: &[&str], at: &mut usize, licenses: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, licenses);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, licenses);
    }
    met
}

fn one(words: &[&str], at: &mut usize, licenses: &BTreeSet<String>) -> bool {
    let Some(&word) = words.get(*at) else { return false };
    *at += 1;
    if word == "(" {
        let met = any(words, at, licenses);
        let closed = words.get(*at) == Some(&")");
        *at += usize::from(closed);
        return met && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return licenses.contains(&format!("{word} WITH {exception}"));
    }
    licenses.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EXAMPLE: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        [bans]
        multiple-versions = "deny"
        deny = [{ name = "openssl-sys" }]
        [sources]
        unknown-registry = "deny"
        unknown-git = "deny"
    "#;

    fn found(package: Value) -> Vec<String> {
        findings(&Settings::of(EXAMPLE).unwrap(), &[package])
    }

    #[test]
    fn expressions_of_licences() {
        let licenses = Settings::of(EXAMPLE).unwrap().licenses;
        for (expression, expected) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
            ("MIT OR GPL-3.0 AND LGPL-3.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("GPL-3.0", false),
            ("(MIT", false),
            ("MIT MIT", false),
            ("", false),
        ] {
            assert_eq!(allowed(expression, &licenses), expected, "{expression}");
        }
    }

    #[test]
    fn packages_are_held_to_every_list() {
        let good = json!({"name": "a", "version": "1.0.0", "license": "MIT", "source": CRATES_IO});
        assert_eq!(found(good.clone()), Vec::<String>::new());
        for (key, value) in [
            ("license", json!("GPL-3.0")),
            ("license", json!(null)),
            ("name", json!("openssl-sys")),
            ("source", json!("git+https://example.com/a")),
            ("source", json!("registry+https://example.com/index")),
        ] {
            let mut package = good.clone();
            package[key] = value.clone();
            assert_eq!(found(package).len(), 1, "{key} {value}");
        }
        let mut newer = good.clone();
        newer["version"] = json!("2.0.0");
        assert_eq!(findings(&Settings::of(EXAMPLE).unwrap(), &[good, newer]), ["a: 2 versions"]);
    }

    #[test]
    fn a_word_that_would_not_be_heeded_is_refused() {
        assert!(Settings::of("[licenses]\nconfidence-threshold = 0.9").is_err());
        assert!(Settings::of("[graph]\nall-features = true").is_err());
        // cargo-deny heeds it, where it has the database.
        assert!(Settings::of("[advisories]\nyanked = \"deny\"").is_ok());
    }
}
