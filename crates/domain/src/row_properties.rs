//! The `properties` of a streamed item, user or action: a flat JSON object in a string, read against the dataset's schema.

use crate::event_properties::{Numbers, column_text, plain};
use crate::limits::TIMESTAMP_SECONDS_MAX;
use crate::schema::{DatasetType, Schema};
use serde_json::Value;
use std::collections::BTreeMap;

/// Characters of the JSON text of an item or action.
pub const ITEM_PROPERTIES_CHARS_MAX: usize = 32_000;
/// Characters of the JSON text of a user.
pub const USER_PROPERTIES_CHARS_MAX: usize = 24_000;
/// Characters of a textual value that are kept, as of imported ones.
const TEXTUAL_CHARS_KEPT: usize = 20_000;
/// Characters of a found value that an error repeats.
const SHOWN_CHARS_MAX: usize = 100;

/// The columns that hold a time in seconds.
const SECONDS: &[&str] = &["CREATION_TIMESTAMP", "EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"];

/// The column that identifies a dataset's rows.
pub fn id_column(dataset_type: DatasetType) -> &'static str {
    match dataset_type {
        DatasetType::Items | DatasetType::Interactions => "ITEM_ID",
        DatasetType::Users => "USER_ID",
        DatasetType::Actions | DatasetType::ActionInteractions => "ACTION_ID",
    }
}

/// The columns of the row called `id`: each value as text that converts to its column's type; nulls stay out. Keys without
/// a column are ignored. Absent `text` means no properties.
///
/// The error says which rule is broken by which key and value, to be put after the member's path.
pub fn read(id: &str, text: Option<&str>, schema: &Schema) -> Result<BTreeMap<String, String>, String> {
    let chars_max = match schema.dataset_type {
        DatasetType::Users => USER_PROPERTIES_CHARS_MAX,
        _ => ITEM_PROPERTIES_CHARS_MAX,
    };
    let object = match text {
        None => serde_json::Map::new(),
        Some(text) => parse(text, chars_max)?,
    };
    let numbers = text.map(|text| Numbers::of(text, &object)).unwrap_or_default();
    let id_column = id_column(schema.dataset_type);
    let mut columns = BTreeMap::new();
    for (key, value) in &object {
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            return Err(format!("must be flat: the value of '{key}' is {}", shown(value)));
        }
        let wanted = plain(key);
        let Some(field) = schema.fields.iter().find(|field| plain(&field.name) == wanted) else { continue };
        if field.name == id_column {
            if value.as_str() != Some(id) {
                return Err(format!("has '{key}', which must be the row's own id '{id}', not {}", shown(value)));
            }
            continue;
        }
        let broken = |rule: String| format!("has '{key}', which {rule}");
        let Some(mut text) = column_text(field, value, numbers.get(key)).map_err(broken)? else { continue };
        if SECONDS.contains(&field.name.as_str()) {
            check_seconds(&text).map_err(broken)?;
        }
        if field.textual
            && let Some((end, _)) = text.char_indices().nth(TEXTUAL_CHARS_KEPT)
        {
            text.truncate(end);
        }
        columns.insert(field.name.clone(), text);
    }
    let missing = schema.fields.iter().find(|f| !f.nullable && f.name != id_column && !columns.contains_key(&f.name));
    match missing {
        Some(field) => Err(format!("must have a value for column {} of the schema, which has no null", field.name)),
        None => Ok(columns),
    }
}

