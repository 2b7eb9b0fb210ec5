//! CSV files as the offline commands take them: Personalize's column names, a schema that is inferred or given. A file may be a
//! path or a location as `s3://bucket/key`.

use super::input;
use anyhow::{Context, Result};
use bytes::Bytes;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_compute::{
    ImportRules, InteractionsFilter, ReadLimits, import_csv, infer_schema, read_action_interactions, read_interactions,
    read_table,
};
use tastemaker_data::{DatasetBuilder, Table};
use tastemaker_domain::limits::CLOCK_AHEAD_S_MAX;
use tastemaker_domain::schema::{DatasetType, FieldType, Schema};

/// Adds the interactions of a CSV to `builder`; returns the rows read and kept.
pub fn interactions(
    path: &Path,
    schema: Option<&Path>,
    filter: &InteractionsFilter,
    builder: &mut DatasetBuilder,
) -> Result<(u64, u64)> {
    let schema = match schema {
        None => inferred(path, DatasetType::Interactions)?,
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Schema::parse(&text, None).with_context(|| format!("schema {}", file.display()))?
        }
    };
    let (file, _) = checked(path, schema)?;
    let read = read_interactions([file], builder, filter, &ReadLimits::default())?;
    Ok((read.rows, read.kept))
}

/// Adds the action interactions of a CSV to `builder`, with actions for items.
pub fn action_interactions(path: &Path, builder: &mut DatasetBuilder) -> Result<()> {
    let (file, _) = checked(path, inferred(path, DatasetType::ActionInteractions)?)?;
    Ok(read_action_interactions([file], builder, &ReadLimits::default())?)
}

/// The items, users or actions of a CSV, with the schema that was inferred.
pub fn records(path: &Path, dataset_type: DatasetType) -> Result<(Table, Schema)> {
    let (file, schema) = checked(path, inferred(path, dataset_type)?)?;
    Ok((read_table([file], &schema)?, schema))
}

/// The users of a CSV with the column types that a model knows them by, whatever this file's values look like: ages given as
/// text to a training are text here, and numbers are numbers.
pub fn users_as_trained(path: &Path, is_numeric: impl Fn(&str) -> bool) -> Result<Table> {
    let mut schema = inferred(path, DatasetType::Users)?;
    for field in schema.fields.iter_mut().filter(|field| field.nullable) {
        let numeric = is_numeric(&field.name);
        // A model knows `true` and `false` by their text.
        field.field_type = if numeric { FieldType::Double } else { FieldType::String };
        field.categorical = !numeric;
    }
    let (file, schema) = checked(path, schema)?;
    Ok(read_table([file], &schema)?)
}

/// The last time that an interaction may have: a day after now.
fn until_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_add(CLOCK_AHEAD_S_MAX)
}

/// The schema that a CSV looks as if it had.
fn inferred(path: &Path, dataset_type: DatasetType) -> Result<Schema> {
    let name = path.display().to_string();
    let file = input::open(path).with_context(|| format!("cannot open {name}"))?;
    Ok(infer_schema(file, &name, dataset_type)?)
}

/// The file after every rule of an import, as Parquet in memory.
fn checked(path: &Path, schema: Schema) -> Result<(Bytes, Schema)> {
    let name = path.display().to_string();
    let open = || input::open(path).with_context(|| format!("cannot open {name}"));
    let mut parquet = Vec::new();
    let rules = ImportRules { until_s: Some(until_s()), strict: false };
    let totals = import_csv(open()?, &name, &schema, &rules, &mut parquet, &|_, _| {}, &|| false)?;
    if let Some(text) = totals.warning() {
        eprintln!("warning: {name}: {text}");
    }
    Ok((parquet.into(), schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::Column;

    #[test]
    fn users_have_the_types_of_the_model_whatever_their_values_look_like() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "USER_ID,CLUB,AGE,MEMBER,TOWN\nu1,7,31,true,Ulm\nu2,,,,\nu3,12,28,false,Bonn\n")
            .expect("written");
        let table = users_as_trained(file.path(), |column| column == "AGE").expect("readable");
        let column = |name: &str| table.column(name).expect("a column");
        let Column::Text(clubs) = column("CLUB") else { panic!("{:?}", column("CLUB")) };
        assert_eq!(clubs.iter().map(Option::as_deref).collect::<Vec<_>>(), [Some("7"), None, Some("12")]);
        let Column::Number(ages) = column("AGE") else { panic!("{:?}", column("AGE")) };
        assert_eq!(ages, &[Some(31.0), None, Some(28.0)]);
        assert!(["MEMBER", "TOWN"].iter().all(|name| matches!(column(name), Column::Text(_))));
        // Inferred, both are numbers.
        let (inferred, _) = records(file.path(), DatasetType::Users).expect("readable");
        assert!(matches!(inferred.column("CLUB"), Some(Column::Integer(_))));
    }
}
