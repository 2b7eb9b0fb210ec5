//! The context of a use case: stores, clock, quotas and those who are told of changes; and the caller on whose behalf it
//! runs.

use crate::event_times::OddEventTimes;
use crate::parameter_key::ParameterKey;
use crate::tracker_cache::TrackerCache;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::Result;
use tastemaker_domain::arn::Scope;
use tastemaker_domain::limits::CLOCK_AHEAD_S_MAX;
use tastemaker_domain::quotas::Quotas;
use tastemaker_domain::resource::{Filter, Streamed, TimeMs};
use tastemaker_filter::Expression;
use tastemaker_store::{Stores, Transaction};

/// The wait of CreateCampaign and UpdateCampaign for the deployment when the composition root does not say.
pub const DEPLOY_WAIT_DEFAULT: Duration = Duration::from_secs(5);

/// Is told of streamed data when it is durable; the request is answered when the future ends.
pub type Observe = Arc<dyn Fn(Appended<'_>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Streamed data that is durable.
#[derive(Debug, Clone, Copy)]
pub struct Appended<'a> {
    /// The group that it was streamed to.
    pub dataset_group_arn: &'a str,
    /// The data, in order.
    pub streamed: Streamed<'a>,
    /// The position of its last entry in the stream.
    pub position: u64,
}

/// Is told of filters when they are made and removed, so that the next request finds them, or does not.
pub type FiltersChanged = Arc<dyn Fn(FilterChange<'_>) + Send + Sync>;

/// A filter that was made or removed, durably.
#[derive(Debug)]
pub enum FilterChange<'a> {
    /// The filter and what its text says.
    Created(&'a Filter, Expression),
    /// The ARN of a filter that is gone.
    Deleted(&'a str),
}

/// Gives the items of the lists that were answered with these recommendation ids; those that are not remembered are absent.
pub type Recall =
    Arc<dyn Fn(Vec<String>) -> Pin<Box<dyn Future<Output = HashMap<String, Vec<String>>> + Send>> + Send + Sync>;

/// Times later than this after now are of a clock that ran ahead. They do not count: a pause that began in the future would
/// last until that time comes again.
pub(crate) const CLOCK_AHEAD_MS_MAX: TimeMs = 1000 * CLOCK_AHEAD_S_MAX;

/// The surroundings that the use cases work with.
#[derive(Clone)]
pub struct Ctx {
    /// Resources, jobs, streamed data, models, and hints to those who work on jobs.
    pub stores: Stores,
    /// The time now.
    pub clock: Arc<dyn Fn() -> TimeMs + Send + Sync>,
    /// The account in ARNs, twelve digits.
    pub account: String,
    /// Makes streamed data visible to recommendations.
    pub observe: Observe,
    /// Knows what was answered.
    pub recall: Recall,
    /// Makes filters usable.
    pub filters_changed: FiltersChanged,
    /// The numbers of resources that there may be at once.
    pub quotas: Quotas,
    /// The longest wait of CreateCampaign and UpdateCampaign for the deployment; [`DEPLOY_WAIT_DEFAULT`].
    pub deploy_wait: Duration,
    /// The targets of tracking ids that were worked out; starts empty.
    pub tracker_cache: Arc<TrackerCache>,
    /// Counts of events with odd times; starts at none.
    pub odd_event_times: Arc<OddEventTimes>,
    /// Seals the values of SecureString parameters.
    pub parameter_key: Arc<ParameterKey>,
}

impl Ctx {
    pub(crate) fn now(&self) -> TimeMs {
        (self.clock)()
    }

    /// Runs a use case that reads, judges and commits, again and again while others write what it read.
    pub(crate) async fn transact<T, Fut>(&self, decide: impl FnMut(Transaction) -> Fut) -> Result<T>
    where
        Fut: Future<Output = Result<T>>,
    {
        self.stores.transact(decide).await
    }
}

/// On whose behalf a use case runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The region of the request's signature and the configured account.
    pub scope: Scope,
}
