//! The operations that the server answers, read from the table in `http`.

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::Path;

/// The file of the table.
const TABLE: &str = "crates/http/src/operations/mod.rs";

/// The names in the table.
pub struct Built(BTreeSet<String>);

impl Built {
    pub fn read(root: &Path) -> Result<Built> {
        let text = std::fs::read_to_string(root.join(TABLE)).with_context(|| format!("cannot read {TABLE}"))?;
        Built::parse(&text).with_context(|| format!("{TABLE} has no table of operations"))
    }

    fn parse(text: &str) -> Result<Built> {
        let (_, table) = text.split_once("\noperations! {\n").context("no `operations! {`")?;
        let (table, _) = table.split_once("\n}").context("the table does not end")?;
        let rows = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
        let names: BTreeSet<String> = rows.filter_map(|row| Some(row.split_once(':')?.0.to_owned())).collect();
        if names.is_empty() {
            bail!("the table is empty");
        }
        Ok(Built(names))
    }

    pub fn has(&self, operation: &str) -> bool {
        self.0.contains(operation)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_rows_of_the_table() -> Result<()> {
        let built = Built::parse(
            "macro_rules! operations {}\n\noperations! {\n    CreateX: create_x,\n    // y\n    PutY: put_y,\n}\n",
        )?;
        assert_eq!(built.names().collect::<Vec<_>>(), ["CreateX", "PutY"]);
        assert!(Built::parse("operations! {}").is_err());
        Ok(())
    }
}
