//! What a recipe says about itself: the shape of ListRecipes, DescribeRecipe, DescribeAlgorithm and
//! DescribeFeatureTransformation, and the table that validates hyperparameters.

pub use crate::parameters::validate;

/// A recipe's facts. The numbers come from AWS's recipe documentation.
#[derive(Debug, Clone, PartialEq)]
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
    /// Hyperparameters and featurization parameters.
    pub parameters: &'static [Parameter],
}

impl RecipeDescriptor {
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
}

/// One documented parameter of a recipe.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The key in the customer's map.
    pub name: &'static str,
    /// Which of the two maps it belongs to.
    pub family: ParameterFamily,
    /// Type, default and legal values.
    pub kind: ParameterKind,
    /// Whether hyperparameter optimisation may vary it.
    pub tunable: bool,
    /// What it does, for people.
    pub doc: &'static str,
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
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum ParameterKind {
    Integer { default: i64, min: i64, max: i64 },
    Float { default: f64, min: f64, max: f64 },
    Boolean { default: bool },
}

impl ParameterKind {
    /// The default as the API shows it.
    pub fn default_text(&self) -> String {
        match self {
            ParameterKind::Integer { default, .. } => default.to_string(),
            ParameterKind::Float { default, .. } => format!("{default:?}"),
            ParameterKind::Boolean { default } => default.to_string(),
        }
    }
}
