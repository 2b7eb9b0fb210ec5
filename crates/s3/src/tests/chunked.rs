//! `aws-chunked` bodies: whole ones are stored, anything else is refused and leaves nothing.

use aws_sigv4::sign::v4::{SigningParams, sign_chunk, sign_trailer};
use aws_smithy_runtime_api::http::Headers;

use super::*;

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// The base64 of the CRC-32 of `hello world`.
const CRC32: &str = "DUoRhQ==";

/// The head of an upload of `length` bytes in chunks, and its signature.
fn head(payload: &str, length: &str, more: &[(&str, &str)]) -> (Request<()>, String) {
    let mut headers = vec![("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", length)];
    headers.extend(more);
    let request = signed_over("PUT", "/shop/k", &headers, SignableBody::Precomputed(payload.to_owned()), None, SECRET);
    let authorization = request.headers()["authorization"].to_str().expect("text");
    let signature = authorization.rsplit_once("Signature=").expect("a signature").1.to_owned();
    (request, signature)
}

/// A body whose chunks and trailing headers the SDK for Rust signs, as its parts: heads, bytes, ends.
struct Coded {
    parts: Vec<Vec<u8>>,
}

impl Coded {
    fn signed(seed: &str, chunks: &[&[u8]], trailers: &[(&'static str, &'static str)]) -> Self {
        let identity = aws_credential_types::Credentials::new(KEY, SECRET, None, None, "test").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("s3")
            .time(now())
            .settings(())
            .build()
            .expect("parameters");
        let (mut parts, mut previous) = (Vec::new(), seed.to_owned());
        for chunk in chunks.iter().chain([&&b""[..]]) {
            let output = sign_chunk(&Bytes::copy_from_slice(chunk), &previous, &params).expect("a signature");
            previous = output.signature().to_owned();
            parts.push(format!("{:x};chunk-signature={previous}\r\n", chunk.len()).into_bytes());
            if !chunk.is_empty() {
                parts.push(chunk.to_vec());
                parts.push(b"\r\n".to_vec());
            }
        }
        if !trailers.is_empty() {
            let mut headers = Headers::new();
            for (name, value) in trailers {
                headers.insert(*name, *value);
                parts.push(format!("{name}:{value}\r\n").into_bytes());
            }
            let output = sign_trailer(&headers, &previous, &params).expect("a signature");
            parts.push(format!("x-amz-trailer-signature:{}\r\n", output.signature()).into_bytes());
        }
        parts.push(b"\r\n".to_vec());
        Self { parts }
    }

    fn unsigned(chunks: &[&str], trailers: &str) -> Self {
        let mut parts = Vec::new();
        for chunk in chunks {
            parts.push(format!("{:x}\r\n", chunk.len()).into_bytes());
            parts.push(chunk.as_bytes().to_vec());
            parts.push(b"\r\n".to_vec());
        }
        parts.push(b"0\r\n".to_vec());
        parts.push(trailers.as_bytes().to_vec());
        parts.push(b"\r\n".to_vec());
        Self { parts }
    }

    fn bytes(&self) -> Vec<u8> {
        self.parts.concat()
    }
}

async fn put(door: &Door, request: Request<()>, body: &[u8]) -> Reply {
    door.send(request.map(|()| whole(body))).await
}

const CHUNKS: [&[u8]; 2] = [b"hello ", b"world"];

#[tokio::test]
async fn signed_chunks_are_stored_however_the_wire_cuts_them() {
    for size in [1, 2, 7, 1_000] {
        let door = Door::with_bucket().await;
        let (request, seed) = head(SIGNED, "11", &[]);
        let body = Coded::signed(&seed, &CHUNKS, &[]).bytes();
        let pieces: Vec<_> = body.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let reply = door.send(request.map(|()| streamed(futures::stream::iter(pieces)))).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let got = door.ask("GET", "/shop/k", &[], b"").await;
        assert_eq!((got.text.as_str(), got.header("content-length")), ("hello world", "11"));
        assert_eq!(got.header("content-encoding"), "", "the coding is not the object's");
    }
}

