//! Group commit: one task writes, and calls that queue up while a transaction syncs are committed together by the next one.

use std::future::Future;

use tastemaker_store::{Error, Result};
use tokio::sync::{mpsc, oneshot};

/// Calls that may wait for the writer; more wait for a place.
const QUEUE_LEN: usize = 1_024;

/// Calls that one transaction may hold.
const GROUP_LEN_MAX: usize = 256;

/// A database's way to commit the calls of a group.
pub(crate) trait Commit: Sized + Send + 'static {
    /// The arguments of a call.
    type Input: Send + Sync + 'static;
    /// The answer of a call once the transaction is durable.
    type Output: Send + 'static;

    /// Applies every input in one durable transaction and gives each its outcome, in order. After an error nothing is written.
    fn commit(&mut self, inputs: &[&Self::Input]) -> impl Future<Output = Result<Vec<Result<Self::Output>>>> + Send;

    /// Whether the others of a group that failed by this error may succeed without the call that is at fault.
    fn may_be_one_call(_: &Error) -> bool {
        true
    }

    /// Ends the connection.
    fn close(self) -> impl Future<Output = ()> + Send;
}

struct Call<C: Commit> {
    input: C::Input,
    answer: oneshot::Sender<Result<C::Output>>,
}

/// The way to the writing task, which ends when every handle is dropped.
pub(crate) struct Writer<C: Commit> {
    calls: mpsc::Sender<Call<C>>,
}

impl<C: Commit> Writer<C> {
    /// Starts the task on the current runtime.
    pub(crate) fn start(database: C) -> Self {
        let (calls, queue) = mpsc::channel(QUEUE_LEN);
        tokio::spawn(write_groups(database, queue));
        Self { calls }
    }

    /// Applies a call and returns when it is durable. A caller that stops waiting does not stop the call.
    pub(crate) async fn call(&self, input: C::Input) -> Result<C::Output> {
        let stopped = || Error::Unavailable("the database writer has stopped".to_owned());
        let (answer, answered) = oneshot::channel();
        self.calls.send(Call { input, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

async fn write_groups<C: Commit>(mut database: C, mut queue: mpsc::Receiver<Call<C>>) {
    let mut group = Vec::with_capacity(GROUP_LEN_MAX);
    while queue.recv_many(&mut group, GROUP_LEN_MAX).await > 0 {
        let inputs: Vec<_> = group.iter().map(|call| &call.input).collect();
        match database.commit(&inputs).await {
            Ok(outcomes) => {
                for (call, outcome) in group.drain(..).zip(outcomes) {
                    // Nobody listens when the caller stopped waiting.
                    let _ = call.answer.send(outcome);
                }
            }
            Err(error) if group.len() == 1 || !C::may_be_one_call(&error) => {
                for call in group.drain(..) {
                    let _ = call.answer.send(Err(error.duplicate()));
                }
            }
            // One call may be at fault: each gets a transaction of its own.
            Err(error) => {
                tracing::warn!(%error, calls = group.len(), "a group commit failed; its calls are retried one by one");
                for call in group.drain(..) {
                    let outcome = match database.commit(&[&call.input]).await {
                        Ok(mut outcomes) => {
                            outcomes.pop().unwrap_or_else(|| Err(Error::Unavailable("no answer".into())))
                        }
                        Err(error) => Err(error),
                    };
                    let _ = call.answer.send(outcome);
                }
            }
        }
    }
    database.close().await;
}
