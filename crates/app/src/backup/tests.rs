//! Backups of a data directory with records, events and blobs.

use super::make::Made;
use super::*;
use crate::config::Config;
use crate::data_dir::{Credentials, DataDir};
use crate::storage::Storage;
use anyhow::Result;
use bytes::Bytes;
use futures::TryStreamExt;
use std::fs;
use std::path::{Path, PathBuf};
use tastemaker_store::{Blobs, Events, NewEvent, RecordsExt};

struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Result<Self> {
        Ok(Self { root: tempfile::tempdir()? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn target(&self, name: &str) -> Target {
        Target::Directory(self.path(name))
    }
}

/// The storage of a directory, as a server opens it.
async fn open(path: &Path) -> Result<(DataDir, Storage)> {
    let data = DataDir::open(path)?;
    Credentials::load_or_create(path, None)?;
    let config = Config { data_dir: path.to_owned(), ..Config::default() };
    let storage = Storage::open(&data, &config).await?;
    storage.join(false).await?;
    Ok((data, storage))
}

async fn fill(storage: &Storage, from: usize, to: usize) -> Result<()> {
    for n in from..to {
        storage.stores.blobs.put(&format!("b/{n}"), Bytes::from(vec![n as u8; 70_000 + n])).await?;
        storage.stores.records.put_json(&format!("r/{n}"), &n).await?;
        let event = NewEvent { id: n.to_string(), body: Bytes::from(format!("event {n}")) };
        storage.stores.events.append("s", vec![event]).await?;
    }
    Ok(())
}

/// Blobs with their bytes, records and events.
async fn content(storage: &Storage) -> Result<(Vec<(String, Vec<u8>)>, Vec<String>, Vec<(u64, String)>)> {
    let mut blobs = Vec::new();
    for blob in storage.stores.blobs.list("").await? {
        let mut bytes = Vec::new();
        let mut stream = storage.stores.blobs.read(&blob.key, None).await?;
        while let Some(part) = stream.try_next().await? {
            bytes.extend_from_slice(&part);
        }
        blobs.push((blob.key, bytes));
    }
    let records = storage.stores.records.scan("r/", None, 1000).await?.into_iter().map(|(key, _)| key).collect();
    let events = storage.stores.events.read("s", 0, 1000).await?;
    Ok((blobs, records, events.into_iter().map(|event| (event.position, event.id)).collect()))
}

fn silent(_: u64, _: u64) {}

async fn backed_up(place: &Place) -> Result<Made> {
    make(&place.path("data"), &place.target("backups"), None, &silent).await
}

/// Flips a bit in the middle of a file.
fn flip(path: &Path) -> Result<()> {
    let mut bytes = fs::read(path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(fs::write(path, bytes)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_beside_a_server_comes_back_as_it_was() -> Result<()> {
    let place = Place::new()?;
    let (_data, storage) = open(&place.path("data")).await?;
    fill(&storage, 0, 20).await?;
    let made = backed_up(&place).await?;
    assert!(made.damaged.is_empty() && made.bytes > 20 * 70_000, "{made:?}");
    let before = content(&storage).await?;
    // What comes later is not in it.
    fill(&storage, 20, 25).await?;
    storage.stores.blobs.delete("b/3").await?;

    let repository = Repository::open(&place.target("backups")).await?;
    assert_eq!(repository.backups().await?, std::slice::from_ref(&made.at));
    assert_eq!(verify(&repository, None, &silent).await?, (made.at.clone(), Vec::new()));
    fs::create_dir(place.path("new"))?;
    let restored = restore(&repository, Some(&made.at), &place.path("new"), &silent).await?;
    assert_eq!((restored.at, restored.bytes, restored.damaged.len()), (made.at, made.bytes, 0));
    assert!(!place.path("new.restoring").exists());
    assert_eq!(Credentials::existing(&place.path("new"))?, Credentials::existing(&place.path("data"))?);
    let (_, storage) = open(&place.path("new")).await?;
    assert_eq!(content(&storage).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_backup_copies_what_is_new_and_old_ones_go() -> Result<()> {
    let place = Place::new()?;
    let (_data, storage) = open(&place.path("data")).await?;
    fill(&storage, 0, 20).await?;
    let first = backed_up(&place).await?;
    storage.stores.blobs.delete("b/0").await?;
    fill(&storage, 20, 21).await?;
    let second = backed_up(&place).await?;
    assert!(second.at > first.at);
    assert!(second.new_bytes < first.new_bytes / 2, "{} {}", second.new_bytes, first.new_bytes);
    let data = place.path("backups/blobs/data/b");
    assert_eq!(fs::read_dir(&data)?.count(), 21);
    // What a backup that was cut short left behind is no backup, and goes with the next.
    fs::create_dir(place.path("backups/blobs/backups/20200101T000000Z"))?;
    fs::write(place.path("backups/blobs/backups/20200101T000000Z/records.sqlite"), "cut")?;
    fs::write(data.join("stray"), "cut")?;
    let third = make(&place.path("data"), &place.target("backups"), Some(2), &silent).await?;
    assert_eq!(third.pruned, 1);
    assert_eq!(fs::read_dir(&data)?.count(), 20, "b/0 was of the first alone");
    let repository = Repository::open(&place.target("backups")).await?;
    assert_eq!(repository.backups().await?, [second.at.clone(), third.at]);
    assert_eq!(verify(&repository, Some(&second.at), &silent).await?.1, [""; 0]);
    assert!(!place.path("backups/blobs/backups/20200101T000000Z/records.sqlite").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_data_that_changes_is_whole() -> Result<()> {
    let place = Place::new()?;
    let (_data, storage) = open(&place.path("data")).await?;
    fill(&storage, 0, 40).await?;
    let churn = async {
        for n in 0..40 {
            storage.stores.blobs.delete(&format!("b/{n}")).await?;
            fill(&storage, 100 + n, 101 + n).await?;
        }
        anyhow::Ok(())
    };
    let target = (place.path("data"), place.target("backups"));
    let (made, churned) = tokio::join!(make(&target.0, &target.1, None, &silent), churn);
    churned?;
    assert_eq!(made?.damaged, [""; 0]);
    let repository = Repository::open(&place.target("backups")).await?;
    restore(&repository, None, &place.path("new"), &silent).await?;
    let (_, restored) = open(&place.path("new")).await?;
    let (blobs, records, events) = content(&restored).await?;
    assert_eq!(blobs.len(), restored.blobs.known().await?.len());
    assert!(blobs.len() >= 39 && events.len() >= records.len(), "{} {}", events.len(), records.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_named_and_the_rest_is_copied() -> Result<()> {
    let place = Place::new()?;
    let (_data, storage) = open(&place.path("data")).await?;
    fill(&storage, 0, 5).await?;
    flip(&place.path("data/blobs/blobs/b/2"))?;
    fs::remove_file(place.path("data/blobs/blobs/b/3"))?;
    let made = backed_up(&place).await?;
    assert_eq!(made.damaged.len(), 2, "{made:?}");
    assert!(made.damaged[0].starts_with("b/2: ") && made.damaged[1].starts_with("b/3: "), "{made:?}");
    let repository = Repository::open(&place.target("backups")).await?;
    let restored = restore(&repository, None, &place.path("new"), &silent).await?;
    assert_eq!(restored.damaged, made.damaged);

    // Damage of the backup itself.
    flip(&place.path("backups/blobs/data/b/1"))?;
    fs::remove_file(place.path("backups/blobs/data/b/4"))?;
    let (_, damaged) = verify(&repository, None, &silent).await?;
    assert_eq!(damaged.len(), 4, "{damaged:?}");
    assert!(damaged.iter().any(|what| what.starts_with("data/b/1: its SHA-256 is ")), "{damaged:?}");
    let error = restore(&repository, None, &place.path("other"), &silent).await.expect_err("damaged").to_string();
    assert!(error.starts_with("b/1: the backup is damaged"), "{error}");
    assert!(!place.path("other").exists());
    // The leavings of that go with the next.
    flip(&place.path("backups/blobs/data/b/1"))?;
    assert!(restore(&repository, None, &place.path("other"), &silent).await.is_err(), "b/4 is gone");
    assert!(place.path("other.restoring").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_hold_something_else_are_refused_and_left_alone() -> Result<()> {
    let place = Place::new()?;
    let (data, storage) = open(&place.path("data")).await?;
    fill(&storage, 0, 2).await?;
    let (_other, _) = open(&place.path("other")).await?;
    make(&place.path("other"), &place.target("of-other"), None, &silent).await?;
    fs::create_dir(place.path("full"))?;
    fs::write(place.path("full/letter.txt"), "dear")?;
    for (to, rule) in [
        ("full", "is neither empty nor a directory of backups"),
        ("of-other", "and this data directory is of instance"),
        ("data", "must lie beside each other"),
        ("data/backups", "must lie beside each other"),
        ("", "must lie beside each other"),
        ("data/blobs", "must lie beside each other"),
        ("other/blobs", "is no directory of backups"),
    ] {
        let error = make(&place.path("data"), &place.target(to), None, &silent).await.expect_err(to).to_string();
        assert!(error.contains(rule), "{to}: {error}");
    }
    assert_eq!(fs::read_dir(place.path("full"))?.count(), 1);
    let error = make(&place.path("full"), &place.target("b"), None, &silent).await.expect_err("no data").to_string();
    assert!(error.ends_with("is no data directory: it has no records.sqlite"), "{error}");

    assert!(Repository::open(&place.target("data/blobs")).await.is_err());
    assert!(Repository::open(&place.target("absent")).await.is_err());
    backed_up(&place).await?;
    let repository = Repository::open(&place.target("backups")).await?;
    let error = restore(&repository, None, &place.path("data"), &silent).await.expect_err("in use").to_string();
    assert!(error.ends_with("is not empty; nothing was written there"), "{error}");
    let error = restore(&repository, Some("2020"), &place.path("new"), &silent).await.expect_err("no time").to_string();
    assert!(error.contains("has no backup of 2020; it has 20"), "{error}");
    fs::create_dir(place.path("new.restoring"))?;
    fs::write(place.path("new.restoring/mine"), "x")?;
    let error = restore(&repository, None, &place.path("new"), &silent).await.expect_err("in the way").to_string();
    assert!(error.contains("new.restoring is in the way"), "{error}");
    // Two at once.
    let held = fs::OpenOptions::new().write(true).open(place.path("backups/lock"))?;
    held.try_lock()?;
    let error = backed_up(&place).await.expect_err("locked").to_string();
    assert!(error.starts_with("another backup is being written"), "{error}");
    drop(data);
    Ok(())
}