#[tokio::test]
async fn an_upload_that_is_cut_off_anywhere_is_incomplete() {
    let door = Door::with_bucket().await;
    let (request, seed) = head(SIGNED, "11", &[]);
    let body = Coded::signed(&seed, &CHUNKS, &[]).bytes();
    for len in 0..body.len() - 2 {
        let reply = put(&door, request.clone(), &body[..len]).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("IncompleteBody", 400), "{len}");
    }
    assert_eq!(door.blob_count().await, 0, "nothing is stored");
    let reply = put(&door, request.clone(), &body[..body.len() - 2]).await;
    assert_eq!(reply.status, 200, "some clients leave the last end of a line out");
}

#[tokio::test]
async fn the_declared_length_is_kept() {
    let door = Door::with_bucket().await;
    for (length, code) in
        [("10", "InvalidRequest"), ("12", "IncompleteBody"), ("", "InvalidArgument"), ("+1", "InvalidArgument")]
    {
        let (request, seed) = head(SIGNED, length, &[]);
        let reply = put(&door, request, &Coded::signed(&seed, &CHUNKS, &[]).bytes()).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), (code, 400), "{length:?}");
    }
    let payload = SignableBody::Precomputed(SIGNED.to_owned());
    let request = signed_over("PUT", "/shop/k", &[], payload, None, SECRET);
    assert_eq!(put(&door, request, b"").await.code(), "MissingContentLength");
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn a_chunk_without_bytes_or_of_none_is_an_empty_object() {
    let door = Door::with_bucket().await;
    let (request, seed) = head(SIGNED, "0", &[]);
    let body = Coded::signed(&seed, &[], &[]);
    assert_eq!(put(&door, request.clone(), &body.bytes()).await.status, 200);
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "");
    assert_eq!(put(&door, request, b"").await.code(), "IncompleteBody", "not even an empty one without its last chunk");
}

