//! Reading request bodies within limits.

use crate::address_counts::{AddressCounts, AddressShare};
use crate::errors::Failure;
use crate::limits::{
    BODIES_BYTES_MAX, BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX, BODY_PROGRESS_TIME_MAX, PARTS_PER_ADDRESS,
};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_wire::ErrorShape;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Memory is counted in units of so many bytes.
const UNIT_BYTES: usize = 1024;

/// The memory that bodies of all requests may take together, and that of one client address a part of it.
#[derive(Debug)]
pub struct BodyMemory {
    units: Semaphore,
    by_address: Arc<AddressCounts>,
    progress_time_max: Duration,
}

impl Default for BodyMemory {
    /// [`BODIES_BYTES_MAX`] bytes, and [`BODY_PROGRESS_TIME_MAX`] for some of them to arrive.
    fn default() -> Self {
        Self::new(BODIES_BYTES_MAX, BODY_PROGRESS_TIME_MAX)
    }
}

/// A whole body, with its share of the memory.
#[derive(Debug)]
pub struct ReadBody<'a> {
    /// The body.
    pub bytes: Bytes,
    _memory: MemoryShare<'a>,
}

/// A share of the memory, and the same of the part that its address may have.
#[derive(Debug, Default)]
struct MemoryShare<'a> {
    units: Option<SemaphorePermit<'a>>,
    of_address: Option<AddressShare>,
}

impl BodyMemory {
    fn new(bytes: usize, progress_time_max: Duration) -> Self {
        let units = bytes / UNIT_BYTES;
        let by_address = AddressCounts::new(units / PARTS_PER_ADDRESS);
        Self { units: Semaphore::new(units), by_address, progress_time_max }
    }

    /// The whole body, of at most [`BODY_BYTES_MAX`] bytes, of a request from an address. A larger one, or one that there is
    /// no memory for, gives back what it has; its rest is read and dropped before it is refused.
    pub async fn read(&self, mut body: Body, address: Option<IpAddr>) -> Result<ReadBody<'_>, Failure> {
        let mut held = BytesMut::new();
        let mut memory = MemoryShare::default();
        while let Some(data) = next(&mut body, self.progress_time_max).await? {
            let bytes = held.len() + data.len();
            if bytes <= BODY_BYTES_MAX && self.grow(&mut memory, bytes, address) {
                held.extend_from_slice(&data);
                continue;
            }
            drop((held, memory, data));
            let bytes = bytes + drain(body, self.progress_time_max).await;
            if bytes > BODY_BYTES_MAX {
                let message =
                    format!("The request body has {bytes} bytes or more; at most {BODY_BYTES_MAX} are taken.");
                return Err(Failure::new(ErrorShape::RequestEntityTooLargeException, message));
            }
            let message = "Too many large requests are under way; try again shortly.";
            return Err(Failure::new(ErrorShape::ThrottlingException, message));
        }
        Ok(ReadBody { bytes: held.freeze(), _memory: memory })
    }

    /// Makes a share large enough for `bytes`; `false` if there is not enough left.
    fn grow<'a>(&'a self, share: &mut MemoryShare<'a>, bytes: usize, address: Option<IpAddr>) -> bool {
        let has = share.units.as_ref().map_or(0, SemaphorePermit::num_permits);
        let more = bytes.div_ceil(UNIT_BYTES).saturating_sub(has);
        let fits = match (&mut share.of_address, address) {
            (Some(of_address), _) => of_address.grow(more),
            (none, Some(address)) => {
                *none = self.by_address.take(address, more);
                none.is_some()
            }
            (None, None) => true,
        };
        let Some(permit) = u32::try_from(more).ok().filter(|_| fits).and_then(|n| self.units.try_acquire_many(n).ok())
        else {
            return false;
        };
        match &mut share.units {
            Some(units) => units.merge(permit),
            none => *none = Some(permit),
        }
        true
    }
}

/// Reads and drops the rest of a body that nobody wants, so that its sender reads the answer instead of a reset; the bytes
/// that there were, at most some more than [`BODY_DRAIN_BYTES_MAX`]. It ends where the body fails or stalls.
pub async fn drain(mut body: Body, progress_time_max: Duration) -> usize {
    let mut bytes = 0;
    while bytes <= BODY_DRAIN_BYTES_MAX
        && let Ok(Some(data)) = next(&mut body, progress_time_max).await
    {
        bytes += data.len();
    }
    bytes
}

