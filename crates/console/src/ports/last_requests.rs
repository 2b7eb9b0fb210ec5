//! When campaigns and recommenders were asked last.

use futures::future::BoxFuture;
use std::collections::BTreeMap;

/// The last requests to all campaigns and recommenders, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestsKept {
    /// Since when they are kept.
    pub since_ms: i64,
    /// Those that were asked, by ARN.
    pub campaigns: BTreeMap<String, LastRequest>,
}

/// The last requests to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastRequest {
    /// The last of all.
    pub at_ms: i64,
    /// The last with each filter, by the filter's ARN.
    pub filters: BTreeMap<String, i64>,
}

/// The last requests, over all processes and restarts.
pub trait LastRequests: Send + Sync {
    /// All of them; `None` where they cannot be read.
    fn read(&self) -> BoxFuture<'_, Option<RequestsKept>>;
}

/// The same ones over and over.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct FixedRequests(pub Option<RequestsKept>);

#[cfg(test)]
impl LastRequests for FixedRequests {
    fn read(&self) -> BoxFuture<'_, Option<RequestsKept>> {
        Box::pin(std::future::ready(self.0.clone()))
    }
}
