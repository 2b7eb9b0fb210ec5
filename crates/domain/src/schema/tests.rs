use super::avro::{FIELD_NAME_CHARS_MAX, SCHEMA_CHARS_MAX};
use super::*;
use crate::Error;
use crate::words::Word;

const SHOP: Option<DatasetDomain> = Some(DatasetDomain::Ecommerce);
const VIDEO: Option<DatasetDomain> = Some(DatasetDomain::VideoOnDemand);

/// A schema from its record name and `name:type[:attribute]` words; a `?` after the type adds null.
fn schema(record: &str, fields: &str) -> String {
    let fields: Vec<String> = fields
        .split_whitespace()
        .map(|word| {
            let mut parts = word.split(':');
            let (name, ty) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let ty = match ty.strip_suffix('?') {
                Some(ty) => format!(r#"["{ty}","null"]"#),
                None => format!(r#""{ty}""#),
            };
            let flags: String = parts.map(|flag| format!(r#","{flag}":true"#)).collect();
            format!(r#"{{"name":"{name}","type":{ty}{flags}}}"#)
        })
        .collect();
    format!(
        r#"{{"type":"record","name":"{record}","namespace":"com.amazonaws.personalize.schema","fields":[{}],"version":"1.0"}}"#,
        fields.join(",")
    )
}

const EVENTS: &str = "USER_ID:string ITEM_ID:string TIMESTAMP:long";

#[track_caller]
fn accepted(text: &str, domain: Option<DatasetDomain>) -> Schema {
    match Schema::parse(text, domain) {
        Ok(schema) => schema,
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn sample_schemas_are_accepted() {
    let words = [
        (None, "Interactions", EVENTS.to_owned()),
        (None, "interactions", format!("{EVENTS} EVENT_TYPE:string EVENT_VALUE:float? IMPRESSION:string? RECOMMENDATION_ID:string? EVENT_ATTRIBUTION_SOURCE:string? NUM_RATINGS:int DEVICE:string:categorical")),
        (SHOP, "Interactions", format!("{EVENTS} EVENT_TYPE:string EVENT_VALUE:float?")),
        (SHOP, "Interactions", format!("{EVENTS} EVENT_TYPE:string EVENT_VALUE:string?")),
        (None, "Interactions", "USER_ID:string ITEM_ID:string EVENT_VALUE:string TIMESTAMP:long EVENT_TYPE:string".into()),
        (None, "Interactions", "USER_ID:string ITEM_ID:string TIMESTAMP:int EVENT_VALUE:double?".into()),
        (None, "Interactions", format!("{EVENTS} EVENT_VALUE:int")),
        (None, "Interactions", format!("{EVENTS} EVENT_VALUE:long?")),
        (None, "Items", "ITEM_ID:string CREATION_TIMESTAMP:int? GENRES:string".into()),
        (None, "Items", "ITEM_ID:string CREATION_TIMESTAMP:double".into()),
        (SHOP, "Items", "ITEM_ID:string PRICE:double CATEGORY_L1:string:categorical".into()),
        (SHOP, "Items", "ITEM_ID:string PRICE:int? CATEGORY_L1:string:categorical".into()),
        (VIDEO, "Items", "ITEM_ID:string GENRES:string:categorical CREATION_TIMESTAMP:int PRICE:double DURATION:int? AVERAGE_RATING:double?".into()),
        (None, "Actions", "ACTION_ID:string VALUE:float? EXPIRATION_TIMESTAMP:int? REPEAT_FREQUENCY:int?".into()),
        (VIDEO, "Interactions", format!("{EVENTS} EVENT_TYPE:string")),
        (None, "Users", "USER_ID:string AGE:int GENDER:string:categorical".into()),
        (SHOP, "Users", "USER_ID:string MEMBERSHIP_STATUS:string:categorical".into()),
        (VIDEO, "Users", "USER_ID:string SUBSCRIPTION_MODEL:string:categorical".into()),
        (None, "Items", "ITEM_ID:string GENRES:string?:categorical CREATION_TIMESTAMP:long DESCRIPTION:string?:textual".into()),
        (None, "Items", "ITEM_ID:string TITLE:string:itemName CREATION_TIMESTAMP:long?".into()),
        (SHOP, "Items", "ITEM_ID:string PRICE:float CATEGORY_L1:string:categorical CATEGORY_L2:string?:categorical PRODUCT_NAME:string PRODUCT_DESCRIPTION:string?:textual GENDER:string?:categorical PROMOTED:string?".into()),
        (SHOP, "Items", "ITEM_ID:string PRICE:float CATEGORY_L1:string:categorical CREATION_TIMESTAMP:float".into()),
        (VIDEO, "Items", "ITEM_ID:string GENRES:string:categorical CREATION_TIMESTAMP:long".into()),
        (VIDEO, "Items", "ITEM_ID:string GENRES_L1:string:categorical CREATION_TIMESTAMP:long DURATION:float?".into()),
        (None, "Actions", "ACTION_ID:string VALUE:long? TYPE:string? EXPIRATION_TIMESTAMP:long? REPEAT_FREQUENCY:long?".into()),
        (None, "Actions", "ACTION_ID:string ACTION_EXPIRATION_TIMESTAMP:long?".into()),
        (None, "Action_Interactions", "USER_ID:string ACTION_ID:string EVENT_TYPE:string TIMESTAMP:long".into()),
        (None, "action-interactions", "USER_ID:string ACTION_ID:string EVENT_TYPE:string TIMESTAMP:long".into()),
    ];
    for (domain, record, fields) in words {
        let parsed = accepted(&schema(record, &fields), domain);
        assert_eq!(parsed.fields.len(), fields.split_whitespace().count());
        assert_eq!(accepted(&parsed.to_avro(), domain), parsed, "written and read back");
    }
}

#[test]
fn a_default_schema_keeps_every_attribute() {
    let text = r#"{
        "type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "ITEM_ID", "type": ["string"]},
            {"name": "PRICE", "type": "float"},
            {"name": "CATEGORY_L1", "type": ["null", "string"], "categorical": true},
            {"name": "PRODUCT_DESCRIPTION", "type": ["string", "null"], "textual": true, "doc": "free"},
            {"name": "PRODUCT_NAME", "type": "string", "itemName": true, "categorical": false}
        ],
        "version": "1.0"
    }"#;
    let schema = accepted(text, SHOP);
    assert_eq!(schema.dataset_type, DatasetType::Items);
    let flags =
        |name: &str| schema.field(name).map(|f| (f.field_type, f.nullable, f.categorical, f.textual, f.item_name));
    assert_eq!(flags("ITEM_ID"), Some((FieldType::String, false, false, false, false)));
    assert_eq!(flags("PRICE"), Some((FieldType::Float, false, false, false, false)));
    assert_eq!(flags("CATEGORY_L1"), Some((FieldType::String, true, true, false, false)));
    assert_eq!(flags("PRODUCT_DESCRIPTION"), Some((FieldType::String, true, false, true, false)));
    assert_eq!(flags("PRODUCT_NAME"), Some((FieldType::String, false, false, false, true)));
}

#[track_caller]
fn refused(text: &str, domain: Option<DatasetDomain>, message: &str) {
    assert_eq!(Schema::parse(text, domain), Err(Error::InvalidInput(format!("Invalid schema: {message}"))), "{text}");
}

#[test]
fn malformed_records_are_refused() {
    let primitives = "[string, int, long, float, double, boolean]";
    let field = |field: &str| format!(r#"{{"type":"record","name":"Users","fields":[{field}]}}"#);
    let cases = [
        ("".into(), "the text is not JSON: EOF while parsing a value at line 1 column 0".into()),
        ("{\n 'a': 1}".into(), "the text is not JSON: key must be a string at line 2 column 2".into()),
        ("[1]".into(), "it must be an Avro record, a JSON object; found [1]".into()),
        (r#"{"name":"Users"}"#.into(), "'type' must be \"record\"; found nothing".into()),
        (r#"{"type":"enum","name":"Users"}"#.into(), "'type' must be \"record\"; found \"enum\"".into()),
        (
            r#"{"type":"record","name":"Movies","fields":[]}"#.into(),
            "'name' must be one of [Interactions, Items, Users, Actions, Action_Interactions]; found \"Movies\"".into(),
        ),
        (r#"{"type":"record","name":"Users","namespace":7,"fields":[]}"#.into(), "'namespace' must be a string; found 7".into()),
        (r#"{"type":"record","name":"Users"}"#.into(), "'fields' must be an array; found nothing".into()),
        (field("3"), "'fields[0]' must be an object; found 3".into()),
        (field(r#"{"type":"string"}"#), "'fields[0].name' must be a string; found nothing".into()),
        (
            field(r#"{"name":"1ST","type":"string"}"#),
            "field name \"1ST\" must begin with a letter or underscore and contain only letters, digits and underscores".into(),
        ),
        (field(r#"{"name":"A","type":"string","default":"x"}"#), "field 'A' must not have a 'default'; found \"x\"".into()),
        (
            field(r#"{"name":"A","type":"string","categorical":"true"}"#),
            "'categorical' of field 'A' must be true or false; found \"true\"".into(),
        ),
    ];
    for (text, message) in cases {
        let (text, message): (String, String) = (text, message);
        refused(&text, None, &message);
    }
    for (ty, found) in [
        (r#""bytes""#, r#""bytes""#),
        (r#""null""#, r#""null""#),
        (r#"["null"]"#, r#"["null"]"#),
        (r#"[]"#, r#"[]"#),
        (r#"["null","null","string"]"#, r#"["null","null","string"]"#),
        (r#"["int","string"]"#, r#"["int","string"]"#),
        (r#"{"type":"array","items":"string"}"#, r#"{"items":"string","type":"array"}"#),
    ] {
        refused(
            &field(&format!(r#"{{"name":"A","type":{ty}}}"#)),
            None,
            &format!(
                "the type of field 'A' must be one of {primitives} or a union of one of them with \"null\"; found {found}"
            ),
        );
    }
    let long = format!("A{}", "b".repeat(150));
    let refusal = Schema::parse(&field(&format!(r#"{{"name":"{long}","type":"int"}}"#)), None);
    assert!(matches!(refusal, Err(Error::InvalidInput(m)) if m.ends_with("has 151 characters; the maximum is 150")));
    refused(&" ".repeat(20_001), None, "the text has 20001 characters; the maximum is 20000");
}

#[test]
fn broken_rules_are_named() {
    let own = |n: usize| (0..n).map(|k| format!(" M{k}X:int")).collect::<String>();
    let cases: Vec<(Option<DatasetDomain>, &str, String, &str)> = vec![
        (
            None,
            "Interactions",
            "USER_ID:string ITEM_ID:string".into(),
            "a schema for 'Interactions' must have the field 'TIMESTAMP' of type long; found [USER_ID, ITEM_ID]",
        ),
        (
            None,
            "Interactions",
            "USER_ID:string ITEM_ID:string TIMESTAMP:string".into(),
            "reserved field 'TIMESTAMP' must have type long or int; found \"string\"",
        ),
        (
            None,
            "Interactions",
            "USER_ID:string ITEM_ID:int TIMESTAMP:long".into(),
            "reserved field 'ITEM_ID' must have type string; found \"int\"",
        ),
        (
            None,
            "Interactions",
            "USER_ID:string? ITEM_ID:string TIMESTAMP:long".into(),
            "field 'USER_ID' must not be nullable; found [\"null\", \"string\"]",
        ),
        (
            None,
            "Interactions",
            format!("{EVENTS} EVENT_VALUE:boolean"),
            "reserved field 'EVENT_VALUE' must have type float or double or long or int or string, with or without null; found \"boolean\"",
        ),
        (
            None,
            "Interactions",
            format!("{EVENTS} EVENT_TYPE:string:categorical"),
            "reserved field 'EVENT_TYPE' must not be categorical; found \"categorical\": true",
        ),
        (
            None,
            "Interactions",
            format!("{EVENTS} NOTE:string:textual"),
            "\"textual\": true is for Items only; found on field 'NOTE' of 'Interactions'",
        ),
        (
            None,
            "Interactions",
            format!("{EVENTS}{}", own(6)),
            "a schema for 'Interactions' may have at most 5 metadata fields besides the reserved ones; found 6",
        ),
        (
            SHOP,
            "Interactions",
            EVENTS.into(),
            "a schema for 'Interactions' in domain ECOMMERCE must have the field 'EVENT_TYPE' of type string; found [USER_ID, ITEM_ID, TIMESTAMP]",
        ),
        (
            None,
            "Users",
            "USER_ID:string".into(),
            "a schema for 'Users' must have at least one metadata field; found [USER_ID]",
        ),
        (
            None,
            "Users",
            format!("USER_ID:string{}", own(26)),
            "a schema for 'Users' may have at most 25 metadata fields besides the reserved ones; found 26",
        ),
        (
            None,
            "Users",
            "USER_ID:string NICK_NAME:string NICKname:string".into(),
            "field names must differ in letters and digits, whatever their case and underscores; found 'NICK_NAME' and 'NICKname'",
        ),
        (
            VIDEO,
            "Users",
            "USER_ID:string SUBSCRIPTION_MODEL:string".into(),
            "reserved field 'SUBSCRIPTION_MODEL' must have \"categorical\": true; found false",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string".into(),
            "a schema for 'Items' must have at least one metadata field; found [ITEM_ID]",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string:itemName A:string".into(),
            "reserved field 'ITEM_ID' must not be itemName; found \"itemName\": true",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string A:string:textual B:string:textual".into(),
            "at most one field may have \"textual\": true; found 2: [A, B]",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string A:string:itemName B:string:itemName".into(),
            "at most one field may have \"itemName\": true; found 2: [A, B]",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string A:string:categorical:textual".into(),
            "field 'A' must not be both categorical and textual; found both",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string PRICE:float:categorical".into(),
            "\"categorical\": true needs a field of type string; found 'PRICE' of type float",
        ),
        (
            None,
            "Items",
            "ITEM_ID:string CREATION_TIMESTAMP:string".into(),
            "reserved field 'CREATION_TIMESTAMP' must have type long or int or float or double, with or without null; found \"string\"",
        ),
        (
            None,
            "Items",
            format!("ITEM_ID:string{}", own(101)),
            "a schema for 'Items' may have at most 100 metadata fields besides the reserved ones; found 101",
        ),
        (
            SHOP,
            "Items",
            "ITEM_ID:string PRICE:float".into(),
            "a schema for 'Items' in domain ECOMMERCE must have the field 'CATEGORY_L1' of type string; found [ITEM_ID, PRICE]",
        ),
        (
            SHOP,
            "Items",
            "ITEM_ID:string PRICE:float CATEGORY_L1:string".into(),
            "reserved field 'CATEGORY_L1' must have \"categorical\": true; found false",
        ),
        (
            SHOP,
            "Items",
            "ITEM_ID:string PRICE:string CATEGORY_L1:string:categorical".into(),
            "reserved field 'PRICE' must have type float or double or long or int, with or without null; found \"string\"",
        ),
        (
            VIDEO,
            "Items",
            "ITEM_ID:string CREATION_TIMESTAMP:long".into(),
            "a schema for 'Items' in domain VIDEO_ON_DEMAND must have the field 'GENRES' of type string; found [ITEM_ID, CREATION_TIMESTAMP]",
        ),
        (
            VIDEO,
            "Items",
            "ITEM_ID:string GENRES:string:categorical CREATION_TIMESTAMP:long PRODUCT_DESCRIPTION:string:categorical"
                .into(),
            "reserved field 'PRODUCT_DESCRIPTION' must not be categorical; found \"categorical\": true",
        ),
        (
            SHOP,
            "Actions",
            "ACTION_ID:string VALUE:long".into(),
            "domain ECOMMERCE has datasets of type Interactions, Items and Users only; found 'Actions'",
        ),
        (
            None,
            "Action_Interactions",
            "USER_ID:string ACTION_ID:string TIMESTAMP:long".into(),
            "a schema for 'Action_Interactions' must have the field 'EVENT_TYPE' of type string; found [USER_ID, ACTION_ID, TIMESTAMP]",
        ),
    ];
    for (domain, record, fields, message) in cases {
        refused(&schema(record, &fields), domain, message);
    }
}

#[test]
fn names_of_older_scripts_are_read_in_capitals() {
    let names = |schema: &Schema| schema.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    let lower = schema("Interactions", "user_id:string item_id:string timestamp:long event_type:string device:string");
    let found = accepted(&lower, None);
    assert_eq!(names(&found), ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "device"]);
    let lower = schema("Item", "item_id:string genres:string:categorical creation_timestamp:long");
    let found = accepted(&lower, VIDEO);
    assert_eq!(names(&found), ["ITEM_ID", "GENRES", "CREATION_TIMESTAMP"]);
    assert_eq!(found.dataset_type, DatasetType::Items);
    assert_eq!(names(&accepted(&schema("user", "User_Id:string Age:int"), None)), ["USER_ID", "Age"]);
    // What went in before means what it meant.
    let own = schema("Interactions", "USER_ID:string ITEM_ID:string TIMESTAMP:long event_type:string");
    assert_eq!(names(&accepted(&own, None)), ["USER_ID", "ITEM_ID", "TIMESTAMP", "event_type"]);
    refused(
        &schema("Interactions", "user_id:string item_id:string"),
        None,
        "a schema for 'Interactions' must have the field 'TIMESTAMP' of type long; found [USER_ID, ITEM_ID]",
    );
    refused(
        &schema("Interactions", "user_id:string item_id:string timestamp:string"),
        None,
        "reserved field 'TIMESTAMP' must have type long or int; found \"string\"",
    );
}

#[test]
fn a_byte_order_mark_before_a_schema_is_no_part_of_it() {
    let text = schema("Interactions", EVENTS);
    assert_eq!(accepted(&format!("\u{feff}{text}"), None), accepted(&text, None));
}

#[test]
fn schemas_reach_their_limits() {
    let text = schema("Interactions", EVENTS);
    let padded = |chars: usize| format!("{text}{}", " ".repeat(chars - text.chars().count()));
    accepted(&padded(SCHEMA_CHARS_MAX), None);
    assert!(Schema::parse(&padded(SCHEMA_CHARS_MAX + 1), None).is_err());
    let named = |name: &str| Schema::parse(&schema("Interactions", &format!("{EVENTS} {name}:string")), None);
    assert!(named(&"x".repeat(FIELD_NAME_CHARS_MAX)).is_ok());
    assert!(named(&"x".repeat(FIELD_NAME_CHARS_MAX + 1)).is_err());
    assert!(named("").is_err_and(|error| error.to_string().contains("must begin with a letter or underscore")));
    let own = |count: usize| (0..count).map(|n| format!(" F{n}:int")).collect::<String>();
    for (record, id, max) in
        [("Interactions", EVENTS, 5), ("Users", "USER_ID:string", 25), ("Items", "ITEM_ID:string", 100)]
    {
        accepted(&schema(record, &format!("{id}{}", own(max))), None);
        assert!(Schema::parse(&schema(record, &format!("{id}{}", own(max + 1))), None).is_err(), "{record}");
    }
}

#[test]
fn attributes_stand_where_they_mean_something() {
    refused(
        &schema("Interactions", &format!("{EVENTS} EVENT_TYPE:string:textual")),
        None,
        "reserved field 'EVENT_TYPE' must not be textual; found \"textual\": true",
    );
    refused(
        &schema("Users", "USER_ID:string NICK:string:itemName"),
        None,
        "\"itemName\": true is for Items only; found on field 'NICK' of 'Users'",
    );
}

#[test]
fn one_of_several_names_of_a_field_is_enough() {
    let names = |text: &str| accepted(text, VIDEO).fields.into_iter().map(|field| field.name).collect::<Vec<_>>();
    let own = schema("Items", "ITEM_ID:string GENRES:string:categorical CREATION_TIMESTAMP:long price:float");
    assert_eq!(names(&own), ["ITEM_ID", "GENRES", "CREATION_TIMESTAMP", "price"]);
    let lower = schema("Items", "ITEM_ID:string genres:string:categorical CREATION_TIMESTAMP:long price:float");
    assert_eq!(names(&lower), ["ITEM_ID", "GENRES", "CREATION_TIMESTAMP", "PRICE"]);
}

#[test]
fn dataset_types_are_words_of_records() {
    for &dataset_type in DatasetType::ALL {
        assert_eq!(DatasetType::from_word(dataset_type.word()), Some(dataset_type));
    }
    assert_eq!((DatasetType::Items.word(), DatasetType::from_word("Shoes")), (DatasetType::Items.as_str(), None));
}
