//! The promises of [`Wakeups`]: few, since a notification is only a hint. No check depends on how fast the machine is.

use std::sync::Arc;
use std::time::Duration;

use crate::Wakeups;

/// Longer than any test may take: a wait that ends before was ended by a notification.
const NEVER: Duration = Duration::from_secs(600);

/// Runs every check, each on channels of its own; then once more through `Arc<Arc<dyn Wakeups>>`.
pub async fn run_all(factory: impl AsyncFn() -> Arc<dyn Wakeups>) {
    a_wait_ends_by_itself(&*factory().await).await;
    a_repeated_notification_wakes_a_waiter(factory().await).await;
    other_channels_do_not_wake(&*factory().await).await;
    a_wait_ends_by_itself(&Arc::new(factory().await)).await;
}

async fn a_wait_ends_by_itself(wakeups: &dyn Wakeups) {
    wakeups.wait("silent", Duration::from_millis(5)).await;
    wakeups.wait("silent", Duration::ZERO).await;
}

async fn a_repeated_notification_wakes_a_waiter(wakeups: Arc<dyn Wakeups>) {
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let wakeups = wakeups.clone();
            tokio::spawn(async move { wakeups.wait("channel", NEVER).await })
        })
        .collect();
    while !waiters.iter().all(|waiter| waiter.is_finished()) {
        wakeups.notify("channel").await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn other_channels_do_not_wake(wakeups: &dyn Wakeups) {
    wakeups.notify("one").await;
    let other = tokio::time::timeout(Duration::from_millis(20), wakeups.wait("two", NEVER)).await;
    assert!(other.is_err(), "a channel woke the waiter of another");
}
