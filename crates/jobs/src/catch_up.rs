//! The wait of a request for the log that several processes share.
//!
//! A request asks for a look at the end of its group's stream, which is read from the database. One look at a time is under way for each
//! stream, and whoever asks meanwhile shares the next one. So a list has every event that was acknowledged, by any process, before
//! the list was asked for.

use crate::context::JobsCtx;
use crate::deployer::Deployer;
use crate::tail::LogStream;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Streams whose looks are kept; beyond that those that nobody waits for are forgotten.
const STREAMS_MAX: usize = 1_024;

/// Looks at the ends of streams for requests that wait for them.
pub struct CatchUp {
    ctx: JobsCtx,
    deployer: Arc<Deployer>,
    /// The longest wait of a request.
    patience: Duration,
    streams: Mutex<HashMap<LogStream, Arc<Looks>>>,
}

/// The looks at one stream, numbered in the order in which they begin.
#[derive(Default)]
struct Looks {
    state: Mutex<State>,
    /// The number of the last look that ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    begun: u64,
    /// The number of the last look that somebody asked for.
    wanted: u64,
    /// Whether a task looks.
    runs: bool,
    /// Whether the last look failed or the present one takes too long; nobody waits then.
    late: bool,
}

impl CatchUp {
    /// Waits of at most `patience`.
    pub fn new(ctx: JobsCtx, deployer: Arc<Deployer>, patience: Duration) -> Self {
        Self { ctx, deployer, patience, streams: Mutex::default() }
    }

    /// Returns when serving has all that was in the stream at the time of the call, or when that takes too long.
    pub async fn wait(self: Arc<Self>, stream: LogStream) {
        let looks = self.looks(&stream);
        let (wanted, begins, waits) = looks.ask();
        let patience = self.patience;
        let group = stream.dataset_group_arn.clone();
        if begins {
            let looks = looks.clone();
            // A task of its own, which a request that gives up does not end.
            tokio::spawn(async move { self.look(&stream, &looks).await });
        }
        if !waits {
            return;
        }
        let mut ended = looks.ended.subscribe();
        if tokio::time::timeout(patience, ended.wait_for(|ended| *ended >= wanted)).await.is_err()
            && looks.is_late(wanted)
        {
            let patience_ms = patience.as_millis();
            tracing::warn!(group, patience_ms, "the log is not read in time: lists may lack a user's last events");
        }
    }

    fn looks(&self, stream: &LogStream) -> Arc<Looks> {
        let mut streams = self.streams.lock();
        if let Some(looks) = streams.get(stream) {
            return looks.clone();
        }
        if streams.len() >= STREAMS_MAX {
            streams.retain(|_, looks| Arc::strong_count(looks) > 1);
        }
        streams.entry(stream.clone()).or_default().clone()
    }

    /// Looks for as long as somebody asks.
    async fn look(&self, stream: &LogStream, looks: &Looks) {
        loop {
            let look = looks.begin();
            let read = self.deployer.tail.reach(&self.ctx, stream, u64::MAX).await;
            if let Err(error) = &read {
                tracing::debug!(%error, group = stream.dataset_group_arn, "the end of the log cannot be read");
            }
            if !looks.end(look, read.is_err()) {
                return;
            }
        }
    }
}

impl Looks {
    /// The number of the look that begins after this call, whether its task is to be begun, and whether it is worth a wait.
    fn ask(&self) -> (u64, bool, bool) {
        let mut state = self.state.lock();
        state.wanted = state.begun + 1;
        let runs = std::mem::replace(&mut state.runs, true);
        (state.wanted, !runs, !state.late)
    }

    fn begin(&self) -> u64 {
        let mut state = self.state.lock();
        state.begun += 1;
        state.begun
    }

    /// Whether another look is wanted.
    fn end(&self, look: u64, failed: bool) -> bool {
        let mut state = self.state.lock();
        state.late = failed;
        state.runs = state.wanted > look;
        self.ended.send_replace(look);
        state.runs
    }

    /// Notes that a look was waited for in vain; whether that is new.
    fn is_late(&self, wanted: u64) -> bool {
        let mut state = self.state.lock();
        *self.ended.borrow() < wanted && !std::mem::replace(&mut state.late, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_while_a_look_is_under_way_shares_the_next_one() {
        let looks = Looks::default();
        assert_eq!(looks.ask(), (1, true, true));
        // Its task has not looked yet.
        assert_eq!(looks.ask(), (1, false, true));
        assert_eq!(looks.begin(), 1);
        assert_eq!(looks.ask(), (2, false, true));
        assert_eq!(looks.ask(), (2, false, true));
        assert!(looks.end(1, false), "another look is wanted");
        assert_eq!(looks.begin(), 2);
        assert!(!looks.end(2, false));
        assert_eq!((*looks.ended.borrow(), looks.ask()), (2, (3, true, true)));
    }

    #[test]
    fn nobody_waits_for_a_log_that_cannot_be_read_until_it_was_read_again() {
        let looks = Looks::default();
        assert_eq!(looks.ask(), (1, true, true));
        assert_eq!(looks.begin(), 1);
        assert!(looks.is_late(1) && !looks.is_late(1), "said once");
        assert_eq!(looks.ask(), (2, false, false));
        assert!(looks.end(1, true));
        assert!(!looks.is_late(1), "it has ended");
        assert_eq!(looks.ask(), (2, false, false));
        assert_eq!(looks.begin(), 2);
        assert!(!looks.end(2, false));
        assert_eq!(looks.ask(), (3, true, true));
    }
}
