//! Uploaded bytes as they are kept: gzip is unpacked while it streams, everything else stays as it is.

use axum::body::Bytes;
use flate2::write::MultiGzDecoder;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Packed bytes that are unpacked at once: gzip makes at most about a thousand of each.
const PACKED_BYTES: usize = 4 << 10;

/// The bytes of an upload, unpacked if they begin as gzip does.
pub(super) fn unpacked<'a>(
    source: impl Stream<Item = io::Result<Bytes>> + Send + 'a,
) -> BoxStream<'a, io::Result<Bytes>> {
    let state = State { source: source.boxed(), kind: Kind::Unknown(Vec::new()), packed: VecDeque::new() };
    futures::stream::try_unfold(Some(state), next).boxed()
}

struct State<'a> {
    source: BoxStream<'a, io::Result<Bytes>>,
    kind: Kind,
    /// Packed bytes that are still to be unpacked.
    packed: VecDeque<Bytes>,
}

enum Kind {
    /// Too few bytes to tell.
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

async fn next<'a>(state: Option<State<'a>>) -> io::Result<Option<(Bytes, Option<State<'a>>)>> {
    let Some(mut state) = state else { return Ok(None) };
    loop {
        if let (Kind::Gzip(decoder), Some(packed)) = (&mut state.kind, state.packed.pop_front()) {
            decoder.write_all(&packed)?;
            let bytes = std::mem::take(decoder.get_mut());
            if !bytes.is_empty() {
                return Ok(Some((bytes.into(), Some(state))));
            }
            continue;
        }
        let chunk = state.source.next().await.transpose()?;
        match (&mut state.kind, chunk) {
            (Kind::Unknown(first), Some(chunk)) => {
                first.extend_from_slice(&chunk);
                if first.len() < 2 {
                    continue;
                }
                let first = Bytes::from(std::mem::take(first));
                if first.starts_with(&[0x1F, 0x8B]) {
                    state.kind = Kind::Gzip(Box::new(MultiGzDecoder::new(Vec::new())));
                    state.packed = pieces(&first);
                    continue;
                }
                state.kind = Kind::Plain;
                return Ok(Some((first, Some(state))));
            }
            (Kind::Plain, Some(chunk)) => return Ok(Some((chunk, Some(state)))),
            (Kind::Gzip(_), Some(chunk)) => state.packed = pieces(&chunk),
            (Kind::Unknown(first), None) if !first.is_empty() => {
                let first = std::mem::take(first);
                return Ok(Some((first.into(), None)));
            }
            (Kind::Gzip(decoder), None) => {
                decoder.try_finish().map_err(|_| io::Error::other("the gzip file ends before its end"))?;
                let rest = std::mem::take(decoder.get_mut());
                return Ok((!rest.is_empty()).then_some((rest.into(), None)));
            }
            (_, None) => return Ok(None),
        }
    }
}

fn pieces(packed: &Bytes) -> VecDeque<Bytes> {
    (0..packed.len()).step_by(PACKED_BYTES).map(|at| packed.slice(at..(at + PACKED_BYTES).min(packed.len()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    async fn through(parts: Vec<Vec<u8>>) -> io::Result<Vec<u8>> {
        let source = futures::stream::iter(parts.into_iter().map(|part| Ok(Bytes::from(part))));
        let mut all = Vec::new();
        let mut stream = unpacked(source);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            assert!(chunk.len() < 8 << 20, "a part is small");
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn plain_bytes_stay_and_gzip_is_unpacked() {
        assert_eq!(through(vec![b"a".to_vec(), b",b\n".to_vec()]).await.unwrap(), b"a,b\n");
        assert_eq!(through(vec![b"a".to_vec()]).await.unwrap(), b"a");
        assert_eq!(through(vec![]).await.unwrap(), b"");
        let text: Vec<u8> = (0..200_000).flat_map(|n| format!("u{n},i{n}\n").into_bytes()).collect();
        let bytes = packed(&text);
        assert_eq!(through(vec![bytes.clone()]).await.unwrap(), text);
        assert_eq!(
            through(bytes.chunks(1).take(3).chain([&bytes[3..]]).map(<[u8]>::to_vec).collect()).await.unwrap(),
            text
        );
        let two = [packed(b"a\n"), packed(b"b\n")].concat();
        assert_eq!(through(vec![two]).await.unwrap(), b"a\nb\n");
    }

    #[tokio::test]
    async fn much_of_nothing_comes_in_small_parts() {
        let zeros = packed(&vec![0; 50 << 20]);
        assert_eq!(through(vec![zeros]).await.unwrap().len(), 50 << 20);
    }

    #[tokio::test]
    async fn a_gzip_file_that_is_cut_is_an_error() {
        let bytes = packed(&vec![7; 100_000]);
        assert!(through(vec![bytes[..bytes.len() / 2].to_vec()]).await.is_err());
        assert!(through(vec![b"\x1f\x8bnothing of the kind".to_vec()]).await.is_err());
    }
}
