//! The promises of every backend, and what is PostgreSQL's own.

use crate::{event, settings};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_backend_sql::{PostgresEvents, PostgresRecords, PostgresWakeups};
use tastemaker_store::{Error, Events, MachineClock, Precondition, Records, StoreClock, Wakeups, Write, conformance};
use tastemaker_testkit::postgres::Postgres;

async fn records(url: &str) -> PostgresRecords {
    PostgresRecords::open(&settings(url)).await.expect("open")
}

async fn events(url: &str) -> PostgresEvents {
    PostgresEvents::open(&settings(url)).await.expect("open")
}

#[tokio::test(flavor = "multi_thread")]
async fn records_conform() {
    let Some(server) = Postgres::shared() else { return };
    conformance::records::run_all(async || Arc::new(records(&server.database()).await) as Arc<dyn Records>).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_conform() {
    let Some(server) = Postgres::shared() else { return };
    conformance::events::run_all(async || Arc::new(events(&server.database()).await) as Arc<dyn Events>).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wakeups_conform() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().parse().expect("a URL");
    conformance::wakeups::run_all(async || Arc::new(PostgresWakeups::start(&url).expect("start")) as Arc<dyn Wakeups>)
        .await;
}

#[tokio::test]
async fn every_text_is_a_key_and_an_id() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let (records, events) = (records(&url).await, events(&url).await);
    let odd = ["a\0", "a\0\0b", "a\u{1}", "a\u{2}", "a"];
    let put = |key: &str| Write::Put { key: key.to_owned(), value: Bytes::from_static(b"\0\xff") };
    records.commit(vec![], odd.iter().map(|key| put(key)).collect()).await.expect("commit");
    let found = records.scan("a", None, 9).await.expect("scan");
    assert_eq!(
        found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
        ["a", "a\0", "a\0\0b", "a\u{1}", "a\u{2}"]
    );
    assert_eq!(records.count("a\0").await.expect("count"), 2);
    assert_eq!(&records.get("a\0").await.expect("get").expect("there").value[..], b"\0\xff");
    let refused = records.commit(vec![Precondition::NoneWithPrefix("a\0\0".to_owned())], vec![put("x")]).await;
    assert!(matches!(refused, Err(Error::Conflict(key)) if key == "a\0\0"));

    let positions = events.append("s\0", odd.iter().map(|id| event(id)).collect()).await.expect("append");
    let read = events.read("s\0", 0, 9).await.expect("read");
    assert_eq!(read.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), odd);
    assert_eq!(events.append("s\0", vec![event("a\u{1}")]).await.expect("append"), positions[2..3]);
}

#[tokio::test]
async fn batches_of_one_group_see_one_another() {
    let Some(server) = Postgres::shared() else { return };
    let records = records(&server.database()).await;
    let put = |key: &str, value: &'static str| Write::Put {
        key: key.to_owned(),
        value: Bytes::from_static(value.as_bytes()),
    };
    let delete = |key: &str| Write::Delete { key: key.to_owned() };
    let none = |prefix: &str| vec![Precondition::NoneWithPrefix(prefix.to_owned())];
    records.commit(vec![], vec![put("k/old", "0"), put("k/older", "0")]).await.expect("commit");
    let version = records.get("k/old").await.expect("get").expect("there").version;
    // All of them wait for the writer before it looks for the first time.
    let (emptied, made, refused, unread, absent, replaced) = tokio::join!(
        records.commit(vec![], vec![delete("k/old"), delete("k/older")]),
        records.commit(none("k/"), vec![put("k/new", "1")]),
        records.commit(none("k/"), vec![put("k/never", "1")]),
        records.commit(vec![Precondition::Version("k/old".to_owned(), version)], vec![put("k/never", "1")]),
        records.commit(vec![Precondition::Absent("k/new".to_owned())], vec![put("k/never", "1")]),
        records.commit(vec![Precondition::Exists("k/new".to_owned())], vec![put("k/new", "2"), put("k/newer", "2")]),
    );
    emptied.and(made).and(replaced).expect("committed");
    for (outcome, key) in [(refused, "k/"), (unread, "k/old"), (absent, "k/new")] {
        assert!(matches!(outcome, Err(Error::Conflict(found)) if found == key), "{key}");
    }
    let found = records.scan("k/", None, 9).await.expect("scan");
    let values: Vec<_> = found.iter().map(|(key, found)| (key.as_str(), &found.value[..])).collect();
    assert_eq!(values, [("k/new", &b"2"[..]), ("k/newer", b"2")]);
    assert_eq!(found[0].1.version, found[1].1.version, "one commit has one version");
    assert!(found[0].1.version > version);
}

