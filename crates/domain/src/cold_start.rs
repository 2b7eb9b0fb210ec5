//! The items that aws-hrnn-coldstart takes for cold, by the parameters of a solution.

use crate::Result;
use crate::parameters::resolve;
use crate::recipe::RecipeDescriptor;
use crate::solution_config::SolutionConfig;

/// Which items of a model are cold: they are decided by what is known at the training, and do not grow old while events stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColdStart {
    /// Interactions that a cold item has at most.
    pub interactions_max: u32,
    /// Days before the starting point within which a cold item was created.
    pub duration_days: f64,
    /// The starting point, in seconds since the Unix epoch; `None` for the creation of the newest item.
    pub starting_point_s: Option<i64>,
}

impl ColdStart {
    /// The rules of a model that was trained at `trained_s` with `config`; `None` for recipes without parameters for them.
    pub fn of(descriptor: &RecipeDescriptor, config: &SolutionConfig, trained_s: i64) -> Result<Option<Self>> {
        if !descriptor.has_parameter("cold_start_max_interactions") {
            return Ok(None);
        }
        let values = resolve(descriptor, config)?;
        let interactions = values.integer("cold_start_max_interactions")?;
        let from_now = values.choice("cold_start_relative_from")? == "currentTime";
        Ok(Some(Self {
            interactions_max: u32::try_from(interactions).unwrap_or(u32::MAX),
            duration_days: values.float("cold_start_max_duration")?,
            starting_point_s: from_now.then_some(trained_s),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{AWS_HRNN_COLDSTART, AWS_USER_PERSONALIZATION};

    #[test]
    fn parameters_say_what_is_cold() {
        let of = |pairs: &[(&str, &str)]| {
            let config = SolutionConfig {
                feature_transformation_parameters: pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
                ..SolutionConfig::default()
            };
            ColdStart::of(&AWS_HRNN_COLDSTART, &config, 77)
        };
        let defaults = ColdStart { interactions_max: 15, duration_days: 5.0, starting_point_s: None };
        assert_eq!(of(&[]), Ok(Some(defaults)));
        let own = [
            ("cold_start_max_interactions", "3"),
            ("cold_start_max_duration", "0.5"),
            ("cold_start_relative_from", "currentTime"),
        ];
        let expected = ColdStart { interactions_max: 3, duration_days: 0.5, starting_point_s: Some(77) };
        assert_eq!(of(&own), Ok(Some(expected)));
        for wrong in
            [("cold_start_max_interactions", "0"), ("cold_start_max_duration", "0"), ("cold_start_relative_from", "x")]
        {
            assert!(of(&[wrong]).is_err(), "{wrong:?}");
        }
        assert_eq!(ColdStart::of(&AWS_USER_PERSONALIZATION, &SolutionConfig::default(), 77), Ok(None));
    }
}
