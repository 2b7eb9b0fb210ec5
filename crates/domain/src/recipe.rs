//! Recipe descriptors: all facts that tell recipes apart, as ListRecipes, DescribeRecipe, DescribeAlgorithm and
//! DescribeFeatureTransformation show them, and the table that validates hyperparameters. The descriptors are in
//! [`crate::catalog`], one static each; a recipe that can be trained refers to its own (`descriptor: &catalog::AWS_SIMS`).

use crate::campaign_config::Exploration;
use crate::schema::{DatasetDomain, DatasetType};
use crate::words::words;

/// A recipe's facts: all that the rest of the program knows about it beside its model. The numbers come from AWS's recipe
/// documentation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecipeDescriptor {
    /// `aws-user-personalization`; the tail of the recipe ARN.
    pub name: &'static str,
    /// One or two sentences of our own.
    pub description: &'static str,
    /// The kind of question that its models answer.
    pub recipe_type: RecipeType,
    /// Tail of the algorithm ARN.
    pub algorithm: &'static str,
    /// Tail of the feature transformation ARN.
    pub feature_transformation: &'static str,
    /// Whether GetRecommendations needs a userId.
    pub needs_user: bool,
    /// Whether GetRecommendations needs an itemId.
    pub needs_item: bool,
    /// Datasets without which there is nothing to train on.
    pub needs_datasets: &'static [DatasetType],
    /// The data without which the recipe learns nothing, in the order in which it is checked.
    pub requirements: &'static [DataRequirement],
    /// The protocol by which solution versions are evaluated.
    pub evaluation: EvaluationProtocol,
    /// The parts that its models are made of.
    pub model: ModelFamily,
    /// Abilities that only some recipes have.
    pub abilities: &'static [Ability],
    /// The exploration of recipes that explore by themselves, whatever is configured.
    pub built_in_exploration: Option<Exploration>,
    /// Whether the metadata of items and users and the circumstances of interactions are learned from, where there are any.
    pub learns_from_metadata: bool,
    /// The name of the recipe that came in its place, for recipes that new solutions should not take.
    pub replaced_by: Option<&'static str>,
    /// For the recipes of recommenders; custom recipes have none.
    pub use_case: Option<UseCase>,
    /// Hyperparameters and featurization parameters.
    pub parameters: &'static [Parameter],
}

/// The purposes that people look for a recipe under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Items for a user.
    ForUser,
    /// Items that go with an item.
    RelatedItems,
    /// The order of given items.
    Ranking,
    /// Popular and trending items.
    Popular,
    /// Actions for a user.
    Actions,
    /// Users who want an item.
    Segments,
}

impl RecipeDescriptor {
    /// The purpose that people look for it under. AWS calls the count of popularity a personalization; people look for it under what is popular.
    pub fn purpose(&self) -> Purpose {
        match self.recipe_type {
            RecipeType::UserPersonalization if self.needs_user => Purpose::ForUser,
            RecipeType::UserPersonalization | RecipeType::PopularItems => Purpose::Popular,
            RecipeType::RelatedItems => Purpose::RelatedItems,
            RecipeType::PersonalizedRanking => Purpose::Ranking,
            RecipeType::PersonalizedActions => Purpose::Actions,
            RecipeType::UserSegmentation => Purpose::Segments,
        }
    }

    /// The descriptor that the catalog's entries start from: a custom recipe that learns from interactions, without abilities.
    pub const PLAIN: Self = Self {
        name: "",
        description: "",
        recipe_type: RecipeType::UserPersonalization,
        algorithm: "",
        feature_transformation: "",
        needs_user: false,
        needs_item: false,
        needs_datasets: &[DatasetType::Interactions],
        requirements: &[DataRequirement::SeveralItems],
        evaluation: EvaluationProtocol::NextItems,
        model: ModelFamily::Compact,
        abilities: &[],
        built_in_exploration: None,
        learns_from_metadata: true,
        replaced_by: None,
        use_case: None,
        parameters: &[],
    };

    /// `arn:aws:personalize:::recipe/<name>`.
    pub fn arn(&self) -> String {
        format!("arn:aws:personalize:::recipe/{}", self.name)
    }

