//! `[limits]` of the configuration: how many resources may be at once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use tastemaker_domain::quotas::Quotas;

macro_rules! limits {
    ($($(#[$doc:meta])+ $key:ident,)+) => {
        /// Numbers of resources that may be at once. A create beyond a number answers LimitExceededException, which names the key.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct LimitsConfig {
            $($(#[$doc])+ pub $key: NonZeroUsize,)+
        }

        impl LimitsConfig {
            /// The numbers as the use cases take them.
            pub fn quotas(&self) -> Quotas {
                Quotas { $($key: self.$key.get(),)+ }
            }
        }

        impl Default for LimitsConfig {
            fn default() -> Self {
                let defaults = Quotas::default();
                Self { $($key: NonZeroUsize::new(defaults.$key).unwrap_or(NonZeroUsize::MIN),)+ }
            }
        }
    };
}

limits! {
    /// Schemas of a region; 5,000 (AWS: 500).
    schemas,
    /// Dataset groups of a region; 5,000 (AWS: 5).
    dataset_groups,
    /// Import jobs of a region that are pending or in progress; 5, as at AWS.
    import_jobs_pending,
    /// Solution versions of a region that are pending or in progress; 20, as at AWS.
    solution_versions_pending,
    /// Batch inference jobs of a region that are pending or in progress; 5, as at AWS.
    batch_inference_jobs_pending,
    /// Batch segment jobs of a region that are pending or in progress; 5, as at AWS.
    batch_segment_jobs_pending,
    /// Export jobs of a region that are pending or in progress; 5.
    export_jobs_pending,
    /// Data deletion jobs of a dataset group that are pending; 5, as at AWS.
    data_deletion_jobs_pending,
    /// Solutions of a dataset group; 100 (AWS: 10).
    solutions_per_group,
    /// Campaigns of a dataset group; 100 (AWS: 5).
    campaigns_per_group,
    /// Recommenders of a dataset group; 100 (AWS: 5).
    recommenders_per_group,
    /// Filters of a dataset group; 30, as at AWS.
    filters_per_group,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_use_cases() {
        assert_eq!(LimitsConfig::default().quotas(), Quotas::default());
    }
}
