//! How often an access key was used.

use crate::resource::TimeMs;

/// The counts of an access key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Requests: for recommendations, for streamed data, to the control plane and the services beside it, to S3.
    pub requests: [u64; 4],
    /// Requests that were refused because there were too many.
    pub throttled: u64,
    /// Bytes of bodies that were declared.
    pub bytes_in: u64,
    /// Bytes of answers' bodies whose length was known.
    pub bytes_out: u64,
    /// The last request.
    pub last_used_ms: Option<TimeMs>,
}

impl KeyCounts {
    /// Both together, with the later of their last requests.
    pub fn plus(self, other: Self) -> Self {
        self.combined(other, u64::saturating_add, self.last_used_ms.max(other.last_used_ms))
    }

    /// What came since an earlier time.
    pub fn since(self, earlier: Self) -> Self {
        self.combined(earlier, u64::saturating_sub, self.last_used_ms)
    }

    fn combined(self, other: Self, by: fn(u64, u64) -> u64, last_used_ms: Option<TimeMs>) -> Self {
        Self {
            requests: [0, 1, 2, 3].map(|at: usize| by(self.requests[at], other.requests[at])),
            throttled: by(self.throttled, other.throttled),
            bytes_in: by(self.bytes_in, other.bytes_in),
            bytes_out: by(self.bytes_out, other.bytes_out),
            last_used_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_since_and_what_was_before_are_all() {
        let before =
            KeyCounts { requests: [1, 2, 3, 4], throttled: 5, bytes_in: 6, bytes_out: 7, last_used_ms: Some(8) };
        let now = KeyCounts { requests: [2, 2, 3, 9], throttled: 5, bytes_in: 60, bytes_out: 7, last_used_ms: Some(9) };
        let since = now.since(before);
        assert_eq!(
            (since.requests, since.throttled, since.bytes_in, since.last_used_ms),
            ([1, 0, 0, 5], 0, 54, Some(9))
        );
        assert_eq!(before.plus(since), now);
        assert_eq!(KeyCounts::default().plus(before), before);
    }
}
