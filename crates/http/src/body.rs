//! Reading request bodies within limits.

use crate::errors::Failure;
use crate::limits::{BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tastemaker_wire::ErrorShape;

/// The whole body of at most [`BODY_BYTES_MAX`] bytes. The rest of a larger one is read and dropped, up to
/// [`BODY_DRAIN_BYTES_MAX`], before it is refused.
pub async fn read(mut body: Body) -> Result<Bytes, Failure> {
    let mut held = BytesMut::new();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| {
            Failure::new(ErrorShape::SerializationException, format!("The request body did not arrive whole: {e}."))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len();
        if bytes > BODY_DRAIN_BYTES_MAX {
            break;
        }
        if bytes <= BODY_BYTES_MAX {
            held.extend_from_slice(&data);
        } else {
            held = BytesMut::new();
        }
    }
    if bytes > BODY_BYTES_MAX {
        let message = format!("The request body has {bytes} bytes or more; at most {BODY_BYTES_MAX} are taken.");
        return Err(Failure::new(ErrorShape::RequestEntityTooLargeException, message));
    }
    Ok(held.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_bodies_are_refused_with_the_limit() {
        let exact = read(Body::from(vec![b'x'; BODY_BYTES_MAX])).await;
        assert_eq!(exact.map(|b| b.len()), Ok(BODY_BYTES_MAX));
        let large = read(Body::from(vec![b'x'; 10 << 20])).await.expect_err("too large");
        assert_eq!(large.shape, ErrorShape::RequestEntityTooLargeException);
        assert!(large.message.contains("4194304"), "{}", large.message);
    }
}
