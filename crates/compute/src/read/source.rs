//! Random access to the bytes of a Parquet file.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{Array, BooleanArray, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use tastemaker_store as store;
use tastemaker_store::BlobFile;

use crate::error::from_parquet;

/// The fault of a file at which the reader of Parquet panics.
const DAMAGED: &str = "parquet: the file is damaged, its reader panicked";

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 8192;
/// Bytes that a sequential read fetches at once.
const SEQUENTIAL_BYTES: usize = 64 << 10;

/// A file of known length whose ranges can be read.
pub trait ReadAt: Send + Sync + 'static {
    /// The file's length in bytes.
    fn len(&self) -> u64;

    /// Whether the file has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Exactly `len` bytes from `start`, or an error.
    fn read_at(&self, start: u64, len: usize) -> io::Result<Bytes>;
}

impl<F: ReadAt> ReadAt for Arc<F> {
    fn len(&self) -> u64 {
        self.as_ref().len()
    }

    fn read_at(&self, start: u64, len: usize) -> io::Result<Bytes> {
        self.as_ref().read_at(start, len)
    }
}

impl ReadAt for Bytes {
    fn len(&self) -> u64 {
        Bytes::len(self) as u64
    }

    fn read_at(&self, start: u64, len: usize) -> io::Result<Bytes> {
        let range = usize::try_from(start).ok().and_then(|start| Some(start..start.checked_add(len)?));
        match range.filter(|range| range.end <= Bytes::len(self)) {
            Some(range) => Ok(self.slice(range)),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// A Parquet file in the blob store. Readers of it belong on blocking threads, like [`BlobFile`].
pub struct BlobParquet {
    size: u64,
    // A blob's stream cannot be shared between threads; reads are one at a time anyway.
    file: Mutex<BlobFile>,
}

impl From<BlobFile> for BlobParquet {
    fn from(file: BlobFile) -> Self {
        Self { size: file.size(), file: Mutex::new(file) }
    }
}

impl ReadAt for BlobParquet {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, start: u64, len: usize) -> io::Result<Bytes> {
        Ok(self.file.lock().unwrap_or_else(PoisonError::into_inner).read_at(start, len)?)
    }
}

/// The view of a file that the Parquet reader wants.
struct Chunks<F>(Arc<F>);

impl<F: ReadAt> Length for Chunks<F> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<F: ReadAt> ChunkReader for Chunks<F> {
    type T = Sequential<F>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(Sequential { file: self.0.clone(), position: start, chunk: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(self.0.read_at(start, length)?)
    }
}

struct Sequential<F> {
    file: Arc<F>,
    position: u64,
    chunk: Bytes,
}

impl<F: ReadAt> io::Read for Sequential<F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            let left = self.file.len().saturating_sub(self.position);
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(SEQUENTIAL_BYTES);
            if len == 0 {
                return Ok(0);
            }
            self.chunk = self.file.read_at(self.position, len)?;
            self.position += len as u64;
        }
        let len = self.chunk.len().min(out.len());
        self.chunk.copy_to_slice(&mut out[..len]);
        Ok(len)
    }
}

/// The batches of a file. The reader of Parquet panics on some damaged files, which is an error here; after it there are no more.
pub(crate) struct Batches {
    /// The columns of every batch.
    pub(crate) schema: SchemaRef,
    reader: Option<ParquetRecordBatchReader>,
}

impl Batches {
    fn open(open: impl FnOnce() -> store::Result<ParquetRecordBatchReader>) -> store::Result<Self> {
        let opened = catch_unwind(AssertUnwindSafe(open));
        opened
            .unwrap_or_else(|_| Err(store::Error::Corrupt(DAMAGED.to_owned())))
            .map(|reader| Self { schema: reader.schema(), reader: Some(reader) })
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        // A reader that panicked is not used again.
        catch_unwind(AssertUnwindSafe(|| reader.next())).unwrap_or_else(|_| {
            self.reader = None;
            Some(Err(ArrowError::ParquetError(DAMAGED.to_owned())))
        })
    }
}

fn builder<F: ReadAt>(file: F) -> store::Result<ParquetRecordBatchReaderBuilder<Chunks<F>>> {
    // Parquet's own types say all about the columns that imports write, and the reader of the Arrow schema beside them panics on
    // types that it does not know.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(Chunks(Arc::new(file)), options).map_err(from_parquet)
}

