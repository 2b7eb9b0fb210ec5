//! Storage: four small traits, versioned record formats, an in-memory implementation, and one conformance suite for
//! backends.
//!
//! | trait | what it keeps | its promise |
//! |---|---|---|
//! | [`Records`] | small named values | serializable batches, read-your-commit, durable before the answer |
//! | [`Events`] | append-only streams | order within a stream, idempotent by event id, durable before the answer |
//! | [`Blobs`] | immutable bytes | invisible until finished, durable before the answer |
//! | [`Wakeups`] | nothing | a hint: notifications may be lost or doubled |
//!
//! The traits are used as `Arc<dyn Trait>`, all four together as [`Stores`]. Convenience lives in the extension traits
//! ([`RecordsExt`], [`RecordsTransact`], [`EventsExt`], [`BlobsExt`]) and in the synchronous adapters ([`BlobFile`],
//! [`BlobSink`]); a backend implements only the small traits and proves itself with [`conformance`].

mod aged_deletes;
pub mod blocking;
mod checksummed_blobs;
pub mod conformance;
pub mod damage;
mod error;
pub mod expiry_clock;
mod ext;
pub mod external_buckets;
pub mod fault_injection;
pub mod instance;
pub mod measured;
mod memory;
mod noting_records;
mod object_store_blobs;
pub mod objects;
pub mod orphans;
pub mod records;
pub mod remote;
mod store_clock;
mod stores;
mod traits;
mod transaction;

pub use aged_deletes::AgedDeletes;
pub use blocking::{BlobFile, BlobSink};
pub use checksummed_blobs::{BlobHealth, ChecksummedBlobs};
pub use error::{Error, Result};
pub use ext::{BlobsExt, EventsExt, RecordsExt, collect, from_json, put_json};
pub use memory::{MemoryBlobs, MemoryEvents, MemoryRecords, MemoryWakeups};
pub use noting_records::{DELETED, NOTED_KINDS, NotingRecords, Receivers};
pub use object_store_blobs::{Lost, ObjectStoreBlobs};
pub use store_clock::{MachineClock, StoreClock};
pub use stores::Stores;
pub use traits::{
    BlobMeta, BlobStream, BlobWriter, Blobs, Events, NewEvent, Precondition, Records, StoredEvent, Versioned, Wakeups,
    Write, check_blob_key,
};
pub use transaction::{Changes, RecordsTransact, Transaction};
