//! The flags of a search for hyperparameters.

use anyhow::{Context, Result, bail};
use tastemaker_domain::recipe::{ParameterKind, RecipeDescriptor};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tuning::{
    self, NumberRange, TuningConfig, TuningPlan, TuningRanges, TuningResources, WordRange,
};

/// Flags of the search for hyperparameters, as `performHPO` and `hpoConfig` of the API.
#[derive(clap::Args)]
pub struct SearchFlags {
    /// Search for the best hyperparameters first
    #[arg(long)]
    perform_hpo: bool,
    /// Trainings of the search, 1 to 40 [default: 20]
    #[arg(long, value_name = "N", requires = "perform_hpo")]
    max_training_jobs: Option<u32>,
    /// Trainings that are chosen together and run side by side as far as there are threads, 1 to 10 [default: 5]
    #[arg(long, value_name = "N", requires = "perform_hpo")]
    max_parallel_training_jobs: Option<u32>,
    /// Hyperparameter to vary, as NAME=LEAST..MOST or NAME=WORD,WORD; may be given several times [default: every
    /// hyperparameter that can be tuned and is not given by --hyperparameter]
    #[arg(long = "hpo-range", value_name = "NAME=RANGE", requires = "perform_hpo")]
    ranges: Vec<String>,
}

impl SearchFlags {
    /// The search that the flags ask for, noted in `config`.
    pub fn plan(&self, descriptor: &RecipeDescriptor, config: &mut SolutionConfig) -> Result<Option<TuningPlan>> {
        if !self.perform_hpo {
            return Ok(None);
        }
        let text = |number: u32| number.to_string();
        config.tuning = Some(TuningConfig {
            objective: None,
            resources: Some(TuningResources {
                trials: self.max_training_jobs.map(text),
                parallel: self.max_parallel_training_jobs.map(text),
            }),
            ranges: (!self.ranges.is_empty()).then(|| ranges(descriptor, &self.ranges)).transpose()?,
        });
        Ok(Some(tuning::plan(descriptor, config)?))
    }
}

/// Sorts ranges into the API's three lists, by the kind of the hyperparameter.
fn ranges(descriptor: &RecipeDescriptor, given: &[String]) -> Result<TuningRanges> {
    let mut ranges = TuningRanges::default();
    for text in given {
        let Some((name, range)) = text.split_once('=') else {
            bail!("--hpo-range '{text}' must have the form NAME=LEAST..MOST or NAME=WORD,WORD");
        };
        let kind = descriptor.parameters.iter().find(|p| p.name == name).map(|p| p.kind);
        let name = Some(name.to_owned());
        match (kind, range.split_once("..")) {
            (Some(ParameterKind::Float { .. }), Some((min, max))) => {
                let bound = |text: &str| text.parse().with_context(|| format!("--hpo-range: '{text}' is no number"));
                let range = NumberRange { name, min: Some(bound(min)?), max: Some(bound(max)?) };
                ranges.continuous.get_or_insert_default().push(range);
            }
            (_, Some((min, max))) => {
                let bound =
                    |text: &str| text.parse().with_context(|| format!("--hpo-range: '{text}' is no whole number"));
                let range = NumberRange { name, min: Some(bound(min)?), max: Some(bound(max)?) };
                ranges.integer.get_or_insert_default().push(range);
            }
            (_, None) => {
                let values = Some(range.split(',').map(str::to_owned).collect());
                ranges.categorical.get_or_insert_default().push(WordRange { name, values });
            }
        }
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;
    use tastemaker_domain::tuning::TuningRange;

    fn plan(descriptor: &RecipeDescriptor, ranges: &[&str]) -> Result<Option<TuningPlan>> {
        let flags = SearchFlags {
            perform_hpo: true,
            max_training_jobs: Some(7),
            max_parallel_training_jobs: None,
            ranges: ranges.iter().map(|r| (*r).to_owned()).collect(),
        };
        flags.plan(descriptor, &mut SolutionConfig::default())
    }

    #[test]
    fn ranges_by_kind() -> Result<()> {
        let sims = plan(&catalog::AWS_SIMS, &["popularity_discount_factor=0.2..0.8", "min_cointeraction_count=1..4"]);
        let sims = sims?.context("a plan")?;
        assert_eq!(sims.trials, 7);
        assert_eq!(sims.dimensions[0].range, TuningRange::Continuous { min: 0.2, max: 0.8 });
        assert_eq!(sims.dimensions[1].range, TuningRange::Integer { min: 1, max: 4 });
        let network = plan(&catalog::AWS_USER_PERSONALIZATION, &["recency_mask=true,false"])?.context("a plan")?;
        assert!(matches!(&network.dimensions[0].range, TuningRange::Categorical(words) if words.len() == 2));
        for (range, said) in [
            ("bptt", "must have the form"),
            ("bptt=2..many", "'many' is no whole number"),
            ("bptt=2,3", "belongs into integerHyperParameterRanges"),
            ("bptt=1..3", "must lie within [2, 32]"),
        ] {
            let refused = plan(&catalog::AWS_USER_PERSONALIZATION, &[range]);
            let error = refused.map_or_else(|error| format!("{error:#}"), |_| String::new());
            assert!(error.contains(said), "{error:?} lacks {said:?}");
        }
        Ok(())
    }
}
