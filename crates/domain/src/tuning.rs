//! Hyperparameter optimization: what the customer asks for (`hpoConfig`), the plan that follows from it and the recipe's
//! table, and the trials of a search.

use crate::parameters::{self, Value, Values};
use crate::recipe::{Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use crate::solution_config::SolutionConfig;
use crate::{Error, Member, MemberPath, Result};
use std::collections::BTreeMap;

pub use crate::tuning_config::{NumberRange, TuningConfig, TuningObjective, TuningRanges, TuningResources, WordRange};

/// Trials when the customer does not say.
pub const TRIALS_DEFAULT: usize = 20;
/// `maxNumberOfTrainingJobs` at most.
pub const TRIALS_MAX: usize = 40;
/// Trials side by side when the customer does not say.
pub const PARALLEL_DEFAULT: usize = 5;
/// `maxParallelTrainingJobs` at most.
pub const PARALLEL_MAX: usize = 10;

/// The dimensions and the limits of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct TuningPlan {
    /// The varied hyperparameters, in the order of the recipe's table; not empty.
    pub dimensions: Vec<TuningDimension>,
    /// Trials in all, the one of the defaults included.
    pub trials: usize,
    /// Trials that are chosen, and where threads allow trained, side by side.
    pub parallel: usize,
}

/// A hyperparameter that a search varies.
#[derive(Debug, Clone, PartialEq)]
pub struct TuningDimension {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub range: TuningRange,
}

/// The values of a dimension, bounds included.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum TuningRange {
    Integer { min: i64, max: i64 },
    Continuous { min: f64, max: f64 },
    Categorical(Vec<Value>),
}

/// A training of a search with its parameters and its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its place in the search, from 0; trial 0 has the values without any search.
    pub number: usize,
    /// The varied hyperparameters, as the API spells values.
    pub parameters: BTreeMap<String, String>,
    /// Its end.
    pub outcome: TrialOutcome,
    /// The quality on the validation users after each epoch; empty for recipes without epochs.
    pub curve: Vec<f64>,
}

/// The end of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialOutcome {
    /// It was trained to its end and judged: higher is better.
    Judged(f64),
    /// It fell behind the others and was ended early.
    Stopped,
    /// It could not be trained, and why.
    Failed(String),
}

impl Trial {
    /// Its quality on the validation users, if it was judged.
    pub fn quality(&self) -> Option<f64> {
        match self.outcome {
            TrialOutcome::Judged(quality) => Some(quality),
            _ => None,
        }
    }
}

/// The best trial: trial 0 unless another one is better, and the earliest of equals.
pub fn best(trials: &[Trial]) -> Option<&Trial> {
    let judged = trials.iter().filter(|trial| trial.quality().is_some());
    judged
        .min_by(|a, b| b.quality().unwrap_or(0.0).total_cmp(&a.quality().unwrap_or(0.0)).then(a.number.cmp(&b.number)))
}

/// Whether a customer may give `tuning` (`hpoConfig`) to the recipe; what is not given is not checked. The errors name member,
/// rule and value.
pub fn validate(descriptor: &RecipeDescriptor, tuning: &TuningConfig) -> Result<()> {
    objective(tuning.objective.as_ref())?;
    count(Member::MaxNumberOfTrainingJobs, tuning.resources.as_ref().and_then(|r| r.trials.as_deref()), TRIALS_MAX)?;
    count(
        Member::MaxParallelTrainingJobs,
        tuning.resources.as_ref().and_then(|r| r.parallel.as_deref()),
        PARALLEL_MAX,
    )?;
    ranges(descriptor, tuning.ranges.as_ref()).map(drop)
}