    /// `arn:aws:personalize:::algorithm/<algorithm>`.
    pub fn algorithm_arn(&self) -> String {
        format!("arn:aws:personalize:::algorithm/{}", self.algorithm)
    }

    /// `arn:aws:personalize:::feature-transformation/<feature transformation>`.
    pub fn feature_transformation_arn(&self) -> String {
        format!("arn:aws:personalize:::feature-transformation/{}", self.feature_transformation)
    }

    /// Whether the recipe has an ability.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// The operation that its models answer.
    pub fn inference(&self) -> Inference {
        self.recipe_type.inference()
    }

    /// Whether its models rank by the user's history; otherwise everybody is answered alike.
    pub fn is_personal(&self) -> bool {
        self.needs_user && matches!(self.recipe_type, RecipeType::UserPersonalization | RecipeType::PersonalizedRanking)
    }

    /// Whether it has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }

    /// The exploration of a deployed model: its own, or the configured one where it can be configured.
    pub fn exploration(&self, configured: Exploration) -> Option<Exploration> {
        self.built_in_exploration.or_else(|| self.can(Ability::Exploration).then_some(configured))
    }

    /// The domain whose dataset groups may have a recommender of it; `None` for a custom recipe.
    pub fn domain(&self) -> Option<DatasetDomain> {
        self.use_case.map(|u| u.domain)
    }
}

words! {
    /// The kind of question that the models of a recipe answer.
    pub enum RecipeType {
        /// The items that a user will want next.
        UserPersonalization = "USER_PERSONALIZATION",
        /// The items that many users want.
        PopularItems = "POPULAR_ITEMS",
        /// The items that go with an item.
        RelatedItems = "RELATED_ITEMS",
        /// In which order a user wants given items.
        PersonalizedRanking = "PERSONALIZED_RANKING",
        /// The actions that a user is likely to take.
        PersonalizedActions = "PERSONALIZED_ACTIONS",
        /// Which users want an item.
        UserSegmentation = "USER_SEGMENTATION",
    }
}

impl RecipeType {
    /// The operation that models of this type answer.
    pub fn inference(self) -> Inference {
        match self {
            Self::UserPersonalization | Self::PopularItems | Self::RelatedItems => Inference::Recommendations,
            Self::PersonalizedRanking => Inference::Ranking,
            Self::PersonalizedActions => Inference::Actions,
            Self::UserSegmentation => Inference::Segments,
        }
    }
}

/// The operations that models answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inference {
    /// GetRecommendations.
    Recommendations,
    /// GetPersonalizedRanking.
    Ranking,
    /// GetActionRecommendations.
    Actions,
    /// CreateBatchSegmentJob.
    Segments,
}

/// The protocol by which solution versions of a recipe are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluationProtocol {
    /// Lists for held-out users, against what they took next.
    NextItems,
    /// Lists for held-out users, against the actions that they took next.
    Actions,
    /// The users of each segment, against those who took its items next.
    Segments,
    /// The part of the catalog that the lists of all items reach; nothing is held out.
    Coverage,
}

/// The kind of model that a recipe trains, which decides the memory that training takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelFamily {
    /// Little beside the data, such as counts or factors.
    Compact,
    /// A row of related items for each item.
    ItemNeighbors,
    /// A network over users' histories in an ensemble with counting models. Its lists can be compared with those of the most
    /// popular items, and it can be reduced to a part of the ensemble.
    Ensemble,
}

/// A requirement that the data of a dataset group must meet before a recipe trains on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataRequirement {
    /// A column of the Items dataset that is neither textual nor reserved.
    ItemAttributes,
    /// Names and descriptions of at least two items.
    ItemTexts,
    /// Interactions with more than one item.
    SeveralItems,
    /// Interactions at more than one time.
    SeveralTimes,
}

