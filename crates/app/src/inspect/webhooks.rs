//! The dead letters of webhooks.

use super::server_inspect::ServerInspect;
use super::texts::time_text;
use crate::webhooks::{dead_letters, event, retry_dead_letters};
use serde::Deserialize;
use serde_json::{Value, json};
use tastemaker_domain::{Error, Result};

/// The input of `RetryDeadLetters`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryInput {
    /// One of them; all of them without it.
    id: Option<String>,
}

/// All of them, the oldest first.
pub async fn list(server: &ServerInspect) -> Result<Value> {
    let found = dead_letters(&*server.stores.records).await?;
    let letter = |(receiver, letter): &(String, tastemaker_store::records::Delivery)| {
        json!({
            "id": letter.change.id,
            "receiver": receiver,
            "time": time_text(letter.change.at_ms),
            "attempts": letter.attempts,
            "lastError": letter.last_error,
            "event": event(&letter.change),
        })
    };
    Ok(json!({"deadLetters": found.iter().map(letter).collect::<Vec<_>>()}))
}

/// Sends one or all of them again.
pub async fn retry(server: &ServerInspect, input: RetryInput) -> Result<Value> {
    let count = retry_dead_letters(&server.stores, input.id.as_deref(), (server.clock)()).await?;
    match (count, input.id) {
        (0, Some(id)) => Err(Error::NotFound(format!("There is no dead letter with the id '{id}'."))),
        _ => Ok(json!({"retried": count})),
    }
}