/// The search that a solution with `performHPO` makes. Without ranges every tunable hyperparameter that
/// `algorithmHyperParameters` does not fix is varied over the recipe's range; with ranges, those alone.
///
/// An error when the recipe has nothing to tune, or nothing is left to vary.
pub fn plan(descriptor: &RecipeDescriptor, config: &SolutionConfig) -> Result<TuningPlan> {
    let tunable = || descriptor.parameters.iter().filter(|p| p.tunable);
    if tunable().next().is_none() {
        let text = format!(
            "{}: recipe {} has no hyperparameters that optimisation could vary.",
            Member::PerformHpo,
            descriptor.name
        );
        return Err(Error::invalid(Member::PerformHpo, text));
    }
    let none = TuningConfig::default();
    let tuning = config.tuning.as_ref().unwrap_or(&none);
    validate(descriptor, tuning)?;
    let resources = tuning.resources.as_ref();
    let trials = count(Member::MaxNumberOfTrainingJobs, resources.and_then(|r| r.trials.as_deref()), TRIALS_MAX)?;
    let parallel = count(Member::MaxParallelTrainingJobs, resources.and_then(|r| r.parallel.as_deref()), PARALLEL_MAX)?;
    let mut dimensions = ranges(descriptor, tuning.ranges.as_ref())?;
    if dimensions.is_empty() {
        let fixed = |p: &&Parameter| config.algorithm_hyper_parameters.keys().any(|k| parameters::plain(k) == p.name);
        dimensions =
            tunable().filter(|p| !fixed(p)).map(|p| TuningDimension { name: p.name, range: whole(p) }).collect();
    }
    if dimensions.is_empty() {
        let text = format!(
            "{}: {} fixes every tunable hyperparameter, so there is nothing \
             to vary; leave one out or give its range in {}.",
            Member::PerformHpo,
            Member::SolutionConfig.then(Member::AlgorithmHyperParameters),
            hpo_config()
        );
        return Err(Error::invalid(Member::PerformHpo, text));
    }
    Ok(TuningPlan {
        dimensions,
        trials: trials.unwrap_or(TRIALS_DEFAULT),
        parallel: parallel.unwrap_or(PARALLEL_DEFAULT),
    })
}

/// `config` with the values of a trial, which win over fixed ones.
pub fn with_trial(config: &SolutionConfig, trial: &BTreeMap<String, String>) -> SolutionConfig {
    let mut config = config.clone();
    config.algorithm_hyper_parameters.retain(|name, _| !trial.contains_key(parameters::plain(name)));
    config.algorithm_hyper_parameters.extend(trial.clone());
    config
}

/// Every hyperparameter of the algorithm as a search left it: what `tunedHPOParams` shows.
pub fn tuned(descriptor: &RecipeDescriptor, values: &Values) -> BTreeMap<String, String> {
    let of_algorithm = |name: &str| {
        descriptor.parameters.iter().any(|p| p.name == name && p.family == ParameterFamily::Algorithm && p.is_of_aws)
    };
    values
        .iter()
        .filter(|(name, _)| of_algorithm(name))
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .collect()
}

/// The member that holds the search's configuration.
fn hpo_config() -> MemberPath {
    Member::SolutionConfig.then(Member::HpoConfig)
}

fn objective(objective: Option<&TuningObjective>) -> Result<()> {
    match objective.and_then(|o| o.kind.as_deref()) {
        None | Some("Maximize" | "Minimize") => Ok(()),
        Some(other) => {
            let path = hpo_config().then(Member::HpoObjective).then(Member::Type);
            let text = format!("{path} must be Maximize or Minimize, not '{other}'.");
            Err(Error::invalid(path, text))
        }
    }
}

fn count(member: Member, text: Option<&str>, max: usize) -> Result<Option<usize>> {
    let Some(text) = text else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse().ok().filter(|n| digits && (1..=max).contains(n)) {
        Some(number) => Ok(Some(number)),
        None => {
            let path = hpo_config().then(Member::HpoResourceConfig).then(member);
            let text = format!("{path} must be a whole number in [1, {max}], not '{text}'.");
            Err(Error::invalid(path, text))
        }
    }
}

/// The recipe's own range.
fn whole(parameter: &Parameter) -> TuningRange {
    match parameter.kind {
        ParameterKind::Integer { min, max, .. } => TuningRange::Integer { min, max },
        ParameterKind::Float { min, max, .. } => TuningRange::Continuous { min, max },
        ParameterKind::Boolean { .. } => TuningRange::Categorical(vec![Value::Boolean(true), Value::Boolean(false)]),
        ParameterKind::Choice { values, .. } => {
            TuningRange::Categorical(values.iter().map(|value| Value::Choice(value)).collect())
        }
    }
}

