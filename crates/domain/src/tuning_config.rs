//! The customer's `hpoConfig`.

/// `hpoConfig`, as it was given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TuningConfig {
    /// The metric to optimize.
    pub objective: Option<TuningObjective>,
    /// The numbers of trials.
    pub resources: Option<TuningResources>,
    /// The ranges to vary.
    pub ranges: Option<TuningRanges>,
}

/// `hpoObjective`. As with AWS it configures nothing; it is checked, kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TuningObjective {
    /// `Maximize` or `Minimize`.
    pub kind: Option<String>,
    /// A metric's name.
    pub metric_name: Option<String>,
    /// The pattern that finds its value in a training log.
    pub metric_regex: Option<String>,
}

/// `hpoResourceConfig`: whole numbers as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TuningResources {
    /// `maxNumberOfTrainingJobs`.
    pub trials: Option<String>,
    /// `maxParallelTrainingJobs`.
    pub parallel: Option<String>,
}

/// `algorithmHyperParameterRanges`. A bound not given is the recipe's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TuningRanges {
    /// Of whole numbers.
    pub integer: Option<Vec<NumberRange<i32>>>,
    /// Of numbers.
    pub continuous: Option<Vec<NumberRange<f64>>>,
    /// Of words.
    pub categorical: Option<Vec<WordRange>>,
}

/// A range of numbers, bounds included.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct NumberRange<T> {
    pub name: Option<String>,
    pub min: Option<T>,
    pub max: Option<T>,
}

/// Words to choose among.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct WordRange {
    pub name: Option<String>,
    pub values: Option<Vec<String>>,
}
