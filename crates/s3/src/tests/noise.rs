//! Bodies of noise: bytes changed, doubled, left out and cut at random. Nothing panics, nothing hangs, and what is refused
//! leaves nothing.

use super::*;

/// A small generator of numbers (xorshift), so that a failure repeats.
struct Noise(u64);

impl Noise {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// A few changes of a body, and the pieces in which it comes.
    fn spoil(&mut self, body: &[u8]) -> Vec<Result<Bytes, StdError>> {
        let mut bytes = body.to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] = self.below(256) as u8,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n-;:0"[self.below(6)]),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let end = at + self.below(bytes.len() - at);
                    let doubled = bytes[at..end].to_vec();
                    bytes.splice(at..at, doubled);
                }
            }
        }
        let size = 1 + self.below(64);
        bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
    }
}

#[tokio::test]
async fn noise_in_forms_and_chunks_is_refused_or_stored_and_nothing_else() {
    let door = Door::with_bucket().await;
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let form = b"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b\r\nContent-Disposition: form-data; \
                 name=\"policy\"\r\n\r\neyJleHBpcmF0aW9uIjoiMjAyMyJ9\r\n--b\r\nContent-Disposition: form-data; name=\"signature\"\
                 \r\n\r\nAAAA\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nbytes\r\n--b--\r\n";
    for _ in 0..600 {
        let kind = "multipart/form-data; boundary=b";
        let body = streamed(futures::stream::iter(noise.spoil(form)));
        let reply = door.send(Request::post("/shop").header("content-type", kind).body(body).expect("a request")).await;
        assert!(reply.status.is_client_error(), "{} {}", reply.status, reply.text);
    }
    assert_eq!(door.blob_count().await, 0);
    let chunked = b"6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let headers = [("x-amz-decoded-content-length", "11"), ("x-amz-trailer", "x-amz-checksum-crc32")];
    let payload = SignableBody::Precomputed("STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned());
    let head = signed_over("PUT", "/shop/k", &headers, payload, None, SECRET);
    let mut stored = 0;
    for _ in 0..600 {
        let body = streamed(futures::stream::iter(noise.spoil(chunked)));
        let reply = door.send(head.clone().map(|()| body)).await;
        assert!(reply.status.is_success() || reply.status.is_client_error(), "{} {}", reply.status, reply.text);
        stored += usize::from(reply.status.is_success());
        // The checksum lets no change through.
        let found = door.ask("GET", "/shop/k", &[], b"").await;
        assert!(found.status == 404 || found.text == "hello world", "{}", found.text);
    }
    assert!((20..580).contains(&stored), "{stored} of 600 were whole");
    assert_eq!(door.blob_count().await, 1);
}
