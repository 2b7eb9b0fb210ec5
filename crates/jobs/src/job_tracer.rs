//! The receiver of spans of jobs.

use tastemaker_domain::resource::Job;

/// Receives the beginnings, steps and ends of the work on jobs. Nothing of it waits.
pub trait JobTracer: Send + Sync {
    /// A run of a job begins.
    fn began(&self, job: &Job);

    /// A step of the run was committed.
    fn step(&self, job: &Job, step: &str);

    /// The work on a resource has come to a stage of its progress, or is there still.
    fn stage(&self, resource_arn: &str, stage: &'static str);

    /// The run ended: `completed`, `failed`, `retried` or `stopped`.
    fn ended(&self, job: &Job, outcome: &'static str);

    /// The header `traceparent` for calls that the job that makes a resource makes of others.
    fn traceparent(&self, resource_arn: &str) -> Option<String>;
}
