//! The limits of the endpoint by name and unit.

use std::time::Duration;

/// Requests of known callers that are served at once; more are told to slow down.
pub const TRANSFERS_IN_FLIGHT_MAX: usize = 512;

/// Bytes that one upload, or one part of one, may have: S3's 5 GiB.
pub(crate) const BODY_BYTES_MAX: u64 = 5 << 30;

/// Bytes of a body that is read whole: lists of a thousand keys or ten thousand parts, and settings.
pub(crate) const XML_BYTES_MAX: usize = 8 << 20;

/// Bytes of a form before its file: S3's 20 KB.
pub(crate) const FORM_FIELDS_BYTES_MAX: usize = 20 << 10;

/// Bytes of a refused body that are read and dropped, so that the client reads the refusal instead of a reset.
pub(crate) const DRAIN_BYTES_MAX: usize = 8 << 20;

/// The times for which clients are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// The longest silence in the middle of a body.
    pub(crate) body_idle: Duration,
    /// Time for the fields of a form to arrive, since nobody is known before they did.
    pub(crate) form_fields: Duration,
    /// Time for which a refused body is read.
    pub(crate) drain: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { body_idle: Duration::from_secs(30), form_fields: Duration::from_secs(30), drain: Duration::from_secs(5) }
    }
}

/// Bytes of the line before a chunk of `aws-chunked`.
pub(crate) const CHUNK_LINE_BYTES_MAX: usize = 256;

/// Bytes of the trailing headers of `aws-chunked`.
pub(crate) const TRAILER_BYTES_MAX: usize = 4 << 10;

/// Keys that one DeleteObjects may name: S3's limit.
pub(crate) const DELETE_KEYS_MAX: usize = 1_000;
