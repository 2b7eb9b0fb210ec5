//! Storage of plain numbers on cache-line boundaries, on huge pages where it is large.

use memmap2::MmapMut;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Bytes from which storage is mapped on its own and asks for huge pages. The allocator does not: a request that is the first
/// to touch a huge page of a general heap would wait until two megabytes are cleared.
const MAPPED_BYTES_MIN: usize = 4 << 20;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Numbers for which every pattern of bits is a value, zero bits being zero, and whose size divides 64.
///
/// # Safety
/// Both must hold for the type.
pub(crate) unsafe trait Plain: Copy + PartialEq {}

// SAFETY: any four bytes are a float; zero bits are 0.0.
unsafe impl Plain for f32 {}
// SAFETY: any byte is an integer; zero bits are 0.
unsafe impl Plain for i8 {}

enum Storage {
    Lines(Vec<Line>),
    Mapped(MmapMut),
}

/// A vector of numbers that starts a cache line.
pub(crate) struct Aligned<T = f32> {
    /// At least `len` numbers, on a boundary of 64 bytes.
    storage: Storage,
    len: usize,
    kind: PhantomData<T>,
}

impl<T: Plain> Aligned<T> {
    pub(crate) fn zeros(len: usize) -> Self {
        let bytes = len.saturating_mul(size_of::<T>());
        let storage = if bytes >= MAPPED_BYTES_MIN { mapped(bytes) } else { None };
        let lines = || Storage::Lines(vec![Line([0; 64]); bytes.div_ceil(64)]);
        Self { storage: storage.unwrap_or_else(lines), len, kind: PhantomData }
    }

    /// Makes room for at least `len` values, whose contents are then unspecified.
    pub(crate) fn reserve(&mut self, len: usize) {
        if len > self.len {
            *self = Self::zeros(len);
        }
    }
}

/// Zeros from the system, on huge pages where it has them; `None` if it maps none.
fn mapped(bytes: usize) -> Option<Storage> {
    let map = MmapMut::map_anon(bytes).ok()?;
    // Without huge pages everything works, more slowly.
    #[cfg(target_os = "linux")]
    let _ = map.advise(memmap2::Advice::HugePage);
    Some(Storage::Mapped(map))
}

impl<T: Plain> Default for Aligned<T> {
    fn default() -> Self {
        Self::zeros(0)
    }
}

impl<T: Plain> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Plain> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let first = match &self.storage {
            Storage::Lines(lines) => lines.as_ptr().cast(),
            Storage::Mapped(map) => map.as_ptr().cast(),
        };
        // SAFETY: both storages are contiguous, initialized, aligned to 64 bytes (pages are), and hold at least `len` values of
        // a type for which any bits are a value.
        unsafe { std::slice::from_raw_parts(first, self.len) }
    }
}

impl<T: Plain> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let first = match &mut self.storage {
            Storage::Lines(lines) => lines.as_mut_ptr().cast(),
            Storage::Mapped(map) => map.as_mut_ptr().cast(),
        };
        // SAFETY: as in `deref`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(first, self.len) }
    }
}

impl<T: Plain> fmt::Debug for Aligned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aligned[{}]", self.len)
    }
}

impl<T: Plain> PartialEq for Aligned<T> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_mapped_storage_behaves_alike() {
        for len in [0, 1, 17, (MAPPED_BYTES_MIN >> 2) - 1, MAPPED_BYTES_MIN >> 2, (MAPPED_BYTES_MIN >> 2) + 5] {
            let mut numbers = Aligned::<f32>::zeros(len);
            assert_eq!(matches!(numbers.storage, Storage::Mapped(_)), len >= MAPPED_BYTES_MIN >> 2);
            assert_eq!((numbers.len(), numbers.as_ptr() as usize % 64), (len, 0));
            assert!(numbers.iter().all(|n| *n == 0.0));
            numbers.iter_mut().enumerate().for_each(|(i, n)| *n = i as f32);
            let copy = numbers.clone();
            assert!(copy == numbers && copy.iter().enumerate().all(|(i, n)| *n == i as f32));
            numbers.reserve(len);
            assert_eq!(numbers.len(), len);
            numbers.reserve(len + 1);
            assert_eq!(numbers.len(), len + 1);
        }
        let mut codes = Aligned::<i8>::zeros(MAPPED_BYTES_MIN + 1);
        codes[MAPPED_BYTES_MIN] = -7;
        assert_eq!((codes[MAPPED_BYTES_MIN], codes[0], codes.len()), (-7, 0, MAPPED_BYTES_MIN + 1));
    }
}
