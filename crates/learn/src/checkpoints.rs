//! Checkpoints of a training: finished parts and the state after an epoch, so that a training that was killed goes on from them.
//!
//! A part is kept under a name that has the digest of everything it is computed from ([`PartName`]): what is found under a name is what
//! would be computed. Reading fails softly: a part that cannot be read is computed anew.

use crate::{Sequences, Validation};
use sha2::{Digest, Sha256};

/// Changes whenever the same inputs give another result or the stored form of a part changes.
pub const VERSION: u32 = 1;

/// Bytes of one piece of a checkpoint on its way to storage, about.
const PIECE_BYTES: usize = 4 << 20;

/// The keeper of a training's checkpoints.
pub trait Checkpoints: Sync {
    /// Whether anything is kept at all.
    fn is_kept(&self) -> bool;

    /// Names the training that goes on: what is kept of one with another digest is of no use any more.
    fn begin(&self, training: &str);

    /// Whether so much was computed since the last checkpoint that one is worth its writing.
    fn is_due(&self) -> bool;

    /// The bytes last kept under a name.
    fn load(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps the bytes of `pieces`, one behind the other, in the place of what the name had.
    fn save(&self, name: &str, pieces: &mut dyn Iterator<Item = Vec<u8>>);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn is_kept(&self) -> bool {
        false
    }

    fn begin(&self, _: &str) {}

    fn is_due(&self) -> bool {
        false
    }

    fn load(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn save(&self, _: &str, _: &mut dyn Iterator<Item = Vec<u8>>) {}
}

/// The name of a part in the making: its kind, and the digest of its inputs, each of which is added with its length.
#[derive(Debug, Clone)]
pub struct PartName {
    kind: &'static str,
    digest: Sha256,
}

impl PartName {
    /// A part of this kind without inputs, by this version of the algorithms.
    pub fn new(kind: &'static str) -> Self {
        let name = Self { kind, digest: Sha256::new() };
        name.text(env!("CARGO_PKG_VERSION")).numbers([u64::from(VERSION)])
    }

    /// With a text, such as a configuration's `Debug` form.
    pub fn text(mut self, text: &str) -> Self {
        self.digest.update((text.len() as u64).to_le_bytes());
        self.digest.update(text);
        self
    }

    /// With numbers.
    pub fn numbers(self, numbers: impl IntoIterator<Item = u64, IntoIter: ExactSizeIterator>) -> Self {
        self.words(numbers.into_iter(), u64::to_le_bytes)
    }

    /// With times, which may be negative.
    pub fn times(self, times: &[i64]) -> Self {
        self.words(times.iter().copied(), i64::to_le_bytes)
    }

    /// With indices.
    pub fn indices(self, indices: &[u32]) -> Self {
        self.words(indices.iter().copied(), u32::to_le_bytes)
    }

    /// With values, by their bits.
    pub fn values(self, values: &[f32]) -> Self {
        self.words(values.iter().copied(), f32::to_le_bytes)
    }

    /// With histories.
    pub fn sequences(self, sequences: &Sequences<'_>) -> Self {
        let offsets = sequences.offsets.iter().map(|&offset| offset as u64);
        self.numbers(offsets).indices(sequences.items).values(sequences.weights)
    }

    /// With held-out events.
    pub(crate) fn validation(self, valid: &Validation<'_>) -> Self {
        let first_target = valid.first_target.iter().map(|&first| first as u64);
        let part = self.sequences(&valid.histories.sequences).times(valid.histories.times).numbers(first_target);
        part.numbers([u64::from(valid.exclude_seen)])
    }

    fn words<T, const N: usize>(
        mut self,
        words: impl ExactSizeIterator<Item = T>,
        bytes: impl Fn(T) -> [u8; N],
    ) -> Self {
        /// Words hashed at once: hashing each by itself takes several times as long.
        const TOGETHER: usize = 4096;
        self.digest.update((words.len() as u64).to_le_bytes());
        let mut buffer = Vec::with_capacity(TOGETHER * N);
        for word in words {
            buffer.extend(bytes(word));
            if buffer.len() == TOGETHER * N {
                self.digest.update(&buffer);
                buffer.clear();
            }
        }
        self.digest.update(&buffer);
        self
    }

    /// `<kind>-<the first 32 hexadecimal digits>`.
    pub fn finish(self) -> String {
        let digest = self.digest.finalize();
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{hex}", self.kind)
    }
}

/// `bytes` in pieces on their way to storage.
pub fn pieces(bytes: Vec<u8>) -> impl Iterator<Item = Vec<u8>> {
    let starts = (0..bytes.len()).step_by(PIECE_BYTES);
    starts.map(move |from| bytes[from..bytes.len().min(from + PIECE_BYTES)].to_vec())
}

/// The little-endian bytes of values, in pieces.
pub(crate) fn float_pieces(values: &[f32]) -> impl Iterator<Item = Vec<u8>> {
    values.chunks(PIECE_BYTES / 4).map(|chunk| chunk.iter().flat_map(|value| value.to_le_bytes()).collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Checkpoints in memory, each of which is due; counts what was found.
    #[derive(Default)]
    pub(crate) struct Kept {
        pub(crate) parts: Mutex<BTreeMap<String, Vec<u8>>>,
        pub(crate) found: AtomicUsize,
    }

    impl Checkpoints for Kept {
        fn is_kept(&self) -> bool {
            true
        }

        fn begin(&self, _: &str) {}

        fn is_due(&self) -> bool {
            true
        }

        fn load(&self, name: &str) -> Option<Vec<u8>> {
            let found = self.parts.lock().unwrap().get(name).cloned();
            self.found.fetch_add(usize::from(found.is_some()), Ordering::Relaxed);
            found
        }

        fn save(&self, name: &str, pieces: &mut dyn Iterator<Item = Vec<u8>>) {
            self.parts.lock().unwrap().insert(name.to_owned(), pieces.flatten().collect());
        }
    }

    #[test]
    fn a_name_depends_on_every_input_and_on_where_one_ends() {
        let sequences = |items: &[u32], weights: &[f32]| {
            PartName::new("a").sequences(&Sequences { offsets: &[0, items.len()], items, weights }).finish()
        };
        let names = [
            PartName::new("a").finish(),
            PartName::new("b").finish(),
            PartName::new("a").text("xy").finish(),
            PartName::new("a").text("x").text("y").finish(),
            PartName::new("a").times(&[-1]).finish(),
            PartName::new("a").numbers([1, 2]).finish(),
            PartName::new("a").numbers([1]).numbers([2]).finish(),
            sequences(&[1, 2], &[]),
            sequences(&[1, 3], &[]),
            sequences(&[1, 2], &[1.0, 0.5]),
        ];
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
        assert_eq!(names[7], sequences(&[1, 2], &[]));
        assert!(names[0].starts_with("a-") && names[0].len() == 34);
    }

    #[test]
    fn many_bytes_come_in_pieces() {
        let bytes: Vec<u8> = (0..PIECE_BYTES + 9).map(|n| n as u8).collect();
        let cut: Vec<Vec<u8>> = pieces(bytes.clone()).collect();
        assert_eq!((cut.len(), cut.concat()), (2, bytes));
        let values: Vec<f32> = (0..PIECE_BYTES / 4 + 1).map(|n| n as f32).collect();
        let cut: Vec<Vec<u8>> = float_pieces(&values).collect();
        assert_eq!((cut.len(), cut[1].as_slice()), (2, &values[PIECE_BYTES / 4].to_le_bytes()[..]));
    }
}
