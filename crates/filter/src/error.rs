//! The error of a refused expression, with its position in the text.

use std::fmt;
use tastemaker_domain::Error;

/// Characters of the text that an error shows at most.
const EXCERPT_CHARS_MAX: usize = 100;

/// A text that is no expression, or an expression that does not fit the datasets. Its display says what is wrong, shows the
/// part of the text around it, and points at it with a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    text: Box<str>,
    at: usize,
    what: &'static str,
    message: String,
}

impl ExpressionError {
    /// Something at byte `at` that no expression contains.
    pub(crate) fn symbol(text: &str, at: usize, message: impl Into<String>) -> Self {
        Self { text: text.into(), at, what: "Invalid input symbol", message: message.into() }
    }

    /// Something at byte `at` that does not belong there.
    pub(crate) fn expression(text: &str, at: usize, message: impl Into<String>) -> Self {
        Self { text: text.into(), at, what: "Invalid Expression", message: message.into() }
    }

    /// The position in the text, in characters from 1; one more than the text has when something is missing at the end.
    pub fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position();
        writeln!(f, "Could not create filter. {}: {} (at position {position})", self.what, self.message)?;
        let chars: Vec<char> = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let whole = chars.len() <= EXCERPT_CHARS_MAX;
        let from = if whole { 0 } else { position.saturating_sub(EXCERPT_CHARS_MAX * 2 / 3) };
        let to = (from + EXCERPT_CHARS_MAX).min(chars.len());
        let shown: String = chars[from..to].iter().collect();
        let (before, after) = (if from > 0 { "..." } else { "" }, if to < chars.len() { "..." } else { "" });
        writeln!(f, "{before}{shown}{after}")?;
        write!(f, "{}^", " ".repeat(before.len() + position - 1 - from))
    }
}

impl std::error::Error for ExpressionError {}

impl From<ExpressionError> for Error {
    fn from(error: ExpressionError) -> Self {
        Error::InvalidInput(error.to_string())
    }
}
