//! One commit of a use case, and the bounded repetition after a conflict.

use crate::Ctx;
use tastemaker_domain::resource::{Job, JobKind, TimeMs};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{Error, Result};
use tastemaker_store::records::{self, JOBS_BELL, Record};
use tastemaker_store::{Precondition, Write};
use uuid::Uuid;

/// How often a use case judges anew before it gives up with [`Error::Throttled`]. Each conflict means that somebody else
/// succeeded, so this many concurrent writers of one dataset group all get through.
const ATTEMPTS_MAX: usize = 200;

/// Translates a failure of the storage.
pub(crate) fn storage(error: tastemaker_store::Error) -> Error {
    match error {
        tastemaker_store::Error::Unavailable(_) => Error::Throttled(error.to_string()),
        other => Error::Internal(other.to_string()),
    }
}

/// What must still hold, and what is written then.
#[derive(Default)]
pub(crate) struct Batch {
    preconditions: Vec<Precondition>,
    writes: Vec<Write>,
    has_job: bool,
}

impl Batch {
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a resource that must not exist yet.
    pub fn create<R: Record>(&mut self, record: &R) -> Result<()> {
        self.preconditions.push(Precondition::Absent(records::key::<R>(record.id())));
        self.put(record)
    }

    /// As [`create`](Self::create), with the customer's tags. A name that is used again never inherits tags.
    pub fn create_tagged<R: Record>(&mut self, record: &R, tags: &Tags) -> Result<()> {
        self.create(record)?;
        self.writes.push(match tags.is_empty() {
            true => records::delete_tags(record.id()),
            false => records::put_tags(record.id(), tags).map_err(storage)?,
        });
        Ok(())
    }

    /// Requires that nobody has written the record since it was read.
    pub fn unchanged<R: Record>(&mut self, version: u64, record: &R) {
        self.preconditions.push(Precondition::Version(records::key::<R>(record.id()), version));
    }

    /// Replaces a record that nobody has written since it was read.
    pub fn replace<R: Record>(&mut self, version: u64, record: &R) -> Result<()> {
        self.unchanged(version, record);
        self.put(record)
    }

    /// Rewrites a parent as it is, so that concurrent creates below it and its deletion see one another.
    pub fn touch<R: Record>(&mut self, version: u64, parent: &R) -> Result<()> {
        self.replace(version, parent)
    }

    /// Removes a record that nobody has written since it was read, with its tags.
    pub fn remove<R: Record>(&mut self, version: u64, record: &R) {
        self.unchanged(version, record);
        self.writes.push(records::delete::<R>(record.id()));
        self.writes.push(records::delete_tags(record.id()));
    }

    /// Adds the job that makes `resource_arn`.
    pub fn job(&mut self, kind: JobKind, resource_arn: &str, now_ms: TimeMs) -> Result<()> {
        self.has_job = true;
        self.create(&Job {
            id: format!("{now_ms:013}-{}", &Uuid::new_v4().simple().to_string()[..12]),
            kind,
            resource_arn: resource_arn.to_owned(),
            step: String::new(),
            attempts: 0,
            lease: None,
            not_before_ms: now_ms,
            created_ms: now_ms,
        })
    }

    pub fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    pub fn require(&mut self, precondition: Precondition) {
        self.preconditions.push(precondition);
    }

    fn put<R: Record>(&mut self, record: &R) -> Result<()> {
        self.writes.push(records::put(record).map_err(storage)?);
        Ok(())
    }
}

/// Counts how often a use case has judged.
#[derive(Default)]
pub(crate) struct Attempts(usize);

impl Attempts {
    pub fn new() -> Self {
        Self::default()
    }

    /// Commits the batch and tells those who work on jobs; `false` if the caller must read and judge again.
    pub async fn commit(&mut self, ctx: &Ctx, batch: Batch) -> Result<bool> {
        match ctx.records.commit(batch.preconditions, batch.writes).await {
            Ok(()) => {
                if batch.has_job {
                    ctx.wakeups.ring(JOBS_BELL).await;
                }
                Ok(true)
            }
            Err(tastemaker_store::Error::Conflict(key)) => {
                self.0 += 1;
                if self.0 < ATTEMPTS_MAX {
                    return Ok(false);
                }
                Err(Error::Throttled(format!("{key} was changed by others {ATTEMPTS_MAX} times meanwhile; try again.")))
            }
            Err(other) => Err(storage(other)),
        }
    }
}
