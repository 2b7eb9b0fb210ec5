//! The `properties` of a streamed event: a flat JSON object in a string, read against the Interactions schema.

use crate::limits::CATEGORICAL_CHARS_MAX;
use crate::plain_decimal::plain_decimal;
use crate::schema::{Field, FieldType, Schema};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Characters of the JSON text.
pub const PROPERTIES_CHARS_MAX: usize = 1024;

/// Keys that `properties` may not have, because the event itself has them; in the form of [`plain`].
const FORBIDDEN: &[&str] = &["userid", "sessionid", "eventtype", "timestamp", "recommendationid", "impression"];

/// The content of `properties`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Properties {
    /// `itemId`, where old clients put it.
    pub item_id: Option<String>,
    /// `eventValue`, where old clients put it.
    pub event_value: Option<f32>,
    /// The schema's other columns by their name, as text that converts to the column's type. Nulls stay out.
    pub columns: BTreeMap<String, String>,
}

/// A key or column name as both are compared: lower case, without underscores. Schemas have no two columns alike in it.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// Reads `text`. Keys without a column are ignored. The error says which rule is broken by which key and value, to be put
/// after the member's path.
pub fn read(text: &str, schema: &Schema) -> Result<Properties, String> {
    let length = text.chars().count();
    if length > PROPERTIES_CHARS_MAX {
        return Err(format!("must have at most {PROPERTIES_CHARS_MAX} characters, not {length}"));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("must be a JSON object in a string: {error}"))?;
    let Value::Object(object) = value else {
        return Err(format!("must be a JSON object in a string, not {value}"));
    };
    let numbers = Numbers::of(text, &object);
    let mut properties = Properties::default();
    for (key, value) in &object {
        let wanted = plain(key);
        if FORBIDDEN.contains(&wanted.as_str()) {
            return Err(format!("may not have the key '{key}', which is a member of the request itself"));
        }
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            return Err(format!("must be flat: the value of '{key}' is {value}"));
        }
        let broken = |rule: String| format!("has '{key}', which {rule}");
        match wanted.as_str() {
            "itemid" => properties.item_id = text_of(value, None).filter(|text| !text.is_empty()),
            "eventvalue" => properties.event_value = event_value(value).map_err(broken)?,
            _ => {
                let Some(field) = schema.fields.iter().find(|field| plain(&field.name) == wanted) else { continue };
                if let Some(text) = column_text(field, value, numbers.get(key)).map_err(broken)? {
                    let other = properties.columns.insert(field.name.clone(), text);
                    if other.is_some() {
                        return Err(format!("has several keys for the column {}, '{key}' among them", field.name));
                    }
                }
            }
        }
    }
    Ok(properties)
}

/// The columns of interactions that are filled from the members of a request itself, and are empty where it has none, whether or
/// not their type has null; in the form of [`plain`].
const FROM_REQUEST: &[&str] = &[
    "userid",
    "itemid",
    "actionid",
    "timestamp",
    "eventtype",
    "eventvalue",
    "sessionid",
    "impression",
    "recommendationid",
    "eventattributionsource",
];

/// Whether a column's value is of the request and not of `properties`.
pub fn is_from_request(column: &str) -> bool {
    FROM_REQUEST.contains(&plain(column).as_str())
}

/// The column for the session of a request with its value; nothing where the schema has none that can hold it.
pub fn session_column(schema: &Schema, session: &str) -> Option<(String, String)> {
    let field = schema.fields.iter().find(|field| plain(&field.name) == "sessionid")?;
    let text = column_text(field, &Value::String(session.to_owned()), None).ok()??;
    Some((field.name.clone(), text))
}

/// The numbers of a flat JSON object as they are written in it; a parsed number has lost its last zeros.
#[derive(Default)]
pub(crate) struct Numbers<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Numbers<'a> {
    /// Those of the object that was read from `text`.
    pub fn of(text: &'a str, object: &Map<String, Value>) -> Self {
        // Whole numbers are written in one way only.
        let has_decimals = object.values().any(Value::is_f64);
        if has_decimals { Self(serde_json::from_str(text).unwrap_or_default()) } else { Self::default() }
    }

    /// The text at `key`, if it is known.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|raw| raw.get())
    }
}

/// A value as text, a number as it is `written` if that is known; nothing for a null.
fn text_of(value: &Value, written: Option<&str>) -> Option<String> {
    match (value, written) {
        (Value::Null, _) => None,
        (Value::String(text), _) => Some(text.clone()),
        (Value::Number(_), Some(written)) => Some(written.to_owned()),
        (other, _) => Some(other.to_string()),
    }
}

