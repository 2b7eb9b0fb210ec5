//! The scores of a block of users over all items.

use crate::kernels::Aligned;

/// Items of a row are padded to a multiple of this.
const PADDING: usize = 64;

/// `[users, items]`, rows padded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoreBlock {
    users: usize,
    items: usize,
    stride: usize,
    values: Aligned,
}

impl ScoreBlock {
    /// Makes room for so many users and items; the values are unspecified.
    pub fn resize(&mut self, users: usize, items: usize) {
        let stride = items.next_multiple_of(PADDING);
        self.values.reserve(users * stride);
        (self.users, self.items, self.stride) = (users, items, stride);
    }

    /// The number of users.
    pub fn users(&self) -> usize {
        self.users
    }

    /// The scores of the `user`th request, `[items]`.
    pub fn row(&self, user: usize) -> &[f32] {
        &self.values[user * self.stride..][..self.items]
    }

    /// The same, to be written.
    pub fn row_mut(&mut self, user: usize) -> &mut [f32] {
        &mut self.values[user * self.stride..][..self.items]
    }

    /// The padded rows behind each other, and the distance between two.
    pub(crate) fn padded_mut(&mut self) -> (&mut [f32], usize) {
        (&mut self.values[..self.users * self.stride], self.stride)
    }
}
