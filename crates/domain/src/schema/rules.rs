//! The rules of Personalize for schemas beyond Avro: required and reserved fields, attributes and counts.

use super::dataset_type::{DatasetDomain, DatasetType};
use super::fields::{Field, FieldType, Schema};
use crate::{Error, Result};

use FieldType::{Double, Float, Int, Long, String as Text};

/// A field whose name has a meaning of its own.
struct Reserved {
    /// The name and its alternatives.
    names: &'static [&'static str],
    /// Accepted primitive types, the documented one first.
    types: &'static [FieldType],
    /// Whether the schema must have it.
    required: bool,
    /// Whether its type may be a union with `null`.
    nullable: bool,
    attributes: Attributes,
}

#[derive(Clone, Copy, PartialEq)]
enum Attributes {
    None,
    /// `categorical` must be true.
    Categorical,
    /// `textual` may be true.
    Textual,
}

const fn required(names: &'static [&'static str], types: &'static [FieldType]) -> Reserved {
    Reserved { names, types, required: true, nullable: false, attributes: Attributes::None }
}

const fn optional(names: &'static [&'static str], types: &'static [FieldType]) -> Reserved {
    Reserved { names, types, required: false, nullable: true, attributes: Attributes::None }
}

const fn categorical(names: &'static [&'static str], required: bool) -> Reserved {
    Reserved { names, types: &[Text], required, nullable: true, attributes: Attributes::Categorical }
}

const USER_ID: Reserved = required(&["USER_ID"], &[Text]);
const ITEM_ID: Reserved = required(&["ITEM_ID"], &[Text]);
const ACTION_ID: Reserved = required(&["ACTION_ID"], &[Text]);
const TIMESTAMP: Reserved = required(&["TIMESTAMP"], &[Long, Int]);
const EVENT_TYPE: Reserved = required(&["EVENT_TYPE"], &[Text]);
const EVENT_TYPE_OPTIONAL: Reserved =
    Reserved { names: &["EVENT_TYPE"], types: &[Text], required: false, nullable: false, attributes: Attributes::None };
/// Older schemas call it a string, whose values are texts of numbers.
const EVENT_VALUE: Reserved = optional(&["EVENT_VALUE"], &[Float, Double, Long, Int, Text]);
const IMPRESSION: Reserved = optional(&["IMPRESSION"], &[Text]);
const RECOMMENDATION_ID: Reserved = optional(&["RECOMMENDATION_ID"], &[Text]);
const ATTRIBUTION: Reserved = optional(&["EVENT_ATTRIBUTION_SOURCE"], &[Text]);
const DESCRIPTION: Reserved = Reserved {
    names: &["PRODUCT_DESCRIPTION"],
    types: &[Text],
    required: false,
    nullable: true,
    attributes: Attributes::Textual,
};
/// The types of whole numbers in documentation. AWS's pages disagree whether a CREATION_TIMESTAMP of ECOMMERCE is a long or a
/// float, and no value is lost in another of them, so every number is taken.
const WHOLE: &[FieldType] = &[Long, Int, Float, Double];
/// The types of decimals.
const DECIMAL: &[FieldType] = &[Float, Double, Long, Int];
const CREATION_TIMESTAMP: Reserved = optional(&["CREATION_TIMESTAMP"], WHOLE);

const INTERACTIONS: &[Reserved] =
    &[USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE_OPTIONAL, EVENT_VALUE, IMPRESSION, RECOMMENDATION_ID, ATTRIBUTION];
const DOMAIN_INTERACTIONS: &[Reserved] =
    &[USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE, EVENT_VALUE, IMPRESSION, RECOMMENDATION_ID, ATTRIBUTION];
