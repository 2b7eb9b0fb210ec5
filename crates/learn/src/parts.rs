//! Parts of a training that are computed once: what a checkpoint holds is taken instead.

use crate::artifact::Tensors;
use crate::checkpoints::{PartName, pieces};
use crate::{Error, TrainContext};

/// A part of a training that can be kept.
pub trait Part: Sized {
    /// Its stored form.
    fn to_tensors(&self) -> Tensors;

    /// The part of its stored form.
    fn from_tensors(tensors: &Tensors) -> Result<Self, Error>;
}

impl TrainContext<'_> {
    /// The part that `name` describes: as it was kept, or computed and, if that took its time, kept.
    pub fn part<P: Part>(
        &self,
        name: impl FnOnce() -> PartName,
        compute: impl FnOnce() -> Result<P, Error>,
    ) -> Result<P, Error> {
        if !self.checkpoints.is_kept() {
            return compute();
        }
        let name = name().finish();
        let kept = self.checkpoints.load(&name).and_then(|bytes| Tensors::from_safetensors(&bytes).ok());
        if let Some(part) = kept.and_then(|tensors| P::from_tensors(&tensors).ok()) {
            return Ok(part);
        }
        let part = compute()?;
        if self.checkpoints.is_due() {
            let bytes = part.to_tensors().to_safetensors()?;
            self.checkpoints.save(&name, &mut pieces(bytes));
        }
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoints::tests::Kept;
    use crate::item_matrix::ItemMatrix;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_part_is_computed_once_and_anew_for_other_inputs_or_where_it_is_damaged() {
        let kept = Kept::default();
        let context = TrainContext { checkpoints: &kept, ..crate::fixtures::quiet(1, 1) };
        let computed = AtomicUsize::new(0);
        let part = |lambda: u64| {
            let compute = || {
                computed.fetch_add(1, Ordering::Relaxed);
                Ok(ItemMatrix::from_rows([vec![(0, lambda as f32)]], 1))
            };
            context.part(|| PartName::new("ease").numbers([lambda]), compute).unwrap()
        };
        assert_eq!(
            [part(1), part(1), part(2), part(1)].map(|part| part.row(0).next()),
            [1.0, 1.0, 2.0, 1.0].map(|w| Some((0, w)))
        );
        assert_eq!(computed.load(Ordering::Relaxed), 2);
        kept.parts.lock().unwrap().values_mut().for_each(|bytes| bytes.truncate(40));
        assert_eq!((part(2).row(0).next(), computed.load(Ordering::Relaxed)), (Some((0, 2.0)), 3));
    }
}
