//! CSV files as the offline commands take them: Personalize's column names, a schema that is inferred or given.

use anyhow::{Context, Result};
use bytes::Bytes;
use std::fs::File;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_compute::{
    ImportRules, InteractionsFilter, ReadLimits, import_csv, infer_schema, read_action_interactions, read_interactions,
    read_table,
};
use tastemaker_data::{DatasetBuilder, Table};
use tastemaker_domain::limits::CLOCK_AHEAD_S_MAX;
use tastemaker_domain::schema::{DatasetType, Schema};

/// Adds the interactions of a CSV to `builder`; returns the rows read and kept.
pub fn interactions(
    path: &Path,
    schema: Option<&Path>,
    filter: &InteractionsFilter,
    builder: &mut DatasetBuilder,
) -> Result<(u64, u64)> {
    let (file, _) = checked(path, schema, DatasetType::Interactions)?;
    let read = read_interactions([file], builder, filter, &ReadLimits::default())?;
    Ok((read.rows, read.kept))
}

/// Adds the action interactions of a CSV to `builder`, with actions for items.
pub fn action_interactions(path: &Path, builder: &mut DatasetBuilder) -> Result<()> {
    let (file, _) = checked(path, None, DatasetType::ActionInteractions)?;
    Ok(read_action_interactions([file], builder, &ReadLimits::default())?)
}

/// The items, users or actions of a CSV, with the schema that was inferred.
pub fn records(path: &Path, dataset_type: DatasetType) -> Result<(Table, Schema)> {
    let (file, schema) = checked(path, None, dataset_type)?;
    Ok((read_table([file], &schema)?, schema))
}

/// The last time that an interaction may have: a day after now.
fn until_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_add(CLOCK_AHEAD_S_MAX)
}

/// The file after every rule of an import, as Parquet in memory.
fn checked(path: &Path, schema: Option<&Path>, dataset_type: DatasetType) -> Result<(Bytes, Schema)> {
    let name = path.display().to_string();
    let open = || File::open(path).with_context(|| format!("cannot open {name}"));
    let schema = match schema {
        None => infer_schema(open()?, &name, dataset_type)?,
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Schema::parse(&text, None).with_context(|| format!("schema {}", file.display()))?
        }
    };
    let mut parquet = Vec::new();
    let rules = ImportRules { until_s: Some(until_s()), strict: false };
    let totals = import_csv(open()?, &name, &schema, &rules, &mut parquet, &|_, _| {}, &|| false)?;
    if let Some(text) = totals.warning() {
        eprintln!("warning: {name}: {text}");
    }
    Ok((parquet.into(), schema))
}