const USERS: &[Reserved] = &[USER_ID];
const VIDEO_USERS: &[Reserved] = &[USER_ID, categorical(&["SUBSCRIPTION_MODEL"], false)];
const ITEMS: &[Reserved] = &[ITEM_ID, CREATION_TIMESTAMP];
const SHOP_ITEMS: &[Reserved] = &[
    ITEM_ID,
    Reserved { names: &["PRICE"], types: DECIMAL, required: true, nullable: true, attributes: Attributes::None },
    categorical(&["CATEGORY_L1"], true),
    categorical(&["CATEGORY_L2"], false),
    categorical(&["CATEGORY_L3"], false),
    DESCRIPTION,
    CREATION_TIMESTAMP,
    categorical(&["AGE_GROUP"], false),
    categorical(&["ADULT"], false),
    categorical(&["GENDER"], false),
];
const VIDEO_ITEMS: &[Reserved] = &[
    ITEM_ID,
    // The default schema says GENRES_L1, the list of requirements GENRES.
    categorical(&["GENRES", "GENRES_L1"], true),
    required(&["CREATION_TIMESTAMP"], WHOLE),
    optional(&["PRICE"], DECIMAL),
    optional(&["DURATION"], DECIMAL),
    categorical(&["GENRE_L2"], false),
    categorical(&["GENRE_L3"], false),
    optional(&["AVERAGE_RATING"], DECIMAL),
    DESCRIPTION,
    categorical(&["CONTENT_OWNER"], false),
    categorical(&["CONTENT_CLASSIFICATION"], false),
];
const ACTIONS: &[Reserved] = &[
    ACTION_ID,
    CREATION_TIMESTAMP,
    optional(&["VALUE"], WHOLE),
    optional(&["TYPE"], &[Text]),
    // The guide uses both names.
    optional(&["EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"], WHOLE),
    optional(&["REPEAT_FREQUENCY"], WHOLE),
];
const ACTION_INTERACTIONS: &[Reserved] = &[USER_ID, ACTION_ID, EVENT_TYPE, TIMESTAMP, IMPRESSION, RECOMMENDATION_ID];

/// Own metadata fields that a schema may have at most.
fn own_fields_max(dataset_type: DatasetType) -> usize {
    match dataset_type {
        DatasetType::Interactions | DatasetType::ActionInteractions => 5,
        DatasetType::Users => 25,
        DatasetType::Items => 100,
        DatasetType::Actions => 10,
    }
}

fn wrong(text: String) -> Error {
    Error::InvalidInput(format!("Invalid schema: {text}"))
}

fn reserved_of(dataset_type: DatasetType, domain: Option<DatasetDomain>) -> Result<&'static [Reserved]> {
    Ok(match (dataset_type, domain) {
        (DatasetType::Interactions, None) => INTERACTIONS,
        (DatasetType::Interactions, Some(_)) => DOMAIN_INTERACTIONS,
        (DatasetType::Users, Some(DatasetDomain::VideoOnDemand)) => VIDEO_USERS,
        (DatasetType::Users, _) => USERS,
        (DatasetType::Items, None) => ITEMS,
        (DatasetType::Items, Some(DatasetDomain::Ecommerce)) => SHOP_ITEMS,
        (DatasetType::Items, Some(DatasetDomain::VideoOnDemand)) => VIDEO_ITEMS,
        (DatasetType::Actions, None) => ACTIONS,
        (DatasetType::ActionInteractions, None) => ACTION_INTERACTIONS,
        (DatasetType::Actions | DatasetType::ActionInteractions, Some(domain)) => {
            return Err(wrong(format!(
                "domain {} has datasets of type Interactions, Items and Users only; found '{}'",
                domain.as_str(),
                dataset_type.record_name()
            )));
        }
    })
}

/// Gives the reserved fields of a schema their names in capitals, if a required one is there in another case only. A schema with
/// the required names as they should be keeps what it calls the rest.
pub(super) fn capitalize(schema: &mut Schema, domain: Option<DatasetDomain>) -> Result<()> {
    let table = reserved_of(schema.dataset_type, domain)?;
    let has = |name: &str| schema.field(name).is_some();
    let has_alike = |name: &str| schema.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    let in_another_case = |reserved: &Reserved| {
        !reserved.names.iter().any(|name| has(name)) && reserved.names.iter().any(|name| has_alike(name))
    };
    if table.iter().any(|reserved| reserved.required && in_another_case(reserved)) {
        for field in &mut schema.fields {
            let mut names = table.iter().flat_map(|reserved| reserved.names);
            if let Some(name) = names.find(|name| name.eq_ignore_ascii_case(&field.name)) {
                (*name).clone_into(&mut field.name);
            }
        }
    }
    Ok(())
}

pub(super) fn check(schema: &Schema, domain: Option<DatasetDomain>) -> Result<()> {
    let table = reserved_of(schema.dataset_type, domain)?;
    check_unique(schema)?;
    for reserved in table.iter().filter(|r| r.required) {
        if !schema.fields.iter().any(|f| reserved.names.contains(&f.name.as_str())) {
            return Err(wrong(format!(
                "{} must have the field '{}' of type {}; found [{}]",
                what(schema, domain),
                reserved.names[0],
                reserved.types[0].as_str(),
                names(&schema.fields).join(", ")
            )));
        }
    }
    for field in &schema.fields {
        match table.iter().find(|r| r.names.contains(&field.name.as_str())) {
            Some(reserved) => check_reserved(field, reserved)?,
            None => check_own(field)?,
        }
        check_attributes(schema, field)?;
    }
    check_counts(schema, domain, table)
}

