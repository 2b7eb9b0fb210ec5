//! Databases of records that are lost, restored or of another directory, beside the blobs of uploads.

use crate::process::*;
use crate::server::directory::{copy, files};
use std::fs;
use std::path::{Path, PathBuf};

const BODY: &str = "an upload that was acknowledged";

fn remove_records(data: &Path) {
    for name in ["records.sqlite", "records.sqlite-wal", "records.sqlite-shm"] {
        let _ = fs::remove_file(data.join(name));
    }
}

/// Copies the database of a stopped server.
fn backup(data: &Path) -> tempfile::TempDir {
    let kept = tempfile::tempdir().expect("a temporary directory");
    for name in ["records.sqlite", "records.sqlite-wal"] {
        let _ = fs::copy(data.join(name), kept.path().join(name));
    }
    kept
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
