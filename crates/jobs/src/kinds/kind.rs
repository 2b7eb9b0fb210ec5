//! The trait of a kind of work.

use crate::context::Settings;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use async_trait::async_trait;
use tastemaker_domain::resource::JobKind;
use tastemaker_store::Transaction;

/// A kind of work. Every step may run twice: a kind writes blobs under keys of its own attempt and makes them visible by
/// one commit that also ends the job.
#[async_trait]
pub trait Kind: Send + Sync {
    /// Which jobs it works on.
    fn kind(&self) -> JobKind;

    /// The number of them that run side by side in one process with these settings.
    fn concurrency(&self, settings: &Settings) -> usize;

    /// Does the work and ends the job.
    async fn run(&self, work: &LeasedJob) -> Result<(), Stop>;

    /// Shows the customer that the work failed, and why, and ends the job. One decision of [`LeasedJob::transact`].
    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop>;

    /// Removes blobs that the work left behind, whatever its end was.
    async fn clean_up(&self, work: &LeasedJob);
}
