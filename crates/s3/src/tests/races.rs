//! Conditions of reads, writes and copies, and what rivals do to each other.

use std::sync::Arc;

use super::*;

/// The MD5 of `old` and of `new`, in hex.
const OLD: &str = "149603e6c03516362a8da23f624db945";
const NEW: &str = "22af645d1859cb5ca6da0c484f1f37ea";

async fn get(door: &Door, path: &str) -> String {
    door.ask("GET", path, &[], b"").await.text
}

#[tokio::test]
async fn conditional_writes_and_deletions_hold_through_the_endpoint() {
    let door = Door::with_bucket().await;
    let put = async |headers: &[(&str, &str)], body: &[u8]| {
        let reply = door.ask("PUT", "/shop/k", headers, body).await;
        (reply.code(), reply.status.as_u16())
    };
    let refused = ("PreconditionFailed".to_owned(), 412);
    let absent = ("NoSuchKey".to_owned(), 404);
    assert_eq!(put(&[("if-match", "*")], b"old").await, absent);
    assert_eq!(put(&[("if-match", OLD)], b"old").await, absent);
    assert_eq!(put(&[("if-none-match", "*")], b"old").await.1, 200);
    assert_eq!(put(&[("if-none-match", "*")], b"new").await, refused);
    assert_eq!(put(&[("if-match", NEW)], b"new").await, refused);
    assert_eq!(get(&door, "/shop/k").await, "old");
    assert_eq!(door.blob_count().await, 1, "refused bytes are gone");
    assert_eq!(put(&[("if-match", &format!("\"{OLD}\""))], b"new").await.1, 200);
    assert_eq!(put(&[("if-match", "*")], b"new").await.1, 200);

    let delete = async |headers: &[(&str, &str)]| {
        let reply = door.ask("DELETE", "/shop/k", headers, b"").await;
        (reply.code(), reply.status.as_u16())
    };
    assert_eq!(delete(&[("if-match", OLD)]).await, refused);
    assert_eq!(get(&door, "/shop/k").await, "new");
    assert_eq!(delete(&[("if-match", NEW)]).await, ("204".to_owned(), 204));
    assert_eq!(delete(&[("if-match", "*")]).await, absent);
    assert_eq!(delete(&[]).await, ("204".to_owned(), 204), "an absent object is deleted");
    assert_eq!(door.blob_count().await, 0);
    assert_eq!(door.ask("DELETE", "/none/k", &[], b"").await.code(), "NoSuchBucket");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_write_only_what_is_new_one_wins() {
    for _ in 0..8 {
        let door = Arc::new(Door::with_bucket().await);
        let rivals = (0..16).map(|n| {
            let door = door.clone();
            tokio::spawn(async move {
                let reply = door.ask("PUT", "/shop/k", &[("if-none-match", "*")], format!("{n}").as_bytes()).await;
                (n, reply.code())
            })
        });
        let mut winners = Vec::new();
        for rival in rivals.collect::<Vec<_>>() {
            match rival.await.expect("no panic") {
                (n, code) if code == "200" => winners.push(n),
                (_, code) => assert_eq!(code, "PreconditionFailed"),
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(get(&door, "/shop/k").await, winners[0].to_string());
        assert_eq!(door.blob_count().await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_delete_what_they_saw_one_wins() {
    for _ in 0..8 {
        let door = Arc::new(Door::with_bucket().await);
        assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
        let rivals = (0..16).map(|n| {
            let door = door.clone();
            tokio::spawn(async move {
                if n % 2 == 0 {
                    return door.ask("DELETE", "/shop/k", &[("if-match", OLD)], b"").await.code();
                }
                door.ask("PUT", "/shop/k", &[("if-match", OLD)], b"new").await.code()
            })
        });
        let mut codes = Vec::new();
        for rival in rivals.collect::<Vec<_>>() {
            codes.push(rival.await.expect("no panic"));
        }
        let won = codes.iter().filter(|code| ["204", "200"].contains(&code.as_str())).count();
        assert_eq!(won, 1, "{codes:?}");
        assert_eq!(door.blob_count().await, usize::from(codes.contains(&"200".to_owned())));
    }
}

#[tokio::test]
async fn conditional_reads_hold_through_the_endpoint() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
    for (name, value, status) in [
        ("if-match", OLD, 200),
        ("if-match", NEW, 412),
        ("if-none-match", OLD, 304),
        ("if-none-match", NEW, 200),
        ("if-modified-since", "Tue, 14 Nov 2023 22:13:20 GMT", 304),
        ("if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT", 200),
        ("if-unmodified-since", "Tue, 14 Nov 2023 22:13:19 GMT", 412),
        ("if-unmodified-since", "Tue, 14 Nov 2023 22:13:20 GMT", 200),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = door.ask(method, "/shop/k", &[(name, value)], b"").await;
            assert_eq!(reply.status.as_u16(), status, "{method} {name} {value}");
        }
    }
    for (range, status, text, told) in [
        ("bytes=0-0", 206, "o", "bytes 0-0/3"),
        ("bytes=1-", 206, "ld", "bytes 1-2/3"),
        ("bytes=-2", 206, "ld", "bytes 1-2/3"),
        ("bytes=2-9", 206, "d", "bytes 2-2/3"),
        ("bytes=3-", 416, "", ""),
    ] {
        let reply = door.ask("GET", "/shop/k", &[("range", range)], b"").await;
        assert_eq!((reply.status.as_u16(), reply.header("content-range")), (status, told), "{range}");
        assert!(status != 206 || (reply.text == text && reply.header("content-length") == text.len().to_string()));
    }
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_describes_its_source() {
    let door = Door::with_bucket().await;
    let described = [("content-type", "text/csv"), ("x-amz-meta-a", "old"), ("x-amz-checksum-crc32", "GYkz/g==")];
    let reply = door.ask("PUT", "/shop/k", &described, b"old").await;
    assert_eq!((reply.code().as_str(), reply.header("x-amz-checksum-crc32")), ("BadDigest", ""), "a wrong checksum");
    assert_eq!(door.ask("PUT", "/shop/k", &described[..2], b"old").await.status, 200);
    let copy = async |to: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("x-amz-copy-source", "/shop/k")];
        all.extend(headers);
        door.ask("PUT", to, &all, b"").await
    };
    let made = copy("/shop/copy", &[]).await;
    assert!(made.status == 200 && made.text.contains(OLD), "{}", made.text);
    let found = door.ask("GET", "/shop/copy", &[], b"").await;
    assert_eq!(
        (found.text.as_str(), found.header("content-type"), found.header("x-amz-meta-a")),
        ("old", "text/csv", "old")
    );
    assert_eq!(copy("/shop/copy", &[("x-amz-meta-a", "ignored")]).await.status, 200);
    assert_eq!(door.ask("HEAD", "/shop/copy", &[], b"").await.header("x-amz-meta-a"), "old");
    let replace = ("x-amz-metadata-directive", "REPLACE");
    assert_eq!(copy("/shop/copy", &[replace, ("x-amz-meta-b", "new")]).await.status, 200);
    let found = door.ask("HEAD", "/shop/copy", &[], b"").await;
    let about = (found.header("x-amz-meta-a"), found.header("x-amz-meta-b"), found.header("content-type"));
    assert_eq!(about, ("", "new", "binary/octet-stream"));
    assert_eq!(copy("/shop/copy", &[("x-amz-metadata-directive", "MOVE")]).await.code(), "InvalidArgument");

    assert_eq!(copy("/shop/k", &[]).await.code(), "InvalidRequest", "onto itself");
    assert_eq!(copy("/shop/k", &[replace, ("x-amz-meta-a", "new")]).await.status, 200);
    let found = door.ask("GET", "/shop/k", &[], b"").await;
    assert_eq!((found.text.as_str(), found.header("x-amz-meta-a")), ("old", "new"));
    assert_eq!(door.blob_count().await, 2);
    for (source, code) in [
        ("/shop/none", "NoSuchKey"),
        ("/none/k", "NoSuchBucket"),
        ("shop/k?versionId=null", "200"),
        ("shop/k?versionId=1", "NoSuchVersion"),
    ] {
        let reply = door.ask("PUT", "/shop/other", &[("x-amz-copy-source", source)], b"").await;
        assert_eq!(reply.code(), code, "{source}");
    }
    assert_eq!(copy("/none/copy", &[]).await.code(), "NoSuchBucket");
    assert_eq!(copy(&format!("/shop/{}", "k".repeat(1_025)), &[]).await.code(), "KeyTooLongError");
    assert_eq!(door.blob_count().await, 3);
}

#[tokio::test]
async fn a_copy_wants_its_source_as_it_saw_it() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
    let begun = door.ask("POST", "/shop/up?uploads=", &[], b"").await.text;
    let id = begun.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>")).expect("an id").0;
    let part = format!("/shop/up?partNumber=1&uploadId={id}");
    let earlier = "Tue, 14 Nov 2023 22:13:19 GMT";
    let now = "Tue, 14 Nov 2023 22:13:20 GMT";
    for (name, value, holds) in [
        ("x-amz-copy-source-if-match", OLD, true),
        ("x-amz-copy-source-if-match", NEW, false),
        ("x-amz-copy-source-if-none-match", NEW, true),
        ("x-amz-copy-source-if-none-match", OLD, false),
        ("x-amz-copy-source-if-modified-since", earlier, true),
        ("x-amz-copy-source-if-modified-since", now, false),
        ("x-amz-copy-source-if-unmodified-since", now, true),
        ("x-amz-copy-source-if-unmodified-since", earlier, false),
    ] {
        for path in ["/shop/copy", part.as_str()] {
            let reply = door.ask("PUT", path, &[("x-amz-copy-source", "/shop/k"), (name, value)], b"").await;
            let expected = if holds { "200" } else { "PreconditionFailed" };
            assert_eq!(reply.code(), expected, "{path} {name} {value}");
        }
    }
    for (range, code) in [
        ("bytes=0-2", "200"),
        ("bytes=1-1", "200"),
        ("bytes=0-3", "InvalidArgument"),
        ("bytes=2-1", "InvalidArgument"),
        ("bytes=1-", "InvalidArgument"),
        ("bytes=-1", "InvalidArgument"),
        ("0-1", "InvalidArgument"),
    ] {
        let headers = [("x-amz-copy-source", "/shop/k"), ("x-amz-copy-source-range", range)];
        assert_eq!(door.ask("PUT", &part, &headers, b"").await.code(), code, "{range}");
    }
    let listed = door.ask("GET", &format!("/shop/up?uploadId={id}"), &[], b"").await.text;
    assert!(listed.contains("<Size>1</Size>"), "the range of one byte was the last: {listed}");
    let zero = part.replace("partNumber=1", "partNumber=0");
    assert_eq!(door.ask("PUT", &zero, &[("x-amz-copy-source", "/shop/k")], b"").await.code(), "InvalidArgument");
    assert_eq!(door.blob_count().await, 3);
}

#[tokio::test]
async fn keys_parts_metadata_and_lists_have_s3_s_limits() {
    let door = Door::with_bucket().await;
    let key = |bytes: usize| format!("/shop/{}", "k".repeat(bytes));
    assert_eq!(door.ask("PUT", &key(1_024), &[], b"v").await.status, 200);
    assert_eq!(door.ask("PUT", &key(1_025), &[], b"v").await.code(), "KeyTooLongError");
    assert_eq!(door.ask("POST", &format!("{}?uploads=", key(1_025)), &[], b"").await.code(), "KeyTooLongError");
    let meta = |bytes: usize| "v".repeat(bytes - 1);
    assert_eq!(door.ask("PUT", "/shop/m", &[("x-amz-meta-a", &meta(2_048))], b"v").await.status, 200);
    assert_eq!(door.ask("PUT", "/shop/m", &[("x-amz-meta-a", &meta(2_049))], b"v").await.code(), "MetadataTooLarge");
    let begun = door.ask("POST", "/shop/up?uploads=", &[], b"").await.text;
    let id = begun.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>")).expect("an id").0;
    for (number, code) in [("0", "InvalidArgument"), ("1", "200"), ("10000", "200"), ("10001", "InvalidArgument")] {
        let path = format!("/shop/up?partNumber={number}&uploadId={id}");
        assert_eq!(door.ask("PUT", &path, &[], b"part").await.code(), code, "{number}");
    }
    assert_eq!(door.blob_count().await, 4);
    let deletions = |keys: usize| {
        let objects: String = (0..keys).map(|n| format!("<Object><Key>{n}</Key></Object>")).collect();
        format!("<Delete><Quiet>true</Quiet>{objects}</Delete>")
    };
    for (keys, code) in [(0, "MalformedXML"), (1, "200"), (1_000, "200"), (1_001, "MalformedXML")] {
        assert_eq!(door.ask("POST", "/shop?delete=", &[], deletions(keys).as_bytes()).await.code(), code, "{keys}");
    }
}

#[tokio::test]
async fn a_wrong_checksum_stores_nothing() {
    let door = Door::with_bucket().await;
    for (name, right, wrong) in [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "XUFAKrxLKna5cZ2REBfFkw=="),
        ("x-amz-checksum-crc32", "NhCmhg==", "NhCmhw=="),
        ("x-amz-checksum-crc32c", "mnG7TA==", "mnG7TQ=="),
        ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=", "qvTGHdzF6KLavt4PO0gs2a6pQ04="),
        (
            "x-amz-checksum-sha256",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCU=",
        ),
    ] {
        let before = door.blob_count().await;
        let reply = door.ask("PUT", &format!("/shop/{name}"), &[(name, wrong)], b"hello").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("BadDigest", 400), "{name}");
        assert_eq!(door.blob_count().await, before);
        let reply = door.ask("PUT", &format!("/shop/{name}"), &[(name, right)], b"hello").await;
        assert_eq!(reply.status, 200, "{name} {}", reply.text);
        if name.starts_with("x-amz") {
            assert_eq!(reply.header(name), right);
            let asked = door.ask("HEAD", &format!("/shop/{name}"), &[("x-amz-checksum-mode", "ENABLED")], b"").await;
            assert_eq!(asked.header(name), right);
            assert_eq!(door.ask("HEAD", &format!("/shop/{name}"), &[], b"").await.header(name), "", "only when asked");
            let headers = [("x-amz-checksum-mode", "ENABLED"), ("range", "bytes=0-1")];
            assert_eq!(
                door.ask("GET", &format!("/shop/{name}"), &headers, b"").await.header(name),
                "",
                "not of a range"
            );
        }
    }
}
