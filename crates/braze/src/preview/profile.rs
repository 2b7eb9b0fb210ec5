//! The profile that a message is rendered for, and the catalogs it may read.

use liquid_core::model::{self, Object, Value};
use std::collections::BTreeMap;

/// A user profile as the preview knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Standard attributes by Braze's name: `user_id`, `first_name`, `email_address`, ...
    attributes: serde_json::Map<String, serde_json::Value>,
    /// `custom_attribute`, `event_properties`, `campaign`, ...: everything that Liquid reaches as `name.${member}`.
    groups: serde_json::Map<String, serde_json::Value>,
}

impl Profile {
    /// From a JSON object whose members are standard attributes; members that are objects (`custom_attribute`,
    /// `event_properties`, `api_trigger_properties`, `campaign`, ...) are what Liquid reaches as `name.${member}`.
    pub fn from_json(value: serde_json::Value) -> Result<Self, String> {
        let serde_json::Value::Object(members) = value else {
            return Err(
                "a profile must be a JSON object such as {\"user_id\": \"u1\", \"custom_attribute\": {}}".into()
            );
        };
        let mut profile = Self::default();
        for (name, value) in members {
            match value {
                serde_json::Value::Object(_) => profile.groups.insert(name, value),
                _ => profile.attributes.insert(name, value),
            };
        }
        Ok(profile)
    }

    /// The same profile with another external id.
    pub fn with_user_id(mut self, user_id: &str) -> Self {
        self.attributes.insert("user_id".into(), user_id.into());
        self
    }

    /// The global variables of a template. Bare `${name}` is rewritten to a member of [`PROFILE_VARIABLE`].
    pub(crate) fn globals(&self) -> Object {
        let mut globals = Object::new();
        for (name, value) in &self.groups {
            globals.insert(name.clone().into(), to_liquid(value));
        }
        let attributes = to_liquid(&serde_json::Value::Object(self.attributes.clone()));
        globals.insert(PROFILE_VARIABLE.into(), attributes);
        globals
    }
}

/// The variable that holds the standard attributes.
pub(crate) const PROFILE_VARIABLE: &str = "__profile";

/// Braze catalogs by name: items by id.
pub type Catalogs = BTreeMap<String, Vec<serde_json::Map<String, serde_json::Value>>>;

/// JSON as a Liquid value. Numbers too large for Liquid become text rather than being rounded.
pub(crate) fn to_liquid(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::scalar(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::scalar(integer),
            (None, Some(float)) if number.is_f64() => Value::scalar(float),
            _ => Value::scalar(number.to_string()),
        },
        serde_json::Value::String(text) => Value::scalar(text.clone()),
        serde_json::Value::Array(values) => Value::Array(values.iter().map(to_liquid).collect::<model::Array>()),
        serde_json::Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone().into(), to_liquid(value))).collect())
        }
    }
}
