//! Reports of trainings for the console, read from the artifacts of solution versions.

use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tastemaker_console::ports::Reports;
use tastemaker_console::report::Trial;
use tastemaker_domain::resource::SolutionVersion;
use tastemaker_domain::training_record::TrainingRecord;
use tastemaker_domain::tuning;
use tastemaker_recipes::artifact::REPORT_FILE;
use tastemaker_store::{BlobsExt, Stores, records};
use tastemaker_training::fit::report::TrialFacts;

/// Reports that are kept; with more, all are read anew.
const REPORTS_MAX: usize = 256;

/// The reports of a server's solution versions. The artifact of a version may be replaced (users are taken out of it) and is then
/// another one, by whose key a report is kept.
pub struct ConsoleReports {
    stores: Stores,
    known: Mutex<HashMap<String, Arc<Value>>>,
}

impl ConsoleReports {
    /// Reports of the artifacts in `stores`.
    pub fn new(stores: Stores) -> Self {
        Self { stores, known: Mutex::default() }
    }

    async fn read(&self, solution_version_arn: &str) -> Option<Arc<Value>> {
        let loaded = records::load::<SolutionVersion>(&*self.stores.records, solution_version_arn).await.ok()??;
        let key = loaded.1.artifact_key?;
        if let Some(report) = self.known.lock().get(&key) {
            return Some(report.clone());
        }
        let bytes = match self.stores.blobs.read_all(&format!("{key}/{REPORT_FILE}")).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(%error, solution_version_arn, "the report of a training cannot be read");
                return None;
            }
        };
        let report: Arc<Value> = Arc::new(serde_json::from_slice(&bytes).ok()?);
        let mut known = self.known.lock();
        if known.len() >= REPORTS_MAX {
            known.clear();
        }
        known.insert(key, report.clone());
        Some(report)
    }
}

/// A trial as reports have it.
fn shown(trial: tuning::Trial) -> Trial {
    let facts = TrialFacts::from(&trial);
    Trial { number: facts.number as u64, parameters: facts.parameters, quality: facts.quality, end: facts.end }
}

impl Reports for ConsoleReports {
    fn of<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Option<Arc<Value>>> {
        self.read(solution_version_arn).boxed()
    }

    fn trials<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Vec<Trial>> {
        async move {
            let loaded = records::load::<SolutionVersion>(&*self.stores.records, solution_version_arn).await;
            let version = loaded.ok().flatten().map(|(_, version)| version);
            version.map(|version| version.trials.into_iter().map(shown).collect()).unwrap_or_default()
        }
        .boxed()
    }

    fn training<'a>(&'a self, solution_version_arn: &'a str) -> BoxFuture<'a, Option<TrainingRecord>> {
        async move {
            match records::load::<TrainingRecord>(&*self.stores.records, solution_version_arn).await {
                Ok(found) => found.map(|(_, record)| record),
                Err(error) => {
                    tracing::warn!(%error, solution_version_arn, "the record of a training cannot be read");
                    None
                }
            }
        }
        .boxed()
    }
}
