//! Files that the commands for Braze read.

use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// The text of a file.
pub fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The JSON of a file.
pub fn json(path: &Path) -> Result<Value> {
    serde_json::from_str(&text(path)?).with_context(|| format!("{} is not JSON", path.display()))
}
