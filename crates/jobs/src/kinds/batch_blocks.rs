//! The finished blocks of a batch job: a killed job goes on behind them, and its output is that of one that was never disturbed.
//!
//! Blocks are blobs in a folder of the job's own beside its plan: what the answers depend on, and the last position of each stream
//! that is read. A later attempt with the same basis reads the streams up to the same positions and keeps the blocks; if the basis has
//! changed, as by an import or a filter that was made anew, all blocks are made again. The folder goes when the job ends.

use crate::leased_job::LeasedJob;
use crate::orphans::unfinished;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use tastemaker_store::{BlobsExt, Error};

/// The name of the plan's blob.
const PLAN: &str = "plan.json";

/// The inputs that the answers of a job depend on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Inputs, model, filter and imported data by name.
    pub basis: Vec<String>,
    /// The last position that is read, by stream.
    pub upto: BTreeMap<String, u64>,
}

/// The folder of a job.
pub(super) struct FinishedBlocks {
    folder: String,
    /// Keys of finished blocks.
    done: HashSet<String>,
    /// The positions that the streams are to be read to; `None` before [`Self::keep`].
    plan: Option<Plan>,
}

impl FinishedBlocks {
    /// The blocks of earlier attempts, if they are of this basis; others are deleted.
    pub async fn open(work: &LeasedJob, basis: &[String]) -> Result<Self, Error> {
        let folder = unfinished(&work.job.id);
        let blobs = &*work.ctx.stores.blobs;
        let keys: Vec<String> = blobs.list(&folder).await?.into_iter().map(|blob| blob.key).collect();
        let plan_key = format!("{folder}{PLAN}");
        if keys.contains(&plan_key) {
            let plan: Option<Plan> = serde_json::from_slice(&blobs.read_all(&plan_key).await?).ok();
            if let Some(plan) = plan.filter(|plan| plan.basis == basis) {
                return Ok(Self {
                    done: keys.into_iter().filter(|key| *key != plan_key).collect(),
                    folder,
                    plan: Some(plan),
                });
            }
        }
        for key in keys {
            blobs.delete(&key).await?;
        }
        Ok(Self { folder, done: HashSet::new(), plan: None })
    }

    /// The last position of each stream, as an earlier attempt saw it.
    pub fn upto(&self) -> Option<&BTreeMap<String, u64>> {
        self.plan.as_ref().map(|plan| &plan.upto)
    }

    /// Writes the plan, unless there is one.
    pub async fn keep(&mut self, work: &LeasedJob, plan: Plan) -> Result<(), Error> {
        if self.plan.is_none() {
            let bytes = serde_json::to_vec(&plan).map_err(|error| Error::backend("batch", error))?;
            work.ctx.stores.blobs.put(&format!("{}{PLAN}", self.folder), bytes.into()).await?;
            self.plan = Some(plan);
        }
        Ok(())
    }

    /// The key of a file's block, and whether it is finished.
    pub fn block(&self, file: usize, block: usize) -> (String, bool) {
        let key = format!("{}{file}-{block}", self.folder);
        let is_done = self.done.contains(&key);
        (key, is_done)
    }
}
