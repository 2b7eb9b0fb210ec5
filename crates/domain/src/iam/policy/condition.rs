//! One line of a statement's conditions: an operator, a key and the values that it is compared with.

use super::condition_keys;
use super::error::PolicyError;
use super::facts::Facts;
use super::pattern::{Pattern, Reading};
use ipnet::IpNet;
use serde_json::Value;
use std::cmp::Ordering;
use std::net::IpAddr;
use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};

/// A condition that a request keeps or does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    lower_key: String,
    quantifier: Quantifier,
    /// Whether a request without the key keeps it.
    if_exists: bool,
    /// Whether it is kept when no value fits.
    negated: bool,
    wanted: Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Text(Vec<Pattern>),
    TextInAnyCase(Vec<Pattern>),
    Arn(Vec<Pattern>),
    Number(Comparison, Vec<f64>),
    /// Milliseconds since 1970.
    Date(Comparison, Vec<i64>),
    Truth(Vec<bool>),
    Address(Vec<IpNet>),
    /// Whether the key is absent.
    Absence(Vec<bool>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// The operators by name, without quantifier and `IfExists`.
#[derive(Clone, Copy)]
enum Kind {
    Text { wildcards: bool },
    TextInAnyCase,
    Arn,
    Number(Comparison),
    Date(Comparison),
    Truth,
    Address,
    Absence,
}

const OPERATORS: &[(&str, Kind, bool)] = &[
    ("ArnEquals", Kind::Arn, false),
    ("ArnLike", Kind::Arn, false),
    ("ArnNotEquals", Kind::Arn, true),
    ("ArnNotLike", Kind::Arn, true),
    ("Bool", Kind::Truth, false),
    ("DateEquals", Kind::Date(Comparison::Equal), false),
    ("DateGreaterThan", Kind::Date(Comparison::Greater), false),
    ("DateGreaterThanEquals", Kind::Date(Comparison::GreaterOrEqual), false),
    ("DateLessThan", Kind::Date(Comparison::Less), false),
    ("DateLessThanEquals", Kind::Date(Comparison::LessOrEqual), false),
    ("DateNotEquals", Kind::Date(Comparison::Equal), true),
    ("IpAddress", Kind::Address, false),
    ("NotIpAddress", Kind::Address, true),
    ("Null", Kind::Absence, false),
    ("NumericEquals", Kind::Number(Comparison::Equal), false),
    ("NumericGreaterThan", Kind::Number(Comparison::Greater), false),
    ("NumericGreaterThanEquals", Kind::Number(Comparison::GreaterOrEqual), false),
    ("NumericLessThan", Kind::Number(Comparison::Less), false),
    ("NumericLessThanEquals", Kind::Number(Comparison::LessOrEqual), false),
    ("NumericNotEquals", Kind::Number(Comparison::Equal), true),
    ("StringEquals", Kind::Text { wildcards: false }, false),
    ("StringEqualsIgnoreCase", Kind::TextInAnyCase, false),
    ("StringLike", Kind::Text { wildcards: true }, false),
    ("StringNotEquals", Kind::Text { wildcards: false }, true),
    ("StringNotEqualsIgnoreCase", Kind::TextInAnyCase, true),
    ("StringNotLike", Kind::Text { wildcards: true }, true),
];

impl Condition {
    /// Reads the conditions of one operator: `"StringEquals": {"aws:username": ["a", "b"]}`. `place` leads to the operator.
    pub fn parse(operator: &str, keys: &Value, variables: bool, place: &str) -> Result<Vec<Self>, PolicyError> {
        let (quantifier, rest) = match operator.split_once(':') {
            None => (Quantifier::Single, operator),
            Some(("ForAllValues", rest)) => (Quantifier::All, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
            Some((other, _)) => {
                let text =
                    format!("Invalid Condition type: {other}: ForAllValues and ForAnyValue are the ones there are.");
                return Err(PolicyError::new(place, text));
            }
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let found =
            OPERATORS.iter().find(|(known, kind, _)| *known == name && !(if_exists && matches!(kind, Kind::Absence)));
        let Some(&(_, kind, negated)) = found else {
            return Err(PolicyError::new(place, format!("Invalid Condition type: {operator}.")));
        };
        let Some(keys) = keys.as_object() else {
            return Err(PolicyError::new(
                place,
                "Syntax errors in policy: an operator has an object of condition keys.",
            ));
        };
        keys.iter()
            .map(|(key, values)| {
                let place = format!("{place}.{key}");
                let lower_key = key.to_ascii_lowercase();
                if !condition_keys::is_known(&lower_key) {
                    return Err(PolicyError::new(place, format!("The condition key {key} is not known.")));
                }
                let wanted = wanted(kind, values, variables).map_err(|text| PolicyError::new(place, text))?;
                Ok(Self { lower_key, quantifier, if_exists, negated, wanted })
            })
            .collect()
    }

    /// Whether it asks for a tag of the request's resource.
    pub fn asks_for_resource_tags(&self) -> bool {
        condition_keys::is_resource_tag(&self.lower_key)
    }

    /// Whether a request keeps it.
    pub fn holds(&self, facts: &Facts) -> bool {
        let values = facts.values(&self.lower_key);
        if let Wanted::Absence(absent) = &self.wanted {
            return absent.contains(&values.is_empty());
        }
        let one = |value: &String| self.fits(value, facts) != self.negated;
        match self.quantifier {
            _ if values.is_empty() && self.if_exists => true,
            Quantifier::All => values.iter().all(one),
            Quantifier::Any => values.iter().any(one),
            Quantifier::Single if values.is_empty() => self.negated,
            Quantifier::Single if self.negated => values.iter().all(one),
            Quantifier::Single => values.iter().any(one),
        }
    }

    fn fits(&self, value: &str, facts: &Facts) -> bool {
        match &self.wanted {
            Wanted::Text(patterns) => patterns.iter().any(|pattern| pattern.matches(value, facts)),
            Wanted::TextInAnyCase(patterns) => {
                let value = value.to_ascii_lowercase();
                patterns.iter().any(|pattern| pattern.matches(&value, facts))
            }
            Wanted::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches_arn(value, facts)),
            Wanted::Number(comparison, numbers) => value.trim().parse::<f64>().is_ok_and(|value| {
                numbers.iter().any(|number| value.partial_cmp(number).is_some_and(|found| comparison.holds(found)))
            }),
            Wanted::Date(comparison, dates) => {
                date(value).is_some_and(|value| dates.iter().any(|date| comparison.holds(value.cmp(date))))
            }
            Wanted::Truth(wanted) => truth(value).is_some_and(|value| wanted.contains(&value)),
            Wanted::Address(blocks) => {
                let address = value.parse::<IpAddr>().map(|address| address.to_canonical());
                address.is_ok_and(|address| blocks.iter().any(|block| block.contains(&address)))
            }
            Wanted::Absence(_) => false,
        }
    }
}

fn wanted(kind: Kind, values: &Value, variables: bool) -> Result<Wanted, String> {
    let texts = texts(values)?;
    let patterns = |wildcards| {
        let reading = Reading { wildcards, variables };
        texts.iter().map(|text| Pattern::parse(text, reading)).collect::<Result<Vec<_>, _>>()
    };
    fn each<T>(texts: &[String], what: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
        texts.iter().map(|text| read(text).ok_or_else(|| format!("'{text}' is not {what}."))).collect()
    }
    Ok(match kind {
        Kind::Text { wildcards } => Wanted::Text(patterns(wildcards)?),
        Kind::TextInAnyCase => Wanted::TextInAnyCase(patterns(false)?.into_iter().map(Pattern::lower_case).collect()),
        Kind::Arn => Wanted::Arn(patterns(true)?),
        Kind::Number(comparison) => {
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            Wanted::Number(comparison, each(&texts, "a number", number)?)
        }
        Kind::Date(comparison) => {
            let what = "a date such as 2026-01-02T03:04:05Z, or seconds since 1970";
            Wanted::Date(comparison, each(&texts, what, date)?)
        }
        Kind::Truth => Wanted::Truth(each(&texts, "true or false", truth)?),
        Kind::Absence => Wanted::Absence(each(&texts, "true or false", truth)?),
        Kind::Address => {
            Wanted::Address(each(&texts, "a block of addresses such as 10.0.0.0/8 or 2001:db8::/32", block)?)
        }
    })
}

/// A value or several, each a text, a number or a truth.
fn texts(values: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err("Syntax errors in policy: the values of a condition are texts.".to_owned()),
    };
    match values {
        Value::Array(several) => several.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Milliseconds since 1970.
fn date(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.trim().parse::<i64>() {
        return seconds.checked_mul(1000);
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, &Iso8601::DEFAULT));
    let moment = moment.or_else(|error| {
        let day = time::Date::parse(text, &Iso8601::DATE).map_err(|_| error)?;
        Ok::<_, time::error::Parse>(day.midnight().assume_utc())
    });
    i64::try_from(moment.ok()?.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

fn block(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
