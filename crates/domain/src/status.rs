//! Status words of resources, exactly as AWS spells them.

use crate::words::words;
use std::fmt;

words! {
    /// A resource's place in its life.
    #[allow(missing_docs)]
    pub enum Status {
        CreatePending = "CREATE PENDING",
        CreateInProgress = "CREATE IN_PROGRESS",
        Active = "ACTIVE",
        CreateFailed = "CREATE FAILED",
        CreateStopping = "CREATE STOPPING",
        CreateStopped = "CREATE STOPPED",
        StopPending = "STOP PENDING",
        StopInProgress = "STOP IN_PROGRESS",
        Inactive = "INACTIVE",
        StartPending = "START PENDING",
        StartInProgress = "START IN_PROGRESS",
        DeletePending = "DELETE PENDING",
        DeleteInProgress = "DELETE IN_PROGRESS",
    }
}

impl Status {
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

    #[test]
    fn a_status_says_where_in_its_life_a_resource_is() {
        let those = |holds: fn(Status) -> bool| {
            Status::ALL.iter().filter(|status| holds(**status)).map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(those(Status::is_creating), ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE STOPPING"]);
        assert_eq!(those(Status::is_deleting), ["DELETE PENDING", "DELETE IN_PROGRESS"]);
        assert_eq!(those(Status::is_deletable), ["ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE"]);
    }
}
