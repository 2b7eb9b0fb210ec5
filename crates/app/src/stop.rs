//! The end of a process: it comes within a time that is known beforehand, whatever does not want to end.

use anyhow::Result;
use std::future::Future;
use std::time::{Duration, Instant};

/// The longest time between the signal to stop and the end of the process; shorter than the 30 seconds after which container
/// platforms kill it.
pub const STOP_TIME_MAX: Duration = Duration::from_secs(28);

/// The time for steps that cannot be interrupted, such as the inverse of a large matrix, after everything else has ended.
const BLOCKING_DRAIN: Duration = Duration::from_secs(2);

/// Runs a command on a runtime of its own and leaves behind what does not end soon after it.
pub fn run(command: impl Future<Output = Result<()>>) -> Result<()> {
    run_with(command, BLOCKING_DRAIN)
}

fn run_with(command: impl Future<Output = Result<()>>, drain: Duration) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(command);
    let began = Instant::now();
    runtime.shutdown_timeout(drain);
    if began.elapsed() >= drain {
        tracing::warn!(
            seconds = drain.as_secs(),
            "work that could not be interrupted was left behind; its job is done again after the next start"
        );
    }
    result
}

/// SIGINT and SIGTERM: while one is held, they end nothing by themselves.
pub struct StopSignal {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl StopSignal {
    /// Takes the signals from now on. Whoever has read that the server is ready may send one at once.
    pub fn listen() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the first one.
    pub async fn received(self) {
        #[cfg(unix)]
        {
            let [mut interrupt, mut terminate] = self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be waited for");
        }
    }
}

/// Ends the process when `limit` has passed, unless it has ended by then.
pub fn end_after(limit: Duration) {
    after(limit, move || {
        tracing::error!(seconds = limit.as_secs(), "the server did not stop in time and is ended");
        std::process::exit(1);
    });
}

fn after(limit: Duration, act: impl FnOnce() + Send + 'static) {
    // A thread of its own: a runtime with nothing but stuck workers runs no timer.
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        act();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_step_that_does_not_end_is_left_behind() -> Result<()> {
        let (_kept, never) = mpsc::channel::<()>();
        let began = Instant::now();
        run_with(
            async {
                drop(tokio::task::spawn_blocking(move || never.recv()));
                tokio::task::yield_now().await;
                Ok(())
            },
            Duration::from_millis(100),
        )?;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        Ok(())
    }

    #[test]
    fn the_limit_acts_when_every_worker_is_stuck() {
        let (acted, seen) = mpsc::channel();
        after(Duration::from_millis(50), move || acted.send(()).expect("the test listens"));
        assert_eq!(seen.recv_timeout(Duration::from_secs(10)), Ok(()));
    }
}
