//! Transactions on SQLite for the writer of a file.

use std::future::Future;
use std::marker::PhantomData;

use sqlx::{Connection, SqliteConnection};
use tastemaker_store::{Error, Result};

use super::database::failed;
use crate::group_commit::Commit;

/// The work of a writer on one call inside the transaction of its group.
pub(crate) trait Apply: Sized + Send + Sync + 'static {
    /// The arguments of a call.
    type Input: Send + Sync + 'static;
    /// The answer of a call once the transaction is durable.
    type Output: Send + 'static;

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

/// The connection that writes a file.
pub(crate) struct Transactions<A> {
    connection: SqliteConnection,
    work: PhantomData<fn() -> A>,
}

impl<A> Transactions<A> {
    /// On this connection.
    pub(crate) fn of(connection: SqliteConnection) -> Self {
        Self { connection, work: PhantomData }
    }
}

impl<A: Apply> Commit for Transactions<A> {
    type Input = A::Input;
    type Output = A::Output;

    async fn commit(&mut self, inputs: &[&A::Input]) -> Result<Vec<Result<A::Output>>> {
        commit::<A>(&mut self.connection, inputs).await.map_err(failed)
    }

    async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the database did not close cleanly; its log is replayed at the next start");
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group_commit::Writer;
    use crate::sqlite::database::{Database, options};
    use parking_lot::Mutex;
    use std::path::Path;
    use std::time::Duration;

    /// A number that is inserted once only; negative ones are refused. It tells of its groups.
    struct Number {
        number: i64,
        told: std::sync::Arc<Mutex<Vec<String>>>,
    }

    struct Numbers;

    impl Numbers {
        fn tell(what: &str, inputs: &[&Number]) {
            let numbers: Vec<_> = inputs.iter().map(|input| input.number).collect();
            inputs[0].told.lock().push(format!("{what} {numbers:?}"));
        }
    }

    impl Apply for Numbers {
        type Input = Number;
        type Output = i64;

        fn begins(inputs: &[&Number]) {
            Self::tell("begins", inputs);
        }

        fn ended(inputs: &[&Number]) {
            Self::tell("ended", inputs);
        }

        async fn apply(connection: &mut SqliteConnection, input: &Number) -> Result<i64, Abort> {
            if input.number < 0 {
                return Err(Abort::Refused(Error::Conflict(input.number.to_string())));
            }
            sqlx::query("INSERT INTO t VALUES (?)").bind(input.number).execute(connection).await?;
            Ok(10 * input.number)
        }
    }

    async fn open(path: &Path) -> Database {
        Database::open(options(path), &["CREATE TABLE t (n INTEGER PRIMARY KEY)"]).await.expect("open")
    }

    #[tokio::test]
    async fn calls_that_wait_are_one_transaction_and_one_by_one_if_it_fails() {
        let root = tempfile::tempdir().expect("directory");
        let Database { writer, readers } = open(&root.path().join("d")).await;
        let writer = Writer::start(Transactions::<Numbers>::of(writer));
        let told = std::sync::Arc::default();
        let call = |number| writer.call(Number { number, told: std::sync::Arc::clone(&told) });
        let (first, refused, second) = tokio::join!(call(1), call(-1), call(2));
        assert_eq!((first.expect("1"), second.expect("2")), (10, 20));
        assert!(matches!(refused, Err(Error::Conflict(what)) if what == "-1"));
        assert_eq!(std::mem::take(&mut *told.lock()), ["begins [1, -1, 2]", "ended [1, -1, 2]"]);

        let (third, again, fourth) = tokio::join!(call(3), call(1), call(4));
        assert_eq!((third.expect("3"), fourth.expect("4")), (30, 40));
        assert!(again.is_err(), "1 is there already");
        let groups =
            ["[3, 1, 4]", "[3]", "[1]", "[4]"].map(|group| [format!("begins {group}"), format!("ended {group}")]);
        assert_eq!(*told.lock(), groups.concat());

        let rows = sqlx::query_scalar::<_, i64>("SELECT n FROM t ORDER BY n").fetch_all(&readers).await;
        assert_eq!(rows.expect("rows"), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn the_connection_ends_with_the_last_handle() {
        let root = tempfile::tempdir().expect("directory");
        let Database { writer, readers } = open(&root.path().join("d")).await;
        drop(Writer::start(Transactions::<Numbers>::of(writer)));
        // The last connection takes the write-ahead log with it.
        readers.close().await;
        let log = root.path().join("d-wal");
        let began = std::time::Instant::now();
        while log.exists() {
            assert!(began.elapsed() < Duration::from_secs(20), "the writer goes on");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
