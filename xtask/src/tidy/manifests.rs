//! Manifests: which rooms name which, and dependencies that nothing names.

use super::tokens::tokens;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The packages that a crate's manifest names, and whether its sources use them.
pub struct Manifest {
    /// The crate's folder, as `crates/data`.
    folder: String,
    dependencies: Vec<String>,
    dev_dependencies: Vec<String>,
    /// The first names of paths in `src`.
    in_sources: BTreeSet<String>,
    /// The same in tests, benches and examples.
    in_tests: BTreeSet<String>,
}

/// Reads the manifests and sources of `crates/*` and `xtask`.
pub fn read(root: &Path) -> Result<Vec<Manifest>> {
    let mut folders = vec!["xtask".to_owned()];
    for entry in fs::read_dir(root.join("crates"))? {
        folders.push(format!("crates/{}", entry?.file_name().to_string_lossy()));
    }
    folders.sort();
    let mut manifests = Vec::new();
    for folder in folders {
        let at = root.join(&folder);
        let Ok(text) = fs::read_to_string(at.join("Cargo.toml")) else { continue };
        let (mut in_sources, mut in_tests) = (BTreeSet::new(), BTreeSet::new());
        sources(&at.join("src"), &mut in_sources)?;
        for tests in ["tests", "benches", "examples"] {
            sources(&at.join(tests), &mut in_tests)?;
        }
        manifests.push(manifest(&folder, &text, in_sources, in_tests)?);
    }
    Ok(manifests)
}

fn manifest(folder: &str, text: &str, in_sources: BTreeSet<String>, in_tests: BTreeSet<String>) -> Result<Manifest> {
    let table: toml::Table = text.parse().with_context(|| format!("{folder}/Cargo.toml"))?;
    let names = |of: &str| {
        let table = table.get(of).and_then(toml::Value::as_table);
        table.into_iter().flat_map(toml::Table::keys).cloned().collect()
    };
    let (dependencies, dev_dependencies) = (names("dependencies"), names("dev-dependencies"));
    Ok(Manifest { folder: folder.to_owned(), dependencies, dev_dependencies, in_sources, in_tests })
}

fn sources(folder: &Path, named: &mut BTreeSet<String>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, named)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            first_names(&fs::read_to_string(&path)?, named);
        }
    }
    Ok(())
}

/// The first name of every path, and what a `use` names alone.
fn first_names(text: &str, named: &mut BTreeSet<String>) {
    let tokens = tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| tokens[before]);
        let first = tokens.get(at + 1) == Some(&"::") && before != Some("::");
        let absolute = before == Some("::") && tokens.get(at + 1) == Some(&"::");
        if first || absolute || before == Some("use") {
            named.insert((*token).to_owned());
        }
    }
}

/// Arrows that the table does not allow, rows without a room, and arrows that are allowed but that no manifest has. The
/// binary, `app`, may name every room.
pub fn arrows(manifests: &[Manifest], table: &[(&str, &[&str])], findings: &mut Vec<String>) {
    let rooms: BTreeMap<&str, &Manifest> =
        manifests.iter().filter_map(|m| Some((m.folder.strip_prefix("crates/")?, m))).collect();
    for (room, manifest) in rooms.iter().filter(|(room, _)| **room != "app") {
        let Some((_, allowed)) = table.iter().find(|(r, _)| r == room) else {
            findings.push(format!("crates/{room}: no row in xtask's table of arrows"));
            continue;
        };
        let named: Vec<&str> =
            manifest.dependencies.iter().filter_map(|name| name.strip_prefix("tastemaker-")).collect();
        let forbidden = named.iter().filter(|name| !allowed.contains(name));
        findings.extend(forbidden.map(|name| format!("crates/{room}/Cargo.toml: {room} must not name {name}")));
        let unused = allowed.iter().filter(|name| !named.contains(name));
        findings.extend(unused.map(|name| {
            format!("xtask's table of arrows allows {room} to name {name}, which it does not: take the arrow out")
        }));
    }
    let absent = table.iter().filter(|(room, _)| !rooms.contains_key(room));
    findings
        .extend(absent.map(|(room, _)| format!("xtask's table of arrows has a row for {room}, which does not exist")));
}

