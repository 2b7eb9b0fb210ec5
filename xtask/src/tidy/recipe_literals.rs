//! The check that recipes are told apart by the facts of their descriptors, and nowhere by their names or types.

use super::code::outside_tests;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The descriptions of recipes: the only places that may spell their names and types.
const DESCRIPTORS: &[&str] = &["crates/domain/src/catalog/", "crates/domain/src/recipe.rs", "crates/wire/"];

/// Functions that find a recipe by its name.
const LOOKUPS: &[&str] = &["crates/recipes/src/lib.rs"];

/// Code that decides by a recipe's name or type without spelling it.
const COMPARISONS: &[&str] = &[
    "RecipeType::",
    "recipe_type ==",
    "recipe_type !=",
    "recipe.name ==",
    "recipe.name !=",
    "recipe.name.contains",
    "recipe.name.starts_with",
    "recipe().name ==",
    "recipe().name !=",
    "recipe().name.contains",
    "recipe().name.starts_with",
    "descriptor.name ==",
    "descriptor.name !=",
    "match recipe.name",
    "match descriptor.name",
];

/// Adds a finding for every line outside the descriptors and tests that decides something by a recipe's name or type.
pub fn check(root: &Path, files: &[PathBuf], findings: &mut Vec<String>) -> Result<()> {
    let spelled = spelled(root, files)?;
    for (name, text) in outside_tests(root, files) {
        if !DESCRIPTORS.iter().any(|place| name.starts_with(place)) {
            source(&name, &text, &spelled, findings);
        }
    }
    Ok(())
}

/// The names and types of all recipes, in quotes, as the descriptors spell them.
fn spelled(root: &Path, files: &[PathBuf]) -> Result<BTreeSet<String>> {
    let mut spelled = BTreeSet::new();
    for file in
        files.iter().filter(|file| DESCRIPTORS[..2].iter().any(|place| file.to_string_lossy().starts_with(place)))
    {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("{}", file.display()))?;
        for line in text.lines() {
            let name = line.trim().strip_prefix("name: ").and_then(|rest| rest.strip_suffix(','));
            let word = line.trim().split_once(" = ").and_then(|(_, word)| word.strip_suffix(','));
            let quoted = |text: &&str| text.len() > 2 && text.starts_with('"') && text.ends_with('"');
            spelled.extend(name.or(word).filter(quoted).map(str::to_owned));
        }
    }
    anyhow::ensure!(spelled.len() > 30, "only {} names and types of recipes were found", spelled.len());
    Ok(spelled)
}

fn source(name: &str, text: &str, spelled: &BTreeSet<String>, findings: &mut Vec<String>) {
    for (n, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        for word in spelled.iter().filter(|word| code.contains(word.as_str())) {
            findings.push(format!("{name}:{}: {word}: recipes are described in domain::catalog alone", n + 1));
        }
        let compares = |comparison: &&&str| code.contains(**comparison);
        if !LOOKUPS.contains(&name)
            && let Some(comparison) = COMPARISONS.iter().find(compares)
        {
            findings.push(format!("{name}:{}: `{comparison}`: ask the recipe's descriptor for the fact", n + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        let spelled = BTreeSet::from(["\"aws-sims\"".to_owned(), "\"RELATED_ITEMS\"".to_owned()]);
        let mut found = Vec::new();
        source("crates/a/src/a.rs", text, &spelled, &mut found);
        found.len()
    }

    #[test]
    fn finds_names_types_and_comparisons_outside_tests() {
        assert_eq!(findings("if kind == \"RELATED_ITEMS\" {}\nlet name = \"aws-sims\";"), 2);
        assert_eq!(findings("if recipe.recipe_type == wanted {}\nRecipeType::RelatedItems => 1,"), 2);
        assert_eq!(findings("    match descriptor.name {\n"), 1);
        let text = "format!(\"use aws-sims instead\")\n// \"aws-sims\"\nrecipe.recipe_type.as_str()";
        assert_eq!(findings(text), 0, "texts may name recipes");
        let tests = "#[cfg(test)]\nmod tests {\n    f(\"aws-sims\")\n}\nf(\"aws-sims\")";
        assert_eq!(findings(&super::super::code::without_tests(tests)), 1);
        assert_eq!(findings(&super::super::code::without_tests("#[cfg(test)]\nmod tests;\nf(\"aws-sims\")")), 1);
    }

    #[test]
    fn the_repository_decides_nothing_by_a_recipes_name_or_type() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = Vec::new();
        check(&root, &super::super::tracked(&root)?, &mut found)?;
        assert_eq!(found, Vec::<String>::new());
        Ok(())
    }
}
