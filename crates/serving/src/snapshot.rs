//! What a campaign answers from.

use crate::Histories;
use crate::allowed::CompiledFilters;
use crate::explore::ItemHistory;
use crate::popular::PopularNow;
use crate::states::StateCache;
use crate::view::LastView;
use std::sync::{Arc, OnceLock};
use tastemaker_data::IdMap;
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Result};
use tastemaker_learn::Scorer;

/// The ingredients of a [`Snapshot`].
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
    pub items: IdMap,
    /// Event types of the training data by the index that [`tastemaker_learn::Event`] carries.
    pub event_types: IdMap,
    /// The bulk histories that the model was trained on.
    pub histories: Histories,
    /// `[items]`: how often each was shown according to bulk data; empty where nothing is known of it.
    pub impressions: Vec<u32>,
    /// Only streamed events of these types count (in any case); none counts all.
    pub counted_types: Vec<String>,
    /// Whether GetRecommendations may return metadata columns.
    pub metadata_enabled: bool,
    /// How much of a list is for new items; `None` for recipes without exploration.
    pub exploration: Option<Exploration>,
    /// For models of actions: where users stand with the items.
    pub tastes: Option<Tastes>,
    /// For trends: the seconds that are compared with those before.
    pub trend_interval_s: Option<i64>,
    /// How much the freshness and the popularity of related items count, each in [0, 1].
    pub influence: [f32; 2],
}

/// The vector of a user who took these items, oldest first.
type OfUser = dyn Fn(&[u32], &mut Vec<f32>) + Send + Sync;

/// What a model of actions knows of the items.
pub struct Tastes {
    /// Item ids by the model's index.
    pub items: IdMap,
    /// The bulk histories over them.
    pub histories: Histories,
    /// Makes a vector for [`tastemaker_learn::Ask::taste`].
    pub of_user: Box<OfUser>,
}

impl SnapshotParts {
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

/// An immutable model with its catalogue, and a cache of encoded users.
pub struct Snapshot {
    pub(crate) parts: SnapshotParts,
    pub(crate) states: StateCache,
    pub(crate) view: LastView,
    pub(crate) filters: CompiledFilters,
    history: OnceLock<ItemHistory>,
    pub(crate) popular: PopularNow,
}

impl Snapshot {
    /// Joins the parts. Errors when the scorers and the catalogue disagree about the number of items.
    pub fn new(parts: SnapshotParts) -> Result<Self> {
        let items = parts.items.len();
        for (what, scorer) in [("model", &parts.scorer), ("popularity", &parts.popular)] {
            if scorer.item_count() != items {
                return Err(Error::Internal(format!(
                    "the {what} of {} ranks {} items but its catalogue has {items}",
                    parts.solution_version_arn,
                    scorer.item_count()
                )));
            }
        }
        Ok(Self {
            popular: PopularNow::new(parts.popular.clone()),
            parts,
            states: StateCache::default(),
            view: LastView::default(),
            filters: CompiledFilters::default(),
            history: OnceLock::new(),
        })
    }

    /// What the bulk histories say about each item.
    pub(crate) fn item_history(&self) -> &ItemHistory {
        self.history
            .get_or_init(|| ItemHistory::new(&self.parts.histories, &self.parts.impressions, self.parts.items.len()))
    }

    /// The version that answers.
    pub fn solution_version_arn(&self) -> &str {
        &self.parts.solution_version_arn
    }

    /// The recipe that made the model.
    pub fn recipe(&self) -> &'static RecipeDescriptor {
        self.parts.recipe
    }

    /// The group whose data the model was made from.
    pub fn dataset_group_arn(&self) -> &str {
        &self.parts.dataset_group_arn
    }

    /// Whether the items are actions.
    pub fn is_about_actions(&self) -> bool {
        self.parts.recipe.recipe_type == "PERSONALIZED_ACTIONS"
    }

    /// The dataset that has the records of the items.
    pub(crate) fn records(&self) -> DatasetType {
        if self.is_about_actions() { DatasetType::Actions } else { DatasetType::Items }
    }

    /// Whether the recipe ranks by the user's history; otherwise everybody is answered alike.
    pub fn is_personal(&self) -> bool {
        self.parts.recipe.needs_user
            && matches!(self.parts.recipe.recipe_type, "USER_PERSONALIZATION" | "PERSONALIZED_RANKING")
    }

    /// Whether GetRecommendations may return metadata columns.
    pub fn metadata_enabled(&self) -> bool {
        self.parts.metadata_enabled
    }

    /// The number of items that can be recommended.
    pub fn item_count(&self) -> usize {
        self.parts.items.len()
    }
}
