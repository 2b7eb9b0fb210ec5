//! Group commit: one task writes, and calls that queue up while a transaction syncs are committed together by the next one.

use std::future::Future;

use sqlx::{Connection, SqliteConnection};
use tastemaker_store::{Error, Result};
use tokio::sync::{mpsc, oneshot};

use crate::database::failed;

/// Calls that may wait for the writer; more wait for a place.
const QUEUE_LEN: usize = 1_024;

/// Calls that one transaction may hold.
const GROUP_LEN_MAX: usize = 256;

/// The work of a writer on one call inside the transaction of its group.
pub(crate) trait Apply: Sized + Send + Sync + 'static {
    /// The arguments of a call.
    type Input: Send + Sync;
    /// The answer of a call once the transaction is durable.
    type Output: Send;

    /// Applies one call. An [`Abort::Refused`] has written nothing; an [`Abort::Broken`] ends the transaction.
    fn apply(
        connection: &mut SqliteConnection,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Abort>> + Send;

    /// Is told that the transaction of these calls begins.
    fn begins(_: &[&Self::Input]) {}

    /// Is told that the transaction of these calls ended, well or not, before any of them is answered.
    fn ended(_: &[&Self::Input]) {}

    /// Applies the calls of a group in order; an error ends the transaction.
    fn apply_all(
        connection: &mut SqliteConnection,
        inputs: &[&Self::Input],
    ) -> impl Future<Output = sqlx::Result<Vec<Result<Self::Output>>>> + Send {
        one_by_one::<Self>(connection, inputs)
    }
}

/// Why a call was not applied.
pub(crate) enum Abort {
    /// The call's own conditions did not hold; its group goes on.
    Refused(Error),
    /// The database failed; the whole group is rolled back.
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error)
    }
}

struct Call<A: Apply> {
    input: A::Input,
    answer: oneshot::Sender<Result<A::Output>>,
}

/// The way to the writing task, which ends when every handle is dropped.
pub(crate) struct Writer<A: Apply> {
    calls: mpsc::Sender<Call<A>>,
}

impl<A: Apply> Writer<A> {
    /// Starts the task on the current runtime.
    pub(crate) fn start(connection: SqliteConnection) -> Self {
        let (calls, queue) = mpsc::channel(QUEUE_LEN);
        tokio::spawn(write_groups::<A>(connection, queue));
        Self { calls }
    }

    /// Applies a call and returns when it is durable. A caller that stops waiting does not stop the call.
    pub(crate) async fn call(&self, input: A::Input) -> Result<A::Output> {
        let stopped = || Error::Unavailable("the database writer has stopped".to_owned());
        let (answer, answered) = oneshot::channel();
        self.calls.send(Call { input, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

async fn write_groups<A: Apply>(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Call<A>>) {
    let mut group = Vec::with_capacity(GROUP_LEN_MAX);
    while queue.recv_many(&mut group, GROUP_LEN_MAX).await > 0 {
        let inputs: Vec<_> = group.iter().map(|call| &call.input).collect();
        match commit::<A>(&mut connection, &inputs).await {
            Ok(outcomes) => {
                for (call, outcome) in group.drain(..).zip(outcomes) {
                    // Nobody listens when the caller stopped waiting.
                    let _ = call.answer.send(outcome);
                }
            }
            // One call may be at fault: each gets a transaction of its own.
            Err(error) => {
                tracing::warn!(%error, calls = group.len(), "a group commit failed; its calls are retried one by one");
                for call in group.drain(..) {
                    let outcome = match commit::<A>(&mut connection, &[&call.input]).await {
                        Ok(mut outcomes) => {
                            outcomes.pop().unwrap_or_else(|| Err(Error::Unavailable("no answer".into())))
                        }
                        Err(error) => Err(failed(error)),
                    };
                    let _ = call.answer.send(outcome);
                }
            }
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the database did not close cleanly; its log is replayed at the next start");
    }
}

/// Applies every input in one durable transaction and gives each its outcome, in order.
///
/// Plain statements, not sqlx's transaction: SQLite ends a transaction by itself when the disk is full, after which sqlx
/// would still count one as open.
async fn commit<A: Apply>(
    connection: &mut SqliteConnection,
    inputs: &[&A::Input],
) -> sqlx::Result<Vec<Result<A::Output>>> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    A::begins(inputs);
    let committed = match A::apply_all(connection, inputs).await {
        Ok(outcomes) => sqlx::query("COMMIT").execute(&mut *connection).await.map(|_| outcomes),
        Err(error) => Err(error),
    };
    if committed.is_err() {
        // Fails when SQLite has rolled back already, which is what is wanted.
        let _ = sqlx::query("ROLLBACK").execute(connection).await;
    }
    A::ended(inputs);
    committed
}

/// Applies calls one after another.
pub(crate) async fn one_by_one<A: Apply>(
    connection: &mut SqliteConnection,
    inputs: &[&A::Input],
) -> sqlx::Result<Vec<Result<A::Output>>> {
    let mut outcomes = Vec::with_capacity(inputs.len());
    for input in inputs {
        match A::apply(connection, input).await {
            Ok(output) => outcomes.push(Ok(output)),
            Err(Abort::Refused(error)) => outcomes.push(Err(error)),
            Err(Abort::Broken(error)) => return Err(error),
        }
    }
    Ok(outcomes)
}
