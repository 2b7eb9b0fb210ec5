//! Text in UTF-16 as a stream of UTF-8.

use std::io::{self, Read};

/// Bytes of the source that are decoded at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Reads UTF-16 with a byte-order mark, or in the order of its first character, and gives UTF-8. What is no character becomes U+FFFD.
pub(crate) struct Utf16<R> {
    source: R,
    big_endian: Option<bool>,
    /// A byte without its other half.
    half: Option<u8>,
    /// The first half of a character of two units.
    high: Option<u16>,
    text: Vec<u8>,
    given: usize,
    at_end: bool,
}

impl<R: Read> Utf16<R> {
    pub fn new(source: R) -> Self {
        Self { source, big_endian: None, half: None, high: None, text: Vec::new(), given: 0, at_end: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        let mut chunk = vec![0; CHUNK_BYTES];
        while self.text.is_empty() && !self.at_end {
            let len = match self.source.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                len => len?,
            };
            self.at_end = len == 0;
            let bytes: Vec<u8> = self.half.take().into_iter().chain(chunk[..len].iter().copied()).collect();
            let mut pairs = bytes.chunks_exact(2);
            let mut units = Vec::with_capacity(bytes.len() / 2 + 1);
            units.extend(self.high.take());
            for pair in pairs.by_ref() {
                let pair = [pair[0], pair[1]];
                let big_endian = match self.big_endian {
                    Some(known) => known,
                    None => {
                        let known = pair == [0xFE, 0xFF] || (pair[0] == 0 && pair != [0xFF, 0xFE]);
                        self.big_endian = Some(known);
                        if pair == [0xFE, 0xFF] || pair == [0xFF, 0xFE] {
                            continue;
                        }
                        known
                    }
                };
                units.push(if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) });
            }
            self.half = pairs.remainder().first().copied();
            if !self.at_end && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
                self.high = units.pop();
            }
            let text: String =
                char::decode_utf16(units).map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            self.text.extend_from_slice(text.as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.fill()?;
        }
        let len = out.len().min(self.text.len() - self.given);
        out[..len].copy_from_slice(&self.text[self.given..self.given + len]);
        self.given += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = self.0.len().min(1).min(out.len());
            out[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    #[test]
    fn both_orders_with_and_without_a_mark() {
        let text = "USER_ID,상점,😀\n";
        for big in [false, true] {
            for mark in [false, true] {
                let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
                let bytes: Vec<u8> =
                    units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
                let mut read = String::new();
                Utf16::new(bytes.as_slice()).read_to_string(&mut read).unwrap();
                assert_eq!(read, text, "big {big}, mark {mark}");
                let mut slowly = String::new();
                Utf16::new(Slow(&bytes)).read_to_string(&mut slowly).unwrap();
                assert_eq!(slowly, text, "big {big}, mark {mark}, slowly");
            }
        }
    }

    #[test]
    fn what_is_no_character_is_replaced() {
        let bytes: Vec<u8> = [0x61, 0xD800, 0x62].iter().flat_map(|unit: &u16| unit.to_le_bytes()).collect();
        let mut read = String::new();
        Utf16::new(bytes.as_slice()).read_to_string(&mut read).unwrap();
        assert_eq!(read, "a\u{FFFD}b");
    }
}
