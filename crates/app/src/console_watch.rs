//! The metrics, the jobs and the log of this process, as the console reads them.

use crate::job_history::JobHistory;
use crate::recent_lines::RecentLines;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tastemaker_console::ports::{EndedJob, LogLine, ServerWatch};
use tastemaker_http::{HttpState, InProcessApi};
use tokio::sync::watch;

/// This process, as the console watches it.
pub struct ConsoleWatch {
    /// The state of the server at the time.
    pub state: watch::Receiver<Arc<HttpState>>,
    /// The runs of jobs that ended.
    pub jobs: Arc<JobHistory>,
    /// The last lines of the log.
    pub lines: Arc<RecentLines>,
}

impl ServerWatch for ConsoleWatch {
    fn metrics(&self) -> BoxFuture<'_, String> {
        let state = self.state.borrow().clone();
        async move { InProcessApi::new(state).metrics().await }.boxed()
    }

    fn ended_jobs(&self) -> Vec<EndedJob> {
        self.jobs.ended()
    }

    fn log_lines(&self) -> Vec<Arc<LogLine>> {
        self.lines.all()
    }

    fn memory_limit_bytes(&self) -> Option<u64> {
        crate::memory::limit_bytes()
    }
}
