//! CSV files on their way in, and Parquet files on their way back.

use bytes::Bytes;
use std::sync::LazyLock;
use tastemaker_compute::{
    ImportRules, InteractionsFilter, ReadAt, ReadLimits, import_csv, infer_schema, read_interactions, read_table,
};
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::schema::{DatasetType, Schema};

const INTERACTIONS: &str = r#"{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","version":"1.0","fields":[
{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
{"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]}]}"#;
const ITEMS: &str = r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","version":"1.0","fields":[
{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":["null","float"]},{"name":"YEAR","type":["null","int"]},
{"name":"GENRES","type":["null","string"],"categorical":true},{"name":"TITLE","type":["null","string"],"itemName":true}]}"#;

pub(crate) static SCHEMAS: LazyLock<Vec<Schema>> =
    LazyLock::new(|| [INTERACTIONS, ITEMS].iter().filter_map(|text| Schema::parse(text, None).ok()).collect());

/// A Parquet file that is read as `schema` says; the number of interactions, 0 for items.
fn read(file: Bytes, schema: &Schema) -> Result<u64, String> {
    if schema.dataset_type == DatasetType::Interactions {
        let mut builder = DatasetBuilder::new();
        let read = read_interactions([file], &mut builder, &InteractionsFilter::default(), &ReadLimits::default())
            .map_err(|e| e.to_string())?;
        // The same interaction twice is one.
        assert!(builder.build().len() as u64 <= read.kept);
        Ok(read.rows)
    } else {
        read_table([file], schema).map(|_| 0).map_err(|e| e.to_string())
    }
}

/// A CSV file for the schema that the first byte chooses: refused in words, or a Parquet file with as many rows as were
/// counted, that can be read back.
pub fn csv(input: &[u8]) {
    let Some((choice, text)) = input.split_first() else { return };
    let _ = infer_schema(text, "input.csv", DatasetType::Items);
    let schema = &SCHEMAS[usize::from(*choice) % SCHEMAS.len()];
    let mut file = Vec::new();
    match import_csv(text, "input.csv", schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false) {
        Ok(totals) => {
            let read = read(file.into(), schema);
            assert!(read.is_ok(), "{read:?} of {:?}", String::from_utf8_lossy(text));
            if schema.dataset_type == DatasetType::Interactions {
                assert_eq!(read, Ok(totals.rows), "{:?}", String::from_utf8_lossy(text));
            }
        }
        Err(error) => assert!(error.to_string().len() < 20_000, "{error}"),
    }
}

/// Bytes that are read as a Parquet file of each schema.
pub fn parquet(input: &[u8]) {
    let file = Bytes::copy_from_slice(input);
    assert_eq!(ReadAt::len(&file), input.len() as u64);
    for schema in SCHEMAS.iter() {
        let _ = read(file.clone(), schema);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemas_are_valid() {
        for text in [INTERACTIONS, ITEMS] {
            assert_eq!(Schema::parse(text, None).map(drop).map_err(|e| e.to_string()), Ok(()));
        }
    }
}
