//! Readings of the API that several pages make.

use crate::cx::Cx;
use crate::page::PageError;
use crate::report::Report;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CampaignSummary, DatasetGroup, DatasetGroupSummary, DescribeDatasetGroupRequest, DescribeDatasetGroupResponse,
    DescribeSolutionRequest, DescribeSolutionResponse, DescribeSolutionVersionRequest, DescribeSolutionVersionResponse,
    FilterSummary, GetSolutionMetricsRequest, GetSolutionMetricsResponse, ListCampaignsRequest, ListCampaignsResponse,
    ListDatasetGroupsRequest, ListDatasetGroupsResponse, ListDatasetsRequest, ListDatasetsResponse, ListFiltersRequest,
    ListFiltersResponse, ListSolutionVersionsRequest, ListSolutionVersionsResponse, ListSolutionsRequest,
    ListSolutionsResponse, Solution, SolutionSummary, SolutionVersion, SolutionVersionSummary,
};

/// Entries of a list that pages read; what is beyond is not shown.
pub(crate) const ENTRIES_MAX: usize = 2000;
/// The role that jobs of the console name where nobody checks one.
pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/tastemaker-console";
/// Entries that one call returns at most.
const CALL_MAX: i32 = 100;

/// The dataset groups, as many as one call lists.
pub(crate) async fn dataset_groups(cx: &Cx) -> Result<Vec<DatasetGroupSummary>, PageError> {
    let input = ListDatasetGroupsRequest { max_results: Some(CALL_MAX), next_token: None };
    let listed: ListDatasetGroupsResponse = cx.call(Operation::ListDatasetGroups, &input).await?;
    Ok(listed.dataset_groups)
}

/// The dataset group of a page's address.
pub(crate) async fn dataset_group(cx: &Cx, name: &str) -> Result<DatasetGroup, PageError> {
    let input = DescribeDatasetGroupRequest { dataset_group_arn: cx.arn("dataset-group", name) };
    let output: DescribeDatasetGroupResponse = cx.call_unseen(Operation::DescribeDatasetGroup, &input).await?;
    output.dataset_group.ok_or(PageError::NotFound)
}

/// The types of a group's datasets, as the API spells them.
pub(crate) async fn dataset_types(cx: &Cx, group_arn: &str) -> Result<Vec<String>, PageError> {
    let input = ListDatasetsRequest { dataset_group_arn: Some(group_arn.to_owned()), ..ListDatasetsRequest::default() };
    let listed: ListDatasetsResponse = cx.call_unseen(Operation::ListDatasets, &input).await?;
    Ok(listed.datasets.into_iter().filter_map(|dataset| dataset.dataset_type).collect())
}

/// The solutions of a group, newest first.
pub(crate) async fn solutions(cx: &Cx, group_arn: &str) -> Result<Vec<SolutionSummary>, PageError> {
    let mut all = paged(|next_token, first| async move {
        let input = ListSolutionsRequest {
            dataset_group_arn: Some(group_arn.to_owned()),
            max_results: Some(CALL_MAX),
            next_token,
        };
        let output: ListSolutionsResponse = listed(cx, Operation::ListSolutions, &input, first).await?;
        Ok((output.solutions, output.next_token))
    })
    .await?;
    all.sort_by(|a, b| newest(b.creation_date_time, a.creation_date_time));
    Ok(all)
}

/// The versions of a solution, or of all with `None`, newest first.
pub(crate) async fn versions(cx: &Cx, solution_arn: Option<&str>) -> Result<Vec<SolutionVersionSummary>, PageError> {
    let mut all = paged(|next_token, first| async move {
        let input = ListSolutionVersionsRequest {
            solution_arn: solution_arn.map(str::to_owned),
            max_results: Some(CALL_MAX),
            next_token,
        };
        let output: ListSolutionVersionsResponse = listed(cx, Operation::ListSolutionVersions, &input, first).await?;
        Ok((output.solution_versions, output.next_token))
    })
    .await?;
    all.sort_by(|a, b| newest(b.creation_date_time, a.creation_date_time));
    Ok(all)
}

