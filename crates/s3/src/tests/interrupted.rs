//! Operations that others get in the way of, at the worst moment, and storage that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures::future::BoxFuture;
use tastemaker_store::fault_injection::{Decorated, FailNth, Hook, Strike};
use tastemaker_store::{Error, Write};

use super::*;
use crate::records::{PARTS, UPLOADS};
use crate::{expire, sweep_orphans};

type Action = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Does something before the nth call of a name, once.
struct Interrupt {
    call: &'static str,
    nth: u64,
    seen: AtomicU64,
    action: Action,
}

#[async_trait]
impl Hook for Interrupt {
    async fn before(&self, call: &'static str) -> tastemaker_store::Result<()> {
        if call == self.call && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            (self.action)().await;
        }
        Ok(())
    }

    async fn after(&self, _: &'static str) -> tastemaker_store::Result<()> {
        Ok(())
    }
}

/// Fails every call of some names, as a full disk does.
struct Full(&'static [&'static str]);

#[async_trait]
impl Hook for Full {
    async fn before(&self, call: &'static str) -> tastemaker_store::Result<()> {
        if self.0.contains(&call) {
            return Err(Error::Unavailable("no space left on device".into()));
        }
        Ok(())
    }

    async fn after(&self, _: &'static str) -> tastemaker_store::Result<()> {
        Ok(())
    }
}

/// A second door to the same storage.
fn beside<H: Hook>(door: &Door, hook: H) -> (Door, Arc<H>) {
    let hook = Arc::new(hook);
    let service = over(
        Arc::new(Decorated::<MemoryRecords, H>::new(door.records.clone(), hook.clone())),
        Arc::new(Decorated::<MemoryBlobs, H>::new(door.blobs.clone(), hook.clone())),
    );
    (Door { service, records: door.records.clone(), blobs: door.blobs.clone() }, hook)
}

/// A door that asks something of `door` before the nth call of a name.
fn interrupted(
    door: &Arc<Door>,
    call: &'static str,
    nth: u64,
    method: &'static str,
    path: &str,
    body: &'static str,
) -> Door {
    let (there, path) = (door.clone(), path.to_owned());
    let action: Action = Box::new(move || {
        let (there, path) = (there.clone(), path.clone());
        Box::pin(async move {
            let reply = there.ask(method, &path, &[], body.as_bytes()).await;
            assert!(reply.status.is_success(), "{path} {}", reply.text);
        })
    });
    beside(door, Interrupt { call, nth, seen: AtomicU64::new(0), action }).0
}

/// Begins an upload of `/shop/up` with part 7 and gives its id.
async fn begun(door: &Door) -> String {
    let text = door.ask("POST", "/shop/up?uploads=", &[], b"").await.text;
    let id = text.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>")).expect("an id").0;
    assert_eq!(door.ask("PUT", &part(id, 7), &[], b"seven").await.status, 200);
    id.to_owned()
}

fn part(id: &str, number: i32) -> String {
    format!("/shop/up?partNumber={number}&uploadId={id}")
}

fn upload(id: &str) -> String {
    format!("/shop/up?uploadId={id}")
}

/// Completes with part 7 as `body`.
async fn complete(door: &Door, id: &str, body: &str) -> Reply {
    let etag = {
        use md5::Digest;
        hex::encode(md5::Md5::digest(body.as_bytes()))
    };
    let document = format!(
        "<CompleteMultipartUpload><Part><PartNumber>7</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    door.ask("POST", &upload(id), &[], document.as_bytes()).await
}

async fn left(door: &Door) -> (usize, usize, usize) {
    let count = async |prefix: &str| door.records.scan(prefix, None, 99).await.expect("scan").len();
    (count(UPLOADS).await, count(PARTS).await, door.blob_count().await)
}

#[tokio::test]
async fn a_part_that_is_replaced_while_the_upload_completes_is_not_joined_by_mistake() {
    for (call, nth) in [("writer", 1), ("read", 1), ("write", 1), ("finish", 1), ("commit", 1)] {
        let door = Arc::new(Door::with_bucket().await);
        let id = begun(&door).await;
        let interrupted = interrupted(&door, call, nth, "PUT", &part(&id, 7), "other");
        let reply = complete(&interrupted, &id, "seven").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("InvalidPart", 400), "{call} {}", reply.text);
        assert_eq!(door.ask("GET", "/shop/up", &[], b"").await.code(), "NoSuchKey");
        assert_eq!(left(&door).await, (1, 1, 1), "{call}: the upload and its new part are there");
        assert_eq!(complete(&door, &id, "other").await.status, 200);
        assert_eq!(door.ask("GET", "/shop/up", &[], b"").await.text, "other");
    }
}

