//! Named tensors and their file: safetensors, little-endian f32 (and u32 for indices), readable by any other tool.

use crate::Error;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};

/// The largest weight a file may hold. Products of such weights stay far from f32's overflow, so a
/// loaded model never scores infinity or NaN.
pub const WEIGHT_MAX: f32 = 1e9;

const KIND_KEY: &str = "kind";

/// One tensor: row-major `f32` of the given shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The extent of each axis; the product is `data.len()`.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub data: Vec<f32>,
}

/// The stored form of a model: its kind (with format version, such as `gru/1`) and its parameters by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensors {
    /// Which model, and which version of its layout.
    pub kind: String,
    /// Parameters by name.
    pub tensors: BTreeMap<String, Tensor>,
    /// Vectors of indices and counts by name; no name is in both maps.
    pub integers: BTreeMap<String, Vec<u32>>,
}

/// Sparse rows of `(index, value)`.
pub(crate) type Rows = Vec<Vec<(u32, f32)>>;

impl Tensors {
    /// An empty set of the given kind.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// [`Error::Artifact`] unless this is the stored form of a model of the given kind.
    pub fn expect_kind(&self, kind: &str) -> Result<(), Error> {
        if self.kind == kind {
            Ok(())
        } else {
            Err(Error::Artifact(format!("kind must be {kind}, it is {}", self.kind)))
        }
    }

    /// Adds a vector of integers.
    pub fn insert_integers(&mut self, name: &str, data: Vec<u32>) {
        self.integers.insert(name.to_owned(), data);
    }

    /// The vector of integers `name`.
    pub fn get_integers(&self, name: &str) -> Result<&[u32], Error> {
        let found = self.integers.get(name).map(Vec::as_slice);
        found.ok_or_else(|| Error::Artifact(format!("integer tensor {name} is missing")))
    }