/// The next bytes of a body; `None` at its end.
async fn next(body: &mut Body, progress_time_max: Duration) -> Result<Option<Bytes>, Failure> {
    loop {
        let frame = tokio::time::timeout(progress_time_max, body.frame()).await.map_err(|_| {
            let message = format!("Nothing of the request body arrived for {} seconds.", progress_time_max.as_secs());
            Failure::new(ErrorShape::RequestTimeoutException, message)
        })?;
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|e| {
            Failure::new(ErrorShape::SerializationException, format!("The request body did not arrive whole: {e}."))
        })?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn chunks(count: usize) -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> + Send {
        let chunk = || Ok(Bytes::from_static(&[b'x'; 1000]));
        futures::stream::iter((0..count).map(move |_| chunk()))
    }

    fn body(count: usize) -> Body {
        Body::from_stream(chunks(count))
    }

    fn stalling(count: usize) -> Body {
        Body::from_stream(chunks(count).chain(futures::stream::pending()))
    }

    #[tokio::test]
    async fn large_bodies_are_refused_with_the_limit() {
        let memory = BodyMemory::default();
        let exact = memory.read(Body::from(vec![b'x'; BODY_BYTES_MAX]), None).await.map(|held| held.bytes.len());
        assert_eq!(exact, Ok(BODY_BYTES_MAX));
        let large = memory.read(Body::from(vec![b'x'; 10 << 20]), None).await.expect_err("too large");
        assert_eq!(large.shape, ErrorShape::RequestEntityTooLargeException);
        assert!(large.message.contains("4194304"), "{}", large.message);
    }

    #[tokio::test]
    async fn bodies_share_a_bounded_memory_and_give_it_back() {
        let memory = BodyMemory::new(8 * UNIT_BYTES, PATIENCE);
        let first = memory.read(body(5), None).await.expect("fits");
        assert_eq!((first.bytes.len(), memory.units.available_permits()), (5000, 3));
        let refused = memory.read(body(5), None).await.expect_err("does not fit beside it");
        assert_eq!(refused.shape, ErrorShape::ThrottlingException);
        assert_eq!(memory.units.available_permits(), 3);
        drop(first);
        assert_eq!(memory.read(body(8), None).await.map(|held| held.bytes.len()), Ok(8000));
        assert_eq!(memory.units.available_permits(), 8);
    }

    #[tokio::test]
    async fn an_address_has_a_part_of_the_memory() {
        let memory = BodyMemory::new(8 * UNIT_BYTES, PATIENCE);
        let (first, second) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let held = memory.read(body(3), Some(first)).await.expect("fits");
        let refused = memory.read(body(2), Some(first)).await.expect_err("more than half");
        assert_eq!(refused.shape, ErrorShape::ThrottlingException);
        assert_eq!(memory.units.available_permits(), 5);
        assert!(memory.read(body(4), Some(second)).await.is_ok());
        drop(held);
        assert!(memory.read(body(4), Some(first)).await.is_ok());
        assert_eq!((memory.units.available_permits(), memory.by_address.addresses()), (8, 0));
    }

    /// A body that is too large gives back everything as soon as that is clear, and keeps nothing of the rest.
    #[tokio::test]
    async fn nothing_of_a_refused_body_is_kept_while_its_rest_arrives() {
        let memory = BodyMemory::new(8 << 20, PATIENCE);
        let all = memory.units.available_permits();
        let kept = BODY_BYTES_MAX / 1000;
        for (count, free) in [(kept, all - (kept * 1000).div_ceil(UNIT_BYTES)), (kept + 1, all), (2 * kept, all)] {
            let mut reading = Box::pin(memory.read(stalling(count), Some(IpAddr::from([10, 0, 0, 1]))));
            // The bodies are there at once, so one look reads them to where they stall.
            while memory.units.available_permits() != free {
                assert!(futures::poll!(&mut reading).is_pending());
            }
            assert!(futures::poll!(&mut reading).is_pending());
            assert_eq!(memory.units.available_permits(), free, "{count} chunks");
            assert_eq!(memory.by_address.addresses(), usize::from(free < all));
        }
        assert_eq!(memory.units.available_permits(), all);
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let memory = BodyMemory::new(8 * UNIT_BYTES, Duration::from_millis(20));
        let stalled = memory.read(stalling(2), None).await.expect_err("it never ends");
        assert_eq!(stalled.shape, ErrorShape::RequestTimeoutException);
        assert_eq!(memory.units.available_permits(), 8);
        assert_eq!(drain(stalling(2), Duration::from_millis(20)).await, 2000);
        assert_eq!(drain(body(3), PATIENCE).await, 3000);
        let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1 << 20])));
        assert_eq!(drain(Body::from_stream(endless), PATIENCE).await, BODY_DRAIN_BYTES_MAX + (1 << 20));
    }
}
