//! The promises of [`Blobs`], and of the synchronous adapters over them.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use tokio::runtime::Handle;

use crate::{BlobFile, BlobSink, Blobs, BlobsExt, Error};

/// Runs every check, each on a store of its own; then once more through `Arc<Arc<dyn Blobs>>`.
pub async fn run_all(factory: impl AsyncFn() -> Arc<dyn Blobs>) {
    put_then_read(&*factory().await).await;
    blobs_do_not_change(&*factory().await).await;
    ranges_are_clipped(&*factory().await).await;
    lists_are_ordered_by_key(&*factory().await).await;
    a_writer_is_invisible_until_finished(&*factory().await).await;
    a_dropped_writer_leaves_nothing(&*factory().await).await;
    one_of_many_writers_wins(factory().await).await;
    unsafe_keys_are_refused(&*factory().await).await;
    absent_blobs_are_not_found(&*factory().await).await;
    a_failing_stream_stores_nothing(&*factory().await).await;
    files_read_seek_and_write(factory().await).await;
    put_then_read(&Arc::new(factory().await)).await;
}

fn pattern(len: usize) -> Bytes {
    (0..len).map(|n| (n * 31 % 251) as u8).collect()
}

async fn put_then_read(blobs: &dyn Blobs) {
    for (key, len) in [("empty", 0), ("small", 5), ("a/b/c.d_e-f", 100), ("large", 3_000_000)] {
        let body = pattern(len);
        blobs.put(key, body.clone()).await.unwrap();
        assert_eq!(blobs.read_all(key).await.unwrap(), body, "{key}");
        assert_eq!(blobs.head(key).await.unwrap().size, len as u64, "{key}");
        assert_eq!(blobs.head(key).await.unwrap().key, key);
    }
}

async fn blobs_do_not_change(blobs: &dyn Blobs) {
    blobs.put("k", "first".into()).await.unwrap();
    assert!(matches!(blobs.put("k", "second".into()).await, Err(Error::Conflict(key)) if key == "k"));
    assert_eq!(&blobs.read_all("k").await.unwrap()[..], b"first");
    blobs.delete("k").await.unwrap();
    blobs.put("k", "third".into()).await.unwrap();
    assert_eq!(&blobs.read_all("k").await.unwrap()[..], b"third");
}

async fn ranges_are_clipped(blobs: &dyn Blobs) {
    let body = pattern(1_000_000);
    blobs.put("k", body.clone()).await.unwrap();
    for (start, end) in
        [(0, 0), (0, 1), (999_999, 1_000_000), (5, 700_000), (999_990, u64::MAX), (1_000_000, 1_000_001), (7, 3)]
    {
        let read = crate::collect(blobs.read("k", Some(start..end)).await.unwrap()).await.unwrap();
        let clip = |at: u64| at.min(1_000_000) as usize;
        let expected = body.slice(clip(start)..clip(end).max(clip(start)));
        assert_eq!(read, expected, "{start}..{end}");
    }
}

async fn lists_are_ordered_by_key(blobs: &dyn Blobs) {
    for key in ["b", "a/b", "a-c/d", "a/a", "a/b.c/d", "ab"] {
        blobs.put(key, key.into()).await.unwrap();
    }
    let list =
        async |prefix: &str| -> Vec<_> { blobs.list(prefix).await.unwrap().into_iter().map(|meta| meta.key).collect() };
    assert_eq!(list("").await, ["a-c/d", "a/a", "a/b", "a/b.c/d", "ab", "b"]);
    assert_eq!(list("a/").await, ["a/a", "a/b", "a/b.c/d"]);
    assert_eq!(list("a/b").await, ["a/b", "a/b.c/d"], "a prefix may end within a segment");
    assert!(list("nothing/here").await.is_empty());
    assert!(list("../").await.is_empty());
    assert_eq!(blobs.list("a/b.").await.unwrap()[0].size, 7);
}

async fn a_writer_is_invisible_until_finished(blobs: &dyn Blobs) {
    let body = pattern(1_500_000);
    let mut writer = blobs.writer("d/k").await.unwrap();
    for at in (0..body.len()).step_by(100_000) {
        writer.write(body.slice(at..at + 100_000)).await.unwrap();
    }
    assert!(matches!(blobs.head("d/k").await, Err(Error::NotFound(_))));
    assert!(blobs.list("").await.unwrap().is_empty());
    assert_eq!(writer.finish().await.unwrap().size, body.len() as u64);
    assert_eq!(blobs.read_all("d/k").await.unwrap(), body);
}

