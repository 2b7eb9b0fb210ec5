//! The four storage traits. A new feature never adds a method here; convenience goes into the extension traits.

mod blobs;
mod events;
mod records;
mod wakeups;

pub use blobs::{BlobMeta, BlobStream, BlobWriter, Blobs, check_blob_key};
pub use events::{Events, NewEvent, StoredEvent};
pub use records::{Precondition, Records, Versioned, Write};
pub use wakeups::Wakeups;
