//! Campaigns and recommenders as this process serves them: one that is ACTIVE in its record and cannot be loaded is shown as
//! failed, with the reason, until it can.

use super::Context;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Campaign, Recommender};

impl Context<'_> {
    /// The campaign, failed if it cannot be loaded.
    pub fn campaign_as_loaded(&self, mut campaign: Campaign) -> Campaign {
        self.show_failure(&campaign.arn, &mut campaign.status, &mut campaign.failure_reason);
        campaign
    }

    /// The recommender, failed if it cannot be loaded.
    pub fn recommender_as_loaded(&self, mut recommender: Recommender) -> Recommender {
        self.show_failure(&recommender.arn, &mut recommender.status, &mut recommender.failure_reason);
        recommender
    }

    fn show_failure(&self, arn: &str, status: &mut Status, failure_reason: &mut Option<String>) {
        if *status == Status::Active
            && let Some(reason) = self.state.serving.campaigns.failure(arn)
        {
            *status = Status::CreateFailed;
            *failure_reason = Some(reason);
        }
    }
}
