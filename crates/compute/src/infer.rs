//! A schema guessed from a CSV, for people who have none.

use std::collections::HashSet;
use std::io::Read;

use tastemaker_domain::limits::CATEGORICAL_CHARS_MAX;
use tastemaker_domain::schema::{DatasetType, Field, FieldType, Schema};

use crate::ImportError;
use crate::csv::{CsvReader, RecordReader, listed};

/// Rows that are looked at.
const SAMPLE_ROWS_MAX: usize = 10_000;
/// Distinct values up to which text counts as categorical.
const CATEGORICAL_DISTINCT_MAX: usize = 100;
/// Own columns of interactions that a schema may have.
pub(crate) const INTERACTIONS_OWN_MAX: usize = 5;

/// A schema for a CSV whose columns have Personalize's names, from its header and first rows.
///
/// Required and reserved columns get their documented types. Of the others, whole numbers become `long`, decimals `double`
/// and the rest `string`, categorical when values repeat much or contain `|`; all may be null. Columns beyond what a schema
/// may have, or with names that it cannot have, are left out and so ignored by the import.
///
/// # Errors
/// [`ImportError::Data`] when the file is not CSV or lacks a required column.
pub fn infer_schema(source: impl Read, file_name: &str, dataset_type: DatasetType) -> Result<Schema, ImportError> {
    let mut reader = CsvReader::open(source, file_name)?;
    let header = reader.header.clone();
    let known = known_columns(dataset_type);
    let is_there = |name: &str| header.iter().any(|column| column.eq_ignore_ascii_case(name));
    let missing: Vec<_> = known.iter().filter(|k| k.required && !is_there(k.name)).map(|k| k.name).collect();
    if !missing.is_empty() {
        return Err(ImportError::Data(format!(
            "{file_name}: the header lacks the columns [{}] that {} need; found [{}]{}",
            missing.join(", "),
            dataset_type.record_name(),
            listed(&header),
            reader.looks()
        )));
    }
    let guesses = sample(&mut reader, &header)?;

    let mut names = HashSet::new();
    let mut own = 0;
    let mut fields = Vec::new();
    for (name, guess) in header.iter().zip(guesses) {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if !is_field_name(name) || !names.insert(plain) {
            continue;
        }
        if let Some(known) = known.iter().find(|k| k.name.eq_ignore_ascii_case(name)) {
            fields.push(field(known.name, known.field_type, !known.required, false));
            continue;
        }
        own += 1;
        if dataset_type != DatasetType::Interactions || own <= INTERACTIONS_OWN_MAX {
            let (field_type, categorical) = guess.decide();
            fields.push(field(name, field_type, true, categorical));
        }
    }
    let schema = Schema { dataset_type, fields };
    Schema::parse(&schema.to_avro(), None).map_err(|error| ImportError::Data(format!("{file_name}: {error}")))
}

fn field(name: &str, field_type: FieldType, nullable: bool, categorical: bool) -> Field {
    // An event type that is given at all must be given in every row.
    let nullable = nullable && name != "EVENT_TYPE";
    Field { name: name.to_owned(), field_type, nullable, categorical, textual: false, item_name: false }
}

/// A column that the API knows by its name.
pub(crate) struct Known {
    pub name: &'static str,
    pub field_type: FieldType,
    pub required: bool,
}

/// The columns that the API knows in a type of dataset.
pub(crate) fn known_columns(dataset_type: DatasetType) -> Vec<Known> {
    let required = |name, field_type| Known { name, field_type, required: true };
    let optional = |name, field_type| Known { name, field_type, required: false };
    match dataset_type {
        DatasetType::Interactions => vec![
            required("USER_ID", FieldType::String),
            required("ITEM_ID", FieldType::String),
            required("TIMESTAMP", FieldType::Long),
            optional("EVENT_TYPE", FieldType::String),
            optional("EVENT_VALUE", FieldType::Float),
            optional("IMPRESSION", FieldType::String),
            optional("RECOMMENDATION_ID", FieldType::String),
            optional("EVENT_ATTRIBUTION_SOURCE", FieldType::String),
        ],
        DatasetType::Items => {
            vec![required("ITEM_ID", FieldType::String), optional("CREATION_TIMESTAMP", FieldType::Long)]
        }
        DatasetType::Users => vec![required("USER_ID", FieldType::String)],
        DatasetType::Actions => vec![
            required("ACTION_ID", FieldType::String),
            optional("CREATION_TIMESTAMP", FieldType::Long),
            optional("VALUE", FieldType::Long),
            optional("TYPE", FieldType::String),
            optional("EXPIRATION_TIMESTAMP", FieldType::Long),
            optional("ACTION_EXPIRATION_TIMESTAMP", FieldType::Long),
            optional("REPEAT_FREQUENCY", FieldType::Long),
        ],
        DatasetType::ActionInteractions => vec![
            required("USER_ID", FieldType::String),
            required("ACTION_ID", FieldType::String),
            required("EVENT_TYPE", FieldType::String),
            required("TIMESTAMP", FieldType::Long),
            optional("IMPRESSION", FieldType::String),
            optional("RECOMMENDATION_ID", FieldType::String),
        ],
    }
}

/// Whether a schema may have a field of this name.
pub(crate) fn is_field_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= 150
}

/// The evidence of the sample about one column.
struct Guess {
    whole: bool,
    number: bool,
    values: usize,
    distinct: HashSet<String>,
    joined: bool,
    chars_max: usize,
}

