//! Hyperparameters: the customer's values read against a recipe's table.

use crate::recipe::{Parameter, ParameterFamily, ParameterKind, RecipeDescriptor};
use crate::solution_config::SolutionConfig;
use crate::{Error, Member, Result};
use std::collections::BTreeMap;

/// A parameter's value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// One of the words of the recipe's table.
    Choice(&'static str),
}

impl std::fmt::Display for Value {
    /// As the API spells it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Integer(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Choice(value) => f.write_str(value),
        }
    }
}

/// A value for every parameter of a recipe: the customer's or the default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Every parameter by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value)> {
        self.0.iter().map(|(name, value)| (*name, *value))
    }

    /// The whole number called `name`; [`Error::Internal`] if the recipe's table has no such parameter of that type.
    pub fn integer(&self, name: &str) -> Result<i64> {
        match self.0.get(name) {
            Some(Value::Integer(value)) => Ok(*value),
            _ => Err(absent(name, "integer")),
        }
    }

    /// The number called `name`; [`Error::Internal`] if the recipe's table has no such parameter of that type.
    pub fn float(&self, name: &str) -> Result<f64> {
        match self.0.get(name) {
            Some(Value::Float(value)) => Ok(*value),
            _ => Err(absent(name, "float")),
        }
    }

    /// The truth value called `name`; [`Error::Internal`] if the recipe's table has no such parameter of that type.
    pub fn boolean(&self, name: &str) -> Result<bool> {
        match self.0.get(name) {
            Some(Value::Boolean(value)) => Ok(*value),
            _ => Err(absent(name, "boolean")),
        }
    }

    /// The word called `name`; [`Error::Internal`] if the recipe's table has no such parameter of that type.
    pub fn choice(&self, name: &str) -> Result<&'static str> {
        match self.0.get(name) {
            Some(Value::Choice(value)) => Ok(value),
            _ => Err(absent(name, "choice")),
        }
    }
}

fn absent(name: &str, kind: &str) -> Error {
    Error::Internal(format!("the recipe's table has no {kind} parameter {name}"))
}

/// Reads both maps of `config` against the recipe's table. A name may carry the prefix `training.` or `data.`, which old
/// clients send. The error names the member, the rule and the value for a name the recipe does not have, a
/// value of the wrong type, a value out of range, and a `min_...` above its `max_...`.
pub fn resolve(descriptor: &RecipeDescriptor, config: &SolutionConfig) -> Result<Values> {
    let mut values = Values::default();
    for parameter in descriptor.parameters {
        values.0.insert(parameter.name, default_of(&parameter.kind));
    }
    let families = [
        (ParameterFamily::Algorithm, Member::AlgorithmHyperParameters, &config.algorithm_hyper_parameters),
        (
            ParameterFamily::FeatureTransformation,
            Member::FeatureTransformationParameters,
            &config.feature_transformation_parameters,
        ),
    ];
    for (family, member, given) in families {
        let known = || descriptor.parameters.iter().filter(|p| p.family == family);
        for (name, text) in given {
            let plain = plain(name);
            let Some(parameter) = known().find(|p| p.name == plain) else {
                let names: Vec<_> = known().map(|p| p.name).collect();
                let path = Member::SolutionConfig.then(member);
                let has = names.join(", ");
                let text = format!("{path}: recipe {} has no parameter '{name}'; it has [{has}]", descriptor.name);
                return Err(Error::invalid(path, text));
            };
            let value = read(parameter, text).map_err(|rule| {
                let text = format!("{}.{member}.{name}: {rule}, got '{text}'", Member::SolutionConfig);
                Error::invalid(Member::SolutionConfig.then(member).key(parameter.name), text)
            })?;
            values.0.insert(parameter.name, value);
        }
    }
    for parameter in descriptor.parameters {
        let Some(what) = parameter.name.strip_prefix("min_") else { continue };
        let max = format!("max_{what}");
        if let (Some(Value::Float(low)), Some(Value::Float(high))) = (values.0.get(parameter.name), values.0.get(&*max))
            && low > high
        {
            let name = parameter.name;
            let text = format!("{}: {name} must not exceed {max}, got {low:?} and {high:?}", Member::SolutionConfig);
            let family = match parameter.family {
                ParameterFamily::Algorithm => Member::AlgorithmHyperParameters,
                ParameterFamily::FeatureTransformation => Member::FeatureTransformationParameters,
            };
            return Err(Error::invalid(Member::SolutionConfig.then(family).key(name), text));
        }
    }
    Ok(values)
}

/// A parameter's name without the prefix `training.` or `data.`.
pub(crate) fn plain(name: &str) -> &str {
    ["training.", "data."].iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name)
}

/// Whether a customer may give `config` to the recipe: the errors of [`resolve`], and one for parameters that only
/// hyperparameter optimization sets.
pub fn validate(descriptor: &RecipeDescriptor, config: &SolutionConfig) -> Result<()> {
    let given = config.algorithm_hyper_parameters.keys().map(|name| plain(name));
    for parameter in descriptor.parameters.iter().filter(|p| p.range_only) {
        if given.clone().any(|name| name == parameter.name) {
            let path = Member::SolutionConfig.then(Member::AlgorithmHyperParameters).key(parameter.name);
            let text = format!(
                "{path}: recipe {} takes it as a range in {} only",
                descriptor.name,
                Member::SolutionConfig.then(Member::HpoConfig).then(Member::AlgorithmHyperParameterRanges)
            );
            return Err(Error::invalid(path, text));
        }
    }
    resolve(descriptor, config).map(drop)
}

