//! The lift of the categories of a user, with a weight for each length of their history.

use super::category_lift::{CategoryCounts, CategoryLift};
use super::user_features::UserFeatures;
use crate::artifact::Tensors;

/// The tensor of the weights.
pub(super) const WEIGHTS: &str = "people.weights";

/// The events of a user from which on a weight of the user's categories holds.
pub const BANDS: [u64; 4] = [0, 1, 5, 20];

/// The lift of items by the categories of the user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserFeatureLift {
    /// The categories, by number.
    pub features: UserFeatures,
    /// The items that users of each category took; the key is the category's number.
    pub taken: CategoryCounts,
    /// The weight of the categories, by [`BANDS`].
    pub weights: [f32; BANDS.len()],
}

impl UserFeatureLift {
    /// The weights of users' categories in a model with these tensors; `None` for one without.
    pub fn stored_weights(tensors: &Tensors) -> Option<[f32; BANDS.len()]> {
        tensors.tensors.get(WEIGHTS)?.data.as_slice().try_into().ok()
    }
}

/// [`UserFeatureLift`], prepared.
pub(super) struct PreparedLift {
    pub(super) features: UserFeatures,
    pub(super) lift: CategoryLift,
    pub(super) weights: [f32; BANDS.len()],
}

impl PreparedLift {
    /// The weight of the categories of a user with so many events.
    pub(super) fn weight(&self, events: u64) -> f32 {
        let band = BANDS.partition_point(|from| *from <= events);
        self.weights[band - 1]
    }
}
