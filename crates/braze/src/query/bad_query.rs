//! The refusal of a request's parameters.

/// An error in a request's parameters; the text names the parameter and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadQuery(pub String);
