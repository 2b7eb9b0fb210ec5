//! Expressions against the schemas of a dataset group.

use crate::{check, parse};
use tastemaker_domain::Error;
use tastemaker_domain::schema::Schema;

fn schema(name: &str, fields: &str) -> Schema {
    let text = format!(
        r#"{{"type":"record","name":"{name}","namespace":"com.amazonaws.personalize.schema","fields":[{fields}],"version":"1.0"}}"#
    );
    Schema::parse(&text, None).unwrap()
}

fn group() -> Vec<Schema> {
    vec![
        schema(
            "Interactions",
            r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}"#,
        ),
        schema(
            "Items",
            r#"{"name":"ITEM_ID","type":"string"},{"name":"TOPIC","type":["null","string"],"categorical":true},
            {"name":"BRAND","type":"string"},{"name":"PRICE","type":"float"},{"name":"YEAR","type":["null","int"]},
            {"name":"DESCRIPTION","type":["null","string"],"textual":true},{"name":"ADULT","type":"boolean"},
            {"name":"CREATION_TIMESTAMP","type":"long"}"#,
        ),
        schema(
            "Users",
            r#"{"name":"USER_ID","type":"string"},{"name":"AGE","type":"int"},{"name":"TIER","type":"string"}"#,
        ),
    ]
}

#[track_caller]
fn accepted(filter: &str) {
    check(&parse(filter).unwrap(), &group()).unwrap_or_else(|error| panic!("{error}"));
}

#[track_caller]
fn refused(filter: &str, schemas: &[Schema], words: &[&str]) {
    match check(&parse(filter).unwrap(), schemas) {
        Err(Error::InvalidInput(text)) => {
            assert!(text.starts_with("Could not create filter. Invalid Expression: "), "{text}");
            words.iter().for_each(|word| assert!(text.contains(word), "{word}: {text}"));
            assert_eq!(text.lines().count(), 3);
        }
        other => panic!("{filter}: {other:?}"),
    }
}

#[test]
fn what_fits() {
    accepted(r#"INCLUDE ItemID WHERE ITEMS.topic IN ("a") AND Items.Price < 5 AND Items.BRAND NOT IN ($B)"#);
    accepted("INCLUDE ItemID WHERE Items.creation_timestamp > 1700000000");
    accepted(r#"INCLUDE ItemID WHERE Items.YEAR IN ("1999", 2000) AND Items.ITEM_ID NOT IN ("a")"#);
    accepted(r#"INCLUDE ItemID WHERE Items.TOPIC = "a" AND Items.YEAR = "5""#);
    accepted("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*) IF CurrentUser.TIER = $T AND CurrentUser.AGE > 3");
    accepted("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.YEAR AND Items.TOPIC IN CurrentItem.BRAND");
    accepted("INCLUDE UserID WHERE Users.AGE > 3 | EXCLUDE UserID WHERE Interactions.EVENT_TYPE NOT IN ($E)");
}

#[test]
fn what_does_not() {
    let group = group();
    refused(
        r#"INCLUDE ItemID WHERE Items.COLOUR IN ("a")"#,
        &group,
        &["no column 'COLOUR'", "TOPIC, BRAND, PRICE, YEAR", "position 28"],
    );
    refused(r#"INCLUDE ItemID WHERE Items.DESCRIPTION IN ("a")"#, &group, &["Items.DESCRIPTION is a textual column"]);
    refused("INCLUDE ItemID WHERE Items.ADULT = 1", &group, &["Items.ADULT is a boolean column"]);
    refused("INCLUDE ItemID WHERE Items.TOPIC > 1", &group, &["'>' compares numbers", "TOPIC is of type string"]);
    refused("INCLUDE ItemID WHERE Items.TOPIC > $P", &group, &["TOPIC is of type string"]);
    refused(
        r#"INCLUDE ItemID WHERE Items.PRICE = "cheap""#,
        &group,
        &["PRICE is of type float", "'cheap' is not a number"],
    );
    refused(r#"INCLUDE ItemID WHERE Items.YEAR IN (1, "x")"#, &group, &["'x' is not a number"]);
    refused(
        "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.TOPIC",
        &group,
        &["PRICE is of type float", "CurrentItem.TOPIC of type string"],
    );
    refused("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.NONE", &group, &["Items has no column 'NONE'"]);
    refused("INCLUDE ItemID WHERE Items.PRICE < 1 IF CurrentUser.NONE = 1", &group, &["Users has no column 'NONE'"]);
    refused("INCLUDE ItemID WHERE Items.PRICE < 1 IF CurrentUser.AGE = 1", &group[..2], &["no Users dataset"]);
    refused("INCLUDE ItemID WHERE Items.PRICE < 1", &group[..1], &["no Items dataset"]);
    refused("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)", &group[1..], &["no Interactions dataset"]);
    refused("INCLUDE ActionID WHERE Actions.VALUE > 1", &group, &["no Actions dataset"]);
}

#[test]
fn ten_different_fields() {
    let columns: Vec<_> = (0..11).map(|n| format!(r#"{{"name":"C{n}","type":"int"}}"#)).collect();
    let items = schema("Items", &format!(r#"{{"name":"ITEM_ID","type":"string"}},{}"#, columns.join(",")));
    let with = |n: usize| {
        let conditions: Vec<_> = (0..n).map(|n| format!("Items.C{n} > 1 AND Items.c{n} < 9")).collect();
        check(
            &parse(&format!("INCLUDE ItemID WHERE {}", conditions.join(" OR "))).unwrap(),
            std::slice::from_ref(&items),
        )
    };
    assert_eq!(with(10), Ok(()));
    match with(11) {
        Err(Error::LimitExceeded(text)) => assert!(text.contains("at most 10") && text.contains("found 11"), "{text}"),
        other => panic!("{other:?}"),
    }
}