/// Abilities that only some recipes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Answers carry item metadata without being told to at deployment.
    AlwaysMetadata,
    /// Segments are asked for by attributes of items rather than by item.
    AttributeSegments,
    /// Related items are learned from baskets, the purchases of one order, or of a user within an hour.
    Baskets,
    /// CreateBatchInferenceJob.
    BatchInference,
    /// `solutionConfig.eventsConfig`.
    EventWeights,
    /// `itemExplorationConfig`.
    Exploration,
    /// `performIncrementalUpdate`.
    IncrementalUpdate,
    /// Items are related by metadata and tastes as well as by the users that they share.
    MetadataRelations,
    /// `solutionConfig.optimizationObjective`.
    Objective,
    /// `rankingInfluence`.
    RankingInfluence,
    /// Answers say why an item has its place.
    Reasons,
    /// Batch inference in the mode THEME_GENERATION.
    Themes,
    /// Lists what grows fastest, judged anew at an interval.
    Trending,
    /// `trainingMode` UPDATE.
    UpdateTraining,
}

/// The facts of a domain's use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseCase {
    /// Its name for people.
    pub title: &'static str,
    /// Whose dataset groups have it.
    pub domain: DatasetDomain,
    /// The event type of which training needs a thousand; `None` when any type counts.
    pub event_type: Option<&'static str>,
    /// Items with an event of this type by the user are not recommended to them.
    pub leaves_out: Option<&'static str>,
}

/// One documented parameter of a recipe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The key in the customer's map.
    pub name: &'static str,
    /// Which of the two maps it belongs to.
    pub family: ParameterFamily,
    /// Type, default and legal values.
    pub kind: ParameterKind,
    /// Whether hyperparameter optimization may vary it.
    pub tunable: bool,
    /// Whether it may be given as a range of hyperparameter optimization only.
    pub range_only: bool,
    /// Whether AWS has it too; others are accepted and not shown among those of an algorithm.
    pub is_of_aws: bool,
    /// Its purpose in words, for people.
    pub doc: &'static str,
}

impl Parameter {
    /// A hyperparameter that optimization leaves alone.
    pub const fn algorithm(name: &'static str, kind: ParameterKind, doc: &'static str) -> Self {
        Self { name, family: ParameterFamily::Algorithm, kind, tunable: false, range_only: false, is_of_aws: true, doc }
    }

    /// A featurization parameter.
    pub const fn featurization(name: &'static str, kind: ParameterKind, doc: &'static str) -> Self {
        let family = ParameterFamily::FeatureTransformation;
        Self { name, family, kind, tunable: false, range_only: false, is_of_aws: true, doc }
    }

    /// The same, unknown to AWS.
    pub const fn not_of_aws(mut self) -> Self {
        self.is_of_aws = false;
        self
    }

    /// The same, varied by optimization.
    pub const fn tunable(mut self) -> Self {
        self.tunable = true;
        self
    }

    /// The same, given as a range of optimization only.
    pub const fn range_only(mut self) -> Self {
        self.tunable = true;
        self.range_only = true;
        self
    }
}

/// The map a parameter travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterFamily {
    /// `algorithmHyperParameters`.
    Algorithm,
    /// `featureTransformationParameters`.
    FeatureTransformation,
}

/// Type, default and legal values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum ParameterKind {
    Integer { default: i64, min: i64, max: i64 },
    Float { default: f64, min: f64, max: f64 },
    Boolean { default: bool },
    Choice { default: &'static str, values: &'static [&'static str] },
}

impl ParameterKind {
    /// The default as the API shows it.
    pub fn default_text(&self) -> String {
        match self {
            ParameterKind::Integer { default, .. } => default.to_string(),
            ParameterKind::Float { default, .. } => format!("{default:?}"),
            ParameterKind::Boolean { default } => default.to_string(),
            ParameterKind::Choice { default, .. } => (*default).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_shown_as_the_api_writes_them() {
        for (kind, text) in [
            (ParameterKind::Integer { default: 32, min: 2, max: 64 }, "32"),
            (ParameterKind::Float { default: 1.0, min: 0.0, max: 1.0 }, "1.0"),
            (ParameterKind::Float { default: 0.25, min: 0.0, max: 1.0 }, "0.25"),
            (ParameterKind::Boolean { default: true }, "true"),
            (ParameterKind::Choice { default: "1 day", values: &["1 hour", "1 day"] }, "1 day"),
        ] {
            assert_eq!(kind.default_text(), text);
        }
    }
}
