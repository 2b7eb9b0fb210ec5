//! What a preview found, and how a terminal shows it.

use super::{CARD_BYTES_MAX, Lint, Method};
use serde::Serialize;
use std::fmt::{self, Write};

/// Characters of a response that the table of calls shows.
const SHOWN_CHARS: usize = 160;

/// A place in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Position {
    /// The place of byte `offset` of `source`.
    pub fn at(source: &str, offset: usize) -> Self {
        let mut end = offset.min(source.len());
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let before = &source[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a template cannot be rendered, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{position}: {message}")]
pub struct TemplateError {
    /// Where.
    pub position: Position,
    /// What is wrong, with the remedy.
    pub message: String,
}

/// What became of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum Outcome {
    /// The text that is sent.
    Rendered {
        /// After Liquid.
        text: String,
    },
    /// The whole message is not sent.
    Aborted {
        /// As it will stand in Braze's message activity log.
        reason: String,
    },
    /// The template is faulty.
    Failed(TemplateError),
}

/// One field of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// `title`, `message`, ...
    pub name: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Field {
    /// The bytes it adds to a card.
    pub fn bytes(&self) -> usize {
        match &self.outcome {
            Outcome::Rendered { text } => text.len(),
            _ => 0,
        }
    }
}

/// One line of the debugger: a request that `connected_content` made or would have made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// The field whose template made it.
    pub field: String,
    /// Of the tag.
    pub position: Position,
    /// GET or POST.
    pub method: &'static str,
    /// The URL after Liquid.
    pub url: String,
    /// Headers of the request; credentials are starred.
    pub request_headers: Vec<(String, String)>,
    /// The body of a POST.
    pub request_body: Option<String>,
    /// The HTTP status, or Braze's own number: 598 unhealthy host, 599 connection error or timeout.
    pub status: u16,
    /// Milliseconds; 0 from the cache.
    pub took_ms: u64,
    /// Whether the cache answered.
    pub cached: bool,
    /// Requests made, more than one with `:retry`.
    pub tries: u32,
    /// The variable that holds the answer, when it was parsed.
    pub saved_as: Option<String>,
    /// The beginning of the answer.
    pub response: String,
    /// What Braze would log besides.
    pub note: Option<String>,
}

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

/// The beginning of `text` on one line.
pub(crate) fn shortened(text: &str) -> String {
    let mut shown: String =
        text.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
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
            writeln!(
                f,
                "\n=== Card\n{bytes} of {CARD_BYTES_MAX} bytes{}",
                match self.over_budget() {
                    true => ": too large, Braze aborts it when it is sent (\"maximum size exceeded\")",
                    false => "",
                }
            )?;
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
    pub(crate) fn new(position: Position, method: Method, url: String) -> Self {
        Self {
            field: String::new(),
            position,
            method: method.as_str(),
            url,
            request_headers: Vec::new(),
            request_body: None,
            status: 0,
            took_ms: 0,
            cached: false,
            tries: 0,
            saved_as: None,
            response: String::new(),
            note: None,
        }
    }

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
