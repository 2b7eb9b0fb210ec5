//! Threads for trainings and batch jobs, at a lower priority than those that answer requests.
//!
//! On Linux a thread's nice value is its own, and the threads that it starts inherit it: such work runs on a thread that took
//! the lowest priority first, and so do its pools and the trials of a search. Elsewhere a process has one priority, and nothing
//! is changed.

use tastemaker_store::Error;
use tokio::sync::oneshot;

/// The lowest priority that still gets a share of a busy processor, so that no lock is held by a thread that never runs.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// Runs `work` on a thread of its own at low priority; a panic there is an error of the backend "jobs".
pub(crate) async fn at_low_priority<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (result, made) = oneshot::channel();
    let thread = std::thread::Builder::new().name("low-priority".to_owned());
    let started = thread.spawn(move || {
        lower_priority();
        // Nobody waits any more for work that was abandoned.
        drop(result.send(work()));
    });
    started.map_err(|error| Error::backend("jobs", error))?;
    made.await.map_err(|_| Error::backend("jobs", "the work panicked"))
}

/// Lowers the priority of the calling thread and of those that it will start.
#[cfg(target_os = "linux")]
fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "a job computes at the priority of the server");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn trainings_and_their_threads_yield_and_nobody_else_does() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let of_training = at_low_priority(move || {
            let pool = tastemaker_learn::thread_pool(2).unwrap();
            let scoped = std::thread::scope(|scope| scope.spawn(nice).join().unwrap());
            [nice(), scoped, pool.install(nice)]
        });
        assert_eq!(of_training.await.unwrap(), [NICE; 3]);
        assert_eq!((nice(), tokio::task::spawn_blocking(nice).await.unwrap()), (before, before));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let panicked = at_low_priority(|| assert_eq!(1, 2)).await.unwrap_err();
        assert!(panicked.to_string().contains("the work panicked"), "{panicked}");
    }
}
