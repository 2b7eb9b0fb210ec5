//! Databases of records that are lost, restored or of another directory, beside the blobs of uploads.

use crate::process::*;
use crate::server::directory::{copy, files};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

const BODY: &str = "an upload that was acknowledged";

fn remove(database: &str, data: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(data.join(format!("{database}{end}")));
    }
}

fn remove_records(data: &Path) {
    remove("records.sqlite", data);
}

/// Copies a database of a stopped server.
fn backup_of(database: &str, data: &Path) -> tempfile::TempDir {
    let kept = tempfile::tempdir().expect("a temporary directory");
    for end in ["", "-wal"] {
        let name = format!("{database}{end}");
        let _ = fs::copy(data.join(&name), kept.path().join(&name));
    }
    kept
}

fn backup(data: &Path) -> tempfile::TempDir {
    backup_of("records.sqlite", data)
}

fn restore(kept: &Path, data: &Path) {
    remove_records(data);
    copy(kept, data);
}

fn blobs(data: &Path) -> Vec<PathBuf> {
    files(&data.join("blobs/blobs"))
}

#[test]
fn a_lost_database_deletes_nothing_and_the_start_says_how_to_go_on() {
    let data = shop();
    let server = Process::start(data.path());
    assert_eq!(server.put_object("kept", BODY).expect("an answer"), 200);
    server.kill();
    adopted(data.path());
    let (before, kept) = (blobs(data.path()), backup(data.path()));
    assert!(before.len() > 10);

    remove_records(data.path());
    for _ in 0..2 {
        let Err(log) = Process::try_start(data.path(), &[], None) else { panic!("it started") };
        assert!(log.contains(&format!("the records are empty, but there are {} blobs", before.len())), "{log}");
        assert!(log.contains("--accept-mismatch"), "{log}");
        assert_eq!(blobs(data.path()), before);
    }

    let days = Some("export TASTEMAKER_STORAGE__LOST_DAYS=7");
    let server = Process::try_start(data.path(), &["--accept-mismatch"], days).expect("as was asked");
    assert!(server.log().contains(&format!("new={} count={}", before.len(), before.len())), "{}", server.log());
    server.kill();
    assert_eq!((blobs(data.path()).len(), files(&data.path().join("blobs/lost")).len()), (0, before.len()));
    let folder = |days| {
        let day = time::OffsetDateTime::now_utc().date() + time::Duration::days(days);
        data.path().join(format!("blobs/lost/until-{day}"))
    };
    assert!(folder(7).is_dir() || folder(6).is_dir(), "the setting says for how long");

    restore(kept.path(), data.path());
    let server = Process::start(data.path());
    assert_eq!(server.object("kept"), (200, BODY.into()));
    assert_eq!(server.recommend("personal").0, 200);
    assert_eq!((blobs(data.path()), files(&data.path().join("blobs/lost")).len()), (before, 0));
    survived(
        "lost records.sqlite",
        "the start is refused; accepted, all blobs lie in lost/ and come back with the database",
    );
}

#[test]
fn a_restored_older_database_loses_no_newer_upload() {
    let data = shop();
    let server = Process::start(data.path());
    assert_eq!(server.put_object("older", BODY).expect("an answer"), 200);
    server.kill();
    let older = backup(data.path());
    let server = Process::start(data.path());
    for n in 0..5 {
        assert_eq!(server.put_object(&format!("newer-{n}"), BODY).expect("an answer"), 200);
    }
    server.kill();
    let (newer, before) = (backup(data.path()), blobs(data.path()).len());

    restore(older.path(), data.path());
    let server = Process::start(data.path());
    assert!(server.log().contains("older backup"), "{}", server.log());
    assert_eq!((server.object("older"), server.object("newer-0").0), ((200, BODY.into()), 404));
    server.kill();
    assert_eq!((blobs(data.path()).len(), files(&data.path().join("blobs/lost")).len()), (before - 5, 5));

    restore(newer.path(), data.path());
    let server = Process::start(data.path());
    for n in 0..5 {
        assert_eq!(server.object(&format!("newer-{n}")), (200, BODY.into()), "{n}");
    }
    assert!(files(&data.path().join("blobs/lost")).is_empty());
    survived(
        "restored older records.sqlite",
        "uploads since the backup lie in lost/ and come back with the newer database",
    );
}

