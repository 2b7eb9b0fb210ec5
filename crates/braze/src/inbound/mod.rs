//! Events from Braze (Currents batches and webhook campaigns) as interactions.
//!
//! A [`Mapping`] is a list of rules; the first whose conditions hold turns an event into one interaction for each item it
//! names. Everything that no rule knows is ignored, because Braze adds event types and members at any time.

#[cfg(test)]
mod border_tests;
mod click;
mod defaults;
mod path;
mod rule;
#[cfg(test)]
mod tests;

pub use click::Click;
pub use defaults::{currents, currents_with};
pub use path::Path;
pub use rule::{Mapping, Rule, RuleError, RuleText};

use serde_json::Value;

/// Events that one request may hold: ten times what Braze sends.
pub const EVENTS_PER_BATCH_MAX: usize = 1000;
/// Items that one event may fan out to.
pub const ITEMS_PER_EVENT_MAX: usize = 100;

/// An interaction that an event of Braze stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// Equal for a repeated delivery: the event's id and the place of the item in it.
    pub event_id: String,
    /// Braze's external id of the user.
    pub user_id: String,
    /// The item.
    pub item_id: String,
    /// As the rule says: `Purchase`, `View`, `Click`, ...
    pub event_type: String,
    /// For example the price.
    pub value: Option<f32>,
    /// Seconds since the epoch, or milliseconds where the sender has them; `None` is the time of arrival.
    pub sent_at: Option<f64>,
    /// The list that was clicked in, from the `rid` of its URL.
    pub recommendation_id: Option<String>,
}

/// A batch that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadBatch(pub String);

/// The events of a Currents request, `{"events": [...]}`, in order.
pub fn batch(body: &[u8]) -> Result<Vec<Value>, BadBatch> {
    let json: Value =
        serde_json::from_slice(body).map_err(|error| BadBatch(format!("The body is not JSON: {error}.")))?;
    let Some(events) = json.get("events").and_then(Value::as_array) else {
        return Err(BadBatch("The body must be {\"events\": [...]}.".into()));
    };
    if events.len() > EVENTS_PER_BATCH_MAX {
        return Err(BadBatch(format!(
            "The body has {} events; at most {EVENTS_PER_BATCH_MAX} are taken at once.",
            events.len()
        )));
    }
    Ok(events.clone())
}

/// A webhook's body, which is one event or an array of them.
pub fn webhook(body: &[u8]) -> Result<Vec<Value>, BadBatch> {
    let json: Value =
        serde_json::from_slice(body).map_err(|error| BadBatch(format!("The body is not JSON: {error}.")))?;
    match json {
        Value::Array(events) if events.len() > EVENTS_PER_BATCH_MAX => Err(BadBatch(format!(
            "The body has {} events; at most {EVENTS_PER_BATCH_MAX} are taken at once.",
            events.len()
        ))),
        Value::Array(events) => Ok(events),
        Value::Object(_) => Ok(vec![json]),
        _ => Err(BadBatch("The body must be an object or an array of objects.".into())),
    }
}
