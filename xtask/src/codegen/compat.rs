//! `docs/api-compatibility.md`: one row an operation, from `models/compatibility.toml` and the table of built operations.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::built::Built;
use super::model::Model;

/// The prose of every row.
pub const TABLE: &str = "models/compatibility.toml";

/// The notes on one operation.
pub struct Row {
    /// The part that a caller may rely on.
    pub supported: String,
    /// The differences from AWS on purpose, with their reasons; empty when there are none.
    pub differs: String,
}

/// The notes on every operation.
pub struct Compatibility(BTreeMap<String, Row>);

impl Compatibility {
    pub fn read(root: &Path) -> Result<Compatibility> {
        let text = std::fs::read_to_string(root.join(TABLE)).with_context(|| format!("cannot read {TABLE}"))?;
        Compatibility::parse(&text).context(TABLE)
    }

    fn parse(text: &str) -> Result<Compatibility> {
        let table: toml::Table = text.parse()?;
        let mut rows = BTreeMap::new();
        for (name, value) in table {
            let members = value.as_table().with_context(|| format!("{name} is no table"))?;
            if let Some(stray) = members.keys().find(|key| !["supported", "differs"].contains(&key.as_str())) {
                bail!("{name}: `{stray}` is neither `supported` nor `differs`");
            }
            let text = |key: &str| members.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let row = Row { supported: text("supported"), differs: text("differs") };
            if row.supported.is_empty() {
                bail!("{name}: `supported` is missing");
            }
            if [&row.supported, &row.differs].iter().any(|said| said.contains(['|', '\n'])) {
                bail!("{name}: a bar or a line end would break the table");
            }
            rows.insert(name, row);
        }
        Ok(Compatibility(rows))
    }

    pub fn row(&self, operation: &str) -> Result<&Row> {
        self.0.get(operation).with_context(|| format!("{TABLE} says nothing of {operation}"))
    }
}

/// The page.
pub fn generate(model: &Model, built: &Built, compatibility: &Compatibility) -> Result<String> {
    let names: Vec<&str> = model.services.iter().flat_map(|s| &s.operations).map(|o| o.name.as_str()).collect();
    if let Some(stray) = compatibility.0.keys().map(String::as_str).chain(built.names()).find(|n| !names.contains(n)) {
        bail!("{stray} is no operation of the model");
    }
    let count = names.iter().filter(|name| built.has(name)).count();
    let mut out = format!(
        "# API compatibility\n\nWritten by `cargo xtask codegen` from `{TABLE}` and the table of operations; change those.\n\n\
         {count} of {} operations are built. `cargo xtask test` makes good calls, at least two kinds of bad ones \
         and, where there are pages, walks them, with boto3 on a real server, and prints a table of what is proven of each. What \
         holds for all of them:\n\n\
         - Every constraint of the model (required, length, pattern, range, enum) is enforced by the server and refused as \
         InvalidInputException in AWS's words: `1 validation error detected: Value '!' at 'name' failed to satisfy \
         constraint: …`. A wrong JSON type is a SerializationException that names the member.\n\
         - An error has its name in `__type` and in `x-amzn-ErrorType`, and AWS's HTTP status: 400 on the control plane; 404 \
         for what does not exist and 409 for what is in use on the runtime and event services.\n\
         - Lists take `maxResults` 1 to 100 (default 100). A `nextToken` fits only the operation, filter and region that it \
         was made for; any other is an InvalidNextTokenException.\n\
         - Resources live in the region that the request's signature names. The account is configured.\n\n\
         Choices where AWS's documentation is silent are in [api-notes](api-notes/README.md).\n",
        names.len()
    );
    for service in &model.services {
        write!(
            out,
            "\n## {}\n\n| operation | built | supported | differs, and why |\n|---|---|---|---|\n",
            service.name
        )?;
        for operation in &service.operations {
            let row = compatibility.row(&operation.name)?;
            if built.has(&operation.name) {
                writeln!(out, "| `{}` | yes | {} | {} |", operation.name, row.supported, row.differs)?;
            } else {
                writeln!(
                    out,
                    "| `{}` | no | | Answers InvalidInputException with a sentence that says so. |",
                    operation.name
                )?;
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, needle: &str) {
        match Compatibility::parse(text) {
            Ok(_) => panic!("{text} should be refused"),
            Err(error) => assert!(format!("{error:#}").contains(needle), "{error:#}"),
        }
    }

    #[test]
    fn a_row_is_whole_or_refused() {
        assert!(Compatibility::parse("[A]\nsupported = \"All.\"").is_ok());
        check("[A]\ndiffers = \"x\"", "`supported` is missing");
        check("[A]\nsupported = \"a | b\"", "bar");
        check("[A]\nsupported = \"a\"\nnote = \"b\"", "`note`");
    }
}
