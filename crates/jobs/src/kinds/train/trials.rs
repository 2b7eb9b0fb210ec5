//! The record of the trials of a hyperparameter search.

use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use tastemaker_domain::resource::SolutionVersion;
use tastemaker_domain::tuning::Trial;
use tastemaker_store::Transaction;

/// Keeps a trial that ended, so that another attempt does not make it again.
pub(super) async fn note(work: &LeasedJob, tx: Transaction, trial: &Trial) -> Result<(), Stop> {
    let Some((at, mut version)) = work.load::<SolutionVersion>(&work.job.resource_arn).await? else {
        work.finish(tx).await?;
        return Err(Stop::Lost);
    };
    tracing::info!(
        solution_version = version.arn,
        trial = trial.number,
        parameters = ?trial.parameters,
        outcome = ?trial.outcome,
        "trial"
    );
    version.trials.retain(|other| other.number != trial.number);
    version.trials.push(trial.clone());
    version.trials.sort_by_key(|trial| trial.number);
    tx.replace(at, &version)?;
    work.step("tune", tx).await
}
