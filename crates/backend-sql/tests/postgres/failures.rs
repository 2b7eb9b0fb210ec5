//! A server that is killed, frozen, not there or refuses.

use crate::{event, settings};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tastemaker_backend_sql::{PostgresEvents, PostgresRecords, PostgresSettings, PostgresWakeups};
use tastemaker_store::{Error, Events, Precondition, Records, RecordsExt, Wakeups};
use tastemaker_testkit::postgres::{PASSWORD, Postgres};

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_kill_9_of_the_server() {
    const WRITERS: usize = 6;
    const ROUNDS: usize = 3;
    let Some(server) = Postgres::start(&[]) else { return };
    let url = server.database();
    let events = Arc::new(PostgresEvents::open(&settings(&url)).await.expect("open"));
    let records = Arc::new(PostgresRecords::open(&settings(&url)).await.expect("open"));
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let ended = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (events, records, ended) = (events.clone(), records.clone(), ended.clone());
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for n in 0.. {
                        let name = format!("{round}-{writer}-{n}");
                        let pair = ["left", "right"]
                            .map(|side| tastemaker_store::put_json(format!("{side}/{name}"), &n).expect("JSON"));
                        let absent = vec![Precondition::Absent(format!("left/{name}"))];
                        let both =
                            tokio::join!(events.append("s", vec![event(&name)]), records.commit(absent, pair.into()));
                        match both {
                            (Ok(_), Ok(())) => acknowledged.push(name),
                            (Err(Error::Unavailable(_)), _) | (_, Err(Error::Unavailable(_))) => {}
                            (appended, committed) => panic!("{appended:?} {committed:?}"),
                        }
                        if ended.load(Ordering::Acquire) {
                            break;
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.kill();
        ended.store(true, Ordering::Release);
        for writer in writers {
            acknowledged.extend(writer.await.expect("no panic"));
        }
        let refused = events.append("s", vec![event("refused")]).await.expect_err("there is no server");
        assert!(matches!(refused, Error::Unavailable(_)) && !refused.to_string().contains(PASSWORD), "{refused}");
        let began = Instant::now();
        assert!(matches!(records.get("left/x").await, Err(Error::Unavailable(_))));
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        server.resume();
        // The same stores go on.
        events.append("s", vec![event(&format!("after {round}"))]).await.expect("append");
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let found = events.read("s", 0, usize::MAX).await.expect("read");
    let ids: HashSet<_> = found.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), found.len());
    let names = async |side: &str| -> HashSet<String> {
        let all = records.scan_all(&format!("{side}/")).await.expect("scan");
        all.into_iter().map(|(key, _)| key[side.len() + 1..].to_owned()).collect()
    };
    let (left, right) = (names("left").await, names("right").await);
    assert_eq!(left, right, "a batch is there as a whole or not at all");
    for name in &acknowledged {
        assert!(ids.contains(name.as_str()) && left.contains(name), "{name} was acknowledged and is lost");
    }
    println!("{} acknowledged in {ROUNDS} rounds, none lost", acknowledged.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fate_of_every_commit_is_known_when_connections_are_cut() {
    const TASKS: u64 = 6;
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let database = url.rsplit('/').next().expect("a name").to_owned();
    let records = Arc::new(PostgresRecords::open(&settings(&url)).await.expect("open"));
    records.put_json("n", &0u64).await.expect("put");
    let (ended, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (records, ended, made) = (records.clone(), ended.clone(), made.clone());
            tokio::spawn(async move {
                while !ended.load(Ordering::Acquire) {
                    let (version, n): (u64, u64) = records.require_json("n").await.expect("read");
                    let next = vec![tastemaker_store::put_json("n", &(n + 1)).expect("JSON")];
                    match records.commit(vec![Precondition::Version("n".into(), version)], next).await {
                        Ok(()) => drop(made.fetch_add(1, Ordering::AcqRel)),
                        Err(Error::Conflict(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    let cut = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'tastemaker'"
    );
    let (mut cuts, began) = (0, Instant::now());
    while cuts < 30 || made.load(Ordering::Acquire) < 20 {
        assert!(began.elapsed() < Duration::from_secs(120), "{cuts} cuts, {made:?} increments");
        tokio::time::sleep(Duration::from_millis(100)).await;
        cuts += server.psql("postgres", &cut).parse::<u32>().expect("a number");
    }
    ended.store(true, Ordering::Release);
    for task in tasks {
        task.await.expect("no panic");
    }
    let made = made.load(Ordering::Acquire);
    let (_, n): (u64, u64) = records.require_json("n").await.expect("read");
    assert_eq!(n, made, "each acknowledged increment is there, and no other, after {cuts} cut connections");
}

#[tokio::test(flavor = "multi_thread")]
async fn wakeups_find_a_restarted_server_again() {
    let Some(server) = Postgres::start(&[("fsync", "off")]) else { return };
    let url = server.database().parse().expect("a URL");
    let (here, there) = (PostgresWakeups::start(&url).expect("start"), PostgresWakeups::start(&url).expect("start"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.kill();
    here.notify("jobs").await;
    here.wait("jobs", Duration::from_secs(20)).await;
    there.wait("jobs", Duration::from_millis(10)).await;
    server.resume();
    let began = Instant::now();
    loop {
        here.notify("jobs").await;
        let waited = Instant::now();
        there.wait("jobs", Duration::from_millis(200)).await;
        if waited.elapsed() < Duration::from_millis(150) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "notifications do not come back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_waited_for() {
    let Some(server) = Postgres::start(&[("fsync", "off")]) else { return };
    let url = server.database();
    server.stop();
    let began = Instant::now();
    let short = PostgresSettings { wait: Duration::from_secs(1), ..settings(&url) };
    let refused = PostgresRecords::open(&short).await.err().expect("nobody answers");
    let text = refused.to_string();
    assert!(matches!(refused, Error::Unavailable(_)) && text.contains("did not answer within 1 s"), "{text}");
    assert!(text.contains("tm:***@127.0.0.1") && !text.contains("s3cret"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let waiting = tokio::spawn({
        let settings = settings(&url);
        async move { PostgresRecords::open(&settings).await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!waiting.is_finished());
    server.resume();
    waiting.await.expect("no panic").expect("it has come");
}

#[tokio::test]
async fn refusals_are_told_at_once_and_without_the_password() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    for (bad, why) in [
        (server.url("absent"), "database \"absent\" does not exist"),
        (url.replace("s3cret", "wr0ng"), "password authentication failed"),
        (format!("{url}?sslmode=require"), "TLS"),
    ] {
        let began = Instant::now();
        let refused = PostgresEvents::open(&settings(&bad)).await.err().expect("refused").to_string();
        assert!(refused.contains(why) && !refused.contains("s3cret") && !refused.contains("wr0ng"), "{refused}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn connections_are_encrypted_as_sslmode_says() {
    let Some(server) = Postgres::start(&[("fsync", "off")]) else { return };
    let folder = tempfile::tempdir().expect("a directory");
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=db", "-addext", "subjectAltName=IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]).arg("-keyout").arg(&key).arg("-out");
    if !openssl.arg(&certificate).stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no openssl to make a certificate");
        return;
    }
    server.put_file("server.key", &std::fs::read(&key).expect("a key"));
    server.put_file("server.crt", &std::fs::read(&certificate).expect("a certificate"));
    server.psql("postgres", "ALTER SYSTEM SET ssl = on");
    server.psql("postgres", "SELECT pg_reload_conf()");
    let url = server.database();
    let with = |parameters: &str| format!("{url}?{parameters}");
    let root = format!("sslrootcert={}", certificate.display());
    let encrypted =
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'tastemaker'";
    for (parameters, expected) in [
        ("sslmode=disable".to_owned(), "f"),
        ("sslmode=require".to_owned(), "t"),
        (format!("sslmode=verify-full&{root}"), "t"),
    ] {
        let began = Instant::now();
        // The settings may take a moment to be loaded.
        let records = loop {
            match PostgresRecords::open(&settings(&with(&parameters))).await {
                Ok(records) => break records,
                Err(error) => assert!(began.elapsed() < Duration::from_secs(10), "{parameters}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        records.put_json("a", &1).await.expect("put");
        assert_eq!(server.psql("postgres", encrypted), expected, "{parameters}");
        drop(records);
        let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tastemaker'";
        while server.psql("postgres", open) != "0" {
            assert!(began.elapsed() < Duration::from_secs(20), "connections of {parameters} stay open");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let refused = PostgresRecords::open(&settings(&with("sslmode=verify-full"))).await.err().expect("nobody signed it");
    assert!(matches!(&refused, Error::Unavailable(what) if what.contains("certificate")), "{refused}");
}
