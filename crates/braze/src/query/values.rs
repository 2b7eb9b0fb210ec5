//! Values of filter parameters and of the context, as JSON maps or as plain pairs, which are easier to write in Liquid.

use super::bad_query::BadQuery;
use super::params::shown;
use serde_json::Value;
use std::collections::BTreeMap;

/// Parameters of one filter.
const VALUES_MAX: usize = 25;
/// Characters of a parameter's value, as the filter language reads it.
const VALUE_CHARS_MAX: usize = 1000;
/// Characters of a parameter's name.
const FILTER_NAME_CHARS_MAX: usize = 50;
/// Entries of a context.
const CONTEXT_MAX: usize = 150;
/// Characters of the name of a context's entry.
const CONTEXT_NAME_CHARS_MAX: usize = 150;

/// The values of filter parameters in the filter language's form. A plain pair wins over the map's entry of its name.
pub(super) fn filter(
    map: Option<&str>,
    plain: BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, String>, BadQuery> {
    let mut values = BTreeMap::new();
    for (name, value) in object("filter_values", map)? {
        let text = match &value {
            // Amazon Personalize's own form is passed on as it is.
            Value::String(text) if text.trim_start().starts_with('"') => text.clone(),
            Value::Array(several) => {
                quoted(several.iter().map(scalar).collect::<Option<Vec<_>>>().ok_or_else(|| {
                    BadQuery(format!(
                        "The parameter filter_values has an array at '{name}' that holds more than scalars."
                    ))
                })?)
            }
            other => quoted(vec![scalar(other).ok_or_else(|| {
                BadQuery(format!("The parameter filter_values must have a text, number or array at '{name}'."))
            })?]),
        };
        values.insert(name, text);
    }
    values.extend(plain.into_iter().map(|(name, texts)| (name, quoted(texts))));
    if values.len() > VALUES_MAX {
        return Err(BadQuery(format!("At most {VALUES_MAX} filter values can be given, not {}.", values.len())));
    }
    bounded("filter", &values, FILTER_NAME_CHARS_MAX)?;
    Ok(values)
}

/// Contextual metadata: column -> value, several values separated by `|`. A plain pair wins over the map's entry of its name.
pub(super) fn context(
    map: Option<&str>,
    plain: BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, String>, BadQuery> {
    let mut values = BTreeMap::new();
    for (name, value) in object("context", map)? {
        let text = scalar(&value)
            .ok_or_else(|| BadQuery(format!("The parameter context must have a text or number at '{name}'.")))?;
        values.insert(name, text);
    }
    values.extend(plain.into_iter().map(|(name, texts)| (name, texts.join("|"))));
    if values.len() > CONTEXT_MAX {
        return Err(BadQuery(format!("The context can have at most {CONTEXT_MAX} entries, not {}.", values.len())));
    }
    bounded("context", &values, CONTEXT_NAME_CHARS_MAX)?;
    Ok(values)
}

/// Refuses the first name or value that is too long.
fn bounded(what: &str, values: &BTreeMap<String, String>, name_chars_max: usize) -> Result<(), BadQuery> {
    for (name, value) in values {
        for (part, text, max) in [("name", name, name_chars_max), ("value", value, VALUE_CHARS_MAX)] {
            // A text has no more characters than bytes.
            let chars = if text.len() <= max { 0 } else { text.chars().count() };
            if chars > max {
                let of = if part == "name" { String::new() } else { format!(" '{}'", shown(name)) };
                return Err(BadQuery(format!(
                    "The {what} {part}{of} has {chars} characters; at most {max} are allowed."
                )));
            }
        }
    }
    Ok(())
}

fn object(name: &str, text: Option<&str>) -> Result<serde_json::Map<String, Value>, BadQuery> {
    let Some(text) = text else { return Ok(Default::default()) };
    let advice = "write it as JSON, percent-encoded, or as plain parameters";
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(BadQuery(format!("The parameter {name} must be a JSON object; {advice}."))),
        Err(error) => Err(BadQuery(format!("The parameter {name} is not JSON ({error}); {advice}."))),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn quoted(values: Vec<String>) -> String {
    let quote = |value: &String| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    values.iter().map(quote).collect::<Vec<_>>().join(",")
}
