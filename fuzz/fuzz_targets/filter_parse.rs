//! Arbitrary text as a filter expression, as the value of a parameter and as an Avro schema: refused or understood, never a
//! panic. What is understood can be checked against schemas,
//! and its canonical text means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tastemaker_domain::schema::Schema;
use tastemaker_filter::{EXPRESSION_CHARS_MAX, check, parse, parse_values};

const ITEMS: &str = r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","version":"1.0","fields":[
{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":["null","float"]},
{"name":"GENRES","type":["null","string"],"categorical":true}]}"#;

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| Schema::parse(ITEMS, None).into_iter().collect());

fuzz_target!(|text: &str| {
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
    let _ = parse_values("P", text);
    let _ = Schema::parse(text, None);
});
