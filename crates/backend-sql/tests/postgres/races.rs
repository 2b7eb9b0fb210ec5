//! Several processes on one database, here several stores with connections of their own.

use crate::{event, settings};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tastemaker_backend_sql::{PostgresEvents, PostgresLock, PostgresRecords, PostgresSettings};
use tastemaker_store::{Error, Events, Precondition, Records, RecordsExt, Write};
use tastemaker_testkit::postgres::Postgres;

async fn two_records(url: &str) -> [Arc<PostgresRecords>; 2] {
    let open = async || Arc::new(PostgresRecords::open(&settings(url)).await.expect("open"));
    [open().await, open().await]
}

fn put(key: String) -> Write {
    Write::Put { key, value: Bytes::from_static(b"1") }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rivals_one_wins() {
    let Some(server) = Postgres::shared() else { return };
    let [a, b] = two_records(&server.database()).await;
    for round in 0..100 {
        let prefix = format!("group/{round}/");
        let rival = |records: Arc<PostgresRecords>, name: &'static str| {
            let none = vec![Precondition::NoneWithPrefix(prefix.clone())];
            let write = vec![put(format!("{prefix}{name}"))];
            tokio::spawn(async move { records.commit(none, write).await })
        };
        let rivals = [rival(a.clone(), "a"), rival(b.clone(), "b")];
        let mut winners = 0;
        for rival in rivals {
            match rival.await.expect("no panic") {
                Ok(()) => winners += 1,
                Err(Error::Conflict(key)) => assert_eq!(key, prefix),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((winners, a.count(&prefix).await.expect("count")), (1, 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_of_two_processes_are_not_lost() {
    const TASKS: u64 = 8;
    const ROUNDS: u64 = 10;
    let Some(server) = Postgres::shared() else { return };
    let stores = two_records(&server.database()).await;
    stores[0].put_json("n", &0u64).await.expect("put");
    let increment = |records: Arc<PostgresRecords>| async move {
        for _ in 0..ROUNDS {
            loop {
                let (version, n): (u64, u64) = records.require_json("n").await.expect("read");
                let next = vec![tastemaker_store::put_json("n", &(n + 1)).expect("JSON")];
                match records.commit(vec![Precondition::Version("n".into(), version)], next).await {
                    Ok(()) => break,
                    Err(Error::Conflict(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|n| tokio::spawn(increment(stores[n as usize % 2].clone()))).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(stores[1].require_json::<u64>("n").await.expect("read").1, TASKS * ROUNDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_inserted_behind_a_reader() {
    const APPENDERS: usize = 16;
    const BATCHES: usize = 40;
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let open = async || Arc::new(PostgresEvents::open(&settings(&url)).await.expect("open"));
    let stores = [open().await, open().await, open().await, open().await];
    let done = Arc::new(AtomicBool::new(false));
    let reader = open().await;
    let reading = tokio::spawn({
        let done = done.clone();
        async move {
            let (mut seen, mut last) = (Vec::new(), 0);
            loop {
                let ended = done.load(Ordering::Acquire);
                let page = reader.read("s", last, 50).await.expect("read");
                last = page.last().map_or(last, |event| event.position);
                let empty = page.is_empty();
                seen.extend(page.into_iter().map(|event| (event.position, event.id)));
                if ended && empty {
                    return seen;
                }
            }
        }
    });
    let appenders: Vec<_> = (0..APPENDERS)
        .map(|appender| {
            let store = stores[appender % stores.len()].clone();
            tokio::spawn(async move {
                for batch in 0..BATCHES {
                    let own = (0..3).map(|n| event(&format!("{appender}-{batch}-{n}")));
                    // Another stream in the same group takes positions in between.
                    let other = store.append("other", vec![event(&format!("{appender}-{batch}"))]);
                    let (own, other) = tokio::join!(store.append("s", own.collect()), other);
                    assert!(own.expect("append").is_sorted_by(|a, b| a < b));
                    other.expect("append");
                }
            })
        })
        .collect();
    for appender in appenders {
        appender.await.expect("no panic");
    }
    done.store(true, Ordering::Release);
    let seen = reading.await.expect("no panic");
    let all = stores[0].read("s", 0, usize::MAX).await.expect("read");
    let all: Vec<_> = all.into_iter().map(|event| (event.position, event.id)).collect();
    assert_eq!(all.len(), APPENDERS * BATCHES * 3);
    assert!(seen == all, "a reader that followed has seen {} of {} events", seen.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_within_a_transaction_holds_up_nobody_for_long() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let events = PostgresEvents::open(&settings(&url)).await.expect("open");
    events.append("s", vec![event("1")]).await.expect("append");
    let mut stopped = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("connect");
    // As every connection of a store has it, and shorter.
    for statement in
        ["SET idle_in_transaction_session_timeout = '1500ms'", "BEGIN", "SELECT 1 FROM tastemaker_streams FOR UPDATE"]
    {
        sqlx::query(statement).execute(&mut stopped).await.expect(statement);
    }
    let began = Instant::now();
    let (appended, read) = tokio::join!(events.append("s", vec![event("2")]), async {
        let read = events.read("s", 0, 9).await.expect("read");
        (read.len(), began.elapsed())
    });
    assert_eq!(read.0, 1);
    assert!(read.1 < Duration::from_secs(1), "readers wait for nobody: {:?}", read.1);
    appended.expect("its lock came free");
    assert!(
        began.elapsed() > Duration::from_secs(1) && began.elapsed() < Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
    let own = "SELECT count(*) FROM pg_settings"; // The connection was ended by the server.
    assert!(sqlx::query(own).execute(&mut stopped).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_held_by_one_process_at_a_time() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let first = PostgresLock::acquire(&settings(&url), "start").await.expect("free");
    let short = PostgresSettings { wait: Duration::from_secs(1), ..settings(&url) };
    let refused = PostgresLock::acquire(&short, "start").await.err().expect("held").to_string();
    assert!(refused.contains("another process has the lock 'start' for 1 s"), "{refused}");
    PostgresLock::acquire(&short, "another name").await.expect("free");
    let waiting = tokio::spawn({
        let settings = settings(&url);
        async move { PostgresLock::acquire(&settings, "start").await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    drop(first);
    waiting.await.expect("no panic").expect("it came free");
}