    /// Adds ascending 64-bit keys, as a vector of integers.
    pub fn insert_keys<'k>(&mut self, name: &str, keys: impl Iterator<Item = &'k u64>) {
        self.insert_integers(name, keys.flat_map(|key| [(key >> 32) as u32, *key as u32]).collect());
    }

    /// The keys that [`Self::insert_keys`] added.
    pub fn get_keys<'t>(&'t self, name: &str) -> Result<impl Iterator<Item = u64> + use<'t>, Error> {
        let halves = self.get_integers(name)?.chunks_exact(2);
        Ok(halves.map(|half| u64::from(half[0]) << 32 | u64::from(half[1])))
    }

    /// Rows of `(index, value)` whose lengths, indices and values are in vectors of these names; `None` if they do not fit each other.
    pub(crate) fn get_rows(&self, lengths: &str, indices: &str, values: &str) -> Result<Option<Rows>, Error> {
        let (lengths, indices) = (self.get_integers(lengths)?, self.get_integers(indices)?);
        let values = &self.get(values, 1)?.data;
        let total: usize = lengths.iter().map(|&length| length as usize).sum();
        if total != indices.len() || total != values.len() {
            return Ok(None);
        }
        let mut entries = indices.iter().copied().zip(values.iter().copied());
        Ok(Some(lengths.iter().map(|&length| entries.by_ref().take(length as usize).collect()).collect()))
    }

    /// Adds everything of `part` with `prefix` before the names; the part's kind is the caller's to keep.
    pub fn nest(&mut self, prefix: &str, part: &Tensors) {
        self.tensors.extend(part.tensors.iter().map(|(name, t)| (format!("{prefix}{name}"), t.clone())));
        self.integers.extend(part.integers.iter().map(|(name, t)| (format!("{prefix}{name}"), t.clone())));
    }

    /// The tensors that [`Self::nest`] added under `prefix`, as a set of the given kind.
    pub fn nested(&self, prefix: &str, kind: &str) -> Tensors {
        let mut part = Tensors::new(kind);
        let inner = |name: &String| name.strip_prefix(prefix).map(str::to_owned);
        part.tensors.extend(self.tensors.iter().filter_map(|(name, t)| Some((inner(name)?, t.clone()))));
        part.integers.extend(self.integers.iter().filter_map(|(name, t)| Some((inner(name)?, t.clone()))));
        part
    }

    /// Adds a tensor; `shape`'s product must be `data.len()`, or writing the file fails.
    pub fn insert(&mut self, name: &str, shape: &[usize], data: Vec<f32>) {
        self.tensors.insert(name.to_owned(), Tensor { shape: shape.to_vec(), data });
    }

    /// The tensor `name`, with a number of axes and finite values as a model expects.
    pub fn get(&self, name: &str, axes: usize) -> Result<&Tensor, Error> {
        let tensor = self.tensors.get(name).ok_or_else(|| Error::Artifact(format!("tensor {name} is missing")))?;
        if tensor.shape.len() != axes {
            return Err(Error::Artifact(format!(
                "tensor {name} must have {axes} axes, its shape is {:?}",
                tensor.shape
            )));
        }
        if let Some(bad) = tensor.data.iter().find(|w| w.is_nan() || w.abs() > WEIGHT_MAX) {
            return Err(Error::Artifact(format!(
                "tensor {name} must hold finite values up to {WEIGHT_MAX}, it holds {bad}"
            )));
        }
        Ok(tensor)
    }

    /// The values of tensor `name`, which must have this shape.
    pub(crate) fn get_shaped(&self, name: &str, shape: &[usize]) -> Result<&[f32], Error> {
        let tensor = self.get(name, shape.len())?;
        if tensor.shape == shape && tensor.data.len() == shape.iter().product::<usize>() {
            Ok(&tensor.data)
        } else {
            Err(Error::Artifact(format!("tensor {name} must have shape {shape:?}, its shape is {:?}", tensor.shape)))
        }
    }

    /// The file's bytes; the same tensors give the same bytes.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, Error> {
        let integers = self.integers.iter().map(|(name, data)| {
            let bytes: Vec<u8> = data.iter().flat_map(|x| x.to_le_bytes()).collect();
            (name.as_str(), Dtype::U32, vec![data.len()], bytes)
        });
        let floats = self.tensors.iter().map(|(name, tensor)| {
            let bytes = tensor.data.iter().flat_map(|x| x.to_le_bytes()).collect();
            (name.as_str(), Dtype::F32, tensor.shape.clone(), bytes)
        });
        let stored: Vec<_> = integers.chain(floats).collect();
        let views = stored.iter().map(|(name, dtype, shape, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes);
            Ok((*name, view.map_err(|e| Error::Artifact(format!("tensor {name}: {e}")))?))
        });
        let views = views.collect::<Result<Vec<_>, Error>>()?;
        // One metadata key only: several would be written in the hash map's random order.
        let metadata = HashMap::from([(KIND_KEY.to_owned(), self.kind.clone())]);
        safetensors::serialize(views, Some(metadata)).map_err(|e| Error::Artifact(e.to_string()))
    }

    /// Reads a file written by [`Tensors::to_safetensors`]; anything else is [`Error::Artifact`].
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, Error> {
        let broken = |e: safetensors::SafeTensorError| Error::Artifact(e.to_string());
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let kind = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(KIND_KEY))
            .ok_or_else(|| Error::Artifact(format!("metadata key {KIND_KEY} is missing")))?;
        let mut tensors = Tensors::new(kind);
        for (name, view) in SafeTensors::deserialize(bytes).map_err(broken)?.tensors() {
            let words = view.data().as_chunks::<4>().0.iter();
            match view.dtype() {
                Dtype::F32 => tensors.insert(&name, view.shape(), words.map(|&b| f32::from_le_bytes(b)).collect()),
                Dtype::U32 => tensors.insert_integers(&name, words.map(|&b| u32::from_le_bytes(b)).collect()),
                other => return Err(Error::Artifact(format!("tensor {name} must be F32 or U32, it is {other:?}"))),
            }
        }
        Ok(tensors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Tensors {
        let mut tensors = Tensors::new("gru/1");
        tensors.insert("b", &[2, 3], vec![1.0, -2.5, 0.0, f32::MIN_POSITIVE, 4.0, 5.0]);
        tensors.insert("a", &[1], vec![7.0]);
        tensors.insert_integers("n", vec![0, u32::MAX, 5]);
        tensors
    }

    #[test]
    fn a_nested_set_comes_out_as_it_went_in() {
        let mut outer = Tensors::new("blend/1");
        outer.insert("b", &[1], vec![9.0]);
        outer.nest("part/", &sample());
        let read = Tensors::from_safetensors(&outer.to_safetensors().unwrap()).unwrap();
        assert_eq!(read.nested("part/", "gru/1"), sample());
        assert!(matches!(sample().get_integers("b"), Err(Error::Artifact(_))));
    }

    #[test]
    fn rows_come_out_by_their_lengths_and_misfits_are_none() {
        let rows = |lengths: &[u32], values: &[f32]| {
            let mut tensors = sample();
            tensors.insert_integers("lengths", lengths.to_vec());
            tensors.insert("values", &[values.len()], values.to_vec());
            tensors.get_rows("lengths", "n", "values").unwrap()
        };
        let expected = vec![vec![(0, 0.5), (u32::MAX, 1.5)], vec![], vec![(5, 2.5)]];
        assert_eq!(rows(&[2, 0, 1], &[0.5, 1.5, 2.5]), Some(expected));
        assert_eq!(rows(&[2, 1, 1], &[0.5, 1.5, 2.5]), None);
        assert_eq!(rows(&[2, 1], &[0.5, 1.5]), None);
        assert_eq!(rows(&[2, 1], &[0.5, 1.5, 2.5, 3.5]), None);
    }

    #[test]
    fn round_trip_is_exact_and_repeatable() {
        let bytes = sample().to_safetensors().unwrap();
        assert_eq!(Tensors::from_safetensors(&bytes).unwrap(), sample());
        assert_eq!(bytes, sample().to_safetensors().unwrap());
    }

    #[test]
    fn a_wrong_shape_is_refused_on_writing() {
        let mut tensors = sample();
        tensors.insert("c", &[2], vec![1.0]);
        assert!(matches!(tensors.to_safetensors(), Err(Error::Artifact(m)) if m.contains('c')));
    }

    #[test]
    fn non_finite_weights_are_refused() {
        for bad in [f32::NAN, f32::INFINITY, 2e9] {
            let mut tensors = sample();
            tensors.insert("c", &[1], vec![bad]);
            assert!(matches!(tensors.get("c", 1), Err(Error::Artifact(_))), "{bad}");
        }
        assert!(matches!(sample().get("a", 2), Err(Error::Artifact(_))));
        assert!(matches!(sample().get("z", 1), Err(Error::Artifact(_))));
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(cut in 0usize..400, flip in 0usize..400, bit in 0u8..8) {
            let mut bytes = sample().to_safetensors().unwrap();
            let at = flip % bytes.len();
            bytes[at] ^= 1 << bit;
            bytes.truncate(cut.max(1));
            let _ = Tensors::from_safetensors(&bytes);
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Tensors::from_safetensors(&bytes).is_err());
        }
    }
}