#[tokio::test]
async fn every_byte_is_covered_by_a_signature() {
    let door = Door::with_bucket().await;
    let (request, seed) = head(SIGNED, "11", &[]);
    let body = Coded::signed(&seed, &CHUNKS, &[]).bytes();
    for at in 0..body.len() - 2 {
        let mut changed = body.clone();
        changed[at] ^= 1;
        let reply = put(&door, request.clone(), &changed).await;
        let code = reply.code();
        assert!(["SignatureDoesNotMatch", "InvalidRequest", "IncompleteBody"].contains(&code.as_str()), "{at} {code}");
    }
    let (other, _) = head(SIGNED, "11", &[("x-amz-meta-a", "b")]);
    assert_eq!(put(&door, other, &body).await.code(), "SignatureDoesNotMatch", "chunks of another request");
    let unsigned = Coded::unsigned(&["hello ", "world"], "").bytes();
    assert_eq!(put(&door, request, &unsigned).await.code(), "InvalidRequest");
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn framing_is_strict() {
    let door = Door::with_bucket().await;
    let trailer = ("x-amz-trailer", "x-amz-checksum-crc32");
    let (request, _) = head(UNSIGNED_TRAILER, "3", &[trailer]);
    let long = format!("3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(crate::limits::CHUNK_LINE_BYTES_MAX));
    let after = format!("3\r\nabc\r\n0\r\n{}\r\n", "a:b\r\n".repeat(crate::limits::TRAILER_BYTES_MAX / 5));
    for body in [
        "4\r\nabc\r\n0\r\n\r\n",
        "ffffffff\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
        "\u{e9}\r\nabc\r\n0\r\n\r\n",
        &long,
        &after,
    ] {
        let reply = put(&door, request.clone(), body.as_bytes()).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("InvalidRequest", 400), "{body:?}");
    }
    let longest = format!("3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(crate::limits::CHUNK_LINE_BYTES_MAX - 4));
    let (request, _) = head(UNSIGNED_TRAILER, "3", &[]);
    assert_eq!(put(&door, request, longest.as_bytes()).await.status, 200, "a line of the greatest length");
    assert_eq!(door.ask("DELETE", "/shop/k", &[], b"").await.status, 204);
    let (signed, seed) = head(SIGNED, "11", &[]);
    let mut more = Coded::signed(&seed, &CHUNKS, &[]).bytes();
    more.extend_from_slice(b"more");
    assert_eq!(put(&door, signed, &more).await.code(), "InvalidRequest", "behind the last chunk");
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn trailing_checksums_are_verified() {
    let door = Door::with_bucket().await;
    let announced = ("x-amz-trailer", "x-amz-checksum-crc32");
    let right = format!("x-amz-checksum-crc32:{CRC32}\r\n");
    for (trailers, code) in [
        (right.as_str(), "200"),
        (&right.replace("\r\n", "\n"), "200"),
        (&right.to_ascii_uppercase().replace(&CRC32.to_ascii_uppercase(), CRC32), "200"),
        ("x-amz-checksum-crc32:AAAAAA==\r\n", "BadDigest"),
        ("", "InvalidRequest"),
        ("x-amz-checksum-crc32\r\n", "MalformedTrailerError"),
        ("x-amz-checksum-sha1:AAAA\r\n", "MalformedTrailerError"),
        (&format!("{right}{right}"), "MalformedTrailerError"),
    ] {
        let (request, _) = head(UNSIGNED_TRAILER, "11", &[announced]);
        let reply = put(&door, request, &Coded::unsigned(&["hello ", "world"], trailers).bytes()).await;
        assert_eq!(reply.code(), code, "{trailers:?} {}", reply.text);
        assert_eq!(reply.status.as_u16(), if code == "200" { 200 } else { 400 });
    }
    let head_of = door.ask("HEAD", "/shop/k", &[("x-amz-checksum-mode", "ENABLED")], b"").await;
    assert_eq!(head_of.header("x-amz-checksum-crc32"), CRC32);
    let (request, _) = head(UNSIGNED_TRAILER, "11", &[announced]);
    let whole = Coded::unsigned(&["hello world"], &right).bytes();
    let within = whole.len() - 8;
    assert_eq!(put(&door, request, &whole[..within]).await.code(), "IncompleteBody", "cut off within its trailer");
}

#[tokio::test]
async fn trailing_headers_of_signed_chunks_are_signed() {
    let door = Door::with_bucket().await;
    let announced = ("x-amz-trailer", "x-amz-meta-z, X-Amz-Checksum-Crc32");
    let (request, seed) = head(SIGNED_TRAILER, "11", &[announced]);
    let trailers = [("x-amz-meta-z", "later"), ("x-amz-checksum-crc32", CRC32)];
    let body = Coded::signed(&seed, &CHUNKS, &trailers).bytes();
    let reply = put(&door, request.clone(), &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let text = String::from_utf8(body).expect("text");
    let reply = put(&door, request.clone(), text.replace("later", "other").as_bytes()).await;
    assert_eq!(reply.code(), "SignatureDoesNotMatch");
    let at = text.find("x-amz-trailer-signature").expect("a signature");
    let reply = put(&door, request, format!("{}\r\n", &text[..at]).as_bytes()).await;
    assert_eq!(reply.code(), "MalformedTrailerError");
    let (untrailed, seed) = head(SIGNED, "11", &[announced]);
    let reply = put(&door, untrailed, &Coded::signed(&seed, &CHUNKS, &trailers).bytes()).await;
    assert_eq!(reply.code(), "InvalidRequest", "a payload without trailing headers has none");
}

/// A chunk is never held: its bytes are stored while the rest of it is still to come.
#[tokio::test]
async fn silence_within_a_chunk_ends_it() {
    let door = Door::with_bucket().await;
    let (request, _) = head(UNSIGNED_TRAILER, "11", &[]);
    let reply = door.send(request.map(|()| stalled(&[b"b\r\nhel"]))).await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("RequestTimeout", 400));
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn documents_may_come_in_chunks_as_well() {
    let door = Door::with_bucket().await;
    let document = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let length = document.len().to_string();
    let headers = [("content-length", "999"), ("x-amz-decoded-content-length", length.as_str())];
    let payload = SignableBody::Precomputed(UNSIGNED_TRAILER.to_owned());
    let request = signed_over("PUT", "/shop?tagging=", &headers, payload, None, SECRET);
    let reply = put(&door, request, &Coded::unsigned(&[document], "").bytes()).await;
    assert!(reply.status.is_success(), "{}", reply.text);
    assert!(door.ask("GET", "/shop?tagging=", &[], b"").await.text.contains("<Value>b</Value>"));
}
