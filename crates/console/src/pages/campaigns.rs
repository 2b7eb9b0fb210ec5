//! The campaigns of a dataset group, as several pages list them.

use crate::cx::Cx;
use crate::page::PageError;
use crate::pages::resources::{campaigns, solution_of, solutions};
use std::collections::HashSet;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{Campaign, DescribeCampaignRequest, DescribeCampaignResponse};

/// A campaign, as the API describes it.
pub(crate) async fn campaign(cx: &Cx, arn: &str) -> Result<Campaign, PageError> {
    let input = DescribeCampaignRequest { campaign_arn: arn.to_owned() };
    let output: DescribeCampaignResponse = cx.call(Operation::DescribeCampaign, &input).await?;
    output.campaign.ok_or(PageError::NotFound)
}

/// The campaigns whose solution belongs to a group, by name. One that goes away meanwhile is left out.
pub(crate) async fn campaigns_of(cx: &Cx, group_arn: &str) -> Result<Vec<Campaign>, PageError> {
    let solutions: HashSet<String> =
        solutions(cx, group_arn).await?.into_iter().filter_map(|solution| solution.solution_arn).collect();
    let mut all = Vec::new();
    if solutions.is_empty() {
        return Ok(all);
    }
    for arn in campaigns(cx).await?.into_iter().filter_map(|campaign| campaign.campaign_arn) {
        match campaign(cx, &arn).await {
            Ok(campaign) => all.push(campaign),
            Err(PageError::Api(error)) if error.status == 404 => {}
            Err(error) => return Err(error),
        }
    }
    all.retain(|campaign| {
        campaign.solution_version_arn.as_deref().is_some_and(|arn| solutions.contains(solution_of(arn)))
    });
    Ok(all)
}
