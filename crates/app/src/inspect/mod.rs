//! A look into a running server: what it knows of users and items, its jobs, its campaigns, its data, and what its webhooks did
//! not deliver.

mod campaigns;
mod jobs;
mod known;
mod statistics;
mod webhooks;

use crate::progress::ProgressBoard;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::{Error, Result};
use tastemaker_http::{CallApi, Inspect};
use tastemaker_serving::Serving;
use tastemaker_store::Stores;
use time::OffsetDateTime;
use time::macros::format_description;

/// The operations.
const OPERATIONS: &[&str] =
    &["GetItem", "GetStatistics", "GetUser", "ListCampaigns", "ListDeadLetters", "ListJobs", "RetryDeadLetters"];

/// The server behind the operations.
pub struct ServerInspect {
    /// Storage.
    pub stores: Stores,
    /// The deployed models.
    pub serving: Arc<Serving>,
    /// The progress of running jobs.
    pub progress: Arc<ProgressBoard>,
    /// The time.
    pub clock: fn() -> TimeMs,
}

impl Inspect for ServerInspect {
    fn operations(&self) -> &'static [&'static str] {
        OPERATIONS
    }

    fn call<'a>(&'a self, api: CallApi, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value>> {
        async move {
            match operation {
                "GetUser" => known::user(self, &api, parsed(input)?).await,
                "GetItem" => known::item(self, &api, parsed(input)?).await,
                "ListJobs" => jobs::list(self, parsed(input)?).await,
                "ListCampaigns" => campaigns::list(self).await,
                "GetStatistics" => statistics::get(self).await,
                "ListDeadLetters" => webhooks::list(self).await,
                "RetryDeadLetters" => webhooks::retry(self, parsed(input)?).await,
                other => Err(Error::InvalidInput(format!("There is no operation '{other}'."))),
            }
        }
        .boxed()
    }
}

fn parsed<T: DeserializeOwned>(input: Value) -> Result<T> {
    serde_json::from_value(input).map_err(|error| Error::InvalidInput(error.to_string()))
}

/// A time as text, in UTC and to the second.
fn time_text(ms: TimeMs) -> String {
    seconds_text(ms.div_euclid(1000))
}

/// The same of seconds since the Unix epoch; the number itself where no calendar has the time.
fn seconds_text(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_else(|| seconds.to_string())
}

/// The last part of an ARN: a name.
fn name_of(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}
