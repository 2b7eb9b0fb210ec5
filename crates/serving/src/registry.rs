//! The registry of campaigns: which snapshot answers for each, and how many requests a second it is promised.

use crate::snapshot::Snapshot;
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;

/// All campaigns and recommenders of this process by ARN.
#[derive(Default)]
pub struct CampaignRegistry {
    /// The snapshot that answers. Replaced as a whole by `publish`; readers clone the `Arc` and let go.
    snapshots: RwLock<HashMap<Arc<str>, Arc<Snapshot>>>,
    min_tps: RwLock<HashMap<String, u32>>,
    /// When each campaign was created, in milliseconds since the Unix epoch.
    created_ms: RwLock<HashMap<String, i64>>,
    /// Whatever could not be loaded at the last attempt, with the reason.
    failures: RwLock<HashMap<String, String>>,
}

impl CampaignRegistry {
    /// Makes `snapshot` answer for the campaign from the next request on. Requests under way finish on the old one.
    pub fn publish(&self, campaign_arn: &str, snapshot: Snapshot) {
        self.snapshots.write().insert(campaign_arn.into(), Arc::new(snapshot));
    }

    /// Stops answering for the campaign. Unknown campaigns are ignored.
    pub fn retire(&self, campaign_arn: &str) {
        self.snapshots.write().remove(campaign_arn);
        self.min_tps.write().remove(campaign_arn);
        self.created_ms.write().remove(campaign_arn);
    }

    /// Says when the campaign was created, which decides its place in [`Self::arns_oldest_first`].
    pub fn set_created_ms(&self, campaign_arn: &str, created_ms: i64) {
        self.created_ms.write().insert(campaign_arn.to_owned(), created_ms);
    }

    /// The ARNs of all published campaigns by their creation, the first one first; those of which it is not known come last.
    /// The order is the same after a restart.
    pub fn arns_oldest_first(&self) -> Vec<String> {
        let mut arns = self.arns();
        let created_ms = self.created_ms.read();
        arns.sort_by_key(|arn| created_ms.get(arn).copied().unwrap_or(i64::MAX));
        arns
    }

    /// The ARNs of all published campaigns, sorted.
    pub fn arns(&self) -> Vec<String> {
        let mut arns: Vec<String> = self.snapshots.read().keys().map(|arn| String::from(&**arn)).collect();
        arns.sort();
        arns
    }

    /// Whether a snapshot answers for the campaign.
    pub fn contains(&self, campaign_arn: &str) -> bool {
        self.snapshots.read().contains_key(campaign_arn)
    }

    /// Replaces the list of what could not be loaded, by ARN with the reason.
    pub fn set_failures(&self, failures: HashMap<String, String>) {
        *self.failures.write() = failures;
    }

    /// Why nothing answers for the campaign, if it could not be loaded.
    pub fn failure(&self, campaign_arn: &str) -> Option<String> {
        let reason = self.failures.read().get(campaign_arn).cloned()?;
        (!self.contains(campaign_arn)).then_some(reason)
    }

    /// Everything that could not be loaded and that nothing answers for, with the reason, by ARN.
    pub fn failures(&self) -> Vec<(String, String)> {
        let failures = self.failures.read();
        let mut failures: Vec<_> =
            failures.iter().filter(|(arn, _)| !self.contains(arn)).map(|(a, r)| (a.clone(), r.clone())).collect();
        failures.sort();
        failures
    }

    /// Promises the campaign this many requests a second, whatever the others get.
    pub fn provision(&self, campaign_arn: &str, min_tps: u32) {
        self.min_tps.write().insert(campaign_arn.to_owned(), min_tps);
    }

    /// Requests a second that the campaign is promised; 1 if nobody said.
    pub fn min_tps(&self, campaign_arn: &str) -> u32 {
        self.min_tps.read().get(campaign_arn).copied().unwrap_or(1)
    }

    /// The snapshot that answers for the campaign now, and its ARN.
    pub(crate) fn get(&self, campaign_arn: &str) -> Option<(Arc<str>, Arc<Snapshot>)> {
        self.snapshots.read().get_key_value(campaign_arn).map(|(arn, snapshot)| (arn.clone(), snapshot.clone()))
    }

    /// The snapshots that answer for campaigns of a dataset group now.
    pub(crate) fn of_group(&self, dataset_group_arn: &str) -> Vec<Arc<Snapshot>> {
        let snapshots = self.snapshots.read();
        snapshots.values().filter(|snapshot| snapshot.dataset_group_arn() == dataset_group_arn).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CAMPAIGN, Shop};

    #[test]
    fn a_failure_is_told_unless_something_answers() {
        let shop = Shop::new();
        let campaigns = &shop.serving.campaigns;
        let failed = |arn: &str| (arn.to_owned(), "no file".to_owned());
        campaigns.set_failures([failed(CAMPAIGN), failed("other")].into_iter().collect());
        assert_eq!(campaigns.failures(), [failed("other")], "the former model answers");
        assert_eq!((campaigns.failure(CAMPAIGN), campaigns.failure("other")), (None, Some("no file".to_owned())));
        campaigns.retire(CAMPAIGN);
        assert_eq!(campaigns.failures().len(), 2);
        campaigns.set_failures([].into_iter().collect());
        assert_eq!(campaigns.failure("other"), None);
    }

    #[test]
    fn campaigns_have_an_order_of_creation() {
        let shop = Shop::new();
        let campaigns = &shop.serving.campaigns;
        let earlier = CAMPAIGN.replace("campaign/", "campaign/z-");
        shop.publish_as(&earlier, &tastemaker_domain::catalog::AWS_SIMS);
        assert_eq!(
            campaigns.arns_oldest_first(),
            [CAMPAIGN.to_owned(), earlier.clone()],
            "by name where nothing is known"
        );
        campaigns.set_created_ms(CAMPAIGN, 2);
        campaigns.set_created_ms(&earlier, 1);
        assert_eq!(campaigns.arns_oldest_first(), [earlier.clone(), CAMPAIGN.to_owned()]);
        campaigns.retire(&earlier);
        assert_eq!(campaigns.arns_oldest_first(), [CAMPAIGN]);
        shop.publish_as(&earlier, &tastemaker_domain::catalog::AWS_SIMS);
        assert_eq!(campaigns.arns_oldest_first(), [CAMPAIGN.to_owned(), earlier], "one of the same name is another");
    }

    #[test]
    fn a_promise_is_kept_until_the_campaign_retires() {
        let shop = Shop::new();
        assert_eq!(shop.serving.campaigns.min_tps(CAMPAIGN), 1);
        shop.serving.campaigns.provision(CAMPAIGN, 20);
        assert_eq!(shop.serving.campaigns.min_tps(CAMPAIGN), 20);
        shop.serving.campaigns.retire(CAMPAIGN);
        assert_eq!(shop.serving.campaigns.min_tps(CAMPAIGN), 1);
    }
}
