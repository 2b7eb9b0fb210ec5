//! The runs of jobs that ended last, of each kind, with the time that they took.

use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use tastemaker_console::ports::EndedJob;
use tastemaker_domain::resource::Job;
use tastemaker_jobs::JobTracer;

/// Runs that are kept of a kind of jobs.
const RUNS_MAX: usize = 50;

/// Notes the runs of jobs, and passes on what it is told.
pub struct JobHistory {
    next: Option<Arc<dyn JobTracer>>,
    clock: fn() -> i64,
    runs: Mutex<Runs>,
}

#[derive(Default)]
struct Runs {
    began: HashMap<String, Instant>,
    ended: HashMap<&'static str, VecDeque<EndedJob>>,
}

impl JobHistory {
    /// Without any run so far; `next` is told of everything as well.
    pub fn new(next: Option<Arc<dyn JobTracer>>, clock: fn() -> i64) -> Self {
        Self { next, clock, runs: Mutex::default() }
    }

    /// The runs that ended, the newest first.
    pub fn ended(&self) -> Vec<EndedJob> {
        let mut all: Vec<EndedJob> = self.runs.lock().ended.values().flatten().cloned().collect();
        all.sort_by_key(|run| std::cmp::Reverse(run.ended_ms));
        all
    }
}

impl JobTracer for JobHistory {
    fn began(&self, job: &Job) {
        self.runs.lock().began.insert(job.id.clone(), Instant::now());
        if let Some(next) = &self.next {
            next.began(job);
        }
    }

    fn step(&self, job: &Job, step: &str) {
        if let Some(next) = &self.next {
            next.step(job, step);
        }
    }

    fn stage(&self, resource_arn: &str, stage: &'static str) {
        if let Some(next) = &self.next {
            next.stage(resource_arn, stage);
        }
    }

    fn ended(&self, job: &Job, outcome: &'static str) {
        let mut runs = self.runs.lock();
        let took = runs.began.remove(&job.id).map(|began| began.elapsed()).unwrap_or_default();
        let of_kind = runs.ended.entry(job.kind.as_str()).or_default();
        if of_kind.len() >= RUNS_MAX {
            of_kind.pop_front();
        }
        of_kind.push_back(EndedJob {
            kind: job.kind.as_str().to_owned(),
            resource_arn: job.resource_arn.clone(),
            outcome: outcome.to_owned(),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            ended_ms: (self.clock)(),
        });
        drop(runs);
        if let Some(next) = &self.next {
            next.ended(job, outcome);
        }
    }

    fn traceparent(&self, resource_arn: &str) -> Option<String> {
        self.next.as_ref()?.traceparent(resource_arn)
    }
}
