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
    let solutions = solution_arns(cx, group_arn).await?;
    if solutions.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = described(cx).await?;
    all.retain(|campaign| is_of(campaign, &solutions));
    Ok(all)
}

/// How many campaigns each of the groups has.
pub(crate) async fn counts(cx: &Cx, group_arns: &[&str]) -> Result<Vec<usize>, PageError> {
    let all = described(cx).await?;
    let mut counts = Vec::with_capacity(group_arns.len());
    for arn in group_arns {
        let solutions = if all.is_empty() { HashSet::new() } else { solution_arns(cx, arn).await? };
        counts.push(all.iter().filter(|campaign| is_of(campaign, &solutions)).count());
    }
    Ok(counts)
}

async fn solution_arns(cx: &Cx, group_arn: &str) -> Result<HashSet<String>, PageError> {
    Ok(solutions(cx, group_arn).await?.into_iter().filter_map(|solution| solution.solution_arn).collect())
}

fn is_of(campaign: &Campaign, solutions: &HashSet<String>) -> bool {
    campaign.solution_version_arn.as_deref().is_some_and(|arn| solutions.contains(solution_of(arn)))
}

/// All campaigns that are there when they are asked for.
async fn described(cx: &Cx) -> Result<Vec<Campaign>, PageError> {
    let mut all = Vec::new();
    for arn in campaigns(cx).await?.into_iter().filter_map(|campaign| campaign.campaign_arn) {
        match campaign(cx, &arn).await {
            Ok(campaign) => all.push(campaign),
            Err(PageError::Api(error)) if error.status == 404 => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
