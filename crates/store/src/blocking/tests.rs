use super::*;
use crate::MemoryBlobs;
use crate::fault_injection::{Count, Decorated};
use async_trait::async_trait;
use parking_lot::Mutex;

/// The sizes of the pieces that a sink hands on.
#[derive(Default, Clone)]
struct Pieces(Arc<Mutex<Vec<usize>>>);

#[async_trait]
impl BlobWriter for Pieces {
    async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.0.lock().push(chunk.len());
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<BlobMeta> {
        let size = self.0.lock().iter().sum::<usize>() as u64;
        Ok(BlobMeta { key: "k".into(), size })
    }
}

#[tokio::test]
async fn a_sink_gathers_a_mebibyte_and_holds_no_more() {
    let (pieces, handle) = (Pieces::default(), Handle::current());
    let seen = pieces.0.clone();
    let written = tokio::task::spawn_blocking(move || {
        let mut sink = BlobSink { writer: Box::new(pieces.clone()), handle, buffer: Vec::new() };
        let sizes = || pieces.0.lock().clone();
        sink.write_all(&[1; 1_000])?;
        assert_eq!(sizes(), [0; 0], "a small write is no write of its own");
        sink.write_all(&vec![1; (1 << 20) - 1_000])?;
        assert_eq!(sizes(), [1 << 20]);
        sink.write_all(&vec![1; 3 << 20])?;
        assert_eq!(sizes(), [1 << 20, 3 << 20]);
        sink.write_all(&[1; 7])?;
        sink.flush()?;
        sink.flush()?;
        assert_eq!(sizes(), [1 << 20, 3 << 20, 7]);
        sink.write_all(&[1; 5])?;
        io::Result::Ok(sink.finish()?)
    });
    let written = written.await.expect("no panic").expect("written");
    assert_eq!(*seen.lock(), [1 << 20, 3 << 20, 7, 5]);
    assert_eq!(written.size, (4 << 20) + 12);
}

#[tokio::test]
async fn a_file_goes_on_where_it_is_without_another_read() {
    let count = Arc::new(Count::default());
    let blobs: Arc<dyn Blobs> = Arc::new(Decorated::new(Arc::new(MemoryBlobs::new()), count.clone()));
    blobs.put("k", Bytes::from_static(b"0123456789")).await.expect("put");
    let handle = Handle::current();
    let read = tokio::task::spawn_blocking(move || {
        let mut file = BlobFile::open_blocking(blobs, "k", handle)?;
        let mut next = |to: SeekFrom| {
            let mut two = [0; 2];
            file.seek(to)?;
            file.read_exact(&mut two)?;
            io::Result::Ok(String::from_utf8_lossy(&two).into_owned())
        };
        let found = [next(SeekFrom::Start(0))?, next(SeekFrom::Current(0))?, next(SeekFrom::Start(4))?];
        assert_eq!((found, count.of("read")), (["01", "23", "45"].map(str::to_owned), 1), "4 is where it is");
        assert_eq!((next(SeekFrom::End(-2))?, count.of("read")), ("89".to_owned(), 2));
        assert_eq!((next(SeekFrom::Current(-4))?, count.of("read")), ("67".to_owned(), 3));
        assert!(next(SeekFrom::Current(-9)).is_err(), "before the beginning");
        io::Result::Ok(())
    });
    read.await.expect("no panic").expect("read");
}
