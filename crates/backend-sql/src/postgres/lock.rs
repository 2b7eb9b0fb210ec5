//! A lock that one process at a time holds, for as long as its connection.

use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, PgConnection, Row};
use tastemaker_store::{Error, Result};

use super::failure::failed;
use super::session::{PostgresSettings, wait_for};

/// Time between attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// A lock of a name in the schema of a database. It ends with the process, however that ends.
pub struct PostgresLock {
    _connection: PgConnection,
}

impl PostgresLock {
    /// Waits until nobody else holds the lock, at most as long as `settings` wait for a database.
    pub async fn acquire(settings: &PostgresSettings, name: &str) -> Result<Self> {
        const LOCK: &str = "SELECT pg_try_advisory_lock(hashtext('tastemaker ' || $1), hashtext(current_schema()))";
        let url = &settings.url;
        let options = url.options().map_err(|why| Error::backend("postgres", why))?.disable_statement_logging();
        let mut connection = wait_for(settings, &options).await?;
        let began = Instant::now();
        loop {
            let row = sqlx::query(LOCK).bind(name).fetch_one(&mut connection).await;
            if row.and_then(|row| row.try_get(0)).map_err(|error| failed(url, error))? {
                return Ok(Self { _connection: connection });
            }
            if began.elapsed() > settings.wait {
                let wait_s = settings.wait.as_secs();
                return Err(Error::Unavailable(format!("{url}: another process has the lock '{name}' for {wait_s} s")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