/// Dependencies that no source of their crate names, and dependencies of the workspace that no crate has.
pub fn unused(manifests: &[Manifest], workspace: &str, findings: &mut Vec<String>) -> Result<()> {
    for Manifest { folder, dependencies, dev_dependencies, in_sources, in_tests } in manifests {
        for name in dependencies.iter().filter(|name| !in_sources.contains(&identifier(name))) {
            let advice = if in_tests.contains(&identifier(name)) {
                "only tests name it, so it belongs to dev-dependencies"
            } else {
                "no source names it"
            };
            findings.push(format!("{folder}/Cargo.toml: {name}: {advice}"));
        }
        for name in dev_dependencies {
            let identifier = identifier(name);
            // The same dependency may have more features in tests.
            let again = dependencies.contains(name);
            if !again && !in_sources.contains(&identifier) && !in_tests.contains(&identifier) {
                findings.push(format!("{folder}/Cargo.toml: {name}: no source names it"));
            }
        }
    }
    let workspace: toml::Table = workspace.parse().context("Cargo.toml")?;
    let shared = workspace.get("workspace").and_then(|w| w.get("dependencies")).and_then(toml::Value::as_table);
    let named: BTreeSet<&String> =
        manifests.iter().flat_map(|m| m.dependencies.iter().chain(&m.dev_dependencies)).collect();
    let idle = shared.into_iter().flat_map(toml::Table::keys).filter(|name| !named.contains(name));
    findings.extend(idle.map(|name| format!("Cargo.toml: {name}: no crate of the workspace names it")));
    Ok(())
}

/// The name of a package in sources.
fn identifier(package: &str) -> String {
    match package {
        "md-5" => "md5".to_owned(),
        other => other.replace('-', "_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(folder: &str, text: &str, source: &str, test: &str) -> Manifest {
        let (mut in_sources, mut in_tests) = (BTreeSet::new(), BTreeSet::new());
        first_names(source, &mut in_sources);
        first_names(test, &mut in_tests);
        manifest(folder, text, in_sources, in_tests).unwrap()
    }

    fn arrows_of(table: &[(&str, &[&str])]) -> Vec<String> {
        let data = example("crates/data", "[dependencies]\nserde = \"1\"", "", "");
        let learn = example("crates/learn", "[dependencies]\ntastemaker-data.workspace = true", "", "");
        let mut findings = Vec::new();
        arrows(&[data, learn], table, &mut findings);
        findings
    }

    #[test]
    fn the_table_of_arrows_is_exact() {
        assert_eq!(arrows_of(&[("data", &[]), ("learn", &["data"])]), Vec::<String>::new());
        for (table, what) in [
            (&[("data", &[] as &[&str]), ("learn", &[])][..], "must not name data"),
            (&[("data", &["learn"]), ("learn", &["data"])], "allows data to name learn"),
            (&[("learn", &["data"])], "crates/data: no row"),
            (&[("data", &[]), ("learn", &["data"]), ("eval", &[])], "row for eval"),
        ] {
            let findings = arrows_of(table);
            assert!(findings.len() == 1 && findings[0].contains(what), "{findings:?}");
        }
    }

    #[test]
    fn a_dependency_is_named_by_a_path_or_a_use() {
        let unused_of = |text: &str, source: &str, test: &str| {
            let mut findings = Vec::new();
            let workspace = "[workspace.dependencies]\nserde-json = \"1\"";
            unused(&[example("crates/data", text, source, test)], workspace, &mut findings).unwrap();
            findings
        };
        let needed = "[dependencies]\nserde-json = \"1\"";
        let in_tests = "[dev-dependencies]\nserde-json = \"1\"";
        for source in [
            "use serde_json::Value;",
            "fn f() { ::serde_json::x() }",
            "#[serde_json::test] fn f() {}",
            "use serde_json;",
        ] {
            assert_eq!(unused_of(needed, source, ""), Vec::<String>::new(), "{source}");
            assert_eq!(unused_of(in_tests, "", source), Vec::<String>::new(), "{source}");
        }
        for source in ["", "// serde_json::Value", "use other::serde_json;", "let serde_json = 1;"] {
            assert_eq!(unused_of(needed, source, "").len(), 1, "{source}");
        }
        assert!(unused_of(needed, "", "use serde_json::Value;")[0].contains("dev-dependencies"));
        assert_eq!(unused_of("", "", ""), ["Cargo.toml: serde-json: no crate of the workspace names it"]);
    }
}
