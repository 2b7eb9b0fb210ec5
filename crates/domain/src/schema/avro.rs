//! Avro JSON to [`Schema`] and back: the record form, primitive types and unions with `null`.

use serde_json::{Map, Value, json};

use super::dataset_type::DatasetType;
use super::fields::{Field, FieldType, Schema};
use crate::{Error, Result};

/// Characters of a schema's text.
pub(super) const SCHEMA_CHARS_MAX: usize = 20_000;
/// Characters of a field's name.
pub(super) const FIELD_NAME_CHARS_MAX: usize = 150;
/// Characters of a found value that an error repeats.
const SHOWN_CHARS_MAX: usize = 100;

fn wrong(text: String) -> Error {
    Error::InvalidInput(format!("Invalid schema: {text}"))
}

/// A found value for an error text, shortened.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".into();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

pub(super) fn read(text: &str) -> Result<Schema> {
    // Editors on Windows begin files so.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let chars = text.chars().count();
    if chars > SCHEMA_CHARS_MAX {
        return Err(wrong(format!("the text has {chars} characters; the maximum is {SCHEMA_CHARS_MAX}")));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| wrong(format!("the text is not JSON: {error}")))?;
    let Value::Object(record) = &value else {
        return Err(wrong(format!("it must be an Avro record, a JSON object; found {}", shown(Some(&value)))));
    };
    if record.get("type").and_then(Value::as_str) != Some("record") {
        return Err(wrong(format!("'type' must be \"record\"; found {}", shown(record.get("type")))));
    }
    let dataset_type =
        record.get("name").and_then(Value::as_str).and_then(DatasetType::of_record).ok_or_else(|| {
            let names: Vec<_> = DatasetType::ALL.iter().map(|t| t.record_name()).collect();
            wrong(format!("'name' must be one of [{}]; found {}", names.join(", "), shown(record.get("name"))))
        })?;
    if let Some(namespace) = record.get("namespace")
        && !namespace.is_string()
    {
        return Err(wrong(format!("'namespace' must be a string; found {}", shown(Some(namespace)))));
    }
    let Some(fields) = record.get("fields").and_then(Value::as_array) else {
        return Err(wrong(format!("'fields' must be an array; found {}", shown(record.get("fields")))));
    };
    let fields = fields.iter().enumerate().map(|(ix, field)| read_field(ix, field)).collect::<Result<Vec<_>>>()?;
    Ok(Schema { dataset_type, fields })
}

fn read_field(index: usize, value: &Value) -> Result<Field> {
    let Value::Object(field) = value else {
        return Err(wrong(format!("'fields[{index}]' must be an object; found {}", shown(Some(value)))));
    };
    let Some(name) = field.get("name").and_then(Value::as_str) else {
        return Err(wrong(format!("'fields[{index}].name' must be a string; found {}", shown(field.get("name")))));
    };
    check_name(name)?;
    if field.contains_key("default") {
        let found = shown(field.get("default"));
        return Err(wrong(format!("field '{name}' must not have a 'default'; found {found}")));
    }
    let (field_type, nullable) = read_type(name, field.get("type"))?;
    Ok(Field {
        name: name.to_owned(),
        field_type,
        nullable,
        categorical: read_flag(name, field, "categorical")?,
        textual: read_flag(name, field, "textual")?,
        item_name: read_flag(name, field, "itemName")?,
    })
}

fn check_name(name: &str) -> Result<()> {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(wrong(format!(
            "field name {} must begin with a letter or underscore and contain only letters, digits and underscores",
            shown(Some(&json!(name)))
        )));
    }
    if name.len() > FIELD_NAME_CHARS_MAX {
        return Err(wrong(format!(
            "field name {} has {} characters; the maximum is {FIELD_NAME_CHARS_MAX}",
            shown(Some(&json!(name))),
            name.len()
        )));
    }
    Ok(())
}

fn read_type(name: &str, value: Option<&Value>) -> Result<(FieldType, bool)> {
    let refused = || {
        let types: Vec<_> = FieldType::ALL.iter().map(|t| t.as_str()).collect();
        wrong(format!(
            "the type of field '{name}' must be one of [{}] or a union of one of them with \"null\"; found {}",
            types.join(", "),
            shown(value)
        ))
    };
    let primitive = |v: &Value| v.as_str().and_then(FieldType::parse);
    match value {
        Some(Value::Array(union)) => {
            let nulls = union.iter().filter(|v| v.as_str() == Some("null")).count();
            let mut others = union.iter().filter(|v| v.as_str() != Some("null"));
            match (nulls, others.next().and_then(primitive), others.next()) {
                (0 | 1, Some(field_type), None) => Ok((field_type, nulls == 1)),
                _ => Err(refused()),
            }
        }
        Some(single) => Ok((primitive(single).ok_or_else(refused)?, false)),
        None => Err(refused()),
    }
}

fn read_flag(name: &str, field: &Map<String, Value>, flag: &str) -> Result<bool> {
    match field.get(flag) {
        None => Ok(false),
        Some(Value::Bool(on)) => Ok(*on),
        other => Err(wrong(format!("'{flag}' of field '{name}' must be true or false; found {}", shown(other)))),
    }
}

pub(super) fn write(schema: &Schema) -> String {
    let fields: Vec<Value> = schema.fields.iter().map(write_field).collect();
    json!({
        "type": "record",
        "name": schema.dataset_type.record_name(),
        "namespace": "com.amazonaws.personalize.schema",
        "fields": fields,
        "version": "1.0",
    })
    .to_string()
}

fn write_field(field: &Field) -> Value {
    let primitive = field.field_type.as_str();
    let mut object = Map::new();
    object.insert("name".into(), json!(field.name));
    object.insert("type".into(), if field.nullable { json!(["null", primitive]) } else { json!(primitive) });
    for (flag, on) in [("categorical", field.categorical), ("textual", field.textual), ("itemName", field.item_name)] {
        if on {
            object.insert(flag.into(), json!(true));
        }
    }
    Value::Object(object)
}
