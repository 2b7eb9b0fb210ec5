//! What the server tells of itself while it runs: its metrics, jobs that ended, and its log.

use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// The run of a job that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedJob {
    /// The kind of job, such as `train`.
    pub kind: String,
    /// The ARN of the resource that the job makes.
    pub resource_arn: String,
    /// `completed`, `failed`, `retried` or `stopped`.
    pub outcome: String,
    /// The time that it took, in milliseconds.
    pub took_ms: u64,
    /// When it ended, in milliseconds since the Unix epoch.
    pub ended_ms: i64,
}

/// The level of a line of the log, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something is wrong or may become so.
    Warn,
    /// A step of the work.
    Info,
    /// Details.
    Debug,
    /// All details.
    Trace,
}

impl LogLevel {
    /// All of them, the gravest first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word in addresses and settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The level by its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Its level.
    pub level: LogLevel,
    /// The part of the program that wrote it.
    pub target: String,
    /// Its message and fields.
    pub text: String,
    /// The request that it is about.
    pub request_id: Option<String>,
}

/// The server, as its operators watch it.
pub trait ServerWatch: Send + Sync {
    /// The text of `/metrics` now.
    fn metrics(&self) -> BoxFuture<'_, String>;
    /// The runs of jobs that ended last, the newest first; a bounded number of each kind.
    fn ended_jobs(&self) -> Vec<EndedJob>;
    /// The last lines of the log, oldest first.
    fn log_lines(&self) -> Vec<Arc<LogLine>>;
    /// The most memory that the process may take, where there is a limit.
    fn memory_limit_bytes(&self) -> Option<u64>;
}

/// A server that tells the same at all times.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct FixedWatch {
    pub metrics: String,
    pub ended_jobs: Vec<EndedJob>,
    pub log_lines: Vec<Arc<LogLine>>,
}

#[cfg(test)]
impl ServerWatch for FixedWatch {
    fn metrics(&self) -> BoxFuture<'_, String> {
        Box::pin(async { self.metrics.clone() })
    }

    fn ended_jobs(&self) -> Vec<EndedJob> {
        self.ended_jobs.clone()
    }

    fn log_lines(&self) -> Vec<Arc<LogLine>> {
        self.log_lines.clone()
    }

    fn memory_limit_bytes(&self) -> Option<u64> {
        Some(8 << 30)
    }
}
