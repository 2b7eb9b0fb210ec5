//! The journal of a training: what its record says of stages, log lines and memory, written down now and then while it runs.

use crate::leased_job::LeasedJob;
use crate::progress_log::percent;
use crate::stages::Stages;
use crate::stop::Stop;
use parking_lot::Mutex;
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::training_record::{TrainingRecord, TrainingStage};
use tastemaker_learn::Progress;
use tastemaker_store::{Error, Transaction, records};

/// The stage before the data is there.
const GATHER: &str = "gather";

/// The journal of one attempt, which goes on from those of the attempts before.
pub(super) struct Journal(Mutex<State>);

struct State {
    /// The record written before this attempt, with its lines.
    record: TrainingRecord,
    /// The stages of the attempts before.
    before: Vec<TrainingStage>,
    stages: Stages,
}

impl Journal {
    /// Begins an attempt.
    pub async fn begin(work: &LeasedJob, seed: u64) -> Result<Self, Stop> {
        let arn = &work.job.resource_arn;
        // A record that cannot be read costs the lines of the attempts before.
        let found = match records::load::<TrainingRecord>(&*work.ctx.stores.records, arn).await {
            Ok(found) => found.map(|(_, record)| record),
            Err(Error::Corrupt(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let mut record = found.unwrap_or_else(|| TrainingRecord { version_arn: arn.clone(), ..Default::default() });
        record.attempts += 1;
        record.seed = seed;
        record.threads = work.ctx.threads as u64;
        if record.attempts > 1 {
            record.add_line(work.ctx.now(), &format!("begun again, attempt {}", record.attempts));
        }
        let before = record.stages.clone();
        Ok(Self(Mutex::new(State { record, before, stages: Stages::new(GATHER) })))
    }

    /// Adds a line.
    pub fn line(&self, at_ms: TimeMs, text: &str) {
        self.0.lock().record.add_line(at_ms, text);
    }

    /// Ends the present stage where `progress` is of another.
    pub fn see(&self, progress: &Progress) {
        self.0.lock().stages.see(progress);
    }

    /// Adds a line about how far the training has come.
    pub fn progress_line(&self, at_ms: TimeMs, progress: &Progress) {
        let Progress { stage, note, .. } = progress;
        let done = if progress.total > 1 { format!("{stage} {} %", percent(progress)) } else { (*stage).to_owned() };
        self.line(at_ms, &if note.is_empty() { done } else { format!("{done}: {note}") });
    }

    /// Ends the present stage and begins the last one.
    pub fn storing(&self) {
        self.0.lock().stages.begin("store");
    }

    /// Notes the bytes of the artifact.
    pub fn artifact(&self, bytes: u64) {
        self.0.lock().record.artifact_bytes = Some(bytes);
    }

    /// Looks at the memory of the process.
    pub fn sample_memory(&self) {
        let mut state = self.0.lock();
        state.record.peak_memory_bytes = state.record.peak_memory_bytes.max(resident_bytes());
    }

    /// Writes the record together with another change of the job.
    pub fn write(&self, tx: &Transaction) -> Result<(), Stop> {
        let record = {
            let mut state = self.0.lock();
            let mut record = state.record.clone();
            record.stages.clone_from(&state.before);
            for time in state.stages.so_far() {
                record.add_stage(&time.stage, (time.seconds * 1e3) as u64);
            }
            record
        };
        tx.write(records::put(&record)?);
        Ok(())
    }
}

/// The memory that this process holds, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Adds a last line to the record of a training that failed; nothing where there is none.
pub(super) async fn note_failure(work: &LeasedJob, tx: &Transaction, reason: &str) -> Result<(), Stop> {
    if let Some((_, mut record)) = work.load::<TrainingRecord>(&work.job.resource_arn).await? {
        record.add_line(work.ctx.now(), reason);
        tx.write(records::put(&record)?);
    }
    Ok(())
}
