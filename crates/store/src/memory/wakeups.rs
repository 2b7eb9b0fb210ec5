//! [`Wakeups`] between the tasks of one process.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::Wakeups;
use parking_lot::Mutex;

/// [`Wakeups`] between the tasks of one process. A notification while nobody waits is remembered once.
#[derive(Debug, Default)]
pub struct MemoryWakeups {
    channels: Mutex<HashMap<String, Channel>>,
}

#[derive(Debug, Default)]
struct Channel {
    notify: Arc<Notify>,
    waiters: usize,
    notified: bool,
}

impl MemoryWakeups {
    /// No channels yet; each is made by its first use.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Takes its waiter off the channel however the wait ends, cancellation included.
struct Waiting<'a> {
    wakeups: &'a MemoryWakeups,
    channel: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut channels = self.wakeups.channels.lock();
        if let Some(channel) = channels.get_mut(self.channel) {
            channel.waiters -= 1;
            if channel.waiters == 0 && !channel.notified {
                channels.remove(self.channel);
            }
        }
    }
}

#[async_trait]
impl Wakeups for MemoryWakeups {
    async fn notify(&self, channel: &str) {
        let mut channels = self.channels.lock();
        let channel = channels.entry(channel.to_owned()).or_default();
        if channel.waiters > 0 {
            channel.notify.notify_waiters();
        } else {
            channel.notified = true;
        }
    }

    async fn wait(&self, channel: &str, timeout: Duration) {
        let notify;
        let (_waiting, notified) = {
            let mut channels = self.channels.lock();
            let state = channels.entry(channel.to_owned()).or_default();
            if std::mem::take(&mut state.notified) {
                channels.remove(channel);
                return;
            }
            state.waiters += 1;
            notify = state.notify.clone();
            // A `Notified` hears every `notify_waiters` after its creation, which the lock orders before any notification.
            (Waiting { wakeups: self, channel }, notify.notified())
        };
        let _ = tokio::time::timeout(timeout, notified).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn conforms() {
        crate::conformance::wakeups::run_all(async || Arc::new(MemoryWakeups::new()) as Arc<dyn Wakeups>).await;
    }

    #[tokio::test]
    async fn channels_nobody_uses_are_forgotten() {
        let wakeups = MemoryWakeups::new();
        wakeups.wait("quiet", Duration::from_millis(1)).await;
        wakeups.notify("loud").await;
        wakeups.wait("loud", Duration::from_secs(60)).await;
        assert!(wakeups.channels.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_leaves_the_others_waiting() {
        let wakeups = Arc::new(MemoryWakeups::new());
        let other = wakeups.clone();
        let waiting = tokio::spawn(async move { other.wait("a", Duration::from_secs(60)).await });
        wakeups.wait("a", Duration::from_secs(1)).await;
        let began = tokio::time::Instant::now();
        wakeups.notify("a").await;
        waiting.await.expect("no panic");
        assert_eq!(began.elapsed(), Duration::ZERO, "the notification is heard");
        assert!(wakeups.channels.lock().is_empty(), "nothing is left of a channel without waiters");
    }
}
