use super::*;
use crate::fault_injection::{Count, Decorated, FailNth, Hook, Strike};
use crate::{BlobsExt, MemoryBlobs, MemoryRecords};

type Memory = (ChecksummedBlobs<Arc<MemoryBlobs>>, Arc<MemoryBlobs>, Arc<MemoryRecords>);

fn memory() -> Memory {
    let (inner, records) = (Arc::new(MemoryBlobs::new()), Arc::new(MemoryRecords::new()));
    (ChecksummedBlobs::new(inner.clone(), records.clone()), inner, records)
}

fn body() -> Vec<u8> {
    (0..200_000_u32).map(|n| (n % 253) as u8).collect()
}

/// Puts other bytes under the key of a blob.
async fn overwrite(inner: &MemoryBlobs, key: &str, bytes: Vec<u8>) {
    inner.delete(key).await.expect("delete");
    inner.put(key, bytes.into()).await.expect("put");
}

async fn read(blobs: &dyn Blobs, key: &str, range: Option<Range<u64>>) -> Result<Bytes> {
    crate::collect(blobs.read(key, range).await?).await
}

#[tokio::test]
async fn conforms() {
    crate::conformance::blobs::run_all(async || Arc::new(memory().0) as Arc<dyn Blobs>).await;
}

#[tokio::test]
async fn every_range_is_what_was_written() {
    let (blobs, ..) = memory();
    let body = body();
    blobs.put("a/b", body.clone().into()).await.expect("put");
    for range in [0..1, 65_535..65_537, 0..200_000, 131_072..131_073, 199_999..300_000, 70_000..u64::MAX, 5..5] {
        let end = (range.end as usize).min(body.len());
        let found = read(&blobs, "a/b", Some(range.clone())).await.expect("read");
        assert_eq!(&found[..], &body[range.start as usize..end], "{range:?}");
    }
    assert!(read(&blobs, "a/b", Some(200_000..200_001)).await.expect("read").is_empty());
    assert_eq!(blobs.examine("a/b").await.expect("read"), BlobHealth::Whole);
}

#[tokio::test]
async fn a_flipped_bit_is_an_error_wherever_it_is() {
    let (blobs, inner, _) = memory();
    let body = body();
    blobs.put("k", body.clone().into()).await.expect("put");
    for at in [0, 65_535, 65_536, 199_999] {
        let mut damaged = body.clone();
        damaged[at] ^= 1;
        overwrite(&inner, "k", damaged).await;
        for range in [None, Some(at as u64..at as u64 + 1)] {
            let Err(Error::Corrupt(what)) = read(&blobs, "k", range).await else { panic!("byte {at}") };
            let start = at / 65_536 * 65_536;
            let end = (start + 65_536).min(body.len());
            assert_eq!(what, format!("k: the bytes {start} to {end} do not match their checksum"));
        }
        assert!(matches!(blobs.examine("k").await, Ok(BlobHealth::Damaged(_))));
    }
    // The damaged byte is in the last chunk; the first one is whole.
    assert_eq!(read(&blobs, "k", Some(0..10)).await.expect("read"), body[..10]);
}

#[tokio::test]
async fn a_shorter_longer_or_absent_file_is_damage_and_a_deleted_blob_is_not() {
    let (blobs, inner, _) = memory();
    let body = body();
    blobs.put("k", body.clone().into()).await.expect("put");
    for (other, said) in [
        (body[..150_000].to_vec(), "k: the file has 150000 bytes and was written with 200000"),
        ([&body[..], b"x"].concat(), "k: the file has 200001 bytes and was written with 200000"),
    ] {
        overwrite(&inner, "k", other).await;
        assert!(matches!(blobs.head("k").await, Err(Error::Corrupt(what)) if what == said));
    }
    overwrite(&inner, "k", body[..150_000].to_vec()).await;
    let short = read(&blobs, "k", None).await;
    assert!(matches!(short, Err(Error::Corrupt(what)) if what == "k: the bytes 150000 to 200000 are missing"));
    inner.delete("k").await.expect("delete");
    for error in
        [blobs.head("k").await.err(), blobs.read("k", None).await.err(), blobs.read("k", Some(1..1)).await.err()]
    {
        assert!(matches!(error, Some(Error::Corrupt(what)) if what == "k: the file of 200000 bytes is gone"));
    }
    blobs.delete("k").await.expect("delete");
    assert!(matches!(blobs.head("k").await, Err(Error::NotFound(_))));
    assert!(matches!(blobs.read("k", None).await.err(), Some(Error::NotFound(_))));
}

