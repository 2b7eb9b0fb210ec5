//! The writer's way through a transaction that others may be in the way of, or whose connection may be lost.

use std::future::Future;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row};
use tastemaker_store::{Error, Result};

use super::failure::{Next, failed, next};
use super::session::Session;
use crate::group_commit::Commit;

/// Attempts at one transaction that others are in the way of.
const ATTEMPTS_MAX: u32 = 40;

/// Connections that may be lost under one transaction.
const CONNECTIONS_MAX: u32 = 8;

/// The time after which there are no more of them.
const ATTEMPTS_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest pause between two of them.
const PAUSE_MAX: Duration = Duration::from_millis(200);

/// The time after which a transaction whose database is silent is taken for lost.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The time in which a lost commit's fate is asked for.
const FATE_TIMEOUT: Duration = Duration::from_secs(10);
const FATE_PAUSE: Duration = Duration::from_millis(100);

/// The work of a writer inside a transaction.
pub(crate) trait Work: Send + Sync + 'static {
    /// The arguments of a call.
    type Input: Send + Sync + 'static;
    /// The answer of a call once the transaction is durable.
    type Output: Send + 'static;

    /// Begins a transaction.
    const BEGIN: &'static str;

    /// Whether calls may be applied twice with the same outcome, so that nobody has to ask what became of a lost commit.
    const REPEATABLE: bool;

    /// The key of a call, for the error when others are always in the way.
    fn key(input: &Self::Input) -> &str;

    /// Applies the calls in order. An error ends the transaction.
    fn apply(
        connection: &mut PgConnection,
        inputs: &[&Self::Input],
    ) -> impl Future<Output = sqlx::Result<Vec<Result<Self::Output>>>> + Send;
}

/// The session that writes.
pub(crate) struct Transactions<W> {
    session: Session,
    work: PhantomData<fn() -> W>,
}

impl<W> Transactions<W> {
    /// In this session.
    pub(crate) fn of(session: Session) -> Self {
        Self { session, work: PhantomData }
    }
}

/// The failure of an attempt.
enum Failure {
    /// There was no connection.
    Connect(sqlx::Error),
    /// Before its commit: nothing was written.
    Before(sqlx::Error),
    /// In its commit. The number of the transaction, if it had written anything.
    Within(sqlx::Error, Option<String>),
}

impl<W: Work> Commit for Transactions<W> {
    type Input = W::Input;
    type Output = W::Output;

    async fn commit(&mut self, inputs: &[&W::Input]) -> Result<Vec<Result<W::Output>>> {
        let mut lost = 0;
        let (began, mut attempts) = (Instant::now(), 0);
        while attempts < ATTEMPTS_MAX && began.elapsed() < ATTEMPTS_TIMEOUT {
            attempts += 1;
            let mut is_absent = false;
            let error = match self.attempt(inputs).await {
                Ok(outcomes) => return Ok(outcomes),
                Err((Failure::Connect(error), _)) => {
                    is_absent = matches!(error, sqlx::Error::Io(_));
                    error
                }
                Err((Failure::Before(error), _)) => error,
                Err((Failure::Within(error, transaction), outcomes)) => match (next(&error), transaction, outcomes) {
                    // The database has said that it did not commit.
                    (Next::Again | Next::GiveUp, _, _) => error,
                    (Next::Reconnect, Some(transaction), Some(outcomes)) => {
                        self.session.forget();
                        if self.was_committed(&transaction, &error).await? {
                            return Ok(outcomes);
                        }
                        error
                    }
                    // It had written nothing, or may be repeated.
                    (Next::Reconnect, _, _) => error,
                },
            };
            match next(&error) {
                Next::Again => pause(attempts).await,
                // Connections end when a server restarts or an operator says so, and the next one may hold.
                Next::Reconnect if lost < CONNECTIONS_MAX && !is_absent => {
                    self.session.forget();
                    lost += 1;
                    pause(lost).await;
                }
                Next::Reconnect | Next::GiveUp => {
                    self.session.forget();
                    return Err(failed(self.session.url(), error));
                }
            }
        }
        let key = inputs.first().map(|input| W::key(input)).unwrap_or_default().to_owned();
        Err(Error::Contended { key, attempts: attempts as usize })
    }

    fn may_be_one_call(error: &Error) -> bool {
        !matches!(error, Error::Unavailable(_))
    }

    async fn close(self) {
        self.session.close().await;
    }
}

type Outcomes<W> = Vec<Result<<W as Work>::Output>>;

impl<W: Work> Transactions<W> {
    async fn attempt(&mut self, inputs: &[&W::Input]) -> Result<Outcomes<W>, (Failure, Option<Outcomes<W>>)> {
        let before = |error| (Failure::Before(error), None);
        let connection = self.session.connection().await.map_err(|error| (Failure::Connect(error), None))?;
        let work = async {
            sqlx::raw_sql(W::BEGIN).execute(&mut *connection).await?;
            let outcomes = W::apply(&mut *connection, inputs).await?;
            if W::REPEATABLE {
                return Ok((outcomes, None));
            }
            // Only a transaction that has written has a number.
            const NUMBER: &str = "SELECT pg_current_xact_id_if_assigned()::text";
            let number: Option<String> = sqlx::query(NUMBER).fetch_one(&mut *connection).await?.try_get(0)?;
            Ok((outcomes, number))
        };
        let (outcomes, number) = match in_time(work).await {
            Ok(applied) => applied,
            Err(error) => {
                let is_usable = next(&error) != Next::Reconnect
                    && in_time(async { sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await }).await.is_ok();
                if !is_usable {
                    self.session.forget();
                }
                return Err(before(error));
            }
        };
        match in_time(async { sqlx::raw_sql("COMMIT").execute(connection).await }).await {
            Ok(_) => Ok(outcomes),
            Err(error) => Err((Failure::Within(error, number), Some(outcomes))),
        }
    }

    /// The fate of a transaction whose commit was not answered.
    async fn was_committed(&mut self, transaction: &str, lost: &sqlx::Error) -> Result<bool> {
        let began = Instant::now();
        loop {
            let fate = match self.session.connection().await {
                Ok(connection) => in_time(fate(connection, transaction)).await,
                Err(error) => Err(error),
            };
            match fate.as_ref().map(Option::as_deref) {
                Ok(Some("committed")) => return Ok(true),
                Ok(Some("aborted")) => return Ok(false),
                Ok(_) => {}
                Err(_) => self.session.forget(),
            }
            if began.elapsed() > FATE_TIMEOUT {
                let url = self.session.url();
                return Err(Error::Unavailable(format!(
                    "{url}: the connection was lost during a commit, and whether it was made cannot be asked: {lost}"
                )));
            }
            tokio::time::sleep(FATE_PAUSE).await;
        }
    }
}

async fn fate(connection: &mut PgConnection, transaction: &str) -> sqlx::Result<Option<String>> {
    let asked = sqlx::query("SELECT pg_xact_status($1::text::xid8)").bind(transaction);
    asked.fetch_one(connection).await?.try_get(0)
}

async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    match tokio::time::timeout(ATTEMPT_TIMEOUT, work).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Longer after each attempt, and of another length in each process, so that two do not meet again and again.
async fn pause(attempt: u32) {
    let longest = PAUSE_MAX.min(Duration::from_millis(1 << attempt.min(10)));
    tokio::time::sleep(longest.mul_f64(fraction())).await;
}

/// Any number from 0 to 1.
fn fraction() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}
