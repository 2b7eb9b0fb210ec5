//! `[key_limits]`: how often one access key may ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use tastemaker_http::{KeyRate, KeyRates};

/// Requests that one access key may send to this process. A request beyond them is refused as throttled, with a Retry-After; one
/// key's requests never take another's place. Temporary credentials count as the key that they were given out for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyLimitsConfig {
    /// GetRecommendations, GetPersonalizedRanking and GetActionRecommendations in a second; 0 for no limit.
    pub recommendations_per_second: u32,
    /// Those at once; 0 for two seconds' worth.
    pub recommendations_burst: u32,
    /// PutEvents, PutItems, PutUsers, PutActions and PutActionInteractions in a second; 0 for no limit.
    pub events_per_second: u32,
    /// Those at once; 0 for two seconds' worth.
    pub events_burst: u32,
    /// All other operations of Personalize, IAM, STS and Systems Manager in a second; 0 for no limit.
    pub control_per_second: u32,
    /// Those at once; 0 for two seconds' worth.
    pub control_burst: u32,
    /// Requests to the embedded S3 in a second; 0 for no limit.
    pub s3_per_second: u32,
    /// Those at once; 0 for two seconds' worth.
    pub s3_burst: u32,
}

impl KeyLimitsConfig {
    /// The rates as the edge takes them.
    pub fn rates(&self) -> KeyRates {
        KeyRates {
            recommendations: rate(self.recommendations_per_second, self.recommendations_burst),
            events: rate(self.events_per_second, self.events_burst),
            control: rate(self.control_per_second, self.control_burst),
            storage: rate(self.s3_per_second, self.s3_burst),
        }
    }
}

fn rate(per_second: u32, burst: u32) -> Option<KeyRate> {
    let per_second = NonZeroU32::new(per_second)?;
    let burst = NonZeroU32::new(burst).unwrap_or_else(|| per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1)));
    Some(KeyRate { per_second, burst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_without_a_burst_has_two_seconds() {
        assert_eq!(KeyLimitsConfig::default().rates(), KeyRates::default());
        let limits = KeyLimitsConfig { events_per_second: 10, s3_per_second: 5, s3_burst: 7, ..Default::default() };
        let shown = |rate: Option<KeyRate>| rate.map(|rate| (rate.per_second.get(), rate.burst.get()));
        let rates = limits.rates();
        assert_eq!((shown(rates.events), shown(rates.storage)), (Some((10, 20)), Some((5, 7))));
        assert_eq!((rates.recommendations, rates.control), (None, None));
    }
}