#[tokio::test]
async fn a_part_that_is_sent_again_or_added_meanwhile_does_no_harm() {
    for (call, number, body) in
        [("finish", 7, "seven"), ("commit", 7, "seven"), ("finish", 8, "eight"), ("commit", 8, "eight")]
    {
        let door = Arc::new(Door::with_bucket().await);
        let id = begun(&door).await;
        let interrupted = interrupted(&door, call, 1, "PUT", &part(&id, number), body);
        let reply = complete(&interrupted, &id, "seven").await;
        assert_eq!(reply.status, 200, "{call} {number} {}", reply.text);
        assert_eq!(door.ask("GET", "/shop/up", &[], b"").await.text, "seven");
        assert_eq!(left(&door).await, (0, 0, 1), "{call} {number}: nothing of the upload is left");
    }
}

#[tokio::test]
async fn an_upload_that_is_aborted_while_it_completes_is_one_or_the_other() {
    for (call, nth) in [("writer", 1), ("finish", 1), ("commit", 1)] {
        let door = Arc::new(Door::with_bucket().await);
        let id = begun(&door).await;
        let interrupted = interrupted(&door, call, nth, "DELETE", &upload(&id), "");
        let reply = complete(&interrupted, &id, "seven").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("NoSuchUpload", 404), "{call} {}", reply.text);
        assert_eq!(left(&door).await, (0, 0, 0), "{call}");
    }
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_deleted_is_judged_again() {
    const OLD: &str = "149603e6c03516362a8da23f624db945";
    let door = Arc::new(Door::with_bucket().await);
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
    let there = interrupted(&door, "commit", 1, "PUT", "/shop/k", "new");
    let reply = there.ask("DELETE", "/shop/k", &[("if-match", OLD)], b"").await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("PreconditionFailed", 412));
    assert_eq!((door.ask("GET", "/shop/k", &[], b"").await.text.as_str(), door.blob_count().await), ("new", 1));
    let there = interrupted(&door, "commit", 1, "PUT", "/shop/k", "newer");
    assert_eq!(there.ask("DELETE", "/shop/k", &[], b"").await.status, 204);
    assert_eq!(door.blob_count().await, 0, "the bytes of neither are left");
}

