//! Serde functions of the members whose wire form is not serde's own: timestamps, JSON in strings, parameter maps, numbers.
//!
//! Each module has a `plain` and an `optional` form; generated attributes name them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Whether an optional number stays out of the body: JSON has no form for a number that is not finite.
pub(crate) fn is_absent_number(value: &Option<f64>) -> bool {
    !value.is_some_and(f64::is_finite)
}

/// Seconds since the Unix epoch in a JSON number, numeric string or ISO 8601 text; `None` for anything else.
pub(crate) fn epoch_seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => Some(number),
            Err(_) => iso_seconds(text.trim()),
        },
        _ => None,
    }
    .filter(|seconds| seconds.is_finite())
}

fn iso_seconds(text: &str) -> Option<f64> {
    let moment = OffsetDateTime::parse(text, &Iso8601::PARSING)
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc))
        .ok()?;
    Some(moment.unix_timestamp() as f64 + f64::from(moment.nanosecond()) / 1e9)
}

/// The text of a member that carries JSON: the string itself, or the compact text of a raw object.
pub(crate) fn json_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The text of a parameter: the string itself, or the JSON text of a number or boolean.
pub(crate) fn parameter_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn parameter_map(values: BTreeMap<String, Value>) -> Option<BTreeMap<String, String>> {
    values.into_iter().map(|(name, value)| Some((name, parameter_text(&value)?))).collect()
}

/// Milliseconds are the resolution of AWS's timestamps.
fn to_milliseconds(seconds: f64) -> f64 {
    let rounded = (seconds * 1e3).round() / 1e3;
    if rounded.is_finite() { rounded } else { seconds }
}

/// An adapter from a lenient reading of a JSON value to serde, for a member that is always there.
fn required<'de, D, T>(deserializer: D, read: impl Fn(&Value) -> Option<T>, expected: &str) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    read(&value).ok_or_else(|| serde::de::Error::custom(format_args!("expected {expected}, found {value}")))
}

/// The same for an optional member: `null` is absence.
fn optional<'de, D, T>(
    deserializer: D,
    read: impl Fn(&Value) -> Option<T>,
    expected: &str,
) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    match Option::<Value>::deserialize(deserializer)? {
        None => Ok(None),
        Some(value) => read(&value)
            .map(Some)
            .ok_or_else(|| serde::de::Error::custom(format_args!("expected {expected}, found {value}"))),
    }
}

/// Timestamps: `f64` seconds since the Unix epoch, written with milliseconds.
pub(crate) mod timestamp {
    const EXPECTED: &str = "a timestamp";

    pub(crate) mod plain {
        pub(crate) fn serialize<S: serde::Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_f64(super::super::to_milliseconds(*seconds))
        }

        pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
            super::super::required(deserializer, super::super::epoch_seconds, super::EXPECTED)
        }
    }

    pub(crate) mod optional {
        pub(crate) fn serialize<S: serde::Serializer>(seconds: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
            match seconds {
                Some(seconds) => super::plain::serialize(seconds, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
            super::super::optional(deserializer, super::super::epoch_seconds, super::EXPECTED)
        }
    }
}

/// `properties`: a string that carries JSON.
pub(crate) mod json_text {
    const EXPECTED: &str = "a string that carries JSON, or an object";

    pub(crate) fn optional<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
        super::optional(deserializer, super::json_text, EXPECTED)
    }
}

/// Hyperparameter-like maps: values are text; numbers and booleans are taken as their text.
pub(crate) mod parameters {
    use super::{BTreeMap, Deserialize, Value, parameter_map};

    const EXPECTED: &str = "strings, numbers or booleans as parameter values";

    pub(crate) fn optional<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<BTreeMap<String, String>>, D::Error> {
        match Option::<BTreeMap<String, Value>>::deserialize(deserializer)? {
            None => Ok(None),
            Some(values) => parameter_map(values).map(Some).ok_or_else(|| serde::de::Error::custom(EXPECTED)),
        }
    }
}

/// Maps of numbers: entries that are not finite stay out of the body.
pub(crate) mod numbers {
    use super::BTreeMap;

    pub(crate) fn plain<S: serde::Serializer>(
        values: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(values.iter().filter(|(_, value)| value.is_finite()))
    }

    pub(crate) fn optional<S: serde::Serializer>(
        values: &Option<BTreeMap<String, f64>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match values {
            Some(values) => plain(values, serializer),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_optional_time_is_read_as_it_is_written() {
        for (value, seconds) in [
            (json!(1_700_000_000.5), Some(1_700_000_000.5)),
            (json!("1700000000"), Some(1_700_000_000.0)),
            (json!("2023-11-14T22:13:20Z"), Some(1_700_000_000.0)),
            (json!(null), None),
        ] {
            assert_eq!(timestamp::optional::deserialize(value.clone()).expect("a time"), seconds, "{value}");
        }
        assert!(timestamp::optional::deserialize(json!(true)).is_err());
    }
}