async fn a_dropped_writer_leaves_nothing(blobs: &dyn Blobs) {
    let mut writer = blobs.writer("k").await.unwrap();
    writer.write(pattern(1_000)).await.unwrap();
    drop(writer);
    assert!(blobs.list("").await.unwrap().is_empty());
    blobs.put("k", "free".into()).await.unwrap();
}

async fn one_of_many_writers_wins(blobs: Arc<dyn Blobs>) {
    let rivals: Vec<_> = (0..10u8)
        .map(|rival| {
            let blobs = blobs.clone();
            tokio::spawn(async move { (rival, blobs.put("d/k", vec![rival; 1_000].into()).await) })
        })
        .collect();
    let mut winner = None;
    for rival in rivals {
        match rival.await.unwrap() {
            (rival, Ok(())) => assert_eq!(winner.replace(rival), None, "two writers won"),
            (_, Err(Error::Conflict(_))) => {}
            (_, Err(other)) => panic!("{other}"),
        }
    }
    assert_eq!(blobs.read_all("d/k").await.unwrap(), vec![winner.unwrap(); 1_000]);
}

async fn unsafe_keys_are_refused(blobs: &dyn Blobs) {
    for key in ["", "/a", "a/../b", "..", "a b", "a+b", "a//b"] {
        assert!(matches!(blobs.put(key, "x".into()).await, Err(Error::Backend { .. })), "{key}");
        assert!(matches!(blobs.writer(key).await.err(), Some(Error::Backend { .. })), "{key}");
    }
}

async fn absent_blobs_are_not_found(blobs: &dyn Blobs) {
    blobs.put("d/k", "x".into()).await.unwrap();
    for key in ["absent", "d", "d/absent", "d/k/below"] {
        assert!(matches!(blobs.read(key, None).await.err(), Some(Error::NotFound(what)) if what == key), "{key}");
        assert!(matches!(blobs.head(key).await, Err(Error::NotFound(what)) if what == key), "{key}");
    }
    blobs.delete("absent").await.unwrap();
    blobs.delete("d/k").await.unwrap();
    assert!(blobs.head("d/k").await.is_err());
}

async fn a_failing_stream_stores_nothing(blobs: &dyn Blobs) {
    let chunks = [Ok(pattern(10)), Err(Error::Unavailable("the sender left".into()))];
    let stored = blobs.put_stream("k", futures::stream::iter(chunks).boxed()).await;
    assert!(matches!(stored, Err(Error::Unavailable(_))));
    assert!(blobs.list("").await.unwrap().is_empty());
    let stored = blobs.put_stream("k", futures::stream::iter([Ok(pattern(10)), Ok(pattern(4))]).boxed()).await;
    assert_eq!(stored.unwrap().size, 14);
}

async fn files_read_seek_and_write(blobs: Arc<dyn Blobs>) {
    let body = pattern(2_000_003);
    let handle = Handle::current();
    let work = {
        let body = body.clone();
        move || {
            let mut sink = BlobSink::create_blocking(&*blobs, "d/file", handle.clone()).unwrap();
            for piece in body.chunks(777) {
                sink.write_all(piece).unwrap();
            }
            assert_eq!(sink.finish().unwrap().size, body.len() as u64);

            let mut file = BlobFile::open_blocking(blobs.clone(), "d/file", handle.clone()).unwrap();
            assert_eq!(file.size(), body.len() as u64);
            let mut all = Vec::new();
            file.read_to_end(&mut all).unwrap();
            assert_eq!(all, body, "a file reads from beginning to end");
            for (to, at) in [
                (SeekFrom::Start(1_999_000), 1_999_000),
                (SeekFrom::Current(-500), 1_998_600),
                (SeekFrom::End(-100), 1_999_903),
            ] {
                assert_eq!(file.seek(to).unwrap(), at);
                let mut some = [0; 100];
                file.read_exact(&mut some).unwrap();
                assert_eq!(some[..], body[at as usize..][..100]);
            }
            assert!(file.seek(SeekFrom::Current(-3_000_000)).is_err());
            assert_eq!(file.read_at(1_000, 5).unwrap(), body[1_000..1_005]);
            assert!(matches!(file.read_at(2_000_000, 5), Err(Error::Corrupt(_))), "a short read is told");
            let mut first = [0; 3];
            file.reopen().read_exact(&mut first).unwrap();
            assert_eq!(first[..], body[..3]);
            assert!(BlobFile::open_blocking(blobs, "d/absent", handle).is_err());
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}
