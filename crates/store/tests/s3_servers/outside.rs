//! Buckets outside: reading, writing and refusals.

use super::{BUCKET, Keys, pattern};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use tastemaker_store::external_buckets::{
    ExternalBuckets, ExternalError, ExternalRule, ReadableBlobs, Written, open_object,
};
use tastemaker_store::remote::{Credentials, Encryption, Provider, RemoteSettings};
use tastemaker_store::{BlobFile, Blobs, BlobsExt, Error, MemoryBlobs};
use tastemaker_testkit::s3_servers::{Fault, FaultProxy, S3Kind, S3Server};

fn buckets(pattern: &str, settings: RemoteSettings) -> Arc<ExternalBuckets> {
    let rule = ExternalRule { bucket: pattern.into(), provider: Provider::S3, settings };
    Arc::new(ExternalBuckets::new(vec![rule]).expect("a rule"))
}

const WRITTEN: Written<'_> = Written { content_type: "text/csv", written_for: "arn:one" };

async fn objects_are_listed_read_and_written(kind: S3Kind) {
    let Some(server) = S3Server::start(kind, BUCKET) else { return };
    let keys = Keys::new();
    let external = buckets("test*", keys.settings(server.endpoint()));
    let bucket = external.find(BUCKET).expect("a client").expect("a rule");
    let within = Arc::new(MemoryBlobs::new());
    let (small, large) = (pattern(1_000), pattern(20_000_000));
    within.put("small", small.clone()).await.expect("put");
    within.put("large", large.clone()).await.expect("put");
    for (key, blob) in [("in/a b+c.csv", "small"), ("in/deep/large.csv", "large"), ("other.csv", "small")] {
        bucket.write(key, &*within, blob, WRITTEN).await.expect(key);
    }
    let listed = bucket.list("in/").await.expect("list");
    let found: Vec<_> = listed.iter().map(|object| (object.key.as_str(), object.size_bytes)).collect();
    assert_eq!(found, [("in/a b+c.csv", 1_000), ("in/deep/large.csv", 20_000_000)]);
    assert_eq!(bucket.list("").await.expect("list").len(), 3);
    let (folders, objects) = bucket.folder("in/").await.expect("a folder");
    let objects: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((folders, objects), (vec!["in/deep/".to_owned()], vec!["in/a b+c.csv"]));
    assert_eq!(bucket.folder("").await.expect("a folder").0, ["in/"]);
    assert!(bucket.find("in/absent").await.expect("looked").is_none());

    let readable: Arc<dyn Blobs> = Arc::new(ReadableBlobs::new(within.clone(), external.clone()));
    assert_eq!(readable.read_all("small").await.expect("within"), small);
    let object = bucket.find("in/deep/large.csv").await.expect("looked").expect("there");
    let file = BlobFile::open(readable.clone(), &object.blob).await.expect("opened");
    let expected = large.clone();
    let read = tokio::task::spawn_blocking(move || {
        assert_eq!(file.read_at(12_345_678, 9).expect("a range"), expected.slice(12_345_678..12_345_687));
        let mut all = Vec::new();
        file.reopen().read_to_end(&mut all).expect("all");
        assert_eq!(all, expected);
    });
    read.await.expect("read");
    let end =
        tastemaker_store::collect(readable.read(&object.blob, Some(20_000_000..u64::MAX)).await.expect("end")).await;
    assert!(end.expect("bytes").is_empty());

    // What was found is read, or nothing.
    bucket.write("in/deep/large.csv", &*within, "small", WRITTEN).await.expect("replaced");
    let replaced = readable.read_all(&object.blob).await.expect_err("other bytes");
    assert!(
        matches!(&replaced, Error::Unavailable(text) if text.contains("was replaced while it was read")),
        "{replaced}"
    );

    bucket.write("out/x-1.csv", &*within, "small", WRITTEN).await.expect("written");
    bucket
        .write("out/x-2.csv", &*within, "small", Written { written_for: "arn:two", ..WRITTEN })
        .await
        .expect("written");
    assert_eq!(bucket.written_for("out/x-", "arn:one").await.expect("looked"), ["out/x-1.csv"]);
    bucket.delete("out/x-1.csv").await.expect("deleted");
    bucket.delete("out/x-1.csv").await.expect("absent is no error");
    assert!(bucket.find("out/x-1.csv").await.expect("looked").is_none());
    bucket.check_writable("out/").await.expect("writable");
    assert_eq!(bucket.list("out/").await.expect("list").len(), 1, "looking leaves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_listed_read_and_written_on_moto() {
    objects_are_listed_read_and_written(S3Kind::Moto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_listed_read_and_written_on_versitygw() {
    objects_are_listed_read_and_written(S3Kind::Versitygw).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_location_and_the_servers_code() {
    let Some(server) = S3Server::start(S3Kind::Versitygw, BUCKET) else { return };
    let keys = Keys::new();
    let refused = |error: ExternalError, words: &[&str]| {
        let ExternalError::Refused(text) = error else { panic!("{error}") };
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    let ours = keys.settings(server.endpoint());
    let stranger = RemoteSettings { profile: Some("stranger".into()), ..ours.clone() };
    let bucket = buckets("*", stranger).find(BUCKET).expect("a client").expect("a rule");
    refused(bucket.list("in/").await.expect_err("a list"), &["s3://tests/in/", "SignatureDoesNotMatch"]);
    refused(bucket.find("in/a.csv").await.expect_err("a look"), &["s3://tests/in/a.csv", "SignatureDoesNotMatch"]);
    refused(bucket.check_writable("out/").await.expect_err("a write"), &["s3://tests/out/", "SignatureDoesNotMatch"]);
    let anonymous = RemoteSettings { credentials: Credentials::Anonymous, credentials_file: None, ..ours.clone() };
    let bucket = buckets("*", anonymous).find(BUCKET).expect("a client").expect("a rule");
    refused(bucket.list("").await.expect_err("a list"), &["s3://tests/", "AccessDenied"]);
    let absent = buckets("*", ours.clone()).find("no-such-bucket").expect("a client").expect("a rule");
    refused(absent.find("a.csv").await.expect_err("a look"), &["s3://no-such-bucket/a.csv", "NoSuchBucket"]);
    refused(absent.list("in/").await.expect_err("a list"), &["s3://no-such-bucket/in/", "NoSuchBucket"]);

    let proxy = FaultProxy::start(server.port());
    let bucket = buckets("*", keys.settings(proxy.endpoint())).find(BUCKET).expect("a client").expect("a rule");
    // The answer to HEAD has no text, that to GET has.
    let denied =
        || Fault::Answer("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>");
    proxy.plan([denied(), denied()]);
    refused(bucket.find("a.csv").await.expect_err("a look"), &["s3://tests/a.csv", "AccessDenied: Not yours"]);
    drop(server);
    let gone = bucket.list("").await.expect_err("nobody listens");
    assert!(matches!(gone, ExternalError::Unavailable(_)), "{gone}");
}

/// A server of one object for whoever asks, whatever the protocol; and the heads of requests that came.
fn one_object(body: &'static [u8]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = heads.clone();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                client.read_exact(&mut byte).expect("a head");
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).expect("text");
            // Before the answer, after which the caller may look.
            seen.lock().expect("a list").push(head.clone());
            let range = head.to_lowercase().split_once("range: bytes=").and_then(|(_, rest)| {
                let (start, rest) = rest.split_once('-')?;
                let end = rest.split("\r\n").next()?.parse().map_or(body.len(), |last: usize| last + 1);
                Some(start.parse().ok()?..end.min(body.len()))
            });
            let (status, part) = match &range {
                Some(range) => ("206 Partial Content", &body[range.clone()]),
                None => ("200 OK", body),
            };
            let mut answer =
                format!("HTTP/1.1 {status}\r\nETag: \"e\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n");
            if let Some(range) = range {
                answer += &format!("Content-Range: bytes {}-{}/{}\r\n", range.start, range.end - 1, body.len());
            }
            answer += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", part.len());
            client.write_all(answer.as_bytes()).expect("sent");
            if !head.starts_with("HEAD") {
                client.write_all(part).expect("sent");
            }
        }
    });
    (endpoint, heads)
}

#[tokio::test(flavor = "multi_thread")]
async fn google_and_azure_are_read_too() {
    for (place, path, account) in
        [("gs://box/in/a.csv", "/box/in%2Fa%2Ecsv", None), ("az://box/in/a.csv", "/box/in/a.csv", Some("shop"))]
    {
        let (endpoint, heads) = one_object(b"USER_ID\nu1\n");
        let settings = RemoteSettings {
            endpoint: Some(endpoint),
            credentials: Credentials::Anonymous,
            account: account.map(str::to_owned),
            retries: 0,
            ..RemoteSettings::default()
        };
        let file = open_object(&super::location(place), &settings).await;
        let mut file = file.unwrap_or_else(|error| panic!("{place}: {error}"));
        let read = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            file.read_to_string(&mut text).map(|_| text)
        });
        assert_eq!(read.await.expect("no panic").expect("read"), "USER_ID\nu1\n");
        let heads = heads.lock().expect("a list");
        assert!(heads.iter().all(|head| head.contains(path)), "{heads:?}");
        assert!(heads.iter().all(|head| !head.to_lowercase().contains("authorization")), "{heads:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_waited_for_as_long_as_configured() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let keys = Keys::new();
    let settings = RemoteSettings { timeout_s: 1, retries: 0, ..keys.settings(endpoint) };
    let bucket = buckets("*", settings).find(BUCKET).expect("a client").expect("a rule");
    let began = std::time::Instant::now();
    let silence = bucket.list("").await.expect_err("no answer");
    assert!(matches!(silence, ExternalError::Unavailable(_)), "{silence}");
    assert!((1..10).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

/// Encryption is asked for with every object, and the region is that of the signature.
#[tokio::test(flavor = "multi_thread")]
async fn encryption_and_region_are_in_the_requests() {
    let (endpoint, heads) = one_object(b"");
    let keys = Keys::new();
    let plain = RemoteSettings { region: Some("eu-west-7".into()), ..keys.settings(endpoint) };
    let kms = Some("alias/shop".to_owned());
    for (encryption, kms_key_id) in [(None, None), (Some(Encryption::Aes256), None), (Some(Encryption::Kms), kms)] {
        let settings = RemoteSettings { encryption, kms_key_id, ..plain.clone() };
        let bucket = buckets("*", settings).find(BUCKET).expect("a client").expect("a rule");
        let within = MemoryBlobs::new();
        within.put("k", "x".into()).await.expect("put");
        bucket.write("k.csv", &within, "k", WRITTEN).await.expect("written");
    }
    let heads: Vec<_> = heads.lock().expect("a list").iter().map(|head| head.to_lowercase()).collect();
    assert!(heads.iter().all(|head| head.contains("/eu-west-7/s3/aws4_request")), "{heads:?}");
    assert!(
        heads
            .iter()
            .all(|head| head.contains("content-type: text/csv") && head.contains("x-amz-meta-writtenfor: arn:one"))
    );
    assert!(!heads[0].contains("server-side-encryption"), "{}", heads[0]);
    assert!(heads[1].contains("x-amz-server-side-encryption: aes256"), "{}", heads[1]);
    assert!(heads[2].contains("x-amz-server-side-encryption: aws:kms"), "{}", heads[2]);
    assert!(heads[2].contains("x-amz-server-side-encryption-aws-kms-key-id: alias/shop"), "{}", heads[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_breaks_goes_on_where_it_was() {
    let Some(server) = S3Server::start(S3Kind::Moto, BUCKET) else { return };
    let (keys, proxy) = (Keys::new(), FaultProxy::start(server.port()));
    let settings = keys.settings(proxy.endpoint());
    let external = buckets("*", settings.clone());
    let bucket = external.find(BUCKET).expect("a client").expect("a rule");
    let within = MemoryBlobs::new();
    let body = pattern(6_000_000);
    within.put("k", body.clone()).await.expect("put");
    bucket.write("k.csv", &within, "k", WRITTEN).await.expect("written");
    let location = super::location("s3://tests/k.csv");
    let mut file = open_object(&location, &settings).await.expect("opened");
    proxy.plan([Fault::CutAfter(1_500_000), Fault::CutAfter(100), Fault::CutAfter(2_000_000)]);
    let read = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        file.read_to_end(&mut all).map(|_| all)
    });
    assert_eq!(read.await.expect("no panic").expect("resumed"), body);
    assert_eq!(proxy.clear(), 0, "every break happened");
    let absent = open_object(&super::location("s3://tests/absent.csv"), &settings).await.err();
    assert!(absent.is_some_and(|error| error.to_string() == "There is no object s3://tests/absent.csv."));
}
