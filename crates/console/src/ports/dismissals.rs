//! The failures that users have put away, so that the first page shows them no more.

use futures::future::BoxFuture;
use std::collections::BTreeSet;

/// The failures that each access key has put away.
pub trait Dismissals: Send + Sync {
    /// The ARNs of what an access key has put away.
    fn of<'a>(&'a self, access_key_id: &'a str) -> BoxFuture<'a, BTreeSet<String>>;
    /// Puts a failure away. `Err` has the reason why that could not be kept.
    fn dismiss<'a>(&'a self, access_key_id: &'a str, arn: &'a str) -> BoxFuture<'a, Result<(), String>>;
}

/// Dismissals in memory.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct KeptDismissals(parking_lot::Mutex<BTreeSet<(String, String)>>);

#[cfg(test)]
impl Dismissals for KeptDismissals {
    fn of<'a>(&'a self, access_key_id: &'a str) -> BoxFuture<'a, BTreeSet<String>> {
        let kept = self.0.lock();
        let found = kept.iter().filter(|(key, _)| key == access_key_id).map(|(_, arn)| arn.clone()).collect();
        Box::pin(std::future::ready(found))
    }

    fn dismiss<'a>(&'a self, access_key_id: &'a str, arn: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().insert((access_key_id.to_owned(), arn.to_owned()));
        Box::pin(std::future::ready(Ok(())))
    }
}
