//! Bells: hints that there may be work.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// Named bells. A ring may be lost or doubled, so a waiter always looks at the records when `wait` returns.
#[async_trait]
pub trait Wakeups: Send + Sync + 'static {
    /// Wakes those who wait for `bell`, or the next one who will.
    async fn ring(&self, bell: &str);

    /// Returns when `bell` was rung or `timeout` has passed, whichever is first.
    async fn wait(&self, bell: &str, timeout: Duration);
}

#[async_trait]
impl<T: Wakeups + ?Sized> Wakeups for Arc<T> {
    async fn ring(&self, bell: &str) {
        (**self).ring(bell).await;
    }

    async fn wait(&self, bell: &str, timeout: Duration) {
        (**self).wait(bell, timeout).await;
    }
}