#[tokio::test]
async fn an_abort_removes_the_upload_and_all_of_its_parts() {
    let door = Arc::new(Door::with_bucket().await);
    let (id, other) = (begun(&door).await, begun(&door).await);
    assert_eq!(door.ask("PUT", &part(&id, 1), &[], b"one").await.status, 200);
    let wrong = door.ask("DELETE", &upload(&id).replace("/up?", "/other?"), &[], b"").await;
    assert_eq!((wrong.code().as_str(), left(&door).await), ("NoSuchUpload", (2, 3, 3)), "the key of another upload");
    let reply = door.ask("DELETE", &upload(&id), &[], b"").await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
    assert_eq!(left(&door).await, (1, 1, 1), "the other upload stays");
    assert_eq!(door.ask("DELETE", &upload(&id), &[], b"").await.code(), "NoSuchUpload");
    assert_eq!(door.ask("PUT", &part(&id, 2), &[], b"late").await.code(), "NoSuchUpload");
    assert_eq!(complete(&door, &id, "seven").await.code(), "NoSuchUpload");
    assert_eq!(complete(&door, &other, "seven").await.status, 200);
    assert_eq!(door.ask("DELETE", "/none/up?uploadId=x", &[], b"").await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn a_part_that_comes_while_the_upload_is_aborted_leaves_nothing() {
    // Replaced before the abort decides, while it decides, and after it decided.
    for (path, body) in [(7, "other"), (8, "eight")] {
        let door = Arc::new(Door::with_bucket().await);
        let id = begun(&door).await;
        let interrupted = interrupted(&door, "commit", 1, "PUT", &part(&id, path), body);
        assert_eq!(interrupted.ask("DELETE", &upload(&id), &[], b"").await.status, 204);
        assert_eq!(left(&door).await, (0, 0, 0), "{path}");
    }
    let door = Arc::new(Door::with_bucket().await);
    let id = begun(&door).await;
    let interrupted = interrupted(&door, "commit", 1, "DELETE", &upload(&id), "");
    let reply = interrupted.ask("PUT", &part(&id, 8), &[], b"eight").await;
    assert_eq!((reply.code().as_str(), left(&door).await), ("NoSuchUpload", (0, 0, 0)));
    let interrupted = self::interrupted(&door, "commit", 1, "DELETE", "/shop", "");
    assert_eq!(interrupted.ask("PUT", "/shop/k", &[], b"v").await.code(), "NoSuchBucket");
    assert_eq!(door.ask("PUT", "/shop", &[], b"").await.status, 200);
    let interrupted = self::interrupted(&door, "commit", 1, "DELETE", "/shop", "");
    assert_eq!(interrupted.ask("POST", "/shop/up?uploads=", &[], b"").await.code(), "NoSuchBucket");
    assert_eq!(left(&door).await, (0, 0, 0));
}

#[tokio::test]
async fn a_bucket_goes_with_its_unfinished_uploads_and_stays_with_an_object() {
    let door = Arc::new(Door::with_bucket().await);
    let id = begun(&door).await;
    let put = interrupted(&door, "commit", 1, "PUT", "/shop/k", "v");
    assert_eq!(put.ask("DELETE", "/shop", &[], b"").await.code(), "BucketNotEmpty");
    assert_eq!(left(&door).await, (1, 1, 2), "a bucket that stays keeps its uploads");
    assert_eq!(door.ask("DELETE", "/shop/k", &[], b"").await.status, 204);
    // An upload that begins at the last moment goes as well.
    let late = interrupted(&door, "commit", 1, "POST", "/shop/late?uploads=", "");
    assert_eq!(late.ask("DELETE", "/shop", &[], b"").await.status, 204);
    assert_eq!(left(&door).await, (0, 0, 0));
    assert_eq!(door.ask("PUT", &part(&id, 8), &[], b"late").await.code(), "NoSuchBucket");
    assert_eq!(door.ask("DELETE", "/shop", &[], b"").await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn a_source_that_is_overwritten_while_it_is_copied_is_copied_whole() {
    let door = Arc::new(Door::with_bucket().await);
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
    let interrupted = interrupted(&door, "read", 1, "PUT", "/shop/k", "newer");
    let reply = interrupted.ask("PUT", "/shop/copy", &[("x-amz-copy-source", "/shop/k")], b"").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(door.ask("GET", "/shop/copy", &[], b"").await.text, "newer");
    let interrupted = self::interrupted(&door, "read", 1, "PUT", "/shop/k", "newest");
    assert_eq!(interrupted.ask("GET", "/shop/k", &[], b"").await.text, "newest");
    let interrupted = self::interrupted(&door, "commit", 1, "PUT", "/shop/k", "rival");
    assert_eq!(interrupted.ask("PUT", "/shop/k", &[], b"last").await.status, 200, "a rival is no reason to fail");
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "last");
    assert_eq!(door.blob_count().await, 2);
}

#[tokio::test]
async fn objects_without_their_bytes_are_said_to_be_damaged() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    for meta in door.blobs.list("").await.expect("list") {
        door.blobs.delete(&meta.key).await.expect("delete");
    }
    for (method, path, headers) in
        [("GET", "/shop/k", &[][..]), ("PUT", "/shop/copy", &[("x-amz-copy-source", "/shop/k")][..])]
    {
        let reply = door.ask(method, path, headers, b"").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("InternalError", 500), "{method}");
    }
}

/// A full disk takes no bytes; what is deleted needs none.
#[tokio::test]
async fn on_a_full_disk_uploads_are_told_to_wait_and_deletions_work() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    let id = begun(&door).await;
    for calls in [&["writer"][..], &["write"], &["finish"]] {
        let (full, _) = beside(&door, Full(calls));
        for (method, path) in [("PUT", "/shop/k".to_owned()), ("PUT", part(&id, 8))] {
            let reply = full.ask(method, &path, &[], b"more").await;
            assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("ServiceUnavailable", 503), "{calls:?} {path}");
        }
        assert_eq!(full.ask("GET", "/shop/k", &[], b"").await.text, "v");
    }
    let (full, _) = beside(&door, Full(&["writer", "write", "finish"]));
    assert_eq!(full.ask("DELETE", "/shop/k", &[], b"").await.status, 204);
    assert_eq!(full.ask("DELETE", &upload(&id), &[], b"").await.status, 204);
    let deletion = b"<Delete><Object><Key>k</Key></Object></Delete>";
    assert_eq!(full.ask("POST", "/shop?delete=", &[], deletion).await.status, 200);
    assert_eq!(full.ask("DELETE", "/shop", &[], b"").await.status, 204);
    assert_eq!(left(&door).await, (0, 0, 0));
}

/// Bytes that cannot be deleted are no reason to fail what is committed; the sweep takes them.
#[tokio::test]
async fn bytes_that_cannot_be_deleted_wait_for_the_sweep() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"old").await.status, 200);
    let (stuck, _) = beside(&door, Full(&["delete"]));
    assert_eq!(stuck.ask("PUT", "/shop/k", &[], b"new").await.status, 200);
    assert_eq!(stuck.ask("DELETE", "/shop/k", &[], b"").await.status, 204);
    assert_eq!(door.blob_count().await, 2);
    assert_eq!(sweep_orphans(&*door.records, &*door.blobs).await.expect("sweep"), 2);
    assert_eq!(door.blob_count().await, 0);
}

