//! A pool of scoring buffers: those of finished requests, for the next ones.

use parking_lot::Mutex;
use tastemaker_learn::Scratch;

/// Buffers that no request uses now.
#[derive(Default)]
pub(crate) struct ScratchPool(Mutex<Vec<Scratch>>);

impl ScratchPool {
    /// Does `work` with a buffer, without holding the pool.
    pub fn with<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let spare = self.0.lock().pop();
        let mut scratch = spare.unwrap_or_default();
        let result = work(&mut scratch);
        self.0.lock().push(scratch);
        result
    }
}
