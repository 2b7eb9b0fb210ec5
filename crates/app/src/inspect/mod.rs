//! A look into a running server: what it knows of users and items, its jobs, its campaigns, its data, and what its webhooks did
//! not deliver.

mod campaigns;
mod jobs;
mod known;
mod server_inspect;
mod statistics;
mod texts;
mod webhooks;

pub use server_inspect::ServerInspect;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tastemaker_domain::{Error, Result};
use tastemaker_http::{CallApi, Inspect};

/// The operations.
const OPERATIONS: &[&str] =
    &["GetItem", "GetStatistics", "GetUser", "ListCampaigns", "ListDeadLetters", "ListJobs", "RetryDeadLetters"];

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