impl Guess {
    fn new() -> Self {
        Self { whole: true, number: true, values: 0, distinct: HashSet::new(), joined: false, chars_max: 0 }
    }

    fn see(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.values += 1;
        self.whole &= text.trim().parse::<i64>().is_ok();
        self.number &= text.trim().parse::<f64>().is_ok_and(f64::is_finite);
        self.joined |= text.contains('|');
        self.chars_max = self.chars_max.max(text.chars().count());
        if self.distinct.len() <= CATEGORICAL_DISTINCT_MAX && !self.distinct.contains(text) {
            self.distinct.insert(text.to_owned());
        }
    }

    fn decide(&self) -> (FieldType, bool) {
        match () {
            () if self.values == 0 => (FieldType::String, false),
            () if self.whole => (FieldType::Long, false),
            () if self.number => (FieldType::Double, false),
            () => {
                let repeats = self.distinct.len() <= CATEGORICAL_DISTINCT_MAX && self.distinct.len() * 2 <= self.values;
                (FieldType::String, (repeats || self.joined) && self.chars_max <= CATEGORICAL_CHARS_MAX)
            }
        }
    }
}

fn sample<R: Read>(reader: &mut CsvReader<R>, header: &[String]) -> Result<Vec<Guess>, ImportError> {
    let mut guesses: Vec<Guess> = header.iter().map(|_| Guess::new()).collect();
    let mut spans = Vec::new();
    let mut scratch = String::new();
    let mut rows = 0;
    let file = reader.file().to_owned();
    while rows < SAMPLE_ROWS_MAX {
        let Some(block) = reader.next_block(Some(header.len()), &mut spans)? else { break };
        if let Some(fault) = &block.fault {
            return Err(block.error(&file, header, fault));
        }
        for record in spans.chunks_exact(header.len()).take(SAMPLE_ROWS_MAX - rows) {
            for (guess, span) in guesses.iter_mut().zip(record) {
                guess.see(span.text(block.text, &mut scratch));
            }
        }
        rows += block.rows;
    }
    Ok(guesses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn inferred(csv: &str, dataset_type: DatasetType) -> Vec<(String, FieldType, bool, bool)> {
        let schema = infer_schema(csv.as_bytes(), "t.csv", dataset_type).unwrap();
        schema.fields.into_iter().map(|f| (f.name, f.field_type, f.nullable, f.categorical)).collect()
    }

    fn expected(columns: &[(&str, FieldType, bool, bool)]) -> Vec<(String, FieldType, bool, bool)> {
        columns.iter().map(|&(name, ty, null, cat)| (name.to_owned(), ty, null, cat)).collect()
    }

    #[test]
    fn columns_get_documented_or_observed_types() {
        use FieldType::{Double, Float, Long, String};
        assert_eq!(
            inferred(
                "TIMESTAMP,USER_ID,ITEM_ID,EVENT_VALUE,EVENT_TYPE,DEVICE\n1,2,3,4,view,ios\n1,2,3,,view,ios\n",
                DatasetType::Interactions
            ),
            expected(&[
                ("TIMESTAMP", Long, false, false),
                ("USER_ID", String, false, false),
                ("ITEM_ID", String, false, false),
                ("EVENT_VALUE", Float, true, false),
                ("EVENT_TYPE", String, false, false),
                ("DEVICE", String, true, true),
            ])
        );
        assert_eq!(
            inferred(
                "ITEM_ID,NAME,PRICE,STOCK,GENRES,EMPTY,bad name,item_id\n1,Pot,19.99,3,A|B,,x,y\n2,Pan,5,4,C,,x,y\n",
                DatasetType::Items
            ),
            expected(&[
                ("ITEM_ID", String, false, false),
                ("NAME", String, true, false),
                ("PRICE", Double, true, false),
                ("STOCK", Long, true, false),
                ("GENRES", String, true, true),
                ("EMPTY", String, true, false),
            ])
        );
    }

    #[test]
    fn known_names_in_another_case_get_their_own() {
        use FieldType::{Long, String};
        assert_eq!(
            inferred("user_id,Item_Id,timestamp,event_type,device\n1,2,3,view,ios\n", DatasetType::Interactions),
            expected(&[
                ("USER_ID", String, false, false),
                ("ITEM_ID", String, false, false),
                ("TIMESTAMP", Long, false, false),
                ("EVENT_TYPE", String, false, false),
                ("device", String, true, false),
            ])
        );
    }

    #[test]
    fn own_columns_of_interactions_end_at_the_maximum() {
        let fields = inferred("USER_ID,ITEM_ID,TIMESTAMP,A,B,C,D,E,F\nu,i,1,1,2,3,4,5,6\n", DatasetType::Interactions);
        assert_eq!(fields.last().map(|f| f.0.as_str()), Some("E"));
    }

    #[test]
    fn missing_columns_are_listed() {
        let error = infer_schema("user,ITEM_ID\n".as_bytes(), "t.csv", DatasetType::Interactions).unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.csv: the header lacks the columns [USER_ID, TIMESTAMP] that Interactions need; found [user, ITEM_ID]"
        );
        let error = infer_schema("ITEM_ID\na\n".as_bytes(), "t.csv", DatasetType::Items).unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.csv: Invalid schema: a schema for 'Items' must have at least one metadata field; found [ITEM_ID]"
        );
    }
}
