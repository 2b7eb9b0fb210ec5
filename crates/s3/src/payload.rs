//! Request bodies on their way from the client: timed, checked against the declared payload, and then handed on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use s3s::dto::StreamingBlob;
use s3s::stream::{ByteStream, RemainingLength};
use s3s::{S3ErrorCode, StdError};
use sha2::{Digest, Sha256};
use tastemaker_wire::sigv4::S3Payload;
use tokio::time::Instant;

use crate::aws_chunked;
use crate::declared::{BodyFault, Declared, RawBody, Trailers};

/// The first fault of a body, kept for operations that report it as their own failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<Option<BodyFault>>>);

impl Faults {
    pub(crate) fn take(&self) -> Option<BodyFault> {
        self.0.lock().take()
    }
}

/// Bytes that a body must bring for each second that it is waited for.
const BYTES_PER_SECOND_MIN: f64 = 1024.0;

/// The bytes of a body against the time that was waited for them; time that the server takes to store them does not count.
#[derive(Default)]
struct Pace {
    waited: Duration,
    bytes: usize,
}

impl Pace {
    /// Counts bytes that came after a wait; `false` where a whole window of waiting brought too few.
    fn keeps_up(&mut self, waited: Duration, bytes: usize, window: Duration) -> bool {
        self.waited += waited;
        self.bytes += bytes;
        if self.waited < window {
            return true;
        }
        let Self { waited, bytes } = std::mem::take(self);
        bytes as f64 >= BYTES_PER_SECOND_MIN * waited.as_secs_f64()
    }
}

/// Ends a body with `RequestTimeout` when the client is silent for longer than `idle`, or so slow that twice that time of
/// waiting brings less than [`BYTES_PER_SECOND_MIN`].
pub(crate) fn timed(body: RawBody, idle: Duration) -> RawBody {
    let timed = futures::stream::unfold(Some((body, Pace::default())), move |state| async move {
        let (mut body, mut pace) = state?;
        let refuse = |message: String| Err(Box::new(BodyFault::new(S3ErrorCode::RequestTimeout, message)) as StdError);
        let began = Instant::now();
        match tokio::time::timeout(idle, body.next()).await {
            Ok(Some(Ok(chunk))) if !pace.keeps_up(began.elapsed(), chunk.len(), 2 * idle) => {
                let message = format!("The body brings fewer than {BYTES_PER_SECOND_MIN} bytes a second.");
                Some((refuse(message), None))
            }
            Ok(Some(item)) => Some((item, Some((body, pace)))),
            Ok(None) => None,
            Err(_) => {
                let message = format!("Nothing of the body came for {} seconds.", idle.as_secs());
                Some((refuse(message), None))
            }
        }
    });
    // A refused body is drained, even if it has been read to its end.
    Box::pin(timed.fuse())
}

/// The bytes proper of a body. They end without an error only if the body is the declared one.
pub(crate) fn checked(body: RawBody, declared: Declared, trailers: Trailers) -> RawBody {
    match declared.payload {
        S3Payload::Unsigned => of_length(body, declared.length, None),
        S3Payload::Sha256(sha256) => of_length(body, declared.length, Some(sha256)),
        S3Payload::SignedChunks { .. } | S3Payload::UnsignedChunks => aws_chunked::decoded(body, declared, trailers),
    }
}

/// Checks length and, where it is known, SHA-256.
fn of_length(body: RawBody, length: u64, sha256: Option<[u8; 32]>) -> RawBody {
    struct State {
        body: RawBody,
        left: u64,
        hasher: Sha256,
    }
    let state = State { body, left: length, hasher: Sha256::new() };
    Box::pin(futures::stream::try_unfold(state, move |mut state| async move {
        let Some(chunk) = state.body.try_next().await? else {
            if state.left > 0 {
                let message = format!("The body ended {} bytes before its Content-Length.", state.left);
                return Err(Box::new(BodyFault::incomplete(message)) as StdError);
            }
            if sha256.is_some_and(|declared| declared != <[u8; 32]>::from(state.hasher.finalize())) {
                let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
                return Err(Box::new(BodyFault::unlisted("XAmzContentSHA256Mismatch", message)) as StdError);
            }
            return Ok(None);
        };
        let Some(left) = state.left.checked_sub(chunk.len() as u64) else {
            let message = "The body is longer than its Content-Length.";
            return Err(Box::new(BodyFault::incomplete(message)) as StdError);
        };
        state.left = left;
        if sha256.is_some() {
            state.hasher.update(&chunk);
        }
        Ok(Some((chunk, state)))
    }))
}

/// A body as the protocol crate takes it.
pub(crate) fn handed_on(body: RawBody, faults: Faults) -> s3s::Body {
    let body = body.map_err(move |error| {
        let fault = BodyFault::of(error);
        faults.0.lock().get_or_insert_with(|| fault.clone());
        Box::new(fault) as StdError
    });
    s3s::Body::from(StreamingBlob::new(HandedOn(Mutex::new(Box::pin(body.fuse())))))
}

/// The mutex is never contended: it makes a `Send` stream `Sync`, which the protocol crate asks for. The length is not told,
/// since a body of a known length of 0 would not be read, and so not be checked.
struct HandedOn(Mutex<RawBody>);

impl Stream for HandedOn {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.get_mut().poll_next_unpin(context)
    }
}

impl ByteStream for HandedOn {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::unknown()
    }
}

/// Reads and drops what is left of a refused body, within limits.
pub(crate) async fn drain(mut body: RawBody, bytes_max: usize, time_max: Duration) {
    let reading = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = body.next().await {
            bytes += chunk.len();
            if bytes > bytes_max {
                break;
            }
        }
    };
    // Whoever is silent is not waited for.
    let _ = tokio::time::timeout(time_max, reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that arrive of chunks that each come after a wait, and the error that ends them.
    async fn read(chunks: impl IntoIterator<Item = (u64, usize)>) -> (usize, Option<String>) {
        let chunks: Vec<_> = chunks.into_iter().collect();
        let body = futures::stream::iter(chunks).then(|(wait_s, bytes)| async move {
            tokio::time::sleep(Duration::from_secs(wait_s)).await;
            Ok(Bytes::from(vec![b'x'; bytes]))
        });
        let mut body = timed(Box::pin(body), Duration::from_secs(30));
        let mut bytes = 0;
        loop {
            match body.next().await {
                Some(Ok(chunk)) => bytes += chunk.len(),
                Some(Err(error)) => return (bytes, Some(error.to_string())),
                None => return (bytes, None),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_ended() {
        let (bytes, fault) = read((0..1_000).map(|_| (29, 1))).await;
        assert_eq!(bytes, 2, "the third byte comes after 87 seconds");
        assert!(fault.is_some_and(|fault| fault.contains("fewer than 1024 bytes a second")));
        // A fast beginning buys no slow end.
        let (bytes, fault) = read([(0, 100 << 20)].into_iter().chain((0..1_000).map(|_| (29, 1)))).await;
        assert!(bytes < (100 << 20) + 10 && fault.is_some(), "{bytes}");
        let (_, fault) = read([(31, 1)]).await;
        assert!(fault.is_some_and(|fault| fault.contains("Nothing of the body came for 30 seconds")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_and_a_small_body_are_waited_for() {
        assert_eq!(read((0..100).map(|_| (10, 10_240))).await, (1_024_000, None));
        assert_eq!(read([(29, 1), (29, 1)]).await, (2, None));
    }
}
