//! The parts of a snapshot: a trained model with its catalog, its histories and its settings.

use crate::training_histories::TrainingHistories;
use std::sync::Arc;
use tastemaker_data::IdMap;
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::cold_start::ColdStart;
use tastemaker_domain::recipe::{Inference, RecipeDescriptor};
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::Scorer;

/// The ingredients of a [`Snapshot`](crate::Snapshot). A copy shares what is large.
#[derive(Clone)]
pub struct SnapshotParts {
    /// The group whose streamed events are overlaid on the histories.
    pub dataset_group_arn: String,
    /// The version that made `scorer`.
    pub solution_version_arn: String,
    /// The recipe of that version.
    pub recipe: &'static RecipeDescriptor,
    /// Ranks items for a user state.
    pub scorer: Arc<dyn Scorer>,
    /// Ranks items for users of whom nothing is known.
    pub popular: Arc<dyn Scorer>,
    /// Item ids by the scorer's index.
    pub items: Arc<IdMap>,
    /// Event types of the training data by the index that [`tastemaker_learn::Event`] carries.
    pub event_types: Arc<IdMap>,
    /// The bulk histories that the model was trained on.
    pub histories: Arc<TrainingHistories>,
    /// `[items]`: how often each was shown according to bulk data; empty where nothing is known of it.
    pub impressions: Arc<[u32]>,
    /// Only streamed events of these types count (in any case); none counts all.
    pub counted_types: Vec<String>,
    /// Whether GetRecommendations may return metadata columns.
    pub metadata_enabled: bool,
    /// The part of a list that is for new items; `None` for recipes without exploration.
    pub exploration: Option<Exploration>,
    /// Which items exploration takes for new, where the solution says so and not the campaign.
    pub cold_start: Option<ColdStart>,
    /// For models of actions: what makes a user's vector over the items.
    pub user_vector_encoder: Option<Arc<UserVectorEncoder>>,
    /// For trends: the seconds that are compared with those before.
    pub trend_interval_s: Option<i64>,
    /// The weights of freshness and popularity of related items, each in [0, 1].
    pub influence: [f32; 2],
}

/// The decisions of a campaign about its answers, whatever model gives them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CampaignSettings {
    /// See [`SnapshotParts::metadata_enabled`].
    pub metadata_enabled: bool,
    /// See [`SnapshotParts::exploration`].
    pub exploration: Option<Exploration>,
    /// See [`SnapshotParts::influence`].
    pub influence: [f32; 2],
}

/// Makes the vector of a user who took these items, oldest first.
type EncodeItems = dyn Fn(&[u32], &mut Vec<f32>) + Send + Sync;

/// The items beside a model of actions, and how users stand with them.
pub struct UserVectorEncoder {
    /// Item ids by the index that `encode` takes.
    pub items: IdMap,
    /// The bulk histories over them.
    pub histories: TrainingHistories,
    /// Makes a vector for [`tastemaker_learn::ScoringContext::user_vector`].
    pub encode: Box<EncodeItems>,
}

impl SnapshotParts {
    /// Whether the items are actions.
    pub(crate) fn is_about_actions(&self) -> bool {
        self.recipe.inference() == Inference::Actions
    }

    /// The dataset that has the records of the items.
    pub(crate) fn item_dataset_type(&self) -> DatasetType {
        if self.is_about_actions() { DatasetType::Actions } else { DatasetType::Items }
    }

    /// Whether streamed events of this type count.
    pub(crate) fn counts(&self, event_type: &str) -> bool {
        self.counted_types.is_empty()
            || self.counted_types.iter().any(|counted| counted.eq_ignore_ascii_case(event_type))
    }

    /// The index of the event type called `name` in any case; 0 for types that the training data does not have.
    pub(crate) fn event_type_ix(&self, name: &str) -> u16 {
        let at = self.event_types.iter().position(|known| known.eq_ignore_ascii_case(name));
        at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
    }
}
