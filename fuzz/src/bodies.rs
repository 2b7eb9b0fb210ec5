//! Bodies of uploads to S3: the coding `aws-chunked`, and forms.

use bytes::Bytes;
use futures::FutureExt;
use std::future::Future;
use tastemaker_s3::decoders::{read_form, unchunk};

/// Bytes of a form before its file: S3's limit.
const FIELDS_BYTES_MAX: usize = 20 << 10;

/// A body in pieces of a size.
fn pieces(body: &[u8], size: usize) -> Vec<Bytes> {
    body.chunks(size.max(1)).map(Bytes::copy_from_slice).collect()
}

/// The outcome of a decoder whose input is all there.
fn finished<T>(decoding: impl Future<Output = T>) -> T {
    match decoding.now_or_never() {
        Some(outcome) => outcome,
        None => panic!("a decoder waits for more than its input"),
    }
}

/// An `aws-chunked` body behind three bytes: the size of the pieces in which it comes, and the declared length. What is
/// decoded has that length and does not depend on the pieces; coded again it is decoded to the same.
pub fn aws_chunked(input: &[u8]) {
    let Some(([size, high, low], body)) = input.split_first_chunk() else { return };
    let length = u64::from(u16::from_be_bytes([*high, *low]));
    let names = ["x-amz-checksum-crc32", "x-amz-checksum-sha256"];
    let whole = finished(unchunk(pieces(body, body.len()), length, &names));
    let parted = finished(unchunk(pieces(body, usize::from(*size)), length, &names));
    assert_eq!(whole, parted, "in pieces of {size}");
    let Ok(decoded) = whole else { return };
    assert_eq!(decoded.bytes.len() as u64, length);
    let mut coded = Vec::new();
    if length > 0 {
        coded.extend(format!("{length:x}\r\n").bytes());
        coded.extend(&decoded.bytes);
        coded.extend(b"\r\n");
    }
    coded.extend(b"0\r\n");
    for (name, value) in &decoded.trailers {
        assert!(names.contains(&name.as_str()), "{name} was not announced");
        coded.extend(name.bytes().chain(*b":").chain(value.iter().copied()).chain(*b"\r\n"));
    }
    coded.extend(b"\r\n");
    assert_eq!(finished(unchunk(vec![Bytes::from(coded)], length, &names)), Ok(decoded));
}

/// A form behind a byte for the size of the pieces in which it comes and a line with its media type. What is read does not
/// depend on the pieces; the fields keep their limit, and every byte of the file was in the body.
pub fn form(input: &[u8]) {
    let Some((size, rest)) = input.split_first() else { return };
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(content_type) = std::str::from_utf8(&rest[..end]) else { return };
    let body = &rest[end + 1..];
    let whole = finished(read_form(content_type, pieces(body, body.len())));
    let parted = finished(read_form(content_type, pieces(body, usize::from(*size))));
    if let (Ok(whole), Ok(parted)) = (&whole, &parted) {
        assert_eq!(whole, parted, "in pieces of {size}");
    }
    for form in [whole, parted].into_iter().flatten() {
        let fields: usize = form.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(fields <= FIELDS_BYTES_MAX, "{fields} bytes of fields");
        assert!(form.file.is_empty() || body.windows(form.file.len()).any(|window| window == form.file));
    }
}
