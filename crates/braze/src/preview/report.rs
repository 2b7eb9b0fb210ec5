//! The result of a preview, as a terminal shows it.

use super::outcome::{CallRecord, Field, Outcome, shortened};
use super::{CARD_BYTES_MAX, Lint};
use serde::Serialize;
use std::fmt::{self, Write};

/// Everything a preview shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// In the order of the message.
    pub fields: Vec<Field>,
    /// In the order in which they were made.
    pub calls: Vec<CallRecord>,
    /// Faults that will hurt later.
    pub lints: Vec<Lint>,
    /// The rendered size, for Content Cards.
    pub card_bytes: Option<usize>,
}

impl Preview {
    /// Whether any field is faulty.
    pub fn failed(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.outcome, Outcome::Failed(_)))
    }

    /// Why the message is not sent, if a field aborted it.
    pub fn abort_reason(&self) -> Option<&str> {
        self.fields.iter().find_map(|field| match &field.outcome {
            Outcome::Aborted { reason } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether Braze would abort the card for its size.
    pub fn over_budget(&self) -> bool {
        self.card_bytes.is_some_and(|bytes| bytes > CARD_BYTES_MAX)
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in &self.fields {
            match &field.outcome {
                Outcome::Rendered { text } => writeln!(f, "--- {}\n{text}", field.name)?,
                Outcome::Aborted { reason } => writeln!(f, "--- {}\n(aborted: {reason})", field.name)?,
                Outcome::Failed(error) => writeln!(f, "--- {}\nerror at {error}", field.name)?,
            }
        }
        if !self.calls.is_empty() {
            writeln!(f, "\n=== Connected Content")?;
        }
        for call in &self.calls {
            call.describe(f)?;
        }
        if let Some(bytes) = self.card_bytes {
            write!(f, "\n=== Card\n{bytes} of {CARD_BYTES_MAX} bytes")?;
            if self.over_budget() {
                write!(f, ": too large, Braze aborts it when it is sent (\"maximum size exceeded\")")?;
            }
            writeln!(f)?;
        }
        if !self.lints.is_empty() {
            writeln!(f, "\n=== Advice")?;
        }
        for lint in &self.lints {
            writeln!(f, "{lint}")?;
        }
        match self.abort_reason() {
            Some(reason) => writeln!(f, "\nThe message is not sent: {reason}"),
            None => Ok(()),
        }
    }
}

impl CallRecord {
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = format!("{} ({}): {} {}", self.field, self.position, self.method, self.url);
        let _ = write!(line, "\n    {} in {} ms", self.status, self.took_ms);
        if self.cached {
            line.push_str(", from the cache");
        }
        if self.tries > 1 {
            let _ = write!(line, ", {} tries", self.tries);
        }
        if let Some(name) = &self.saved_as {
            let _ = write!(line, ", saved as {name}");
        }
        for (name, value) in &self.request_headers {
            let _ = write!(line, "\n    > {name}: {value}");
        }
        if let Some(body) = &self.request_body {
            let _ = write!(line, "\n    > {}", shortened(body));
        }
        if !self.response.is_empty() {
            let _ = write!(line, "\n    < {}", self.response);
        }
        if let Some(note) = &self.note {
            let _ = write!(line, "\n    {note}");
        }
        writeln!(f, "{line}")
    }
}