#[tokio::test]
async fn skipped_positions_are_never_given() {
    let Some(server) = Postgres::shared() else { return };
    let events = events(&server.database()).await;
    let append = async |id: &str| events.append("s", vec![event(id)]).await.expect("append")[0];
    events.skip_positions(1).await.expect("skip");
    assert_eq!(append("first").await, 2);
    events.skip_positions(1 << 40).await.expect("skip");
    assert_eq!(append("a").await, (1 << 40) + 1);
    events.skip_positions(7).await.expect("skip");
    assert_eq!(append("b").await, (1 << 40) + 2);
    assert_eq!(append("a").await, (1 << 40) + 1);
}

#[tokio::test]
async fn changes_of_one_group_keep_to_their_streams_and_their_order() {
    let Some(server) = Postgres::shared() else { return };
    let events = events(&server.database()).await;
    let old = events.append("a", vec![event("old")]).await.expect("append");
    let (first, second, other, removed, last, deleted, anew) = tokio::join!(
        events.append("a", vec![event("1"), event("2")]),
        events.append("a", vec![event("3")]),
        events.append("b", vec![event("4")]),
        events.remove("a", old.clone()),
        events.append("a", vec![event("5"), event("1")]),
        events.delete_stream("b"),
        events.append("b", vec![event("6")]),
    );
    removed.and(deleted).expect("done");
    let positions = [first, second, other, last, anew].map(|appended| appended.expect("append"));
    assert_eq!(positions[3][1], positions[0][0], "an id that is there keeps its place");
    let ids = async |stream: &str| -> Vec<String> {
        events.read(stream, 0, 100).await.expect("read").into_iter().map(|event| event.id).collect()
    };
    assert_eq!((ids("a").await.join(" "), ids("b").await.join(" ")), ("1 2 3 5".to_owned(), "6".to_owned()));
    assert!(positions[4][0] > positions[2][0]);
}

#[tokio::test]
async fn nothing_is_left_of_a_large_stream() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let events = events(&url).await;
    events.append("kept", vec![event("1")]).await.expect("append");
    for part in 0..3 {
        let many = (0..7_000).map(|n| event(&format!("{part}-{n}"))).collect();
        events.append("large", many).await.expect("append");
    }
    assert_eq!(events.read("large", 0, usize::MAX).await.expect("read").len(), 21_000);
    events.delete_stream("large").await.expect("delete");
    let database = url.rsplit('/').next().expect("a name");
    let left = "SELECT (SELECT count(*) FROM tastemaker_streams), (SELECT count(*) FROM tastemaker_events)";
    assert_eq!(server.psql(database, left), "1|1");
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_at_the_same_time_make_the_tables_once() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { (records(&url).await, events(&url).await) })
        })
        .collect();
    for start in starts {
        let (records, events) = start.await.expect("no panic");
        records.commit(vec![], vec![]).await.expect("commit");
        events.append("s", vec![event("once")]).await.expect("append");
    }
}

#[tokio::test]
async fn tables_of_a_newer_release_and_odd_databases_are_refused() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let database = url.rsplit('/').next().expect("a name");
    drop((records(&url).await, events(&url).await));
    for table in ["records", "events"] {
        server.psql(
            database,
            &format!(
                "INSERT INTO tastemaker_{table}_migrations (version, description, success, checksum, execution_time) \
                 VALUES (999, '', true, '', 0)"
            ),
        );
    }
    let settings_here = settings(&url);
    for refused in [
        PostgresRecords::open(&settings_here).await.err().expect("refused"),
        PostgresEvents::open(&settings_here).await.err().expect("refused"),
    ] {
        assert!(matches!(&refused, Error::Corrupt(what) if what.contains("a newer release")), "{refused}");
    }
    server.psql("postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    let refused = PostgresRecords::open(&settings(&server.url("latin"))).await.err().expect("refused");
    assert!(refused.to_string().contains("its encoding is LATIN1; UTF8 is needed"), "{refused}");
}

#[tokio::test]
async fn the_clock_is_that_of_the_database() {
    let Some(server) = Postgres::shared() else { return };
    let records = records(&server.database()).await;
    let (before, now) = (MachineClock.now_ms().await.expect("here"), records.now_ms().await.expect("there"));
    assert!((before - now).abs() < 5_000, "{before} and {now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_reach_other_processes() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().parse().expect("a URL");
    let (here, there) =
        (PostgresWakeups::start(&url).expect("start"), Arc::new(PostgresWakeups::start(&url).expect("start")));
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        let other = there.clone();
        let waiting = tokio::spawn(async move { other.wait("jobs", Duration::from_secs(20)).await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        let began = Instant::now();
        here.notify("jobs").await;
        waiting.await.expect("no panic");
        assert!(began.elapsed() < Duration::from_secs(10), "nobody heard of round {round}");
        // The first may find the other one without its connection.
        slowest = if round > 0 { slowest.max(began.elapsed()) } else { slowest };
    }
    println!("the slowest of 19 notifications took {:.1} ms", slowest.as_secs_f64() * 1e3);
}
