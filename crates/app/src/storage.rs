//! The storage of a server: its databases and blobs, joined and swept before anything else uses them.

use crate::clock::now_ms;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::storage_observer::StorageObserver;
use crate::store_config::{Database, StoreConfig};
use crate::webhooks::LiveReceivers;
use crate::webhooks_config;
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use std::time::Duration;
use tastemaker_backend_sql::{
    PostgresEvents, PostgresLock, PostgresRecords, PostgresSettings, PostgresUrl, PostgresWakeups, SqliteEvents,
    SqliteRecords,
};
use tastemaker_store::expiry_clock;
use tastemaker_store::instance::{self, Found, FoundEvents, InstanceError, Joined, NextInstance};
use tastemaker_store::measured::StoreObserver;
use tastemaker_store::orphans::{self, SettingAside};
use tastemaker_store::{
    Blobs, ChecksummedBlobs, Events, MachineClock, MemoryWakeups, NotingRecords, ObjectStoreBlobs, Records, RecordsExt,
    StoreClock, Stores, Wakeups,
};

/// The key of the record that is made when every blob has checksums.
const ADOPTED: &str = "checksums-complete";

/// The storage of a server.
#[derive(Clone)]
pub struct Storage {
    /// Records, events, blobs with checksums, and hints.
    pub stores: Stores,
    /// The blobs with their checksums.
    pub blobs: ChecksummedBlobs<ObjectStoreBlobs>,
    /// The clock that all processes on the same records share.
    pub clock: Arc<dyn StoreClock>,
    /// The places of records, events and blobs, as they are shown.
    places: Places,
    /// The blobs alone.
    files: ObjectStoreBlobs,
    events: EventLog,
    /// The database of records, where several processes may start at once.
    shared: Option<PostgresSettings>,
    /// The receivers of changes of statuses.
    pub receivers: LiveReceivers,
    lost_days: u32,
    /// The age at which an upload to a bucket that nobody finished is one of a dead writer.
    abandoned: Duration,
}

/// The places of records, events and blobs, as they are shown.
#[derive(Clone)]
struct Places {
    records: String,
    events: String,
    blobs: String,
}

/// The events of either backend, for what is beyond the trait.
#[derive(Clone)]
enum EventLog {
    Sqlite(Arc<SqliteEvents>),
    Postgres(Arc<PostgresEvents>),
}

impl EventLog {
    fn shared(&self) -> Arc<dyn Events> {
        match self {
            Self::Sqlite(events) => events.clone(),
            Self::Postgres(events) => events.clone(),
        }
    }

    async fn skip_positions(&self, upto: u64) -> Result<(), tastemaker_store::Error> {
        match self {
            Self::Sqlite(events) => events.skip_positions(upto).await,
            Self::Postgres(events) => events.skip_positions(upto).await,
        }
    }
}

/// The settings of connections to a database.
fn settings(url: &PostgresUrl, config: &StoreConfig) -> PostgresSettings {
    let (connections, wait) = (config.connections.get(), Duration::from_secs(config.wait_s));
    PostgresSettings { url: url.clone(), connections, wait }
}

impl Storage {
    /// Opens the databases and blobs, without looking whether they belong together.
    pub async fn open(data: &DataDir, config: &Config) -> Result<Self> {
        let open = |path: &str| format!("cannot open {path}");
        let store = &config.store;
        let place = |database: &Database, file: std::path::PathBuf| match database {
            Database::Sqlite => file.display().to_string(),
            Database::Postgres(url) => url.to_string(),
        };
        let places = Places {
            records: place(&store.records, data.records()),
            events: place(&store.events, data.events()),
            blobs: match store.place_of_blobs()? {
                Some(location) => location.to_string().trim_end_matches('/').to_owned(),
                None => data.blobs().display().to_string(),
            },
        };
        let (records, clock): (Arc<dyn Records>, Arc<dyn StoreClock>) = match &store.records {
            Database::Sqlite => {
                let records = SqliteRecords::open(data.records()).await.with_context(|| open(&places.records))?;
                (Arc::new(records), Arc::new(MachineClock))
            }
            Database::Postgres(url) => {
                let records = Arc::new(PostgresRecords::open(&settings(url, store)).await.context("store.records")?);
                (records.clone(), records)
            }
        };
        let events = match &store.events {
            Database::Sqlite => {
                let events = SqliteEvents::open(data.events()).await.with_context(|| open(&places.events))?;
                EventLog::Sqlite(Arc::new(events))
            }
            Database::Postgres(url) => {
                let events = PostgresEvents::open(&settings(url, store)).await.context("store.events")?;
                EventLog::Postgres(Arc::new(events))
            }
        };
        // Whoever shares only one of the two hears of it by that one.
        let wakeups: Arc<dyn Wakeups> = match (&store.records, &store.events) {
            (Database::Postgres(url), _) | (_, Database::Postgres(url)) => Arc::new(PostgresWakeups::start(url)?),
            (Database::Sqlite, Database::Sqlite) => Arc::new(MemoryWakeups::default()),
        };
        let files = match store.place_of_blobs()? {
            Some(location) => store.s3.open(&location).await?,
            None => {
                let files = ObjectStoreBlobs::open_directory(data.blobs()).await;
                files.with_context(|| open(&places.blobs))?
            }
        };
        let blobs = ChecksummedBlobs::new(files.clone(), records.clone());
        let receivers = LiveReceivers::new(webhooks_config::receivers(&config.webhooks)?);
        let noting = NotingRecords::new(records, wakeups.clone(), Arc::new(now_ms), Arc::new(receivers.clone()));
        let records: Arc<dyn Records> = Arc::new(noting);
        let observer: Arc<dyn StoreObserver> = Arc::new(StorageObserver);
        let stores = Stores { records, events: events.shared(), blobs: Arc::new(blobs.clone()), wakeups };
        let stores = stores.measured(&observer);
        let shared = match &store.records {
            Database::Sqlite => None,
            Database::Postgres(url) => Some(settings(url, store)),
        };
        Ok(Self {
            stores,
            blobs,
            clock,
            places,
            files,
            events,
            shared,
            receivers,
            lost_days: config.storage.lost_days,
            abandoned: store.s3.abandoned(),
        })
    }

