//! The trait of notifications on named channels: hints that there may be work.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// Named channels. A notification may be lost or doubled, so a waiter always looks at the records when `wait` returns.
#[async_trait]
pub trait Wakeups: Send + Sync + 'static {
    /// Wakes those who wait on `channel`, or the next one who will.
    async fn notify(&self, channel: &str);

    /// Returns when `channel` was notified or `timeout` has passed, whichever is first.
    async fn wait(&self, channel: &str, timeout: Duration);
}

#[async_trait]
impl<T: Wakeups + ?Sized> Wakeups for Arc<T> {
    async fn notify(&self, channel: &str) {
        (**self).notify(channel).await;
    }

    async fn wait(&self, channel: &str, timeout: Duration) {
        (**self).wait(channel, timeout).await;
    }
}
