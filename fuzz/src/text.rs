//! Filter expressions, values of their parameters, and Avro schemas.

use std::sync::LazyLock;
use tastemaker_domain::schema::Schema;
use tastemaker_filter::{EXPRESSION_CHARS_MAX, check, parse, parse_values};

const ITEMS: &str = r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","version":"1.0","fields":[
{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":["null","float"]},
{"name":"GENRES","type":["null","string"],"categorical":true}]}"#;

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| Schema::parse(ITEMS, None).into_iter().collect());

/// A filter expression: what is understood means the same in its canonical text; what is refused names a place within it.
pub fn filter(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match parse(text) {
        Ok(expression) => {
            // Parsing and checking are two steps; the second takes whatever the first gives.
            let _ = check(&expression, &SCHEMAS);
            let canonical = expression.to_string();
            if canonical.chars().count() <= EXPRESSION_CHARS_MAX {
                let again = parse(&canonical).map(|e| e.to_string());
                assert_eq!(again.as_deref(), Ok(canonical.as_str()), "from {text:?}");
            }
        }
        Err(error) => assert!(error.position() <= text.chars().count() + 1, "{error} in {text:?}"),
    }
}

/// The value of a filter's parameter.
pub fn filter_values(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = parse_values("P", text);
    }
}

/// An Avro schema: what is understood has a field.
pub fn avro_schema(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(schema) = Schema::parse(text, None) {
        assert!(!schema.fields.is_empty(), "{text:?}");
    }
}
