//! The reason that a text is no policy, and the place in it.

use std::fmt;

/// A rule that a document breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The way to the member, as `Statement[0].Condition.StringEquals`; empty for the document itself.
    pub place: String,
    /// A sentence.
    pub message: String,
}

impl PolicyError {
    /// A broken rule at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.place.is_empty() {
            write!(f, " (at {})", self.place)?;
        }
        Ok(())
    }
}
