//! The lift of the categories of a user, with a weight for each length of their history.

use super::category_lift::{CategoryCounts, CategoryLift};
use super::user_features::UserFeatures;
use crate::artifact::Tensors;

/// The tensor of the weights.
pub(super) const WEIGHTS: &str = "people.weights";

/// The events of a user from which on a weight of the user's categories holds.
pub const BANDS: [u64; 4] = [0, 1, 5, 20];

/// What users' categories say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserFeatureLift {
    /// The categories, by number.
    pub features: UserFeatures,
    /// What users of each category took; the key is its number.
    pub taken: CategoryCounts,
    /// How much the categories count, by [`BANDS`].
    pub weights: [f32; BANDS.len()],
}

impl UserFeatureLift {
    /// How much users' categories count in a model of which these are the tensors.
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
    /// What the categories of a user with so many events count.
    pub(super) fn weight(&self, events: u64) -> f32 {
        let band = BANDS.partition_point(|from| *from <= events);
        self.weights[band - 1]
    }
}
