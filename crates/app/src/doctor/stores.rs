//! The databases and the bucket, where they are not files of the data directory.

use super::clock;
use super::finding::Finding;
use crate::config::Config;
use crate::store_config::Database;
use bytes::Bytes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_backend_sql::{PostgresRecords, PostgresSettings};
use tastemaker_store::{Blobs, Error, StoreClock};

/// Time that a store has to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// The checks of stores.
pub async fn findings(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (check, database) in
        [("database of records", &config.store.records), ("database of events", &config.store.events)]
    {
        match database {
            Database::Sqlite => findings.push(Finding::ok(check, "SQLite in the data directory")),
            Database::Postgres(url) => {
                let settings = PostgresSettings { url: url.clone(), connections: 1, wait: Duration::ZERO };
                let asked = async { PostgresRecords::open(&settings).await?.now_ms().await };
                findings.extend(match tokio::time::timeout(ANSWER_TIME_MAX, asked).await {
                    Ok(Ok(now_ms)) => answering(check, &url.to_string(), now_ms),
                    Ok(Err(error)) => vec![silent(check, &url.to_string(), &error.to_string())],
                    Err(_) => vec![silent(check, &url.to_string(), "no answer in ten seconds")],
                });
            }
        }
    }
    match config.store.place_of_blobs() {
        Ok(None) => findings.push(Finding::ok("blobs", "files of the data directory")),
        Ok(Some(location)) => findings.push(match config.store.s3.open(&location).await {
            Ok(blobs) => bucket(&blobs, &location.to_string()).await,
            Err(error) => Finding::fail("blobs", format!("{location}: {error:#}"), BUCKET_ADVICE),
        }),
        Err(error) => findings.push(Finding::fail("blobs", format!("{error:#}"), "correct store.blobs")),
    }
    findings
}

fn answering(check: &'static str, url: &str, now_ms: i64) -> Vec<Finding> {
    let theirs = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or_default());
    vec![
        Finding::ok(check, format!("{url} answers")),
        clock::against("clock of the database", "the database", theirs, SystemTime::now()),
    ]
}

fn silent(check: &'static str, url: &str, why: &str) -> Finding {
    let advice = "start the database, and look at its address, user and rights in [store]";
    Finding::fail(check, format!("{url}: {why}"), advice)
}

const BUCKET_ADVICE: &str = "look at the bucket's name, its endpoint and the credentials in [store.s3]";

/// Whether a bucket takes a blob, refuses another one of the same key, and deletes.
async fn bucket(blobs: &dyn Blobs, shown: &str) -> Finding {
    const CHECK: &str = "blobs";
    let key = format!("doctor/{}", uuid::Uuid::new_v4());
    let failed = |error: Error| Finding::fail(CHECK, format!("{shown}: {error}"), BUCKET_ADVICE);
    if let Err(error) = blobs.put(&key, Bytes::from_static(b"first")).await {
        return failed(error);
    }
    let again = blobs.put(&key, Bytes::from_static(b"second")).await;
    if let Err(error) = blobs.delete(&key).await {
        return failed(error);
    }
    match again {
        Err(Error::Conflict(_)) => Finding::ok(CHECK, format!("{shown} answers and honors conditional puts")),
        Err(error) => failed(error),
        Ok(()) => {
            let found = format!("{shown} overwrites what was to be written only if absent");
            let advice = "use a server that honors If-None-Match: two processes could overwrite each other's files";
            Finding::fail(CHECK, found, advice)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use crate::test_config::config;
    use std::ops::Range;
    use tastemaker_store::fault_injection::{Decorated, FailNth, Strike};
    use tastemaker_store::{BlobMeta, BlobStream, BlobWriter, MemoryBlobs};

    /// A bucket that knows no conditions.
    struct Overwriting(MemoryBlobs);

    #[async_trait::async_trait]
    impl Blobs for Overwriting {
        async fn put(&self, key: &str, body: Bytes) -> Result<(), Error> {
            self.0.delete(key).await?;
            self.0.put(key, body).await
        }

        async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>, Error> {
            self.0.writer(key).await
        }

        async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream, Error> {
            self.0.read(key, range).await
        }

        async fn head(&self, key: &str) -> Result<BlobMeta, Error> {
            self.0.head(key).await
        }

        async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>, Error> {
            self.0.list(prefix).await
        }

        async fn delete(&self, key: &str) -> Result<(), Error> {
            self.0.delete(key).await
        }
    }

    #[tokio::test]
    async fn buckets_without_conditions_or_rights_fail() {
        let good = MemoryBlobs::new();
        assert_eq!(bucket(&good, "b").await.verdict, Verdict::Ok);
        assert!(good.list("").await.is_ok_and(|left| left.is_empty()), "nothing is left");
        let found = bucket(&Overwriting(MemoryBlobs::new()), "s3://b").await;
        assert!(found.verdict == Verdict::Fail && found.found.contains("overwrites"), "{}", found.found);
        let hook = std::sync::Arc::new(FailNth::of("put", 1, Strike::Before));
        let failing = Decorated::new(std::sync::Arc::new(MemoryBlobs::new()), hook);
        assert_eq!(bucket(&failing, "b").await.verdict, Verdict::Fail);
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_told_without_its_password() -> anyhow::Result<()> {
        let toml = "[store]\nrecords = 'postgres://someone:hidden-word@127.0.0.1:1/none'";
        let (_dir, config, _) = config(toml)?;
        let findings = findings(&config).await;
        let records = &findings[0];
        assert_eq!((records.check, records.verdict), ("database of records", Verdict::Fail));
        assert!(!format!("{findings:?}").contains("hidden-word"), "{findings:?}");
        assert_eq!(findings[1].verdict, Verdict::Ok);
        Ok(())
    }
}
