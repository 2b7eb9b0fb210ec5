//! The list of licences: every package of others in the binary, and the texts that they ship.

use super::dependencies::Dependencies;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The beginnings of the names of files with licences, in capitals.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
const RULE: &str = "--------------------------------------------------------------------------------\n";

/// The whole list. A text that several packages share stands once.
pub fn text(dependencies: &Dependencies) -> Result<String> {
    let mut list =
        String::from("Packages of others that are compiled into tastemaker, with their licences (SPDX).\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in dependencies.all.iter().filter(|package| package.from_registry) {
        let name = format!("{} {}", package.name, package.version);
        let license = package.license.as_deref().unwrap_or("see the text below");
        let repository = package.repository.as_deref().unwrap_or("");
        writeln!(list, "{}", format!("{name:<40} {license:<40} {repository}").trim_end())?;
        for text in shipped(&package.folder)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    let mut texts: Vec<(String, Vec<String>)> = texts.into_iter().collect();
    texts.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (text, packages) in texts {
        write!(list, "\n{RULE}{}\n{RULE}\n{}\n", packages.join(", "), text.trim_end())?;
    }
    Ok(list)
}

/// The texts of licences in a package's folder.
fn shipped(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) && !name.ends_with(".RS") {
            found.push((name, String::from_utf8_lossy(&fs::read(&path)?).replace("\r\n", "\n")));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, text)| text).collect())
}
