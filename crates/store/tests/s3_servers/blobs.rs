//! Blobs in a bucket: the conformance suite, faults, and what dead writers leave.

use super::{Keys, open, pattern};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tastemaker_store::{Blobs, BlobsExt, Error, conformance};
use tastemaker_testkit::s3_servers::{Fault, FaultProxy, S3Kind, S3Server};

async fn conforms(kind: S3Kind) {
    let Some(server) = S3Server::start(kind, super::BUCKET) else { return };
    let (keys, next) = (Keys::new(), AtomicUsize::new(0));
    let settings = keys.settings(server.endpoint());
    let factory = async || {
        let prefix = format!("run/{}", next.fetch_add(1, Ordering::SeqCst));
        open(&prefix, &settings).await.expect("opened") as Arc<dyn Blobs>
    };
    conformance::blobs::run_all(factory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_conform_on_moto() {
    conforms(S3Kind::Moto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_conform_on_versitygw() {
    conforms(S3Kind::Versitygw).await;
}

/// Blobs of several parts: whole, in ranges, never replaced, also by a rival that began before it was there.
async fn uploads_in_parts(kind: S3Kind) {
    let Some(server) = S3Server::start(kind, super::BUCKET) else { return };
    let keys = Keys::new();
    let blobs = open("parts", &keys.settings(server.endpoint())).await.expect("opened");
    let body = pattern(20_000_000);
    let written = async || {
        let mut writer = blobs.writer("a/large").await.expect("writer");
        for at in (0..body.len()).step_by(1 << 20) {
            writer.write(body.slice(at..(at + (1 << 20)).min(body.len()))).await.expect("write");
        }
        writer
    };
    let (one, other) = (written().await, written().await);
    assert_eq!(one.finish().await.expect("the first").size, body.len() as u64);
    let second = other.finish().await.expect_err("the key is taken");
    assert!(matches!(&second, Error::Conflict(key) if key == "a/large"), "{second}");
    assert_eq!(blobs.read_all("a/large").await.expect("read"), body);
    let middle =
        tastemaker_store::collect(blobs.read("a/large", Some(9_000_000..9_000_007)).await.expect("read")).await;
    assert_eq!(middle.expect("bytes"), body.slice(9_000_000..9_000_007));
    let mut dropped = blobs.writer("a/dropped").await.expect("writer");
    dropped.write(body.slice(..9_000_000)).await.expect("a part is sent");
    drop(dropped);
    let left: Vec<_> = blobs.list("").await.expect("list").into_iter().map(|blob| blob.key).collect();
    assert_eq!(left, ["a/large"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_in_parts_on_moto() {
    uploads_in_parts(S3Kind::Moto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_in_parts_on_versitygw() {
    uploads_in_parts(S3Kind::Versitygw).await;
}

/// The upload that a killed writer left is ended once it is old, and not before.
#[tokio::test(flavor = "multi_thread")]
async fn uploads_of_dead_writers_are_removed_by_age() {
    let Some(server) = S3Server::start(S3Kind::Versitygw, super::BUCKET) else { return };
    let keys = Keys::new();
    let blobs = open("dead/a", &keys.settings(server.endpoint())).await.expect("opened");
    let mut writer = blobs.writer("k").await.expect("writer");
    writer.write(pattern(9_000_000)).await.expect("a part is sent");
    // As a kill does, it neither finishes nor gives up.
    std::mem::forget(writer);
    let neighbor = open("dead/b", &keys.settings(server.endpoint())).await.expect("opened");
    assert_eq!(neighbor.remove_abandoned(Duration::ZERO).await.expect("looked"), 0, "it is another's");
    assert_eq!(blobs.remove_abandoned(Duration::from_secs(3600)).await.expect("looked"), 0, "it is young");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(blobs.remove_abandoned(Duration::from_secs(1)).await.expect("removed"), 1);
    assert_eq!(blobs.remove_abandoned(Duration::ZERO).await.expect("looked"), 0);
    blobs.put("k", "free".into()).await.expect("the key is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_breaks_is_asked_again_and_then_unavailable() {
    let Some(server) = S3Server::start(S3Kind::Moto, super::BUCKET) else { return };
    let (proxy, keys) = (FaultProxy::start(server.port()), Keys::new());
    let blobs = open("faults", &keys.settings(proxy.endpoint())).await.expect("opened");
    let body = pattern(6_000_000);
    blobs.put("k", body.clone()).await.expect("put");

    let slow_down = || Fault::Answer("503 Slow Down", "<Error><Code>SlowDown</Code><Message>Wait</Message></Error>");
    proxy.plan([slow_down(), slow_down()]);
    blobs.put("patient", "x".into()).await.expect("put the third time");
    assert_eq!(proxy.clear(), 0);

    proxy.plan((0..40).map(|_| slow_down()));
    let unavailable = blobs.put("busy", "x".into()).await.expect_err("all repetitions are used up");
    assert!(matches!(&unavailable, Error::Unavailable(text) if text.contains("SlowDown")), "{unavailable}");
    assert_eq!(40 - proxy.clear(), 4, "one request and three repetitions");

    // The answer breaks in its middle, twice; the rest is read from there.
    let before = proxy.requests();
    proxy.plan([Fault::CutAfter(2_000_000), Fault::CutAfter(1_000_000)]);
    assert_eq!(blobs.read_all("k").await.expect("resumed"), body);
    assert_eq!((proxy.clear(), proxy.requests() - before), (0, 3));

    drop(server);
    let refused = blobs.read_all("k").await.expect_err("nobody listens");
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
    let refused = blobs.put("later", "x".into()).await.expect_err("nobody listens");
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
}

/// The server is killed in the middle of an upload: the writer fails, nothing is visible, and the key can be written again.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_during_an_upload_leaves_no_part_of_a_blob() {
    let Some(mut server) = S3Server::start(S3Kind::Versitygw, super::BUCKET) else { return };
    let keys = Keys::new();
    let blobs = open("killed", &keys.settings(server.endpoint())).await.expect("opened");
    let body = pattern(20_000_000);
    let mut writer = blobs.writer("k").await.expect("writer");
    writer.write(body.slice(..9_000_000)).await.expect("the first part");
    server.kill();
    let failed = writer.write(body.slice(9_000_000..)).await.expect_err("nobody listens");
    assert!(matches!(failed, Error::Unavailable(_)), "{failed}");
    writer.finish().await.expect_err("a part is missing");
    server.kill_and_restart();
    assert!(matches!(blobs.head("k").await, Err(Error::NotFound(_))));
    assert!(blobs.list("").await.expect("list").is_empty());
    let mut writer = blobs.writer("k").await.expect("writer");
    writer.write(body.clone()).await.expect("write");
    writer.finish().await.expect("finish");
    assert_eq!(blobs.read_all("k").await.expect("read"), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_used_is_told_at_once() {
    let Some(server) = S3Server::start(S3Kind::Versitygw, super::BUCKET) else { return };
    let keys = Keys::new();
    let stranger = tastemaker_store::remote::RemoteSettings {
        profile: Some("stranger".into()),
        ..keys.settings(server.endpoint())
    };
    let refused = open("x", &stranger).await.expect_err("keys of nobody").to_string();
    assert!(
        refused.contains("s3://tests/x cannot be written to") && refused.contains("SignatureDoesNotMatch"),
        "{refused}"
    );
    let other = super::location("s3://no-such-bucket/x");
    let absent = tastemaker_store::ObjectStoreBlobs::open_location(&other, &keys.settings(server.endpoint())).await;
    let absent = absent.expect_err("no bucket").to_string();
    assert!(absent.contains("s3://no-such-bucket/x cannot be written to: NoSuchBucket"), "{absent}");

    // A server that knows no conditions would let blobs replace each other.
    let proxy = FaultProxy::start(server.port());
    let stored = || Fault::Answer("200 OK", "");
    proxy.plan([stored(), stored()]);
    let unsafe_server = open("y", &keys.settings(proxy.endpoint())).await;
    let unsafe_server = unsafe_server.expect_err("both puts succeed").to_string();
    assert!(unsafe_server.contains("If-None-Match"), "{unsafe_server}");
}
