//! What a recipe says about itself: the shape of ListRecipes, DescribeRecipe, DescribeAlgorithm and
//! DescribeFeatureTransformation, and the table that validates hyperparameters. The descriptors are in
//! [`crate::catalog`], one static each; a recipe that can be trained refers to its own (`descriptor: &catalog::AWS_SIMS`).

use crate::schema::{DatasetDomain, DatasetType};

/// A recipe's facts. The numbers come from AWS's recipe documentation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecipeDescriptor {
    /// `aws-user-personalization`; the tail of the recipe ARN.
    pub name: &'static str,
    /// One or two sentences of our own.
    pub description: &'static str,
    /// `USER_PERSONALIZATION`, `POPULAR_ITEMS`, ...
    pub recipe_type: &'static str,
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
    /// What only some recipes can do.
    pub abilities: &'static [Ability],
    /// For the recipes of recommenders; custom recipes have none.
    pub use_case: Option<UseCase>,
    /// Hyperparameters and featurization parameters.
    pub parameters: &'static [Parameter],
}

impl RecipeDescriptor {
    /// What the catalog's entries differ from: a custom recipe that learns from interactions, without abilities.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        description: "",
        recipe_type: "",
        algorithm: "",
        feature_transformation: "",
        needs_user: false,
        needs_item: false,
        needs_datasets: &[DatasetType::Interactions],
        abilities: &[],
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

    /// The domain whose dataset groups may have a recommender of it; `None` for a custom recipe.
    pub fn domain(&self) -> Option<DatasetDomain> {
        self.use_case.map(|u| u.domain)
    }
}

/// What only some recipes can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Answers carry item metadata without being told to at deployment.
    AlwaysMetadata,
    /// CreateBatchInferenceJob.
    BatchInference,
    /// `solutionConfig.eventsConfig`.
    EventWeights,
    /// `itemExplorationConfig`.
    Exploration,
    /// `performIncrementalUpdate`.
    IncrementalUpdate,
    /// `solutionConfig.optimizationObjective`.
    Objective,
    /// `rankingInfluence`.
    RankingInfluence,
    /// Batch inference in the mode THEME_GENERATION.
    Themes,
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
    /// Whether hyperparameter optimisation may vary it.
    pub tunable: bool,
    /// Whether it may be given as a range of hyperparameter optimisation only.
    pub range_only: bool,
    /// What it does, for people.
    pub doc: &'static str,
}

impl Parameter {
    /// A hyperparameter that optimisation leaves alone.
    pub(crate) const fn algorithm(name: &'static str, kind: ParameterKind, doc: &'static str) -> Self {
        Self { name, family: ParameterFamily::Algorithm, kind, tunable: false, range_only: false, doc }
    }

    /// A featurization parameter.
    pub(crate) const fn featurization(name: &'static str, kind: ParameterKind, doc: &'static str) -> Self {
        Self { name, family: ParameterFamily::FeatureTransformation, kind, tunable: false, range_only: false, doc }
    }

    /// The same, varied by optimisation.
    pub(crate) const fn tunable(mut self) -> Self {
        self.tunable = true;
        self
    }

    /// The same, given as a range of optimisation only.
    pub(crate) const fn range_only(mut self) -> Self {
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
