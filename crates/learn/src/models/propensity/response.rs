//! The responses of users to an action that they were shown.

/// The answer that an event gives to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// `TAKEN`.
    Taken,
    /// `NOT_TAKEN` or `VIEWED`.
    NotTaken,
}

impl Response {
    /// The response that an event type names, in any case and with blanks or underscores; `None` for other types.
    pub fn of(event_type: &str) -> Option<Self> {
        match event_type.to_ascii_uppercase().replace([' ', '-'], "_").as_str() {
            "TAKEN" => Some(Self::Taken),
            "NOT_TAKEN" | "VIEWED" => Some(Self::NotTaken),
            _ => None,
        }
    }
}
