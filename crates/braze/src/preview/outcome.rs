//! Outcomes of rendering: of a field, and of the calls that it made.

use super::fetch::Method;
use serde::Serialize;
use std::fmt;

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
    /// The fault, with the remedy.
    pub message: String,
}

/// The result of rendering one field of a message.
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
    /// The result of the call.
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
    /// Further lines that Braze would log.
    pub note: Option<String>,
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