fn event_value(value: &Value) -> Result<Option<f32>, String> {
    match text_of(value, None) {
        None => Ok(None),
        Some(text) => match text.trim().parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(format!("must be a number, not {value}")),
        },
    }
}

/// The value in the column's own spelling, nothing for a null; the rule it breaks as error. `written` is how a number is written,
/// which a column of decimals keeps.
pub(crate) fn column_text(field: &Field, value: &Value, written: Option<&str>) -> Result<Option<String>, String> {
    let Some(text) = text_of(value, written).filter(|text| !text.is_empty()) else {
        return if field.nullable {
            Ok(None)
        } else {
            Err(format!("must not be empty: column {} has no null", field.name))
        };
    };
    let wrong = || format!("must be {} for column {}, not {value}", kind(field.field_type), field.name);
    let number = text.trim();
    let written = match field.field_type {
        FieldType::String => {
            let length = text.chars().count();
            if field.categorical && length > CATEGORICAL_CHARS_MAX {
                return Err(format!("must have at most {CATEGORICAL_CHARS_MAX} characters, not {length}"));
            }
            text
        }
        FieldType::Int => {
            let whole = whole(number).and_then(|n| i32::try_from(n).ok());
            whole.ok_or_else(wrong)?.to_string()
        }
        FieldType::Long => whole(number).ok_or_else(wrong)?.to_string(),
        FieldType::Float => {
            let float = number.parse::<f32>().ok().filter(|n| n.is_finite()).ok_or_else(wrong)?;
            plain_decimal(number).map_or_else(|| float.to_string(), str::to_owned)
        }
        FieldType::Double => {
            let double = number.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(wrong)?;
            plain_decimal(number).map_or_else(|| double.to_string(), str::to_owned)
        }
        FieldType::Boolean => match number.to_ascii_lowercase().as_str() {
            word @ ("true" | "false") => word.to_owned(),
            _ => return Err(wrong()),
        },
    };
    Ok(Some(written))
}

/// A whole number, also as floats spell it (`1994.0`).
fn whole(text: &str) -> Option<i64> {
    /// From here on not every whole number is a double.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    text.parse::<i64>().ok().or_else(|| {
        let number = text.parse::<f64>().ok()?;
        (number.fract() == 0.0 && number.abs() < EXACT_MAX).then_some(number as i64)
    })
}

