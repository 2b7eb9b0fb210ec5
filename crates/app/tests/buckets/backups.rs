//! Backups in buckets of other S3 servers.

use crate::Folder;
use crate::server::Server;
use crate::server::caller::{Caller, Line};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tastemaker_store::remote::{Credentials, Location, RemoteSettings};
use tastemaker_store::{Blobs, ObjectStoreBlobs};
use tastemaker_testkit::s3_servers::{Fault, FaultProxy, S3Kind, S3Server};

/// A command with a configuration, on a data directory.
fn command(arguments: &[&str], config: &str, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.args(arguments).args(["--config", config]).arg("--data-dir").arg(data);
    command
}

fn said(output: Output) -> (bool, String) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

fn done(arguments: &[&str], config: &str, data: &Path) -> String {
    let (succeeded, text) = said(command(arguments, config, data).output().expect("it runs"));
    assert!(succeeded, "{arguments:?}: {text}");
    text
}

fn refused(arguments: &[&str], config: &str, data: &Path) -> String {
    let (succeeded, text) = said(command(arguments, config, data).output().expect("it runs"));
    assert!(!succeeded, "{arguments:?}: {text}");
    text
}

fn create_group(server: &Server, name: &str) {
    let caller = Caller::new(server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    line.call(&caller.control("CreateDatasetGroup", &json!({"name": name})));
}

/// Puts an object of many bytes into the server's own S3.
fn upload(server: &Server, key: &str, bytes: usize) {
    let caller = Caller::new(server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let (status, _) = line.send_for_bytes(&caller.signed("s3", "PUT", "/shop", None, "")).expect("an answer");
    assert!(status == 200 || status == 409, "{status}");
    let body = "x".repeat(bytes);
    let put = caller.signed("s3", "PUT", &format!("/shop/{key}"), None, &body);
    let (status, answer) = line.send_for_bytes(&put).expect("an answer");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
}

async fn blobs(folder: &Folder, endpoint: &str, place: &str) -> ObjectStoreBlobs {
    let settings = RemoteSettings {
        endpoint: Some(endpoint.to_owned()),
        credentials: Credentials::Profile,
        profile: Some("shop".to_owned()),
        credentials_file: Some(folder.credentials()),
        ..RemoteSettings::default()
    };
    let location = Location::parse(place).expect("a scheme").expect("a location");
    ObjectStoreBlobs::open_to_read(&location, &settings).await.expect("opened")
}

/// The whole life of backups in a bucket, on one kind of server.
fn in_a_bucket(kind: S3Kind) {
    let Some(bucket) = S3Server::start(kind, "backups") else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = Folder::new();
    let config = folder.config(&format!("[backup.s3]\n{}retries = 1\n", folder.reached_by(&bucket.endpoint())));
    let server = Server::start();
    create_group(&server, "one");
    for n in 0..5 {
        upload(&server, &format!("first-{n}"), 100_000);
    }
    let place = "s3://backups/shop";
    let first = done(&["backup", place], &config, server.data());
    assert!(first.contains("s3://backups/shop, ") && first.contains(" of them new"), "{first}");
    create_group(&server, "two");
    upload(&server, "second", 100_000);
    done(&["backup", place, "--keep", "2"], &config, server.data());
    assert_eq!(done(&["restore", place, "--list"], &config, server.data()).lines().count(), 2);
    assert!(done(&["restore", place, "--verify"], &config, server.data()).contains("everything is as it was written"));
    let other = tempfile::tempdir().expect("a folder");
    done(&["restore", place], &config, &other.path().join("put-back"));
    assert!(done(&["check"], &config, &other.path().join("put-back")).contains("everything is as it was written"));

    // Another process that died while it wrote: its lock stands until it expires, and what it left goes with the next backup.
    runtime.block_on(async {
        let there = blobs(&folder, &bucket.endpoint(), place).await;
        there.put("data/stray", "cut".into()).await.expect("written");
        there.put("backups/20200101T000000Z/records.sqlite", "cut".into()).await.expect("written");
        let held = serde_json::json!({"holder": "7 x", "until_ms": 99_999_999_999_999_u64}).to_string();
        there.put("lock/000000099999", held.into()).await.expect("written");
    });
    let locked = refused(&["backup", place], &config, server.data());
    assert!(locked.contains("another backup is being written: process 7 x holds the lock"), "{locked}");
    runtime.block_on(async {
        let there = blobs(&folder, &bucket.endpoint(), place).await;
        there.delete("lock/000000099999").await.expect("deleted");
    });
    let third = done(&["backup", place, "--keep", "2"], &config, server.data());
    assert!(third.contains("1 older backups were deleted"), "{third}");
    runtime.block_on(async {
        let there = blobs(&folder, &bucket.endpoint(), place).await;
        assert!(
            there.head("data/stray").await.is_err() && there.list("backups/2020").await.expect("listed").is_empty()
        );
    });

    // A place of somebody else, and backups of another data directory.
    runtime.block_on(async {
        let there = blobs(&folder, &bucket.endpoint(), "s3://backups/full").await;
        there.put("letter", "dear".into()).await.expect("written");
    });
    let full = refused(&["backup", "s3://backups/full"], &config, server.data());
    assert!(full.contains("s3://backups/full is neither empty nor a place of backups"), "{full}");
    let second = Server::start();
    let stranger = refused(&["backup", place], &config, second.data());
    assert!(stranger.contains("s3://backups/shop holds backups of instance"), "{stranger}");
    let absent = refused(&["restore", "s3://backups/absent", "--list"], &config, server.data());
    assert!(absent.contains("s3://backups/absent is no place of backups"), "{absent}");
    let missing = refused(&["backup", "s3://no-such-bucket/x"], &config, server.data());
    assert!(missing.contains("no-such-bucket"), "{missing}");
}

#[test]
fn backups_lie_in_a_bucket_of_moto() {
    in_a_bucket(S3Kind::Moto);
}

#[test]
fn backups_lie_in_a_bucket_of_versitygw() {
    in_a_bucket(S3Kind::Versitygw);
}

/// Refusals name bucket, key and the server's code, and a backup that is killed leaves the one before it whole.
#[test]
fn refused_and_killed_backups_leave_the_one_before_them_whole() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "backups") else { return };
    let (folder, proxy) = (Folder::new(), FaultProxy::start(moto.port()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = folder.config(&format!("[backup.s3]\n{}retries = 0\n", folder.reached_by(&proxy.endpoint())));
    let (server, place) = (Server::start(), "s3://backups/shop");
    for n in 0..20 {
        upload(&server, &format!("first-{n}"), 50_000);
    }
    done(&["backup", place], &config, server.data());
    let before = done(&["restore", place, "--list"], &config, server.data());

    let denied = Fault::Answer("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>");
    proxy.plan((0..1_000).map(|_| denied.clone()));
    let said = refused(&["backup", place], &config, server.data());
    assert!(said.contains("s3://backups/shop") && said.contains("AccessDenied: Not yours"), "{said}");
    proxy.clear();

    for n in 0..40 {
        upload(&server, &format!("second-{n}"), 400_000);
    }
    let requests = proxy.requests();
    let mut making = command(&["backup", place], &config, server.data());
    let mut making = making.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let began = Instant::now();
    while proxy.requests() < requests + 20 && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    making.kill().expect("it ran");
    making.wait().expect("it ends");
    assert_eq!(done(&["restore", place, "--list"], &config, server.data()), before, "no backup more");
    assert!(done(&["restore", place, "--verify"], &config, server.data()).contains("everything is as it was written"));
    // Its lock would expire by itself.
    runtime.block_on(async {
        let there = blobs(&folder, &moto.endpoint(), place).await;
        for lock in there.list("lock/").await.expect("listed") {
            there.delete(&lock.key).await.expect("deleted");
        }
    });
    done(&["backup", place], &config, server.data());
    assert_eq!(done(&["restore", place, "--list"], &config, server.data()).lines().count(), 2);
    assert!(done(&["restore", place, "--verify"], &config, server.data()).contains("everything is as it was written"));
}

/// The server makes backups by itself, tells of them in its metrics, and goes on after a failure.
#[test]
fn a_server_makes_backups_on_a_schedule() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "backups") else { return };
    let folder = Folder::new();
    let config = folder.config(&format!(
        "[backup]\ntarget = 's3://backups/shop'\nevery = '1s'\nkeep = 2\n[backup.s3]\n{}",
        folder.reached_by(&moto.endpoint())
    ));
    let server = Server::start_with(&[("TASTEMAKER_CONFIG", &config)]);
    create_group(&server, "one");
    let metrics = || {
        let mut line = Line::connect(&server.address).expect("the server listens");
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
        let (status, body) = line.send_for_bytes(request.as_bytes()).expect("an answer");
        assert_eq!(status, 200);
        String::from_utf8(body).expect("text")
    };
    let value = |name: &str| -> f64 {
        let text = metrics();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("{name} is not in {text}"))
    };
    let began = Instant::now();
    while value("tastemaker_backups_total ") < 3.0 {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", server.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(value("tastemaker_backup_last_success_timestamp_seconds ") > 1.0e9);
    assert!(value("tastemaker_backup_bytes ") > 0.0 && value("tastemaker_backup_seconds ") > 0.0);
    assert_eq!(value("tastemaker_backup_failures_total "), 0.0);
    assert!(server.log().contains("a backup is made"), "{}", server.log());
    let listed = done(&["restore", "--list"], &config, server.data());
    assert!((2..=3).contains(&listed.lines().count()), "{listed}");
}

/// A failure is counted, said and tried again.
#[test]
fn a_scheduled_backup_that_fails_is_told() {
    let (folder, full) = (Folder::new(), tempfile::tempdir().expect("a folder"));
    std::fs::write(full.path().join("letter.txt"), "dear").expect("written");
    let config = folder.config(&format!("[backup]\ntarget = '{}'\nevery = '1s'\n", full.path().display()));
    let server = Server::start_with(&[("TASTEMAKER_CONFIG", &config)]);
    let began = Instant::now();
    while !server.log().contains("the backup failed; it is tried again") {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(server.log().contains("is neither empty nor a directory of backups"), "{}", server.log());
}
