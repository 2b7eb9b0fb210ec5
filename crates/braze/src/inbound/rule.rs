//! Rules that turn an event into interactions.

use super::path::{self, Path};
use super::{Click, ITEMS_PER_EVENT_MAX, Inbound};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A rule as it is configured: `[[braze.webhook.<mapping>]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Path -> the text that must stand there; all must hold. Empty matches every event.
    #[serde(default, rename = "match")]
    pub conditions: BTreeMap<String, String>,
    /// Paths of the user's external id; the first with a value counts.
    #[serde(default)]
    pub user: Vec<String>,
    /// Paths of item ids, fanning out over arrays.
    #[serde(default)]
    pub item: Vec<String>,
    /// The path of a tracked URL, whose item is taken instead of `item`.
    #[serde(default)]
    pub url: Option<String>,
    /// The interaction's type.
    pub event_type: String,
    /// Paths of a number, one for all items or one for each; the first with a value counts.
    #[serde(default)]
    pub value: Vec<String>,
    /// The path of the time: seconds or milliseconds since the epoch, or an RFC 3339 text.
    #[serde(default)]
    pub time: Option<String>,
    /// The path of the event's own id. Without a value there, the event's content is its id.
    #[serde(default)]
    pub id: Option<String>,
}

/// A fault of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {number}: {problem}")]
pub struct RuleError {
    /// From 1.
    pub number: usize,
    /// Member and rule.
    pub problem: String,
}

/// A checked rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    conditions: Vec<(Path, String)>,
    user: Vec<Path>,
    item: Vec<Path>,
    url: Option<Path>,
    event_type: String,
    value: Vec<Path>,
    time: Option<Path>,
    id: Option<Path>,
}

/// Rules in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping(Vec<Rule>);

impl Mapping {
    /// Checks the rules of a configuration.
    pub fn new(rules: &[RuleText]) -> Result<Self, RuleError> {
        let rules = rules.iter().enumerate();
        let checked = rules.map(|(n, rule)| Rule::new(rule).map_err(|problem| RuleError { number: n + 1, problem }));
        checked.collect::<Result<_, _>>().map(Self)
    }

    /// The interactions of an event, by the first rule whose conditions hold and whose paths lead to a user and an item;
    /// none for an event that no rule knows.
    pub fn interactions(&self, event: &Value) -> Vec<Inbound> {
        let matching = self.0.iter().filter(|rule| rule.holds(event));
        matching.map(|rule| rule.interactions(event)).find(|found| !found.is_empty()).unwrap_or_default()
    }
}

impl Rule {
    fn new(text: &RuleText) -> Result<Self, String> {
        let named = |member: &str, text: &str| Path::parse(text).map_err(|problem| format!("{member}: {problem}"));
        let all =
            |member: &str, texts: &[String]| texts.iter().map(|t| named(member, t)).collect::<Result<Vec<_>, _>>();
        let one = |member: &str, text: &Option<String>| text.as_deref().map(|t| named(member, t)).transpose();
        if text.event_type.is_empty() || text.event_type.chars().count() > 256 {
            return Err("event_type: 1 to 256 characters are needed".into());
        }
        if text.user.is_empty() {
            return Err("user: at least one path is needed".into());
        }
        if text.item.is_empty() && text.url.is_none() {
            return Err("item: a path of item ids, or url, is needed".into());
        }
        let conditions = text.conditions.iter().map(|(path, wanted)| Ok((named("match", path)?, wanted.clone())));
        Ok(Self {
            conditions: conditions.collect::<Result<_, String>>()?,
            user: all("user", &text.user)?,
            item: all("item", &text.item)?,
            url: one("url", &text.url)?,
            event_type: text.event_type.clone(),
            value: all("value", &text.value)?,
            time: one("time", &text.time)?,
            id: one("id", &text.id)?,
        })
    }

    fn holds(&self, event: &Value) -> bool {
        self.conditions
            .iter()
            .all(|(path, wanted)| path.values(event).iter().filter_map(path::text).any(|t| t == *wanted))
    }

    fn interactions(&self, event: &Value) -> Vec<Inbound> {
        let Some(user_id) = self.user.iter().find_map(|path| path.text(event)) else { return Vec::new() };
        let click = self.url.as_ref().and_then(|path| path.text(event)).and_then(|url| Click::of(&url));
        let items: Vec<String> = match &click {
            Some(click) => vec![click.item_id.clone()],
            None => self.item.iter().flat_map(|path| path.values(event)).filter_map(|v| path::text(&v)).collect(),
        };
        let valued = self.value.iter().find(|path| !path.values(event).is_empty());
        let values = valued.map_or_else(|| vec![None; items.len()], |path| path.beside(event, items.len()));
        let sent_at = self.time.as_ref().and_then(|path| path.values(event).first().and_then(sent_at));
        let id = self.id.as_ref().and_then(|path| path.text(event)).unwrap_or_else(|| content_id(event));
        let interaction = |(n, (item_id, value)): (usize, (String, Option<Value>))| Inbound {
            event_id: format!("{id}#{n}"),
            user_id: user_id.clone(),
            item_id,
            event_type: self.event_type.clone(),
            value: value.as_ref().and_then(number),
            sent_at,
            recommendation_id: click.as_ref().map(|click| click.recommendation_id.clone()),
        };
        items.into_iter().zip(values).take(ITEMS_PER_EVENT_MAX).enumerate().map(interaction).collect()
    }
}

/// An id for events without one: equal bodies are one event.
fn content_id(event: &Value) -> String {
    use sha2::Digest;
    hex::encode(&sha2::Sha256::digest(event.to_string())[..16])
}

/// The time since the epoch from a number as it was sent, or from an RFC 3339 text.
fn sent_at(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => number,
            Err(_) => {
                let format = &time::format_description::well_known::Rfc3339;
                let time = time::OffsetDateTime::parse(text, format).ok()?;
                time.unix_timestamp() as f64
            }
        },
        _ => return None,
    };
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn number(value: &Value) -> Option<f32> {
    let number = match value {
        Value::Number(number) => number.as_f64()? as f32,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}
