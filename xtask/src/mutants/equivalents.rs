//! Mutants that change nothing which a test could see, each with the reason.

use super::mutant::Mutant;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Where they are listed.
pub const FILE: &str = "xtask/src/mutants/equivalents.toml";

/// The listed mutants.
#[derive(Debug, Default)]
pub struct Equivalents(Vec<(String, String)>);

impl Equivalents {
    /// Reads the list.
    pub fn read(root: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().with_context(|| format!("cannot read {FILE}"))?;
        let rows = table.get("equivalent").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut listed = Vec::new();
        for row in rows {
            let member = |name: &str| row.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let (file, mutant) = (member("file"), member("mutant"));
            if file.is_empty() || mutant.is_empty() || member("reason").is_empty() {
                bail!("{FILE}: every equivalent has a file, a mutant and a reason: {row}");
            }
            listed.push((file, mutant));
        }
        Ok(Self(listed))
    }

    /// Whether the mutant is listed.
    pub fn contain(&self, mutant: &Mutant) -> bool {
        self.0.iter().any(|(file, name)| *file == mutant.file && *name == mutant.name)
    }

    /// Rows of files below `folder` whose mutant no longer exists.
    pub fn stale(&self, folder: &str, mutants: &[Mutant]) -> Vec<String> {
        let is_known = |file: &str, name: &str| mutants.iter().any(|mutant| mutant.file == file && mutant.name == name);
        let stale = self.0.iter().filter(|(file, name)| file.starts_with(folder) && !is_known(file, name));
        stale.map(|(file, name)| format!("{file}: {name}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::find::find;

    #[test]
    fn what_is_listed_is_known_and_what_is_gone_is_told() {
        let mutants = find("crates/a/src/lib.rs", "fn f() { b(); }").unwrap();
        let row = |mutant: &str, reason: &str| {
            format!("[[equivalent]]\nfile = \"crates/a/src/lib.rs\"\nmutant = \"{mutant}\"\nreason = \"{reason}\"\n")
        };
        let text = row("f: without `b();`", "b does nothing") + &row("g: does nothing", "gone");
        let listed = Equivalents::parse(&text).unwrap();
        assert_eq!(mutants.iter().map(|mutant| listed.contain(mutant)).collect::<Vec<_>>(), [false, true]);
        assert_eq!(listed.stale("crates/a/", &mutants), ["crates/a/src/lib.rs: g: does nothing"]);
        assert!(Equivalents::parse(&row("f", "")).unwrap_err().to_string().contains("a reason"));
    }

    #[test]
    fn the_list_is_readable_and_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let listed = Equivalents::read(&root).unwrap();
        let mut stale = Vec::new();
        for (file, name) in &listed.0 {
            let source = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            let mutants = find(file, &source).unwrap();
            if !mutants.iter().any(|mutant| mutant.name == *name) {
                stale.push(format!("{file}: there is no mutant '{name}' any more"));
            }
        }
        assert!(stale.is_empty(), "{}", stale.join("\n"));
    }
}
