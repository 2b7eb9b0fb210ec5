//! Status words of resources, exactly as AWS spells them.

use std::fmt;

/// A resource's place in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Status {
    CreatePending,
    CreateInProgress,
    Active,
    CreateFailed,
    CreateStopping,
    CreateStopped,
    StopPending,
    StopInProgress,
    Inactive,
    StartPending,
    StartInProgress,
    DeletePending,
    DeleteInProgress,
}

impl Status {
    /// Every status, in the order of a life.
    pub const ALL: &[Status] = &[
        Status::CreatePending,
        Status::CreateInProgress,
        Status::Active,
        Status::CreateFailed,
        Status::CreateStopping,
        Status::CreateStopped,
        Status::StopPending,
        Status::StopInProgress,
        Status::Inactive,
        Status::StartPending,
        Status::StartInProgress,
        Status::DeletePending,
        Status::DeleteInProgress,
    ];

    /// The word on the wire: a blank between phase and state, an underscore inside `IN_PROGRESS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::CreatePending => "CREATE PENDING",
            Status::CreateInProgress => "CREATE IN_PROGRESS",
            Status::Active => "ACTIVE",
            Status::CreateFailed => "CREATE FAILED",
            Status::CreateStopping => "CREATE STOPPING",
            Status::CreateStopped => "CREATE STOPPED",
            Status::StopPending => "STOP PENDING",
            Status::StopInProgress => "STOP IN_PROGRESS",
            Status::Inactive => "INACTIVE",
            Status::StartPending => "START PENDING",
            Status::StartInProgress => "START IN_PROGRESS",
            Status::DeletePending => "DELETE PENDING",
            Status::DeleteInProgress => "DELETE IN_PROGRESS",
        }
    }

    /// The status spelled by `text`, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.as_str() == text)
    }

    /// Work towards ACTIVE is still under way.
    pub fn is_creating(self) -> bool {
        matches!(self, Status::CreatePending | Status::CreateInProgress | Status::CreateStopping)
    }

    /// The resource is on its way out: treated as no longer in use by others.
    pub fn is_deleting(self) -> bool {
        matches!(self, Status::DeletePending | Status::DeleteInProgress)
    }

    /// Deletion may begin.
    pub fn is_deletable(self) -> bool {
        matches!(self, Status::Active | Status::Inactive | Status::CreateFailed | Status::CreateStopped)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back() {
        for &status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("DELETED"), None);
    }
}