    /// Refuses records, blobs and events that do not belong together, and brings back blobs that were taken for nobody's and
    /// are named again.
    pub async fn join(&self, accepted: bool) -> Result<()> {
        // Two first starts at once would each give an identity of their own.
        let _alone = match &self.shared {
            Some(settings) => Some(PostgresLock::acquire(settings, "start").await?),
            None => None,
        };
        let found = match self.identify(accepted).await {
            Ok(found) => found,
            Err(InstanceError::Store(error)) => return Err(error).context("the identity of the data cannot be read"),
            Err(refused) if refused.is_about_events() => bail!(
                "{refused}. Put back what belongs together ({} and {}), or go on with --accept-mismatch: what was streamed \
                 into the missing database is then gone, and what is imported or trained stays",
                self.places.records,
                self.places.events
            ),
            Err(refused) => bail!(
                "{refused}. Put back what belongs together ({} and {}), or go on with --accept-mismatch: blobs that no \
                 record names are then kept in {}/lost for {} days",
                self.places.records,
                self.places.blobs,
                self.places.blobs,
                self.lost_days
            ),
        };
        match found.events {
            FoundEvents::Together | FoundEvents::Adopted => {}
            FoundEvents::Older => tracing::warn!(
                place = self.places.events,
                "the streamed events are an older backup than the records: what was streamed since is missing; to have it, \
                 stop the server and put the newest copy of them back"
            ),
            FoundEvents::Accepted => {
                tracing::warn!("streamed events that do not belong to the records are used, as was asked")
            }
        }
        match found.blobs {
            Found::Together | Found::Adopted => {}
            Found::OlderRecords => tracing::warn!(
                lost_days = self.lost_days,
                "the records are an older backup than the blobs: newer blobs are set aside, and come back with their records"
            ),
            Found::OlderBlobs => {
                tracing::warn!("the blobs are an older backup than the records: newer ones are missing")
            }
            Found::Accepted => tracing::warn!("records and blobs that do not belong together are used, as was asked"),
        }
        let back = orphans::bring_back(&self.files, &self.blobs).await?;
        if back > 0 {
            tracing::warn!(back, "blobs that lay in blobs/lost are named by records and were brought back");
        }
        Ok(())
    }

    /// Compares the identities of records, blobs and events, and writes none.
    pub async fn belongs_together(&self, accepted: bool) -> Result<NextInstance, InstanceError> {
        instance::judge(&*self.stores.records, &self.files, &*self.stores.events, accepted).await
    }

    async fn identify(&self, accepted: bool) -> Result<Joined, InstanceError> {
        let next = self.belongs_together(accepted).await?;
        // Before the identity is written: a start that ends in between does it again.
        if let Some(position) = next.found.first_position() {
            self.events.skip_positions(position).await?;
        }
        Ok(next.commit(&*self.stores.records, &self.files, &*self.stores.events).await?)
    }

    /// Blobs whose deletions set aside; for the sweeps of a start.
    pub async fn setting_aside(&self, now_ms: i64) -> Result<SettingAside, tastemaker_store::Error> {
        // A clock that is behind must not make their day an early one.
        let reached_ms = expiry_clock::reached_ms(&*self.stores.records).await?;
        let now_ms = reached_ms.map_or(now_ms, |reached_ms| now_ms.max(reached_ms));
        Ok(SettingAside::new(self.files.clone(), self.blobs.clone(), now_ms, self.lost_days))
    }

    /// Tells of the lost blobs in the log; `aside` has set the new ones aside.
    pub async fn report_lost(&self, aside: &SettingAside) -> Result<()> {
        let lost = orphans::expire(&self.files, None).await?;
        if lost.count > 0 {
            let (new, days) = (aside.count(), self.lost_days);
            tracing::warn!(
                new,
                count = lost.count,
                bytes = lost.bytes,
                days,
                "blobs that no record names lie in blobs/lost, in folders named after the day until which they are kept"
            );
        }
        Ok(())
    }

    /// Ends uploads to a bucket that dead writers left; their number.
    pub async fn remove_abandoned(&self) -> Result<usize, tastemaker_store::Error> {
        self.files.remove_abandoned(self.abandoned).await
    }

    /// Deletes the lost blobs whose day has passed by then; their number.
    pub async fn expire_lost(&self, now_ms: i64) -> Result<usize, tastemaker_store::Error> {
        Ok(orphans::expire(&self.files, Some(now_ms)).await?.expired)
    }

    /// Gives blobs of earlier builds their checksums, one after another; once, since this build writes none without.
    pub async fn adopt(&self) -> Result<usize, tastemaker_store::Error> {
        if self.stores.records.get(ADOPTED).await?.is_some() {
            return Ok(0);
        }
        let known = self.blobs.known().await?;
        let mut adopted = 0;
        for blob in self.files.list("").await?.iter().filter(|blob| !known.contains(&blob.key)) {
            self.blobs.adopt(&blob.key).await?;
            adopted += 1;
        }
        self.stores.records.put_json(ADOPTED, &true).await?;
        Ok(adopted)
    }

    /// Every blob that lies aside.
    pub async fn lost(&self) -> Result<Vec<tastemaker_store::Lost>, tastemaker_store::Error> {
        self.files.lost().await
    }
}