/// All campaigns, by name.
pub(crate) async fn campaigns(cx: &Cx) -> Result<Vec<CampaignSummary>, PageError> {
    let mut all = paged(|next_token, first| async move {
        let input = ListCampaignsRequest { solution_arn: None, max_results: Some(CALL_MAX), next_token };
        let output: ListCampaignsResponse = listed(cx, Operation::ListCampaigns, &input, first).await?;
        Ok((output.campaigns, output.next_token))
    })
    .await?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// The filters of a group, by name.
pub(crate) async fn filters(cx: &Cx, group_arn: &str) -> Result<Vec<FilterSummary>, PageError> {
    let mut all = paged(|next_token, first| async move {
        let input = ListFiltersRequest {
            dataset_group_arn: Some(group_arn.to_owned()),
            max_results: Some(CALL_MAX),
            next_token,
        };
        let _ = first;
        let output: ListFiltersResponse = cx.call_unseen(Operation::ListFilters, &input).await?;
        Ok((output.filters, output.next_token))
    })
    .await?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// A solution.
pub(crate) async fn solution(cx: &Cx, arn: &str) -> Result<Solution, PageError> {
    let input = DescribeSolutionRequest { solution_arn: arn.to_owned() };
    let output: DescribeSolutionResponse = cx.call(Operation::DescribeSolution, &input).await?;
    output.solution.ok_or(PageError::NotFound)
}

/// A solution version.
pub(crate) async fn version(cx: &Cx, arn: &str) -> Result<SolutionVersion, PageError> {
    let input = DescribeSolutionVersionRequest { solution_version_arn: arn.to_owned() };
    let output: DescribeSolutionVersionResponse = cx.call(Operation::DescribeSolutionVersion, &input).await?;
    output.solution_version.ok_or(PageError::NotFound)
}

/// The metrics of an ACTIVE version.
pub(crate) async fn metrics(cx: &Cx, version_arn: &str) -> Result<GetSolutionMetricsResponse, PageError> {
    let input = GetSolutionMetricsRequest { solution_version_arn: version_arn.to_owned() };
    Ok(cx.call(Operation::GetSolutionMetrics, &input).await?)
}

/// The report of a version's training, if it has one.
pub(crate) async fn report(cx: &Cx, version_arn: &str) -> Option<Report> {
    let json = cx.console.ports.reports.of(version_arn).await?;
    Report::read(&json)
}

/// Pages of a list until its end or [`ENTRIES_MAX`]. `read` is given the token, and whether it is the first call.
pub(crate) async fn paged<T, F, R>(read: F) -> Result<Vec<T>, PageError>
where
    F: Fn(Option<String>, bool) -> R,
    R: Future<Output = Result<(Vec<T>, Option<String>), PageError>>,
{
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let first = all.is_empty();
        let (entries, next) = read(token, first).await?;
        all.extend(entries);
        if next.is_none() || all.len() >= ENTRIES_MAX {
            return Ok(all);
        }
        token = next;
    }
}

/// Only the first call of a list stands under "the same by API".
async fn listed<I, O>(cx: &Cx, operation: Operation, input: &I, first: bool) -> Result<O, PageError>
where
    I: Serialize + Sync,
    O: DeserializeOwned,
{
    let output = if first { cx.call(operation, input).await } else { cx.call_unseen(operation, input).await };
    Ok(output?)
}

fn newest(a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
    a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0))
}

/// The last part of an ARN's resource, such as a version's id.
pub(crate) fn last_segment(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The name of a recipe in its ARN.
pub(crate) fn recipe_name(arn: Option<&str>) -> &str {
    arn.map_or("–", last_segment)
}

/// The solution's ARN in that of a version.
pub(crate) fn solution_of(version_arn: &str) -> &str {
    version_arn.rsplit_once('/').map_or(version_arn, |(solution, _)| solution)
}

/// The names of a version's solution and of itself, such as `for-you / 3f2a91`.
pub(crate) fn version_label(version_arn: &str) -> String {
    format!("{} / {}", last_segment(solution_of(version_arn)), last_segment(version_arn))
}

/// Whether a resource is being made or changed.
pub(crate) fn in_progress(status: Option<&str>) -> bool {
    status.is_some_and(|status| {
        status.ends_with("PENDING") || status.ends_with("IN_PROGRESS") || status.ends_with("STOPPING")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_arns() {
        let arn = "arn:aws:personalize:us-east-1:000000000000:solution/for-you/3f2a91";
        assert_eq!((last_segment(arn), version_label(arn).as_str()), ("3f2a91", "for-you / 3f2a91"));
        assert_eq!(solution_of(arn), "arn:aws:personalize:us-east-1:000000000000:solution/for-you");
        assert_eq!(recipe_name(Some("arn:aws:personalize:::recipe/aws-sims")), "aws-sims");
    }

    #[test]
    fn what_is_under_way() {
        for (status, expected) in [
            ("CREATE PENDING", true),
            ("CREATE IN_PROGRESS", true),
            ("CREATE STOPPING", true),
            ("ACTIVE", false),
            ("CREATE FAILED", false),
            ("CREATE STOPPED", false),
        ] {
            assert_eq!(in_progress(Some(status)), expected, "{status}");
        }
    }
}
