//! Backups that the server makes by itself.

use super::make::{Made, make};
use super::repository::Repository;
use super::target::Target;
use crate::backup_config::Every;
use crate::config::Config;
use anyhow::Result;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tastemaker_domain::resource::TimeMs;
use time::PrimitiveDateTime;
use time::macros::format_description;
use tokio::runtime::Handle;
use tokio::sync::watch;

const MADE: &str = "tastemaker_backups_total";
const FAILED: &str = "tastemaker_backup_failures_total";
const LAST: &str = "tastemaker_backup_last_success_timestamp_seconds";
const SECONDS: &str = "tastemaker_backup_seconds";
const BYTES: &str = "tastemaker_backup_bytes";
const NEW_BYTES: &str = "tastemaker_backup_new_bytes";

/// The time before a failed backup is tried again; it doubles with each failure.
const RETRY_MIN: Duration = Duration::from_secs(60);
/// The longest such time.
const RETRY_MAX: Duration = Duration::from_secs(60 * 60);
/// The longest time between two looks at the clock, which may be set.
const LOOK: Duration = Duration::from_secs(30);

/// The backups that a server makes.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The place of the backups.
    pub target: Target,
    /// Their times.
    pub every: Every,
    /// Backups that are kept.
    pub keep: Option<usize>,
    /// The age at which an upload to a bucket that nobody finished is one of a dead writer.
    pub abandoned: Duration,
}

/// Names the metrics and shows them before the first backup.
fn describe() {
    describe_counter!(MADE, "Backups that the server made by itself.");
    describe_counter!(FAILED, "Backups by the server itself that failed, or left something damaged out.");
    describe_gauge!(LAST, "Time of the newest backup, in seconds since the Unix epoch; 0 without one.");
    describe_gauge!(SECONDS, "Time that the newest backup took.");
    describe_gauge!(BYTES, "Bytes of the newest backup.");
    describe_gauge!(NEW_BYTES, "Bytes of the newest backup that no earlier one had.");
    counter!(MADE).absolute(0);
    counter!(FAILED).absolute(0);
    gauge!(LAST).set(0.0);
}

/// Makes backups as a configuration and those after it say, until the server stops. One that is under way is finished first.
pub async fn keep_schedule(
    mut plans: watch::Receiver<Option<Schedule>>,
    clock: fn() -> TimeMs,
    leads: impl Fn() -> bool + Clone + Send + 'static,
    stopped: watch::Receiver<bool>,
) {
    loop {
        let plan = plans.borrow_and_update().clone();
        if let Some(schedule) = plan {
            let (runtime, leads, mut others, mut stopped) =
                (Handle::current(), leads.clone(), plans.clone(), stopped.clone());
            // A thread of its own: it reads and hashes for minutes.
            let kept = tokio::task::spawn_blocking(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = schedule.keep(clock, leads, &mut others) => {}
                        _ = stopped.wait_for(|stop| *stop) => {}
                    }
                });
            });
            if let Err(error) = kept.await {
                tracing::error!(%error, "backups by the server itself have ended");
            }
            gauge!(LAST).set(0.0);
        }
        if plans.changed().await.is_err() {
            return;
        }
    }
}

impl Schedule {
    /// The backups that a configuration wants; `None` without such.
    pub fn of(config: &Config) -> Result<Option<Self>> {
        let Some((target, every)) = config.backup.scheduled()? else { return Ok(None) };
        Ok(Some(Self {
            data_dir: config.data_dir.clone(),
            target,
            every,
            keep: config.backup.keep.map(NonZeroUsize::get),
            abandoned: config.backup.s3.abandoned(),
        }))
    }

    /// Makes backups while this process leads, until there is another plan. One that was due while no server ran is made at the start,
    /// one that failed is tried again later.
    async fn keep(
        self,
        clock: impl Fn() -> TimeMs,
        leads: impl Fn() -> bool,
        others: &mut watch::Receiver<Option<Self>>,
    ) {
        describe();
        let mut last_s = match self.newest_s().await {
            Ok(last_s) => last_s,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), target = %self.target, "the backups cannot be listed");
                None
            }
        };
        if let Some(last_s) = last_s {
            gauge!(LAST).set(last_s as f64);
        }
        let (mut retry, mut not_before_s) = (RETRY_MIN, 0);
        while !others.has_changed().unwrap_or(true) {
            let now_s = clock() / 1000;
            let due_s = self.every.due_s(last_s).unwrap_or(now_s).max(not_before_s);
            if now_s < due_s || !leads() {
                let wait = Duration::from_secs(u64::try_from(due_s - now_s).unwrap_or(0))
                    .clamp(Duration::from_millis(200), LOOK);
                let mut news = others.clone();
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = news.changed() => {}
                }
                continue;
            }
            match self.once().await {
                Ok(made) => {
                    last_s = time_s(&made.at).or(Some(now_s));
                    gauge!(LAST).set(last_s.unwrap_or(now_s) as f64);
                    (retry, not_before_s) = (RETRY_MIN, 0);
                }
                Err(error) => {
                    counter!(FAILED).increment(1);
                    let retry_s = retry.as_secs();
                    tracing::error!(error = format!("{error:#}"), target = %self.target, retry_s, "the backup failed; it is tried again");
                    not_before_s = clock() / 1000 + i64::try_from(retry_s).unwrap_or(0);
                    retry = (2 * retry).min(RETRY_MAX);
                }
            }
        }
    }

    async fn once(&self) -> Result<Made> {
        let began = Instant::now();
        let made = make(&self.data_dir, &self.target, self.keep, &|_, _| {}).await?;
        let seconds = began.elapsed().as_secs_f64();
        counter!(MADE).increment(1);
        gauge!(SECONDS).set(seconds);
        gauge!(BYTES).set(made.bytes as f64);
        gauge!(NEW_BYTES).set(made.new_bytes as f64);
        if !made.damaged.is_empty() {
            counter!(FAILED).increment(1);
            let damaged = made.damaged.join("; ");
            tracing::error!(at = made.at, damaged, "the backup lacks what is damaged in the data directory");
        }
        tracing::info!(
            at = made.at,
            target = %self.target,
            files = made.files,
            bytes = made.bytes,
            new_bytes = made.new_bytes,
            deleted = made.pruned,
            seconds = format!("{seconds:.1}"),
            "a backup is made"
        );
        if let Err(error) = self.remove_abandoned().await {
            tracing::warn!(error = format!("{error:#}"), "unfinished uploads of backups cannot be removed");
        }
        Ok(made)
    }

    async fn remove_abandoned(&self) -> Result<()> {
        Repository::open(&self.target).await?.remove_abandoned(self.abandoned).await?;
        Ok(())
    }

    /// The time of the newest finished backup.
    async fn newest_s(&self) -> Result<Option<i64>> {
        if !Repository::exists(&self.target).await? {
            return Ok(None);
        }
        let backups = Repository::open(&self.target).await?.backups().await?;
        Ok(backups.last().and_then(|at| time_s(at)))
    }
}

/// The time that is the name of a backup, in seconds since the Unix epoch.
fn time_s(at: &str) -> Option<i64> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    Some(PrimitiveDateTime::parse(at, format).ok()?.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_backup_is_its_time() {
        assert_eq!(time_s("20260102T030405Z"), Some(1_767_323_045));
        assert_eq!(time_s("yesterday"), None);
    }
}