fn what(schema: &Schema, domain: Option<DatasetDomain>) -> String {
    let record = schema.dataset_type.record_name();
    match domain {
        Some(domain) => format!("a schema for '{record}' in domain {}", domain.as_str()),
        None => format!("a schema for '{record}'"),
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|f| f.name.as_str()).collect()
}

/// Events carry fields in camel case, so names that differ in underscores or case only could not be told apart.
fn check_unique(schema: &Schema) -> Result<()> {
    let plain = |f: &Field| f.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let mut seen = std::collections::HashMap::new();
    for field in &schema.fields {
        if let Some(first) = seen.insert(plain(field), &field.name) {
            return Err(wrong(format!(
                "field names must differ in letters and digits, whatever their case and underscores; found '{first}' and '{}'",
                field.name
            )));
        }
    }
    Ok(())
}

fn check_reserved(field: &Field, reserved: &Reserved) -> Result<()> {
    let name = &field.name;
    let found = match (field.field_type.as_str(), field.nullable) {
        (primitive, true) => format!("[\"null\", \"{primitive}\"]"),
        (primitive, false) => format!("\"{primitive}\""),
    };
    if !reserved.types.contains(&field.field_type) {
        let types: Vec<_> = reserved.types.iter().map(|t| t.as_str()).collect();
        let null = if reserved.nullable { ", with or without null" } else { "" };
        return Err(wrong(format!(
            "reserved field '{name}' must have type {}{null}; found {found}",
            types.join(" or ")
        )));
    }
    if field.nullable && !reserved.nullable {
        return Err(wrong(format!("field '{name}' must not be nullable; found {found}")));
    }
    match reserved.attributes {
        Attributes::Categorical if !field.categorical => {
            Err(wrong(format!("reserved field '{name}' must have \"categorical\": true; found false")))
        }
        Attributes::None | Attributes::Textual if field.categorical => {
            Err(wrong(format!("reserved field '{name}' must not be categorical; found \"categorical\": true")))
        }
        Attributes::None | Attributes::Categorical if field.textual => {
            Err(wrong(format!("reserved field '{name}' must not be textual; found \"textual\": true")))
        }
        _ => Ok(()),
    }
}

fn check_own(field: &Field) -> Result<()> {
    if field.categorical && field.textual {
        return Err(wrong(format!("field '{}' must not be both categorical and textual; found both", field.name)));
    }
    Ok(())
}

fn check_attributes(schema: &Schema, field: &Field) -> Result<()> {
    let is_id = matches!(field.name.as_str(), "USER_ID" | "ITEM_ID" | "ACTION_ID");
    for (flag, on, items_only) in [
        ("categorical", field.categorical, false),
        ("textual", field.textual, true),
        ("itemName", field.item_name, true),
    ] {
        if !on {
            continue;
        }
        let name = &field.name;
        if field.field_type != Text {
            let found = field.field_type.as_str();
            return Err(wrong(format!(
                "\"{flag}\": true needs a field of type string; found '{name}' of type {found}"
            )));
        }
        if is_id {
            return Err(wrong(format!("reserved field '{name}' must not be {flag}; found \"{flag}\": true")));
        }
        if items_only && schema.dataset_type != DatasetType::Items {
            let record = schema.dataset_type.record_name();
            return Err(wrong(format!("\"{flag}\": true is for Items only; found on field '{name}' of '{record}'")));
        }
    }
    Ok(())
}

fn check_counts(schema: &Schema, domain: Option<DatasetDomain>, table: &[Reserved]) -> Result<()> {
    let one_at_most = |flag: &str, has: fn(&Field) -> bool| {
        let found: Vec<_> = schema.fields.iter().filter(|f| has(f)).map(|f| f.name.as_str()).collect();
        match found.len() {
            0 | 1 => Ok(()),
            n => Err(wrong(format!("at most one field may have \"{flag}\": true; found {n}: [{}]", found.join(", ")))),
        }
    };
    one_at_most("textual", |f| f.textual)?;
    one_at_most("itemName", |f| f.item_name)?;

    let own: Vec<_> =
        schema.fields.iter().filter(|f| !table.iter().any(|r| r.names.contains(&f.name.as_str()))).collect();
    let max = own_fields_max(schema.dataset_type);
    if own.len() > max {
        return Err(wrong(format!(
            "{} may have at most {max} metadata fields besides the reserved ones; found {}",
            what(schema, domain),
            own.len()
        )));
    }
    let needs_metadata = matches!(schema.dataset_type, DatasetType::Users | DatasetType::Items | DatasetType::Actions);
    if needs_metadata && schema.fields.len() < 2 {
        return Err(wrong(format!(
            "{} must have at least one metadata field; found [{}]",
            what(schema, domain),
            names(&schema.fields).join(", ")
        )));
    }
    Ok(())
}
