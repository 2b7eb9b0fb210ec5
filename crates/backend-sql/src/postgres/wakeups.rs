//! [`Wakeups`] between processes, by LISTEN and NOTIFY.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use sqlx::postgres::PgListener;
use sqlx::{ConnectOptions, PgPool, Row};
use tastemaker_store::{Error, MemoryWakeups, Result, Wakeups};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::session::{CONNECT_TIMEOUT, pool};
use super::url::PostgresUrl;

/// One connection listens, the other notifies.
const CONNECTIONS: u32 = 2;

/// Time after which a silent connection is asked whether it is still there.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Time between attempts to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// Bytes of a notification; PostgreSQL refuses 8,000.
const PAYLOAD_BYTES_MAX: usize = 7_999;

/// PostgreSQL's channel of this database's schema: stores in several schemas of one database do not hear each other.
const CHANNEL: &str = "SELECT 'tastemaker_' || md5(current_schema())";

/// Notifications to every process on the same database. Those of this process wait for no database; the others' come while the
/// connection holds, and after each new connection everybody is woken once.
pub struct PostgresWakeups {
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

struct Shared {
    /// Those who wait in this process.
    here: MemoryWakeups,
    /// The channels on which anybody has waited.
    waited: Mutex<BTreeSet<String>>,
    /// The channels that the other processes have to be told of.
    untold: Mutex<BTreeSet<String>>,
    more: Notify,
    /// Stands before each notification of this process, which has heard of it already.
    sender: String,
}

impl PostgresWakeups {
    /// Listens on a task of the current tokio runtime, from the moment in which the database answers.
    pub fn start(url: &PostgresUrl) -> Result<Self> {
        let options = url.options().map_err(|why| Error::backend("postgres", why))?.disable_statement_logging();
        let pool = pool(CONNECTIONS, options);
        let shared = Arc::new(Shared {
            here: MemoryWakeups::new(),
            waited: Mutex::default(),
            untold: Mutex::default(),
            more: Notify::new(),
            sender: unique(),
        });
        let tasks = [
            tokio::spawn(listen_always(shared.clone(), pool.clone())),
            tokio::spawn(tell_always(shared.clone(), pool)),
        ];
        Ok(Self { shared, tasks })
    }
}

impl Drop for PostgresWakeups {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[async_trait]
impl Wakeups for PostgresWakeups {
    async fn notify(&self, channel: &str) {
        self.shared.here.notify(channel).await;
        self.shared.untold.lock().insert(channel.to_owned());
        self.shared.more.notify_one();
    }

    async fn wait(&self, channel: &str, timeout: Duration) {
        if !self.shared.waited.lock().contains(channel) {
            self.shared.waited.lock().insert(channel.to_owned());
        }
        self.shared.here.wait(channel, timeout).await;
    }
}

/// A name that no other process has.
fn unique() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(0))
}

async fn listen_always(shared: Arc<Shared>, pool: PgPool) {
    loop {
        let Err(error) = listen(&shared, &pool).await;
        tracing::debug!(%error, "notifications of other processes are not heard for a moment");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(shared: &Shared, pool: &PgPool) -> sqlx::Result<std::convert::Infallible> {
    let channel = channel(pool).await?;
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(&channel).await?;
    // What was notified before is lost.
    let waited: Vec<String> = shared.waited.lock().iter().cloned().collect();
    for channel in waited {
        shared.here.notify(&channel).await;
    }
    loop {
        match tokio::time::timeout(SILENCE_MAX, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => shared.heard(notification.payload()).await,
            Ok(Ok(None)) => return Err(sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into())),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                let answered = tokio::time::timeout(CONNECT_TIMEOUT, sqlx::query("SELECT 1").execute(&mut listener));
                answered.await.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
            }
        }
    }
}

impl Shared {
    async fn heard(&self, payload: &str) {
        match payload.split_once(' ') {
            Some((sender, channel)) if sender != self.sender => self.here.notify(channel).await,
            _ => {}
        }
    }
}

/// Tells the other processes, many channels at once where many were notified.
async fn tell_always(shared: Arc<Shared>, pool: PgPool) {
    let mut name = None;
    loop {
        shared.more.notified().await;
        let channels = std::mem::take(&mut *shared.untold.lock());
        let payloads = channels.iter().map(|channel| format!("{} {channel}", shared.sender));
        let payloads: Vec<String> = payloads.filter(|payload| payload.len() <= PAYLOAD_BYTES_MAX).collect();
        if let Err(error) = tell(&pool, &mut name, payloads).await {
            tracing::debug!(%error, "other processes do not hear of a notification");
        }
    }
}

async fn tell(pool: &PgPool, name: &mut Option<String>, payloads: Vec<String>) -> sqlx::Result<()> {
    let name = match name {
        Some(name) => name,
        None => name.insert(channel(pool).await?),
    };
    let query = sqlx::query("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload");
    query.bind(&*name).bind(payloads).execute(pool).await.map(drop)
}

async fn channel(pool: &PgPool) -> sqlx::Result<String> {
    sqlx::query(CHANNEL).fetch_one(pool).await?.try_get(0)
}
