//! The traits through which the console reaches the rest of the server.

mod demo_shop;
mod dismissals;
mod estimates;
mod histories;
mod last_requests;
mod planned_copies;
mod server_watch;
mod traffic;

#[cfg(test)]
pub(crate) use demo_shop::FixedDemoShop;
pub use demo_shop::{DemoPhase, DemoProduct, DemoReady, DemoShop, DemoState, DemoStep, DemoStepKind};
pub use dismissals::Dismissals;
#[cfg(test)]
pub(crate) use dismissals::KeptDismissals;
pub use estimates::{Estimates, PlannedTraining};
pub use histories::{Histories, HistoryEvent, UserExamples};
#[cfg(test)]
pub(crate) use last_requests::FixedRequests;
pub use last_requests::{LastRequest, LastRequests, RequestsKept};
#[cfg(test)]
pub(crate) use planned_copies::KeptPlans;
pub use planned_copies::PlannedCopies;
#[cfg(test)]
pub(crate) use server_watch::FixedWatch;
pub use server_watch::{EndedJob, LogLevel, LogLine, ServerWatch};
#[cfg(test)]
pub(crate) use traffic::FixedTraffic;
pub use traffic::{EventSender, ReceivedEvent, RefusedCalls, Traffic, TrafficOf, TrafficSpan, TrafficWindow};

use crate::data_ports::{Datasets, Files};
use crate::report::Trial;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_wire::Operation;

/// The rest of the server, as the console reaches it.
#[derive(Clone)]
pub struct Ports {
    /// The API's operations.
    pub api: Arc<dyn Api>,
    /// Progress of running jobs.
    pub progress: Arc<dyn Progress>,
    /// The sample shop.
    pub demo_shop: Arc<dyn DemoShop>,
    /// Statistics of datasets and reports of imports.
    pub datasets: Arc<dyn Datasets>,
    /// The buckets of this server.
    pub files: Arc<dyn Files>,
    /// Reports of trainings.
    pub reports: Arc<dyn Reports>,
    /// Estimates of the memory of trainings.
    pub estimates: Arc<dyn Estimates>,
    /// Histories of users and metadata of items in deployed models.
    pub histories: Arc<dyn Histories>,
    /// Requests and events of the last day.
    pub traffic: Arc<dyn Traffic>,
    /// The last requests to campaigns and recommenders, over all processes and restarts.
    pub last_requests: Arc<dyn LastRequests>,
    /// The metrics, jobs and log of the server.
    pub watch: Arc<dyn ServerWatch>,
    /// Failures that users have put away.
    pub dismissals: Arc<dyn Dismissals>,
    /// Copies before imports that are not over.
    pub planned_copies: Arc<dyn PlannedCopies>,
    /// Sentences of jobs, as kinds with values.
    pub sentences: Arc<Sentences>,
    /// The time, in milliseconds since the Unix epoch.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

/// Reads a sentence in which a job says something; `None` for another text.
pub type Sentences = dyn Fn(&str) -> Option<Said> + Send + Sync;

/// A sentence of a job as its kind and values, from which each language makes its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The kind.
    pub kind: &'static str,
    /// The values by name. One may be a sentence itself.
    pub values: Vec<(&'static str, String)>,
}

/// The API's operations in this process, from validation to the answer, as a signed request would run them.
pub trait Api: Send + Sync {
    /// Runs `operation` on the JSON of its input. `region` stands in the ARNs of what it makes.
    fn call<'a>(
        &'a self,
        region: &'a str,
        operation: Operation,
        input: Vec<u8>,
    ) -> BoxFuture<'a, Result<Vec<u8>, ApiError>>;
}

/// A refusal of an operation, as a client of the API gets it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct ApiError {
    /// Status of the HTTP response.
    pub status: u16,
    /// Name of the exception, such as `ResourceNotFoundException`.
    pub name: String,
    /// Text for the customer.
    pub message: String,
    /// The way to the member of the input that the text is about, such as `campaignConfig.rankingInfluence.FRESHNESS`.
    pub member: Option<String>,
}

/// A job that is under way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunningJob {
    /// ARN of the resource that the job makes.
    pub resource_arn: String,
    /// The stage, such as `training`.
    pub stage: String,
    /// Steps done of the stage.
    pub done: u64,
    /// Steps of the stage; zero where that is not known.
    pub total: u64,
    /// Sentence with the figures of the newest step, such as a loss.
    pub detail: String,
    /// The epochs of the training that ended so far: number, loss, and quality on validation users.
    pub epochs: Vec<(u64, f64, Option<f64>)>,
    /// The examples that the last epoch learned from in a second.
    pub examples_per_second: Option<f64>,
    /// Seconds to the end of the stage at the present speed, where that is known.
    pub left_s: Option<u64>,
}

/// Progress of running jobs.
pub trait Progress: Send + Sync {
    /// All running jobs.
    fn now(&self) -> Vec<RunningJob>;
    /// Counts up with every change of [`Progress::now`].
    fn changes(&self) -> tokio::sync::watch::Receiver<u64>;
}

/// Results of trainings: reports in their artifacts, the trials of searches as they end, and records of stages and log lines.
pub trait Reports: Send + Sync {
    /// The JSON of the report of a solution version; `None` while it has none.
    fn of<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Option<Arc<serde_json::Value>>>;

    /// The trials of a version's search for hyperparameters that have ended, while it goes on and afterwards.
    fn trials<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Vec<Trial>>;

    /// The record of a version's training, while it goes on and afterwards; `None` for one of an earlier build.
    fn training<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Option<TrainingRecord>>;
}

/// Encodes `input`, runs `operation` and decodes its output.
pub async fn call<I: Serialize + Sync, O: DeserializeOwned>(
    api: &dyn Api,
    region: &str,
    operation: Operation,
    input: &I,
) -> Result<O, ApiError> {
    let unreadable = |error: serde_json::Error| ApiError {
        status: 500,
        name: "InternalServerException".to_owned(),
        message: format!("{} cannot be read: {error}", operation.name()),
        member: None,
    };
    let input = serde_json::to_vec(input).map_err(unreadable)?;
    let output = api.call(region, operation, input).await?;
    // Some operations answer without a body.
    serde_json::from_slice(if output.is_empty() { b"null" } else { &output }).map_err(unreadable)
}