/// The names of a file's columns, those of lists and structures by the name of the whole.
pub(crate) fn column_names<F: ReadAt>(file: F) -> store::Result<Vec<String>> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let builder = builder(file)?;
        Ok(builder.schema().fields().iter().map(|field| field.name().clone()).collect())
    }));
    read.unwrap_or_else(|_| Err(store::Error::Corrupt(DAMAGED.to_owned())))
}

/// Batches of the named columns; columns that the file lacks are absent from the batches.
pub(crate) fn open<F: ReadAt>(file: F, columns: &[&str]) -> store::Result<Batches> {
    Batches::open(|| {
        let builder = builder(file)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(from_parquet)
    })
}

/// Which rows to keep, by the values of one column.
pub(crate) type Keep = Box<dyn Fn(&dyn Array) -> BooleanArray + Send>;

/// All columns of the rows for which `keep` says yes, given the values of `column`.
pub(crate) fn open_filtered<F: ReadAt>(file: F, column: &str, keep: Keep) -> store::Result<Batches> {
    Batches::open(|| {
        let builder = builder(file)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), [column]);
        let predicate = ArrowPredicateFn::new(mask, move |batch: RecordBatch| match batch.columns().first() {
            Some(values) => Ok(keep(values)),
            None => Ok(BooleanArray::from(vec![true; batch.num_rows()])),
        });
        let filter = RowFilter::new(vec![Box::new(predicate)]);
        builder.with_row_filter(filter).with_batch_size(BATCH_ROWS).build().map_err(from_parquet)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use tastemaker_data::DatasetBuilder;
    use tastemaker_domain::schema::Schema;
    use tastemaker_store::{BlobSink, Blobs, MemoryBlobs};

    use super::*;
    use crate::{ImportError, ImportRules, InteractionsFilter, ReadLimits, import_csv, read_interactions};

    #[test]
    fn an_import_goes_from_blob_to_blob() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let handle = runtime.handle().clone();
        let blobs: Arc<dyn Blobs> = Arc::new(MemoryBlobs::default());
        let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP\n");
        (0..50_000).for_each(|n| csv.push_str(&format!("u{},i{},{n}\n", n % 700, n % 90)));
        handle.block_on(blobs.put("in.csv", csv.into())).unwrap();

        let fields = r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}"#;
        let schema =
            Schema::parse(&format!(r#"{{"type":"record","name":"Interactions","fields":[{fields}]}}"#), None).unwrap();
        let source = BlobFile::open_blocking(blobs.clone(), "in.csv", handle.clone()).unwrap();
        let mut sink = BlobSink::create_blocking(blobs.as_ref(), "out.parquet", handle.clone()).unwrap();
        let totals =
            import_csv(source, "in.csv", &schema, &ImportRules::default(), &mut sink, &|_, _| {}, &|| false).unwrap();
        sink.finish().unwrap();
        assert_eq!(totals.rows, 50_000);

        let file = BlobParquet::from(BlobFile::open_blocking(blobs, "out.parquet", handle).unwrap());
        let mut builder = DatasetBuilder::new();
        let read =
            read_interactions([file], &mut builder, &InteractionsFilter::default(), &ReadLimits::default()).unwrap();
        assert_eq!((read.rows, read.kept), (50_000, 50_000));
        let dataset = builder.build();
        assert_eq!((dataset.len(), dataset.users.len(), dataset.items.len()), (50_000, 700, 90));
    }

    #[test]
    fn damaged_files_are_errors() {
        for bytes in [&b""[..], b"PAR1", b"not a parquet file at all", b"PAR1\x15\0\xff\xff\xff\x7fPAR1"] {
            let read = read_interactions(
                [Bytes::copy_from_slice(bytes)],
                &mut DatasetBuilder::new(),
                &InteractionsFilter::default(),
                &ReadLimits::default(),
            );
            let Err(ImportError::Store(error)) = &read else { panic!("{read:?}") };
            assert!(matches!(error, store::Error::Corrupt(_) | store::Error::Backend { .. }), "{read:?}");
        }
    }

    #[test]
    fn sequential_reads_cross_chunks_and_end() {
        let bytes: Bytes = (0..200_000u32).map(|n| n as u8).collect::<Vec<_>>().into();
        let mut tail = Vec::new();
        Chunks(Arc::new(bytes.clone())).get_read(5).unwrap().read_to_end(&mut tail).unwrap();
        assert_eq!(tail, bytes[5..]);
        assert!(bytes.read_at(199_999, 2).is_err());
        assert!(bytes.read_at(u64::MAX, 2).is_err());
    }
}