fn ranges(descriptor: &RecipeDescriptor, given: Option<&TuningRanges>) -> Result<Vec<TuningDimension>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let mut found: BTreeMap<usize, TuningDimension> = BTreeMap::new();
    let mut take =
        |member: Member, name: Option<&str>, read: &dyn Fn(&'static Parameter) -> Result<TuningRange, String>| {
            let name = name.unwrap_or_default();
            let place = hpo_config().then(Member::AlgorithmHyperParameterRanges).then(member);
            let tunable = || descriptor.parameters.iter().enumerate().filter(|(_, p)| p.tunable);
            let Some((at, parameter)) = tunable().find(|(_, p)| p.name == parameters::plain(name)) else {
                let names: Vec<_> = tunable().map(|(_, p)| p.name).collect();
                let has = names.join(", ");
                let recipe = descriptor.name;
                let text = format!("{place}: recipe {recipe} has no tunable hyperparameter '{name}'; it has [{has}].");
                return Err(Error::invalid(place, text));
            };
            let wrong =
                |rule: String| Error::invalid(place.clone().key(parameter.name), format!("{place}.{name}: {rule}."));
            let range = read(parameter).map_err(wrong)?;
            match found.insert(at, TuningDimension { name: parameter.name, range }) {
                None => Ok(()),
                Some(_) => Err(wrong("a hyperparameter has one range".to_owned())),
            }
        };
    for range in given.integer.iter().flatten() {
        take(Member::IntegerHyperParameterRanges, range.name.as_deref(), &|parameter| match parameter.kind {
            ParameterKind::Integer { min, max, .. } => {
                let (low, high) = (range.min.map_or(min, i64::from), range.max.map_or(max, i64::from));
                if min <= low && low <= high && high <= max {
                    return Ok(TuningRange::Integer { min: low, max: high });
                }
                Err(format!(
                    "must lie within [{min}, {max}] with {} <= {}, got [{low}, {high}]",
                    Member::MinValue,
                    Member::MaxValue
                ))
            }
            _ => Err(belongs(parameter)),
        })?;
    }
    for range in given.continuous.iter().flatten() {
        take(Member::ContinuousHyperParameterRanges, range.name.as_deref(), &|parameter| match parameter.kind {
            ParameterKind::Float { min, max, .. } => {
                let (low, high) = (range.min.unwrap_or(min), range.max.unwrap_or(max));
                if min <= low && low <= high && high <= max {
                    return Ok(TuningRange::Continuous { min: low, max: high });
                }
                Err(format!(
                    "must lie within [{min:?}, {max:?}] with {} <= {}, got [{low:?}, {high:?}]",
                    Member::MinValue,
                    Member::MaxValue
                ))
            }
            _ => Err(belongs(parameter)),
        })?;
    }
    for range in given.categorical.iter().flatten() {
        take(Member::CategoricalHyperParameterRanges, range.name.as_deref(), &|parameter| {
            if !matches!(parameter.kind, ParameterKind::Boolean { .. } | ParameterKind::Choice { .. }) {
                return Err(belongs(parameter));
            }
            let mut values = Vec::new();
            for text in range.values.iter().flatten() {
                let value = parameters::read(parameter, text).map_err(|rule| format!("{rule}, got '{text}'"))?;
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            if values.is_empty() {
                return Err("needs at least one value".to_owned());
            }
            Ok(TuningRange::Categorical(values))
        })?;
    }
    Ok(found.into_values().collect())
}

