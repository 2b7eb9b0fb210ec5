//! Dotted paths into an event that fan out over arrays.
//!
//! ```text
//! path = member { "." member }
//! ```
//!
//! An array on the way stands for each of its elements. A text on the way that is JSON is read as JSON, because Currents
//! carries `properties` as a JSON-encoded string.

use serde_json::Value;
use std::borrow::Cow;

/// Members of a path.
const DEPTH_MAX: usize = 16;

/// A path to a value inside an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Parses a path; an error names the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let members: Vec<String> = text.split('.').map(str::to_owned).collect();
        if members.iter().any(String::is_empty) {
            return Err(format!("'{text}' is not a path: write members with dots between them"));
        }
        if members.len() > DEPTH_MAX {
            return Err(format!("'{text}' has {} members; at most {DEPTH_MAX} are allowed", members.len()));
        }
        Ok(Self(members))
    }

    /// Every value at this place, in order; null counts as absent.
    pub fn values(&self, event: &Value) -> Vec<Value> {
        let mut values = Vec::new();
        collect(event, &self.0, &mut values);
        values
    }

    /// The first value as text; numbers and truth values are written out.
    pub fn text(&self, event: &Value) -> Option<String> {
        self.values(event).iter().find_map(text)
    }

    /// A value for each of `count` items: one each when there are equally many, as in `products.price` beside
    /// `products.product_id`, else the first for all.
    pub fn beside(&self, event: &Value, count: usize) -> Vec<Option<Value>> {
        let values = self.values(event);
        if values.len() == count {
            return values.into_iter().map(Some).collect();
        }
        vec![values.into_iter().next(); count]
    }
}

fn collect(value: &Value, path: &[String], values: &mut Vec<Value>) {
    if let Value::Array(elements) = value {
        elements.iter().for_each(|element| collect(element, path, values));
        return;
    }
    let Some((member, rest)) = path.split_first() else {
        if !value.is_null() {
            values.push(value.clone());
        }
        return;
    };
    let decoded: Cow<'_, Value> = match value {
        Value::String(json) => match serde_json::from_str(json) {
            Ok(decoded @ (Value::Object(_) | Value::Array(_))) => Cow::Owned(decoded),
            _ => return,
        },
        other => Cow::Borrowed(other),
    };
    match &*decoded {
        Value::Array(_) => collect(&decoded, path, values),
        Value::Object(members) => {
            if let Some(inside) = members.get(member) {
                collect(inside, rest, values);
            }
        }
        _ => {}
    }
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