#[tokio::test]
async fn blobs_of_earlier_builds_are_read_and_get_their_checksums() {
    let (blobs, inner, records) = memory();
    inner.put("old", "bytes".into()).await.expect("put");
    assert_eq!(&blobs.read_all("old").await.expect("read")[..], b"bytes");
    assert_eq!(blobs.examine("old").await.expect("read"), BlobHealth::Unknown);
    blobs.adopt("old").await.expect("adopt");
    blobs.adopt("absent").await.expect("adopt");
    assert_eq!(blobs.known().await.expect("list"), HashSet::from(["old".to_owned()]));
    assert_eq!(blobs.examine("old").await.expect("read"), BlobHealth::Whole);
    overwrite(&inner, "old", b"bitez".to_vec()).await;
    assert!(matches!(blobs.read_all("old").await, Err(Error::Corrupt(_))));
    assert_eq!(records.count("").await.expect("count"), 1);
}

/// Deletes `k` before it is looked at.
struct Deleting(Arc<MemoryBlobs>);

#[async_trait]
impl Hook for Deleting {
    async fn before(&self, call: &'static str) -> Result<()> {
        if call == "head" { self.0.delete("k").await } else { Ok(()) }
    }

    async fn after(&self, _: &'static str) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_blob_that_is_deleted_while_it_is_adopted_leaves_no_checksums() {
    let (_, inner, records) = memory();
    inner.put("k", body().into()).await.expect("put");
    inner.put("stays", body().into()).await.expect("put");
    let deleting = Arc::new(Decorated::<MemoryBlobs, _>::new(inner.clone(), Arc::new(Deleting(inner.clone()))));
    let blobs = ChecksummedBlobs::new(deleting, records.clone());
    blobs.adopt("k").await.expect("adopt");
    assert_eq!(records.count("").await.expect("count"), 0);
    blobs.adopt("stays").await.expect("adopt");
    assert_eq!(records.count("").await.expect("count"), 1);
}

#[tokio::test]
async fn checksums_are_read_once_while_a_blob_is_read_again() {
    let (blobs, inner, records) = memory();
    blobs.put("k", body().into()).await.expect("put");
    let count = Arc::new(Count::default());
    let blobs = ChecksummedBlobs::new(inner, Arc::new(Decorated::new(records, count.clone())));
    for _ in 0..3 {
        assert_eq!(read(&blobs, "k", None).await.expect("read"), body());
    }
    assert_eq!(count.of("get"), 1);
}

#[tokio::test]
async fn a_blob_whose_checksums_cannot_be_stored_is_not_stored() {
    let (_, inner, records) = memory();
    let failing = Decorated::new(records.clone(), Arc::new(FailNth::of("commit", 1, Strike::Before)));
    let blobs = ChecksummedBlobs::new(inner.clone(), Arc::new(failing));
    assert!(matches!(blobs.put("k", "x".into()).await, Err(Error::Unavailable(_))));
    assert!(inner.list("").await.expect("list").is_empty());
    blobs.put("k", "x".into()).await.expect("put");
    assert_eq!(blobs.known().await.expect("list").len(), 1);
    blobs.delete("k").await.expect("delete");
    assert!(blobs.known().await.expect("list").is_empty());
}