fn default_of(kind: &ParameterKind) -> Value {
    match kind {
        ParameterKind::Integer { default, .. } => Value::Integer(*default),
        ParameterKind::Float { default, .. } => Value::Float(*default),
        ParameterKind::Boolean { default } => Value::Boolean(*default),
        ParameterKind::Choice { default, .. } => Value::Choice(default),
    }
}

/// The value that `text` spells, or the rule it breaks.
pub(crate) fn read(parameter: &Parameter, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match parameter.kind {
        ParameterKind::Integer { min, max, .. } => match text.parse::<i64>() {
            Ok(value) if (min..=max).contains(&value) => Ok(Value::Integer(value)),
            _ => Err(format!("must be a whole number in [{min}, {max}]")),
        },
        ParameterKind::Float { min, max, .. } => match text.parse::<f64>() {
            Ok(value) if (min..=max).contains(&value) => Ok(Value::Float(value)),
            _ => Err(format!("must be a number in [{min:?}, {max:?}]")),
        },
        ParameterKind::Boolean { .. } => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err("must be true or false".to_owned()),
        },
        ParameterKind::Choice { values, .. } => match values.iter().find(|v| v.eq_ignore_ascii_case(text)) {
            Some(value) => Ok(Value::Choice(value)),
            None => Err(format!("must be one of [{}]", values.join(", "))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: RecipeDescriptor = RecipeDescriptor {
        name: "test",
        parameters: &[
            Parameter::algorithm("bptt", ParameterKind::Integer { default: 32, min: 2, max: 32 }, "").tunable(),
            Parameter::algorithm("recency_mask", ParameterKind::Boolean { default: true }, "").tunable(),
            Parameter::algorithm("width", ParameterKind::Integer { default: 8, min: 2, max: 32 }, "").range_only(),
            Parameter::featurization("min_length", ParameterKind::Float { default: 0.0, min: 0.0, max: 1.0 }, ""),
            Parameter::featurization("max_length", ParameterKind::Float { default: 0.99, min: 0.0, max: 1.0 }, ""),
            Parameter::featurization(
                "every",
                ParameterKind::Choice { default: "1 day", values: &["1 hour", "1 day"] },
                "",
            ),
        ],
        ..RecipeDescriptor::PLAIN
    };

    fn config(algorithm: &[(&str, &str)], featurization: &[(&str, &str)]) -> SolutionConfig {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        SolutionConfig {
            algorithm_hyper_parameters: map(algorithm),
            feature_transformation_parameters: map(featurization),
            ..SolutionConfig::default()
        }
    }

    #[test]
    fn defaults_and_choices() -> Result<()> {
        let defaults = resolve(&RECIPE, &config(&[], &[]))?;
        assert_eq!((defaults.integer("bptt")?, defaults.boolean("recency_mask")?), (32, true));
        let chosen = config(&[("training.bptt", "8"), ("recency_mask", "False")], &[("max_length", "0.5")]);
        let chosen = resolve(&RECIPE, &chosen)?;
        assert_eq!((chosen.integer("bptt")?, chosen.boolean("recency_mask")?), (8, false));
        assert_eq!(chosen.float("max_length")?, 0.5);
        assert!(chosen.float("bptt").is_err());
        assert_eq!(chosen.choice("every")?, "1 day");
        let hourly = resolve(&RECIPE, &config(&[], &[("every", "1 Hour")]))?;
        assert_eq!((hourly.choice("every")?, hourly.iter().count()), ("1 hour", 6));
        Ok(())
    }

    #[test]
    fn a_band_is_not_upside_down() {
        for (band, fits) in [("0.5", true), ("0.991", false)] {
            let error = resolve(&RECIPE, &config(&[], &[("min_length", band)])).err();
            let member = error.as_ref().and_then(|error| error.member()).map(ToString::to_string);
            let path = "solutionConfig.featureTransformationParameters.min_length";
            assert_eq!(member.as_deref(), (!fits).then_some(path));
            let error = error.map(|e| e.to_string());
            let expected = "solutionConfig: min_length must not exceed max_length, got 0.991 and 0.99";
            assert_eq!(error.as_deref(), (!fits).then_some(expected));
        }
    }

    #[test]
    fn refusals_name_member_rule_and_value() {
        let cases = [
            (
                config(&[("bptt", "33")], &[]),
                "algorithmHyperParameters.bptt: must be a whole number in [2, 32], got '33'",
            ),
            (config(&[("bptt", "8.5")], &[]), "whole number"),
            (config(&[("recency_mask", "yes")], &[]), "must be true or false, got 'yes'"),
            (config(&[], &[("max_length", "NaN")]), "must be a number in [0.0, 1.0], got 'NaN'"),
            (
                config(&[("max_length", "0.5")], &[]),
                "has no parameter 'max_length'; it has [bptt, recency_mask, width]",
            ),
            (config(&[("bttp", "3")], &[]), "recipe test has no parameter 'bttp'"),
            (config(&[], &[("every", "1 week")]), "every: must be one of [1 hour, 1 day], got '1 week'"),
            (
                config(&[("training.width", "8")], &[]),
                "algorithmHyperParameters.width: recipe test takes it as a range",
            ),
        ];
        for (config, expected) in cases {
            let error = validate(&RECIPE, &config).map_or_else(|e| e.to_string(), |()| String::new());
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        }
    }

    #[test]
    fn the_least_may_be_the_most() {
        let both = |low: &str, high: &str| resolve(&RECIPE, &config(&[], &[("min_length", low), ("max_length", high)]));
        assert!(both("0.5", "0.5").is_ok());
        assert!(
            both("0.51", "0.5").is_err_and(|error| error.to_string().contains("min_length must not exceed max_length"))
        );
    }
}
