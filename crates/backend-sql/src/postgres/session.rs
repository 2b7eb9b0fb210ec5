//! Connections as they are opened here: the first one of a start, which waits, and each one's settings.

use std::future::Future;
use std::time::{Duration, Instant};

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Row};
use tastemaker_store::{Error, Result};

use super::failure::{failed, may_pass};
use super::url::PostgresUrl;
use crate::migrations::migrator;

/// The oldest server whose SQL is spoken here, as in `server_version_num`.
const SERVER_VERSION_MIN: i32 = 140_000;

/// The longest that a single connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Attempts of a read on new connections, when all that were open are gone.
const SPARE_TRIES: u32 = 4;

/// Time between attempts of a start to connect.
const CONNECT_PAUSE: Duration = Duration::from_millis(500);

/// The longest wait of a read for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest wait of a read for its answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Said once for each connection. A transaction of a process that is stopped must not keep its locks from all others, and what is
/// acknowledged must be on disk where the server's own default is to be quicker than that.
const SETTINGS: &str = "SELECT set_config('lock_timeout', '10s', false), \
    set_config('idle_in_transaction_session_timeout', '10s', false), \
    set_config('synchronous_commit', \
               CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";

/// A database, and how it is connected to.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// The database.
    pub url: PostgresUrl,
    /// Connections that may be open at once to read.
    pub connections: u32,
    /// The time for which a start waits for a database that does not answer.
    pub wait: Duration,
}

/// One connection at a time, made anew when it is gone.
pub(crate) struct Session {
    url: PostgresUrl,
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Session {
    /// The connection, which is opened where there is none.
    pub(crate) async fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.options).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Forgets a connection of which nobody knows what state it is in.
    pub(crate) fn forget(&mut self) {
        self.connection = None;
    }

    /// The database, for errors.
    pub(crate) fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// Ends the connection.
    pub(crate) async fn close(self) {
        if let Some(connection) = self.connection {
            // The server ends what was not ended.
            let _ = connection.close().await;
        }
    }
}

/// A database with its tables up to date: the session that writes, and the connections that read.
pub(crate) struct Opened {
    pub(crate) session: Session,
    pub(crate) readers: Readers,
}

/// Opens a database, waiting for it as `settings` say, and brings its tables up to date. `table` keeps the migrations that were made.
pub(crate) async fn open(
    settings: &PostgresSettings,
    table: &'static str,
    migrations: &[&'static str],
) -> Result<Opened> {
    let url = settings.url.clone();
    let options = url.options().map_err(|why| Error::backend("postgres", why))?.disable_statement_logging();
    let mut first = wait_for(settings, &options).await?;
    suits(&mut first, &url).await?;
    let mut migrator = migrator(migrations);
    migrator.dangerous_set_table_name(table);
    // `run` takes any kind of connection, which the compiler cannot see to be `Send` (rust-lang/rust#100013).
    migrator.run_direct(None, &mut first, false).await.map_err(|error| not_migrated(&url, error))?;
    let readers = Readers {
        url: url.clone(),
        pool: pool(settings.connections, options.clone()),
        tries: settings.connections + SPARE_TRIES,
    };
    Ok(Opened { session: Session { url, options, connection: Some(first) }, readers })
}

/// Connections that are opened when they are needed.
pub(crate) fn pool(connections: u32, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // What is gone is found by its use, which is repeated.
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::query(SETTINGS).execute(connection).await.map(drop) })
        })
        .connect_lazy_with(options)
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let connecting = async {
        let mut connection = options.connect().await?;
        sqlx::query(SETTINGS).execute(&mut connection).await?;
        Ok(connection)
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// The first connection of a start.
pub(crate) async fn wait_for(settings: &PostgresSettings, options: &PgConnectOptions) -> Result<PgConnection> {
    let (url, wait_s) = (&settings.url, settings.wait.as_secs());
    let began = Instant::now();
    let mut told = false;
    loop {
        let error = match connect(options).await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if !may_pass(&error) {
            return Err(failed(url, error));
        }
        if began.elapsed() + CONNECT_PAUSE > settings.wait {
            return Err(Error::Unavailable(format!("the database {url} did not answer within {wait_s} s: {error}")));
        }
        if !told {
            tracing::warn!("waiting for the database {url} for up to {wait_s} s: {error}");
            told = true;
        }
        tokio::time::sleep(CONNECT_PAUSE).await;
    }
}

/// Refuses a server that is too old or cannot hold every text, and tells of one that loses what it acknowledged.
async fn suits(connection: &mut PgConnection, url: &PostgresUrl) -> Result<()> {
    const FACTS: &str = "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
                         current_setting('server_encoding'), current_setting('fsync'), current_schema()";
    let facts = async {
        let row = sqlx::query(FACTS).fetch_one(connection).await?;
        Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?))
    };
    let (number, version, encoding, fsync, schema): (i32, String, String, String, Option<String>) =
        facts.await.map_err(|error| failed(url, error))?;
    let refuse = |why: String| Err(Error::Unavailable(format!("the database {url} cannot be used: {why}")));
    if number < SERVER_VERSION_MIN {
        return refuse(format!("its server is PostgreSQL {version}; 14 or later is needed"));
    }
    if encoding != "UTF8" {
        return refuse(format!("its encoding is {encoding}; UTF8 is needed (CREATE DATABASE ... ENCODING 'UTF8')"));
    }
    if schema.is_none() {
        return refuse("none of the schemas in its search_path exists".to_owned());
    }
    if fsync == "off" {
        tracing::warn!("the server of {url} runs with fsync=off: what was acknowledged is lost when its machine fails");
    }
    Ok(())
}

fn not_migrated(url: &PostgresUrl, error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(url, error),
        MigrateError::VersionMissing(_) => Error::Corrupt(format!(
            "{url}: its tables were brought up to date by a newer release; start that one or a later one"
        )),
        other => Error::Corrupt(format!("{url}: {other}")),
    }
}

/// The connections that read.
#[derive(Clone)]
pub(crate) struct Readers {
    url: PostgresUrl,
    pool: PgPool,
    /// Each connection may turn out to be gone when it is used, and after all of them there is a new one.
    tries: u32,
}

impl Readers {
    /// Runs a query that only reads, on a new connection if the first ones are gone.
    pub(crate) async fn read<T, F>(&self, query: impl Fn(PgPool) -> F) -> Result<T>
    where
        F: Future<Output = sqlx::Result<T>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = tokio::time::timeout(READ_TIMEOUT, query(self.pool.clone())).await;
            match answer.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut)) {
                Ok(found) => return Ok(found),
                Err(error) if tries < self.tries && is_gone(&error) => {}
                Err(error) => return Err(failed(&self.url, error)),
            }
        }
    }
}

/// Whether an error may be that of a connection which was opened before the server restarted.
fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
        other => super::failure::next(other) == super::failure::Next::Reconnect && other.as_database_error().is_some(),
    }
}
