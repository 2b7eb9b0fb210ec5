//! Records that are set aside in parts by their hash: 16 bytes of hash, 4 of length and the text of each, packed with zstd.

use std::io::{ErrorKind, Read, Write};

use tastemaker_store as store;

use crate::ImportError;
use crate::error::from_io;

/// The level of packing: the text is read once more and thrown away.
const LEVEL: i32 = 1;

/// The place where parts of a dataset are kept for a while.
pub trait SetAside {
    /// A part that is written.
    type Sink: Write;

    /// Starts the part of this number.
    fn create(&mut self, part: usize) -> store::Result<Self::Sink>;

    /// Ends a part, which can be read from then on.
    fn finish(&mut self, sink: Self::Sink) -> store::Result<()>;

    /// A part from its beginning.
    fn read(&mut self, part: usize) -> store::Result<Box<dyn Read>>;

    /// Removes a part.
    fn delete(&mut self, part: usize) -> store::Result<()>;
}

/// The parts while they are filled.
pub(super) struct Parts<S: Write>(Vec<zstd::stream::write::Encoder<'static, S>>);

impl<S: Write> Parts<S> {
    pub(super) fn create<A: SetAside<Sink = S>>(aside: &mut A, parts: u64) -> Result<Self, ImportError> {
        let create = |part| {
            let sink = aside.create(part as usize)?;
            zstd::stream::write::Encoder::new(sink, LEVEL).map_err(|error| from_io(error).into())
        };
        (0..parts).map(create).collect::<Result<_, ImportError>>().map(Self)
    }

    /// Adds a record to its part.
    pub(super) fn add(&mut self, hash: u128, line: &str) -> Result<(), ImportError> {
        let at = (hash % self.0.len().max(1) as u128) as usize;
        let part = &mut self.0[at];
        let mut write = |bytes: &[u8]| part.write_all(bytes).map_err(from_io);
        write(&hash.to_le_bytes())?;
        write(&u32::try_from(line.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        Ok(write(line.as_bytes())?)
    }

    /// Ends all parts; returns their number.
    pub(super) fn finish<A: SetAside<Sink = S>>(self, aside: &mut A) -> Result<usize, ImportError> {
        let parts = self.0.len();
        for part in self.0 {
            aside.finish(part.finish().map_err(from_io)?)?;
        }
        Ok(parts)
    }
}

/// Calls `visit` with hash and text of each record of a part, in the order in which they were added.
pub(super) fn each<A: SetAside>(
    aside: &mut A,
    part: usize,
    visit: &mut dyn FnMut(u128, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut part = zstd::stream::read::Decoder::new(aside.read(part)?).map_err(from_io)?;
    let mut head = [0; 20];
    let mut text = Vec::new();
    loop {
        match part.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(from_io(error).into()),
        }
        let (hash, length) = head.split_at(16);
        let hash = hash.try_into().map(u128::from_le_bytes).unwrap_or_default();
        let length = length.try_into().map(u32::from_le_bytes).unwrap_or_default();
        text.resize(length as usize, 0);
        part.read_exact(&mut text).map_err(from_io)?;
        let line = std::str::from_utf8(&text)
            .map_err(|_| store::Error::Corrupt("export: what was set aside is not what was written".to_owned()))?;
        visit(hash, line)?;
    }
}
