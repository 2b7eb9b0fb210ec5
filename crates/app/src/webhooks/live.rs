//! The receivers as they are now: a new configuration exchanges them.

use super::receiver::Receiver;
use std::sync::Arc;
use tastemaker_store::Receivers;
use tastemaker_store::records::StateChange;
use tokio::sync::watch;

/// The receivers as they are now. Cloning shares them.
#[derive(Debug, Clone)]
pub struct LiveReceivers(watch::Sender<Arc<Vec<Receiver>>>);

impl LiveReceivers {
    /// With these at first.
    pub fn new(receivers: Vec<Receiver>) -> Self {
        Self(watch::Sender::new(Arc::new(receivers)))
    }

    /// Others from now on.
    pub fn replace(&self, receivers: Vec<Receiver>) {
        self.0.send_replace(Arc::new(receivers));
    }

    /// The receivers, and news of others.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Vec<Receiver>>> {
        self.0.subscribe()
    }
}

impl Receivers for LiveReceivers {
    fn any(&self) -> bool {
        !self.0.borrow().is_empty()
    }

    fn of(&self, change: &StateChange) -> Vec<String> {
        self.0.borrow().iter().filter(|receiver| receiver.wants(change)).map(Receiver::id).collect()
    }
}
