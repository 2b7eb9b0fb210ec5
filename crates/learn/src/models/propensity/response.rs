//! How users respond to an action that they were shown.

/// How an event answers an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// `TAKEN`.
    Taken,
    /// `NOT_TAKEN` or `VIEWED`.
    NotTaken,
}

impl Response {
    /// What an event type says, in any case and with blanks or underscores; `None` for other types.
    pub fn of(event_type: &str) -> Option<Self> {
        match event_type.to_ascii_uppercase().replace([' ', '-'], "_").as_str() {
            "TAKEN" => Some(Self::Taken),
            "NOT_TAKEN" | "VIEWED" => Some(Self::NotTaken),
            _ => None,
        }
    }
}
