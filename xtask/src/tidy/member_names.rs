//! The check that the API's member names are spelled in the rooms that speak the API, and elsewhere in one table.

use super::code::outside_tests;
use super::tokens::string_literals;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Places that may spell member names: the shapes themselves, the rooms that read and write requests or call the API as a
/// client, and the table of `Member`.
const SPEAKERS: &[&str] =
    &["crates/wire/", "crates/http/", "crates/braze/", "crates/app/", "crates/domain/src/member.rs"];

/// Words of data formats that customers write, which happen to be member names too: attributes of Avro schemas.
const DATA_FORMATS: &[(&str, &[&str])] = &[
    ("crates/domain/src/schema/", &["itemName"]),
    ("crates/recipes/src/requirements.rs", &["itemName"]),
    ("crates/service/src/training_requirements.rs", &["itemName"]),
];

/// Adds a finding for every literal outside tests that spells a member name where the typed one belongs.
pub fn check(root: &Path, files: &[PathBuf], findings: &mut Vec<String>) -> Result<()> {
    let members = members(&fs::read_to_string(root.join("models/personalize.json"))?)?;
    for (name, text) in outside_tests(root, files) {
        if !SPEAKERS.iter().any(|speaker| name.starts_with(speaker)) {
            source(&name, &text, &members, findings);
        }
    }
    Ok(())
}

/// The names of all members of the API's structures that can be told from plain words: those with a capital inside.
fn members(model: &str) -> Result<BTreeSet<String>> {
    let model: serde_json::Value = serde_json::from_str(model).context("models/personalize.json")?;
    let services = model["services"].as_object().context("no services in models/personalize.json")?;
    let shapes = services.values().filter_map(|service| service["shapes"].as_object()).flat_map(|of| of.values());
    let names = shapes.filter_map(|shape| shape["members"].as_object()).flat_map(|members| members.keys());
    let is_camel = |name: &&String| {
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.contains(|c: char| c.is_ascii_uppercase())
    };
    let names: BTreeSet<String> = names.filter(is_camel).cloned().collect();
    anyhow::ensure!(names.len() > 100, "only {} member names were found", names.len());
    Ok(names)
}

fn source(name: &str, text: &str, members: &BTreeSet<String>, findings: &mut Vec<String>) {
    let formats = DATA_FORMATS.iter().filter(|(place, _)| name.starts_with(place)).flat_map(|(_, words)| *words);
    let formats: Vec<&str> = formats.copied().collect();
    for (line, literal) in string_literals(text) {
        // What `#[serde(rename = "...")]` names is a key of a file that customers write or read.
        if text.lines().nth(line - 1).is_some_and(|line| line.trim_start().starts_with("#[")) {
            continue;
        }
        let words = literal.split(|c: char| !c.is_ascii_alphanumeric());
        for word in words.filter(|word| members.contains(*word) && !formats.contains(word)) {
            findings.push(format!("{name}:{line}: \"{word}\": name the API's member by domain::Member"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, text: &str) -> Vec<String> {
        let members = BTreeSet::from(["campaignArn", "sentAt", "itemName"].map(str::to_owned));
        let mut found = Vec::new();
        source(name, text, &members, &mut found);
        found
    }

    #[test]
    fn finds_member_names_in_literals_alone() {
        let found = findings("crates/a/src/a.rs", "let a = 1;\nlet b = format!(\"{}.sentAt: {rule}\");");
        assert_eq!(found, ["crates/a/src/a.rs:2: \"sentAt\": name the API's member by domain::Member"]);
        assert_eq!(findings("crates/a/src/a.rs", "require(ctx, \"campaignArn\",\n    \"x \\\n     sentAt\")").len(), 2);
        assert_eq!(findings("crates/a/src/a.rs", "r#\"{\"campaignArn\": 1}\"#").len(), 1);
        for text in
            ["// \"campaignArn\"", "\"campaignArns\"", "#[serde(rename = \"sentAt\")]", "let campaignArn = '\"';"]
        {
            assert_eq!(findings("crates/a/src/a.rs", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(findings("crates/domain/src/schema/rules.rs", "(\"itemName\", \"sentAt\")").len(), 1);
        assert_eq!(findings("crates/domain/src/tags.rs", "\"itemName\"").len(), 1);
    }

    #[test]
    fn members_are_words_with_a_capital_inside() -> Result<()> {
        let model = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/personalize.json"))?;
        let members = members(&model)?;
        for (word, is_member) in
            [("campaignArn", true), ("performHPO", true), ("name", false), ("itemID", false), ("Filters", false)]
        {
            assert_eq!(members.contains(word), is_member, "{word}");
        }
        Ok(())
    }

    #[test]
    fn the_repository_spells_members_where_it_may() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = Vec::new();
        check(&root, &super::super::tracked(&root)?, &mut found)?;
        assert_eq!(found, Vec::<String>::new());
        Ok(())
    }
}