fn belongs(parameter: &Parameter) -> String {
    let list = match parameter.kind {
        ParameterKind::Integer { .. } => Member::IntegerHyperParameterRanges,
        ParameterKind::Float { .. } => Member::ContinuousHyperParameterRanges,
        ParameterKind::Boolean { .. } | ParameterKind::Choice { .. } => Member::CategoricalHyperParameterRanges,
    };
    format!("belongs into {list}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn integer(name: &str, min: i32, max: i32) -> TuningRanges {
        let range = NumberRange { name: Some(name.into()), min: Some(min), max: Some(max) };
        TuningRanges { integer: Some(vec![range]), ..TuningRanges::default() }
    }

    fn words(name: &str, values: &[&str]) -> TuningRanges {
        let values = Some(values.iter().map(|v| (*v).to_owned()).collect());
        TuningRanges {
            categorical: Some(vec![WordRange { name: Some(name.into()), values }]),
            ..TuningRanges::default()
        }
    }

    fn over(ranges: TuningRanges) -> TuningConfig {
        TuningConfig { ranges: Some(ranges), ..TuningConfig::default() }
    }

    fn jobs(trials: Option<&str>, parallel: Option<&str>) -> TuningConfig {
        let resources = TuningResources { trials: trials.map(str::to_owned), parallel: parallel.map(str::to_owned) };
        TuningConfig { resources: Some(resources), ..TuningConfig::default() }
    }

    fn config(tuning: TuningConfig, fixed: &[(&str, &str)]) -> SolutionConfig {
        SolutionConfig {
            tuning: Some(tuning),
            algorithm_hyper_parameters: fixed.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..SolutionConfig::default()
        }
    }

    fn names(plan: &TuningPlan) -> Vec<&str> {
        plan.dimensions.iter().map(|d| d.name).collect()
    }

    #[test]
    fn what_is_varied() -> Result<()> {
        let recipe = &catalog::AWS_USER_PERSONALIZATION;
        let all = plan(recipe, &SolutionConfig::default())?;
        assert_eq!(names(&all), ["hidden_dimension", "bptt", "recency_mask"]);
        assert_eq!((all.trials, all.parallel), (TRIALS_DEFAULT, PARALLEL_DEFAULT));
        assert_eq!(all.dimensions[0].range, TuningRange::Integer { min: 32, max: 256 });
        let rest = plan(recipe, &config(TuningConfig::default(), &[("training.bptt", "8")]))?;
        assert_eq!(names(&rest), ["hidden_dimension", "recency_mask"]);
        let one = plan(recipe, &config(over(words("recency_mask", &["True", "true"])), &[]))?;
        assert_eq!(one.dimensions[0].range, TuningRange::Categorical(vec![Value::Boolean(true)]));
        let open = NumberRange { name: Some("training.bptt".into()), min: None, max: Some(8) };
        let open = plan(recipe, &config(over(TuningRanges { integer: Some(vec![open]), ..Default::default() }), &[]))?;
        assert_eq!(open.dimensions, [TuningDimension { name: "bptt", range: TuningRange::Integer { min: 2, max: 8 } }]);
        let few = plan(recipe, &config(jobs(Some("4"), Some("2")), &[]))?;
        assert_eq!((few.trials, few.parallel), (4, 2));
        assert_eq!(names(&plan(&catalog::AWS_SIMILAR_ITEMS, &SolutionConfig::default())?).len(), 2);
        Ok(())
    }

    #[test]
    fn refusals_name_member_rule_and_value() {
        let cases = [
            (
                over(integer("hidden_dimension", 16, 64)),
                "must lie within [32, 256] with minValue <= maxValue, got [16, 64]",
            ),
            (over(integer("hidden_dimension", 64, 33)), "got [64, 33]"),
            (over(integer("recency_mask", 1, 2)), "recency_mask: belongs into categoricalHyperParameterRanges"),
            (
                over(integer("hiden", 32, 64)),
                "no tunable hyperparameter 'hiden'; it has [hidden_dimension, bptt, recency_mask]",
            ),
            (over(words("recency_mask", &["maybe"])), "recency_mask: must be true or false, got 'maybe'"),
            (over(words("recency_mask", &[])), "needs at least one value"),
            (over(words("bptt", &["2"])), "bptt: belongs into integerHyperParameterRanges"),
            (jobs(Some("41"), None), "maxNumberOfTrainingJobs must be a whole number in [1, 40], not '41'"),
            (jobs(Some("+4"), None), "not '+4'"),
            (jobs(None, Some("0")), "maxParallelTrainingJobs must be a whole number in [1, 10], not '0'"),
            (
                TuningConfig {
                    objective: Some(TuningObjective { kind: Some("max".into()), ..Default::default() }),
                    ..Default::default()
                },
                "hpoObjective.type must be Maximize or Minimize, not 'max'",
            ),
        ];
        for (tuning, expected) in cases {
            let refused = validate(&catalog::AWS_USER_PERSONALIZATION, &tuning);
            let error = refused.map_or_else(|e| e.to_string(), |()| String::new());
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        }
        let twice = NumberRange { name: Some("bptt".into()), min: None, max: None };
        let twice = over(TuningRanges { integer: Some(vec![twice.clone(), twice]), ..Default::default() });
        assert!(
            validate(&catalog::AWS_USER_PERSONALIZATION, &twice).is_err_and(|e| e.to_string().contains("one range"))
        );
        let nothing = [
            (&catalog::AWS_USER_PERSONALIZATION_V2, SolutionConfig::default()),
            (&catalog::AWS_POPULARITY_COUNT, SolutionConfig::default()),
            (
                &catalog::AWS_SIMS,
                config(
                    TuningConfig::default(),
                    &[("popularity_discount_factor", "0"), ("min_cointeraction_count", "1")],
                ),
            ),
        ];
        for (recipe, config) in nothing {
            assert!(plan(recipe, &config).is_err_and(|e| e.to_string().starts_with("performHPO: ")), "{}", recipe.name);
        }
        let popular = plan(&catalog::AWS_POPULARITY_COUNT, &SolutionConfig::default());
        assert!(popular.is_err_and(|e| e.to_string().contains("has no hyperparameters that optimisation could vary")));
    }

    #[test]
    fn the_defaults_win_when_nothing_is_better() {
        let trial = |number, outcome| Trial { number, parameters: BTreeMap::new(), outcome, curve: vec![] };
        let judged = |number, quality| trial(number, TrialOutcome::Judged(quality));
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[trial(0, TrialOutcome::Stopped)]), None);
        assert_eq!(best(&[judged(2, 0.3), judged(1, 0.2), judged(0, 0.3)]).map(|t| t.number), Some(0));
        assert_eq!(best(&[judged(0, 0.3), judged(3, 0.31), judged(2, 0.31)]).map(|t| t.number), Some(2));
    }

    #[test]
    fn a_trial_wins_over_fixed_values_and_all_are_shown() -> Result<()> {
        let recipe = &catalog::AWS_USER_PERSONALIZATION;
        let fixed = config(TuningConfig::default(), &[("training.bptt", "8"), ("hidden_dimension", "64")]);
        let trial = BTreeMap::from([("bptt".to_owned(), "4".to_owned())]);
        let values = parameters::resolve(recipe, &with_trial(&fixed, &trial))?;
        let shown = tuned(recipe, &values);
        let expected = [("bptt", "4"), ("hidden_dimension", "64"), ("recency_mask", "true")];
        assert_eq!(shown, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        Ok(())
    }

    #[test]
    fn a_plan_is_made_of_what_is_valid_only() {
        let objective = TuningObjective { kind: Some("max".into()), ..Default::default() };
        let tuning = TuningConfig { objective: Some(objective), ..Default::default() };
        let planned = plan(&catalog::AWS_USER_PERSONALIZATION, &config(tuning, &[]));
        assert!(planned.is_err_and(|e| e.to_string().contains("must be Maximize or Minimize")));
    }

    #[test]
    fn ranges_lie_within_those_of_the_recipe_bounds_included() -> Result<()> {
        let range =
            |tuning: TuningRanges| Ok(plan(&catalog::AWS_SIMS, &config(over(tuning), &[]))?.dimensions.remove(0).range);
        for (low, high) in [(0, 10), (3, 3)] {
            let found = range(integer("min_cointeraction_count", low, high))?;
            assert_eq!(found, TuningRange::Integer { min: low.into(), max: high.into() });
        }
        let continuous = |low: Option<f64>, high: Option<f64>| {
            let range = NumberRange { name: Some("popularity_discount_factor".into()), min: low, max: high };
            TuningRanges { continuous: Some(vec![range]), ..TuningRanges::default() }
        };
        for (low, high, expected) in [
            (Some(0.0), Some(1.0), (0.0, 1.0)),
            (None, None, (0.0, 1.0)),
            (Some(0.25), Some(0.25), (0.25, 0.25)),
            (Some(0.25), None, (0.25, 1.0)),
        ] {
            let (min, max) = expected;
            assert_eq!(range(continuous(low, high))?, TuningRange::Continuous { min, max });
        }
        for (low, high, shown) in [
            (-0.1, 0.5, "[-0.1, 0.5]"),
            (0.5, 1.1, "[0.5, 1.1]"),
            (0.6, 0.5, "[0.6, 0.5]"),
            (-2.0, -1.0, "[-2.0, -1.0]"),
        ] {
            let refused = range(continuous(Some(low), Some(high)));
            let rule = "must lie within [0.0, 1.0] with minValue <= maxValue, got ";
            assert!(refused.is_err_and(|e| e.to_string().contains(&format!("{rule}{shown}"))), "{shown}");
        }
        let misplaced = NumberRange { name: Some("min_cointeraction_count".into()), min: Some(0.0), max: None };
        let misplaced = range(TuningRanges { continuous: Some(vec![misplaced]), ..TuningRanges::default() });
        assert!(misplaced.is_err_and(|e| e.to_string().contains("belongs into integerHyperParameterRanges")));
        Ok(())
    }
}