#[test]
fn blobs_of_another_directory_and_missing_blobs_are_refused() {
    let (data, other) = (shop(), shop());
    for data in [&data, &other] {
        Process::start(data.path()).kill();
        adopted(data.path());
    }
    let own = backup(data.path());
    restore(backup(other.path()).path(), data.path());
    let Err(log) = Process::try_start(data.path(), &[], None) else { panic!("it started") };
    assert!(log.contains("the records are those of instance"), "{log}");
    restore(own.path(), data.path());
    fs::remove_dir_all(data.path().join("blobs")).expect("removed");
    let Err(log) = Process::try_start(data.path(), &[], None) else { panic!("it started") };
    assert!(log.contains("lost, moved or not mounted"), "{log}");
    survived("blobs lost or of another directory", "the start is refused with a sentence that says how to go on");
}

/// Streams an event of a user, whose next list begins with the item after it.
fn stream(server: &Process, tracking_id: &str, user: &str, n: usize) {
    let event =
        json!({"eventId": format!("{user}-{n}"), "eventType": "view", "itemId": "i1", "sentAt": 1_710_000_000 + n});
    let body = json!({"trackingId": tracking_id, "userId": user, "sessionId": "s", "eventList": [event]});
    let answer = server.line().send(&server.caller.post("/events", &body)).expect("an answer");
    assert_eq!(answer.0, 200, "{answer:?}");
}

#[test]
fn lost_and_older_streamed_events_are_told() {
    const EVENTS: &str = "events.sqlite";
    let data = shop();
    let server = Process::start(data.path());
    let listed = server.control("ListEventTrackers", &json!({}));
    let tracker = json!({"eventTrackerArn": listed["eventTrackers"][0]["eventTrackerArn"]});
    let tracker = server.control("DescribeEventTracker", &tracker);
    let tracking_id = tracker["eventTracker"]["trackingId"].as_str().expect("an id").to_owned();
    (0..3).for_each(|n| stream(&server, &tracking_id, "kept", n));
    server.kill();
    let kept = backup_of(EVENTS, data.path());

    remove(EVENTS, data.path());
    for _ in 0..2 {
        let Err(log) = Process::try_start(data.path(), &[], None) else { panic!("it started") };
        assert!(log.contains("the records know streamed events, but the database of events is new"), "{log}");
        assert!(log.contains(EVENTS) && log.contains("--accept-mismatch"), "{log}");
        let (whole, said) = check(data.path());
        assert!(!whole && said.contains("the database of events is new"), "{said}");
    }
    remove(EVENTS, data.path());
    copy(kept.path(), data.path());
    let server = Process::start(data.path());
    assert!(!server.log().contains("older backup"), "{}", server.log());
    server.kill();
    assert!(check(data.path()).0);

    remove(EVENTS, data.path());
    let server = Process::try_start(data.path(), &["--accept-mismatch"], None).expect("as was asked");
    stream(&server, &tracking_id, "later", 0);
    assert_eq!(server.recommend("personal").0, 200);
    server.kill();
    survived("lost events.sqlite", "the start is refused with the way on; accepted, lists and new events go on");

    let newer = backup_of(EVENTS, data.path());
    Process::start(data.path()).kill();
    Process::start(data.path()).kill();
    remove(EVENTS, data.path());
    copy(newer.path(), data.path());
    let server = Process::start(data.path());
    assert!(server.log().contains("the streamed events are an older backup than the records"), "{}", server.log());
    stream(&server, &tracking_id, "latest", 0);
    server.kill();
    let server = Process::start(data.path());
    assert!(!server.log().contains("older backup"), "{}", server.log());
    survived("restored older events.sqlite", "the start says so; new events get places of their own and count");
}