/// Fails every storage call of a completion, and of an abort, in turn: the object is whole or absent, and nothing is left
/// behind when what failed is tried again and swept.
#[tokio::test]
async fn completions_and_aborts_that_fail_anywhere_can_be_repeated() {
    for strike in [Strike::Before, Strike::After] {
        for completes in [true, false] {
            for nth in 1.. {
                let door = Door::with_bucket().await;
                let id = begun(&door).await;
                let (failing, hook) = beside(&door, FailNth::any(nth, strike));
                let finish = async |door: &Door| {
                    if completes {
                        return complete(door, &id, "seven").await;
                    }
                    door.ask("DELETE", &upload(&id), &[], b"").await
                };
                let first = finish(&failing).await;
                let again = finish(&door).await;
                let (got, told) =
                    (door.ask("GET", "/shop/up", &[], b"").await, format!("{strike:?} {completes} {nth}"));
                if completes {
                    assert_eq!((again.status.as_u16(), got.text.as_str()), (200, "seven"), "{told}: {}", again.text);
                } else {
                    assert_eq!(got.code(), "NoSuchKey", "{told}");
                    let gone = first.status.is_success() || again.status.is_success() || again.code() == "NoSuchUpload";
                    assert!(gone, "{told}: {} {}", first.text, again.text);
                }
                expire(door.records.clone(), door.blobs.clone(), now()).await.expect("expire");
                sweep_orphans(&*door.records, &*door.blobs).await.expect("sweep");
                assert_eq!(left(&door).await, (0, 0, usize::from(completes)), "{told}");
                if !hook.struck() {
                    assert!(nth > 4, "{told}");
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_sweep_keeps_what_is_named_and_removes_what_is_not() {
    let door = Door::with_bucket().await;
    let id = begun(&door).await;
    let gone = begun(&door).await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    let key = format!("{UPLOADS}shop/{gone}");
    door.records.commit(Vec::new(), vec![Write::Delete { key }]).await.expect("commit");
    assert_eq!(sweep_orphans(&*door.records, &*door.blobs).await.expect("sweep"), 1);
    assert_eq!(left(&door).await, (1, 1, 2));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "v");
    assert_eq!(complete(&door, &id, "seven").await.status, 200);
    assert_eq!(sweep_orphans(&*door.records, &*door.blobs).await.expect("sweep"), 0);
}

#[tokio::test]
async fn a_completion_is_checked_against_what_it_names() {
    let door = Door::with_bucket().await;
    let id = begun(&door).await;
    let send = async |headers: &[(&str, &str)], document: &str| {
        let document = format!("<CompleteMultipartUpload>{document}</CompleteMultipartUpload>");
        door.ask("POST", &upload(&id), headers, document.as_bytes()).await.code()
    };
    let seven = "<Part><PartNumber>7</PartNumber><ETag>8a25d2c2a9d8f0bf9bf5b1b1bb8eb6a1</ETag></Part>";
    assert_eq!(send(&[], "").await, "MalformedXML");
    assert_eq!(send(&[], "<Part><PartNumber>7</PartNumber></Part>").await, "MalformedXML");
    assert_eq!(send(&[], seven).await, "InvalidPart", "another entity tag");
    assert_eq!(send(&[], &seven.replace("7</P", "8</P")).await, "InvalidPart", "no such part");
    assert_eq!(send(&[], &seven.replace("8a25", "xyz")).await, "InvalidPart");
    assert_eq!(send(&[], &(seven.to_owned() + seven)).await, "InvalidPartOrder");
    let right = {
        use md5::Digest;
        hex::encode(md5::Md5::digest(b"seven"))
    };
    let right = format!("<Part><PartNumber>7</PartNumber><ETag>\"{right}\"</ETag></Part>");
    assert_eq!(send(&[("x-amz-mp-object-size", "4")], &right).await, "InvalidRequest");
    assert_eq!(door.ask("PUT", "/shop/up", &[], b"there").await.status, 200);
    assert_eq!(send(&[("if-none-match", "*")], &right).await, "PreconditionFailed");
    assert_eq!(left(&door).await, (1, 1, 2), "a refused completion changes nothing");
    assert_eq!(send(&[("x-amz-mp-object-size", "5")], &right).await, "200");
    assert_eq!(left(&door).await, (0, 0, 1));
    assert_eq!(door.ask("GET", "/shop/up", &[], b"").await.text, "seven");
}
