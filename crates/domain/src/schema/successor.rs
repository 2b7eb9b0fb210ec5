//! The rules by which a schema may replace another.

use super::fields::{Field, Schema};
use crate::{Error, Member, Result};

/// Checks that data imported under `old` is legal under `new`: the same type, every old field unchanged, and added fields
/// that may be null. The errors name the field, the rule and what was found.
pub fn check_successor(old: &Schema, new: &Schema) -> Result<()> {
    let wrong = |text: String| Err(Error::InvalidInput(format!("{}: {text}", Member::SchemaArn)));
    if old.dataset_type != new.dataset_type {
        return wrong(format!(
            "the new schema describes {}, the dataset is of type {}.",
            new.dataset_type.as_str(),
            old.dataset_type.as_str()
        ));
    }
    for field in &old.fields {
        match new.field(&field.name) {
            None => return wrong(format!("the new schema must keep the field '{}'; it has none.", field.name)),
            Some(found) if found != field => {
                return wrong(format!(
                    "the new schema must keep the field '{}' as it is, {}; found {}.",
                    field.name,
                    described(field),
                    described(found)
                ));
            }
            Some(_) => {}
        }
    }
    match new.fields.iter().find(|f| old.field(&f.name).is_none() && !f.nullable) {
        None => Ok(()),
        Some(added) => wrong(format!(
            "the new field '{}' must allow null, because the data imported so far has no value of it; found {}.",
            added.name,
            described(added)
        )),
    }
}

fn described(field: &Field) -> String {
    let mut words = field.field_type.as_str().to_owned();
    let flags = [
        (field.nullable, " or null"),
        (field.categorical, ", categorical"),
        (field.textual, ", textual"),
        (field.item_name, ", itemName"),
    ];
    for (_, word) in flags.into_iter().filter(|(on, _)| *on) {
        words.push_str(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(fields: &str) -> Result<Schema> {
        let id = r#"{"name":"ITEM_ID","type":"string"}"#;
        Schema::parse(&format!(r#"{{"type":"record","name":"Items","fields":[{id},{fields}]}}"#), None)
    }

    const GENRES: &str = r#"{"name":"GENRES","type":["null","string"],"categorical":true}"#;

    #[test]
    fn nullable_fields_may_be_added_and_nothing_changed() -> Result<()> {
        let old = items(GENRES)?;
        let price = r#"{"name":"PRICE","type":["null","float"]}"#;
        assert_eq!(check_successor(&old, &old), Ok(()));
        assert_eq!(check_successor(&old, &items(&format!("{price},{GENRES}"))?), Ok(()));
        for (fields, words) in [
            (price.to_owned(), "must keep the field 'GENRES'; it has none"),
            (
                r#"{"name":"GENRES","type":["null","string"]}"#.to_owned(),
                "must keep the field 'GENRES' as it is, string or null, categorical; found string or null.",
            ),
            (r#"{"name":"GENRES","type":"string","categorical":true}"#.to_owned(), "found string, categorical."),
            (
                format!(r#"{GENRES},{{"name":"PRICE","type":"float"}}"#),
                "the new field 'PRICE' must allow null, because the data imported so far has no value of it; found float.",
            ),
        ] {
            let text = check_successor(&old, &items(&fields)?).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.starts_with("schemaArn: ") && text.contains(words), "{fields}: {text}");
        }
        let users = r#"{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},{"name":"A","type":"int"}]}"#;
        let error = check_successor(&old, &Schema::parse(users, None)?).err().map(|e| e.to_string());
        assert_eq!(error.as_deref(), Some("schemaArn: the new schema describes USERS, the dataset is of type ITEMS."));
        Ok(())
    }
}
