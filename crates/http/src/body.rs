//! Reading request bodies within limits.

use crate::errors::Failure;
use crate::limits::{BODIES_BYTES_MAX, BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tastemaker_wire::ErrorShape;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Memory is counted in units of so many bytes.
const UNIT_BYTES: usize = 1024;

/// The memory that bodies of all requests may take together.
#[derive(Debug)]
pub struct BodyMemory(Semaphore);

impl Default for BodyMemory {
    /// [`BODIES_BYTES_MAX`] bytes.
    fn default() -> Self {
        Self::new(BODIES_BYTES_MAX)
    }
}

/// A whole body, with its share of the memory.
#[derive(Debug)]
pub struct ReadBody<'a> {
    /// The body.
    pub bytes: Bytes,
    _memory: Option<SemaphorePermit<'a>>,
}

impl BodyMemory {
    fn new(bytes: usize) -> Self {
        Self(Semaphore::new(bytes / UNIT_BYTES))
    }

    /// The whole body of at most [`BODY_BYTES_MAX`] bytes. The rest of a larger one, or of one that there is no memory for, is
    /// read and dropped, up to [`BODY_DRAIN_BYTES_MAX`], before it is refused.
    pub async fn read(&self, mut body: Body) -> Result<ReadBody<'_>, Failure> {
        let mut held = BytesMut::new();
        let mut memory: Option<SemaphorePermit<'_>> = None;
        let (mut bytes, mut is_full) = (0, false);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| {
                Failure::new(ErrorShape::SerializationException, format!("The request body did not arrive whole: {e}."))
            })?;
            let Ok(data) = frame.into_data() else { continue };
            bytes += data.len();
            if bytes > BODY_DRAIN_BYTES_MAX {
                break;
            }
            if bytes <= BODY_BYTES_MAX && !is_full {
                is_full = !self.grow(&mut memory, bytes);
            }
            if bytes <= BODY_BYTES_MAX && !is_full {
                held.extend_from_slice(&data);
            } else {
                (held, memory) = (BytesMut::new(), None);
            }
        }
        if bytes > BODY_BYTES_MAX {
            let message = format!("The request body has {bytes} bytes or more; at most {BODY_BYTES_MAX} are taken.");
            return Err(Failure::new(ErrorShape::RequestEntityTooLargeException, message));
        }
        if is_full {
            let message = "Too many large requests are under way; try again shortly.";
            return Err(Failure::new(ErrorShape::ThrottlingException, message));
        }
        Ok(ReadBody { bytes: held.freeze(), _memory: memory })
    }

    /// Makes a share large enough for `bytes`; `false` if there is not enough left.
    fn grow<'a>(&'a self, share: &mut Option<SemaphorePermit<'a>>, bytes: usize) -> bool {
        let has = share.as_ref().map_or(0, SemaphorePermit::num_permits);
        let Ok(more) = u32::try_from(bytes.div_ceil(UNIT_BYTES).saturating_sub(has)) else { return false };
        match (self.0.try_acquire_many(more), share) {
            (Ok(permit), Some(share)) => share.merge(permit),
            (Ok(permit), none) => *none = Some(permit),
            (Err(_), _) => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_bodies_are_refused_with_the_limit() {
        let memory = BodyMemory::default();
        let exact = memory.read(Body::from(vec![b'x'; BODY_BYTES_MAX])).await.map(|held| held.bytes.len());
        assert_eq!(exact, Ok(BODY_BYTES_MAX));
        let large = memory.read(Body::from(vec![b'x'; 10 << 20])).await.expect_err("too large");
        assert_eq!(large.shape, ErrorShape::RequestEntityTooLargeException);
        assert!(large.message.contains("4194304"), "{}", large.message);
    }

    #[tokio::test]
    async fn bodies_share_a_bounded_memory_and_give_it_back() {
        let memory = BodyMemory::new(8 * UNIT_BYTES);
        let chunks = |count: usize| {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1000]));
            Body::from_stream(futures::stream::iter((0..count).map(move |_| chunk())))
        };
        let first = memory.read(chunks(5)).await.expect("fits");
        assert_eq!((first.bytes.len(), memory.0.available_permits()), (5000, 3));
        let refused = memory.read(chunks(5)).await.expect_err("does not fit beside it");
        assert_eq!(refused.shape, ErrorShape::ThrottlingException);
        assert_eq!(memory.0.available_permits(), 3);
        drop(first);
        assert_eq!(memory.read(chunks(8)).await.map(|held| held.bytes.len()), Ok(8000));
        assert_eq!(memory.0.available_permits(), 8);
    }
}
