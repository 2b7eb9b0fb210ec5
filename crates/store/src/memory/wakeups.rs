//! Bells within one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::lock;
use crate::Wakeups;

/// [`Wakeups`] between the tasks of one process. A bell that rings while nobody waits is remembered once.
#[derive(Debug, Default)]
pub struct MemoryWakeups {
    bells: Mutex<HashMap<String, Bell>>,
}

#[derive(Debug, Default)]
struct Bell {
    notify: Arc<Notify>,
    waiters: usize,
    rung: bool,
}

impl MemoryWakeups {
    /// No bells yet; each is made by its first use.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Takes its waiter off the bell however the wait ends, cancellation included.
struct Waiting<'a> {
    wakeups: &'a MemoryWakeups,
    bell: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut bells = lock(&self.wakeups.bells);
        if let Some(bell) = bells.get_mut(self.bell) {
            bell.waiters -= 1;
            if bell.waiters == 0 && !bell.rung {
                bells.remove(self.bell);
            }
        }
    }
}

#[async_trait]
impl Wakeups for MemoryWakeups {
    async fn ring(&self, bell: &str) {
        let mut bells = lock(&self.bells);
        let bell = bells.entry(bell.to_owned()).or_default();
        if bell.waiters > 0 {
            bell.notify.notify_waiters();
        } else {
            bell.rung = true;
        }
    }

    async fn wait(&self, bell: &str, timeout: Duration) {
        let notify;
        let (_waiting, notified) = {
            let mut bells = lock(&self.bells);
            let state = bells.entry(bell.to_owned()).or_default();
            if std::mem::take(&mut state.rung) {
                bells.remove(bell);
                return;
            }
            state.waiters += 1;
            notify = state.notify.clone();
            // A `Notified` hears every `notify_waiters` after its creation, which the lock orders before any ring.
            (Waiting { wakeups: self, bell }, notify.notified())
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
    async fn bells_nobody_uses_are_forgotten() {
        let wakeups = MemoryWakeups::new();
        wakeups.wait("quiet", Duration::from_millis(1)).await;
        wakeups.ring("loud").await;
        wakeups.wait("loud", Duration::from_secs(60)).await;
        assert!(lock(&wakeups.bells).is_empty());
    }
}
