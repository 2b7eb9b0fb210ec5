//! `tastemaker check`: everything in a data directory, and in the databases that it works with, is read and compared with what was
//! written.

use super::check_references;
use crate::config::{Config, ConfigFlags};
use crate::data_dir::DataDir;
use crate::newer_release;
use crate::storage::Storage;
use crate::store_config::Database;
use anyhow::{Result, bail};
use futures::TryStreamExt;
use std::path::Path;
use tastemaker_domain::resource::{Dataset, DatasetGroup};
use tastemaker_store::records::{self, decode_action_interaction, decode_event, decode_row};
use tastemaker_store::{BlobHealth, Blobs, Error, EventsExt, RecordsExt, StoredEvent};

/// Counts and findings of a check.
#[derive(Default)]
struct Findings {
    damaged: Vec<String>,
}

impl Findings {
    fn note<T>(&mut self, read: Result<T, Error>) -> Result<Option<T>, Error> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(Error::Corrupt(what)) => {
                self.damaged.push(what);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Checks the directory and fails if anything is damaged. Blobs of earlier builds get their checksums.
pub async fn run(flags: &ConfigFlags) -> Result<()> {
    let config = Config::load(flags)?;
    let mark = if config.store.records == Database::Sqlite { "records.sqlite" } else { "credentials.json" };
    if !config.data_dir.join(mark).exists() {
        bail!("{} is no data directory: it has no {mark}", config.data_dir.display());
    }
    let data = DataDir::open(&config.data_dir)?;
    let mut findings = Findings::default();
    for (database, file) in [(&config.store.records, data.records()), (&config.store.events, data.events())] {
        if let Database::Postgres(url) = database {
            println!("{url}: its values are read, its pages are left to pg_amcheck and the server's checksums");
            continue;
        }
        let database = file;
        let damage = if database.exists() { tastemaker_backend_sql::damage(&database).await? } else { Vec::new() };
        say(&database, &damage);
        findings.damaged.extend(damage.into_iter().map(|what| format!("{}: {what}", database.display())));
    }
    if findings.damaged.is_empty() {
        let storage = Storage::open(&data, &config).await?;
        newer_release::refuse(&storage).await?;
        if let Err(mismatch) = storage.belongs_together(false).await {
            findings.damaged.push(mismatch.to_string());
        }
        let records = records(&storage, &mut findings).await?;
        let events = events(&storage, &mut findings).await?;
        let (blobs, adopted) = blobs(&storage, &mut findings).await?;
        let there = storage.stores.blobs.list("").await?.into_iter().map(|blob| blob.key).collect();
        findings.damaged.extend(check_references::broken(&*storage.stores.records, &there).await?);
        let lost = storage.lost().await?;
        println!("{records} records, {events} streamed values, {blobs} blobs");
        if adopted > 0 {
            println!("{adopted} blobs of an earlier build had no checksums and have them now");
        }
        if !lost.is_empty() {
            let bytes: u64 = lost.iter().map(|lost| lost.size).sum();
            println!(
                "{} blobs with {bytes} bytes that no record names lie in {}",
                lost.len(),
                data.blobs().join("lost").display()
            );
        }
    }
    for what in &findings.damaged {
        println!("damaged: {what}");
    }
    match findings.damaged.len() {
        0 => {
            println!("everything is as it was written");
            Ok(())
        }
        n => bail!("{n} damaged values"),
    }
}

fn say(database: &Path, damage: &[String]) {
    let state = if damage.is_empty() { "whole" } else { "damaged" };
    println!("{}: {state}", database.display());
}

/// Reads every record as the JSON that it is.
async fn records(storage: &Storage, findings: &mut Findings) -> Result<usize> {
    let mut count = 0;
    let mut pages = RecordsExt::pages(&*storage.stores.records, "");
    while let Some(page) = pages.try_next().await? {
        for (key, found) in page {
            count += 1;
            // The guards of quotas are empty.
            if !found.value.is_empty() {
                findings.note(tastemaker_store::from_json::<serde_json::Value>(&key, &found.value))?;
            }
        }
    }
    Ok(count)
}

/// Decodes every streamed value of the groups and datasets that are known.
async fn events(storage: &Storage, findings: &mut Findings) -> Result<usize> {
    type Decode = fn(&str, &StoredEvent) -> Result<(), Error>;
    let mut streams: Vec<(String, Decode)> = Vec::new();
    for (_, group) in records::list::<DatasetGroup>(&*storage.stores.records).await? {
        streams.push((records::interactions_stream(&group.arn), |s, e| decode_event(s, e).map(drop)));
        let stream = records::action_interactions_stream(&group.arn);
        streams.push((stream, |s, e| decode_action_interaction(s, e).map(drop)));
    }
    for (_, dataset) in records::list::<Dataset>(&*storage.stores.records).await? {
        streams.push((records::rows_stream(&dataset.arn), |s, e| decode_row(s, e).map(drop)));
    }
    let mut count = 0;
    for (stream, decode) in streams {
        let mut pages = EventsExt::pages(&*storage.stores.events, &stream, 0);
        while let Some(page) = pages.try_next().await? {
            for event in page {
                count += 1;
                findings.note(decode(&stream, &event))?;
            }
        }
    }
    Ok(count)
}

/// Reads every blob, also those whose file is gone; their number, and that of those without checksums.
async fn blobs(storage: &Storage, findings: &mut Findings) -> Result<(usize, usize)> {
    let mut keys = storage.blobs.known().await?;
    keys.extend(storage.stores.blobs.list("").await?.into_iter().map(|blob| blob.key));
    let mut keys: Vec<String> = keys.into_iter().collect();
    keys.sort_unstable();
    let mut adopted = 0;
    for key in &keys {
        match storage.blobs.examine(key).await? {
            BlobHealth::Whole => {}
            BlobHealth::Damaged(what) => findings.damaged.push(what),
            BlobHealth::Unknown => {
                storage.blobs.adopt(key).await?;
                adopted += 1;
            }
        }
    }
    Ok((keys.len(), adopted))
}