fn parse(text: &str, chars_max: usize) -> Result<serde_json::Map<String, Value>, String> {
    let length = text.chars().count();
    if length > chars_max {
        return Err(format!("must have at most {chars_max} characters, not {length}"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(format!("must be a JSON object in a string, not {}", shown(&other))),
        Err(error) => Err(format!("must be a JSON object in a string: {error}")),
    }
}

fn check_seconds(text: &str) -> Result<(), String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds < 0.0 => Err(format!("must be seconds since 1970, not {text}")),
        Ok(seconds) if seconds > TIMESTAMP_SECONDS_MAX as f64 => {
            Err(format!("must be seconds since 1970, but {text} looks like milliseconds"))
        }
        _ => Ok(()),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEMS: &str = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
        {"name":"CATEGORY_L1","type":"string","categorical":true},{"name":"PRICE","type":["null","float"]},
        {"name":"CREATION_TIMESTAMP","type":["null","long"]},{"name":"ABOUT","type":["null","string"],"textual":true}]}"#;

    fn items() -> Schema {
        Schema::parse(ITEMS, None).expect("a schema")
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let columns = read("i", Some(text), &items()).expect("columns");
        let columns: Vec<_> = columns.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(columns, expected);
    }

    #[test]
    fn keys_find_their_columns_and_values_their_types() {
        check(r#"{"categoryL1":"a|b","price":"12.5"}"#, &[("CATEGORY_L1", "a|b"), ("PRICE", "12.5")]);
        check(r#"{"categoryL1":"a","price":84.90}"#, &[("CATEGORY_L1", "a"), ("PRICE", "84.90")]);
        check(r#"{"categoryL1":"a","price":"3.0"}"#, &[("CATEGORY_L1", "a"), ("PRICE", "3.0")]);
        check(r#"{"CATEGORY_L1":7,"price":null,"colour":"red"}"#, &[("CATEGORY_L1", "7")]);
        check(r#"{"itemId":"i","categoryL1":"a"}"#, &[("CATEGORY_L1", "a")]);
        let long = format!(r#"{{"categoryL1":"a","about":"{}"}}"#, "é".repeat(20_001));
        assert_eq!(read("i", Some(&long), &items()).expect("columns")["ABOUT"].chars().count(), 20_000);
    }

    #[test]
    fn refusals_name_key_rule_and_value() {
        let category = format!(r#"{{"categoryL1":"{}"}}"#, "x".repeat(1001));
        let long = format!(r#"{{"categoryL1":"{}"}}"#, "x".repeat(32_000));
        for (text, words) in [
            (None, &["CATEGORY_L1", "no null"][..]),
            (Some("{}"), &["CATEGORY_L1", "no null"]),
            (Some(r#"{"categoryL1":""}"#), &["'categoryL1'", "must not be empty"]),
            (Some("nope"), &["JSON object"]),
            (Some("[1]"), &["JSON object", "[1]"]),
            (Some(r#"{"categoryL1":["a"]}"#), &["flat", "'categoryL1'", "[\"a\"]"]),
            (Some(r#"{"categoryL1":"a","price":"dear"}"#), &["'price'", "a number", "PRICE", "dear"]),
            (Some(r#"{"categoryL1":"a","creationTimestamp":1700000000000}"#), &["milliseconds", "1700000000000"]),
            (Some(r#"{"categoryL1":"a","creationTimestamp":-5}"#), &["seconds since 1970", "-5"]),
            (Some(r#"{"categoryL1":"a","itemId":"j"}"#), &["'itemId'", "own id 'i'", "\"j\""]),
            (Some(&category), &["at most 1000", "1001"]),
            (Some(&long), &["at most 32000", "32017"]),
        ] {
            let error = read("i", text, &items()).expect_err("a refusal");
            for word in words {
                assert!(error.contains(word), "{text:?}: {error}");
            }
        }
    }

    #[test]
    fn users_have_a_smaller_limit() {
        let users = r#"{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},
            {"name":"PLAN","type":["null","string"]}]}"#;
        let users = Schema::parse(users, None).expect("a schema");
        let padded = |chars: usize| format!("{{{}}}", " ".repeat(chars - 2));
        assert_eq!(read("u", Some(&padded(24_000)), &users), Ok(BTreeMap::new()));
        assert!(read("u", Some(&padded(24_001)), &users).is_err_and(|e| e.contains("24000")));
        assert_eq!(read("u", None, &users), Ok(BTreeMap::new()));
    }

    #[test]
    fn keys_behind_one_without_a_value_for_the_row_are_read() {
        check(r#"{"aaa":1,"categoryL1":"a"}"#, &[("CATEGORY_L1", "a")]);
        check(r#"{"about":null,"categoryL1":"a"}"#, &[("CATEGORY_L1", "a")]);
        check(r#"{"ITEM_ID":"i","categoryL1":"a"}"#, &[("CATEGORY_L1", "a")]);
    }

    #[test]
    fn times_are_seconds_since_1970_and_other_numbers_may_be_any() {
        let created = |seconds: &str| {
            let text = format!(r#"{{"categoryL1":"a","creationTimestamp":{seconds}}}"#);
            read("i", Some(&text), &items()).map(|columns| columns["CREATION_TIMESTAMP"].clone())
        };
        for seconds in ["0", "1700000000", "100000000000"] {
            assert_eq!(created(seconds).as_deref(), Ok(seconds));
        }
        assert!(created("100000000001").is_err() && created("-1").is_err());
        check(r#"{"categoryL1":"a","price":-5}"#, &[("CATEGORY_L1", "a"), ("PRICE", "-5")]);
        check(r#"{"categoryL1":"a","price":1700000000000}"#, &[("CATEGORY_L1", "a"), ("PRICE", "1700000000000")]);
    }
}