fn kind(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::String => "text",
        FieldType::Int => "a whole number of 32 bits",
        FieldType::Long => "a whole number of 64 bits",
        FieldType::Float | FieldType::Double => "a number",
        FieldType::Boolean => "true or false",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::DatasetType;

    fn schema() -> Schema {
        let field = |name: &str, field_type, nullable| Field {
            name: name.into(),
            field_type,
            nullable,
            categorical: name == "GENRES",
            textual: false,
            item_name: false,
        };
        let fields = vec![
            field("GENRES", FieldType::String, true),
            field("NUM_RATINGS", FieldType::Int, true),
            field("CREATED_AT", FieldType::Long, true),
            field("RATIO", FieldType::Double, true),
            field("PRICE", FieldType::Float, false),
            field("IS_MEMBER", FieldType::Boolean, true),
        ];
        Schema { dataset_type: DatasetType::Interactions, fields }
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let columns = read(text, &schema()).expect("properties").columns;
        let columns: Vec<_> = columns.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(columns, expected);
    }

    #[test]
    fn values_take_the_type_of_their_column() {
        check("{}", &[]);
        check(r#"{"numRatings":12}"#, &[("NUM_RATINGS", "12")]);
        check(r#"{"numRatings":"12"}"#, &[("NUM_RATINGS", "12")]);
        check(r#"{"NUM_RATINGS":12.0}"#, &[("NUM_RATINGS", "12")]);
        check(r#"{"createdAt":9007199254740993}"#, &[("CREATED_AT", "9007199254740993")]);
        check(r#"{"ratio":1e-3,"price":"2.50"}"#, &[("PRICE", "2.50"), ("RATIO", "0.001")]);
        check(r#"{"ratio":84.90,"price":3.0}"#, &[("PRICE", "3.0"), ("RATIO", "84.90")]);
        check(r#"{"ratio":".5","price":" +7 "}"#, &[("PRICE", "7"), ("RATIO", "0.5")]);
        check(r#"{"genres":7.50}"#, &[("GENRES", "7.50")]);
        check(r#"{"isMember":"True"}"#, &[("IS_MEMBER", "true")]);
        check(r#"{"genres":"Horror|Action"}"#, &[("GENRES", "Horror|Action")]);
        check(r#"{"genres":7}"#, &[("GENRES", "7")]);
        check(r#"{"genres":null,"numRatings":""}"#, &[]);
        check(r#"{"colour":"red"}"#, &[]);
    }

    #[test]
    fn the_item_and_the_value_may_be_inside() {
        let read = |text| read(text, &schema()).expect("properties");
        let inside = read(r#"{"itemId":"choc","eventValue":4}"#);
        assert_eq!((inside.item_id.as_deref(), inside.event_value), (Some("choc"), Some(4.0)));
        assert_eq!(read(r#"{"ITEM_ID":17,"eventValue":"0.5"}"#).item_id.as_deref(), Some("17"));
        assert_eq!(read(r#"{"itemId":null,"eventValue":null}"#), Properties::default());
    }

    #[test]
    fn refusals_name_key_rule_and_value() {
        let long = format!("{{\"genres\":\"{}\"}}", "x".repeat(1001));
        for (text, words) in [
            ("", &["JSON object"][..]),
            ("[1]", &["JSON object", "[1]"]),
            ("\"a\"", &["JSON object"]),
            (r#"{"userId":"u"}"#, &["'userId'", "request itself"]),
            (r#"{"EVENT_TYPE":"u"}"#, &["'EVENT_TYPE'"]),
            (r#"{"Timestamp":1}"#, &["'Timestamp'"]),
            (r#"{"a":[1]}"#, &["flat", "'a'", "[1]"]),
            (r#"{"a":{"b":1}}"#, &["flat"]),
            (r#"{"numRatings":"many"}"#, &["'numRatings'", "NUM_RATINGS", "32 bits", "many"]),
            (r#"{"numRatings":3000000000}"#, &["32 bits", "3000000000"]),
            (r#"{"numRatings":1.5}"#, &["whole"]),
            (r#"{"createdAt":true}"#, &["64 bits"]),
            (r#"{"ratio":"NaN"}"#, &["a number"]),
            (r#"{"price":1e60}"#, &["a number"]),
            (r#"{"price":null}"#, &["'price'", "no null"]),
            (r#"{"isMember":1}"#, &["true or false"]),
            (r#"{"GENRES":"a","genres":"b"}"#, &["several keys", "GENRES"]),
            (r#"{"eventValue":"x"}"#, &["'eventValue'", "number"]),
            (&long, &["at most 1000", "1001"]),
            (&"x".repeat(1025), &["at most 1024", "1025"]),
        ] {
            let error = read(text, &schema()).expect_err(text);
            for word in words {
                assert!(error.contains(word), "{text}: {error}");
            }
        }
    }

    #[test]
    fn texts_and_numbers_reach_their_limits() {
        let padded = |chars: usize| format!("{{{}}}", " ".repeat(chars - 2));
        assert_eq!(read(&padded(PROPERTIES_CHARS_MAX), &schema()), Ok(Properties::default()));
        assert!(read(&padded(PROPERTIES_CHARS_MAX + 1), &schema()).is_err());
        let genres = "x".repeat(1000);
        check(&format!("{{\"genres\":\"{genres}\"}}"), &[("GENRES", &genres)]);
        check(r#"{"createdAt":9007199254740991.0}"#, &[("CREATED_AT", "9007199254740991")]);
        assert!(read(r#"{"createdAt":9007199254740992.0}"#, &schema()).is_err(), "it may have been another number");
        for value in ["\"inf\"", "\"NaN\"", "1e60"] {
            assert!(read(&format!("{{\"eventValue\":{value}}}"), &schema()).is_err(), "{value}");
        }
    }

    #[test]
    fn keys_behind_an_unknown_one_are_read() {
        check(r#"{"aaa":1,"genres":"x","zzz":1}"#, &[("GENRES", "x")]);
    }

    #[test]
    fn columns_of_the_request_are_told_from_those_of_properties() {
        for column in ["USER_ID", "TIMESTAMP", "EVENT_VALUE", "IMPRESSION", "SESSION_ID"] {
            assert!(is_from_request(column), "{column}");
        }
        for column in ["GENRES", "DEVICE", "USER"] {
            assert!(!is_from_request(column), "{column}");
        }
    }

    #[test]
    fn a_session_goes_into_the_column_for_it() {
        assert_eq!(session_column(&schema(), "s"), None);
        let text = r#"{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
            {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"SESSION_ID","type":"string"}]}"#;
        let with_sessions = Schema::parse(text, None).expect("a schema");
        assert_eq!(session_column(&with_sessions, "s"), Some(("SESSION_ID".to_owned(), "s".to_owned())));
        let numbered =
            Schema::parse(&text.replace(r#""SESSION_ID","type":"string""#, r#""SESSION_ID","type":"int""#), None);
        assert_eq!(session_column(&numbered.expect("a schema"), "s"), None, "a text is no number");
    }
}
