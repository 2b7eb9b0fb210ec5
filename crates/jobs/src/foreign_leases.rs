//! The leases of other processes, as this one has watched them.
//!
//! Clocks of two machines differ, and one may jump. Whether the holder of a lease still works is therefore not read off the
//! clock: it renews the lease, which changes the job's record, and a record that stayed as it was for the length of a lease,
//! by this process's own steady time, has no holder any more.

use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// When the present version of each job's record was seen first.
#[derive(Debug, Default)]
pub(crate) struct ForeignLeases(HashMap<String, (u64, Instant)>);

impl ForeignLeases {
    /// Whether the record of a job, seen now in this version, has been the same for as long as a lease lasts.
    pub fn is_abandoned(&mut self, job_id: &str, version: u64, lease: Duration) -> bool {
        let now = Instant::now();
        match self.0.get_mut(job_id) {
            Some((seen, since)) if *seen == version => now.duration_since(*since) >= lease,
            Some(other) => {
                *other = (version, now);
                false
            }
            None => {
                self.0.insert(job_id.to_owned(), (version, now));
                false
            }
        }
    }

    /// Forgets jobs for which `is_there` does not hold.
    pub fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|job_id, _| is_there(job_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_renewed_is_never_abandoned() {
        const LEASE: Duration = Duration::from_secs(30);
        let mut leases = ForeignLeases::default();
        for version in 1..=10 {
            assert!(!leases.is_abandoned("a", version, LEASE));
            tokio::time::advance(Duration::from_secs(29)).await;
            assert!(!leases.is_abandoned("a", version, LEASE));
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(leases.is_abandoned("a", 10, LEASE));
        assert!(!leases.is_abandoned("a", 11, LEASE), "it was renewed after all");
        leases.retain(|id| id != "a");
        tokio::time::advance(LEASE).await;
        assert!(!leases.is_abandoned("a", 11, LEASE), "a forgotten job is watched anew");
    }
}
