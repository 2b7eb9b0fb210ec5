//! Names, ARNs, imports and statistics of datasets, as the pages of data read them.

use crate::cx::Cx;
use crate::insights::{Insight, Severity, Source, Stream, insights};
use crate::page::PageError;
use crate::ports::ApiError;
use std::sync::Arc;
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::DatasetType;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DatasetImportJobSummary, DatasetSummary, ListDatasetImportJobsRequest, ListDatasetImportJobsResponse,
    ListDatasetsRequest, ListDatasetsResponse, ListEventTrackersRequest, ListEventTrackersResponse,
};

/// Imports of a dataset that a page shows.
const IMPORTS_MAX: i32 = 50;

/// The type of a dataset by its word in an address, in any case of letters.
pub(super) fn dataset_type(word: &str) -> Result<DatasetType, PageError> {
    DatasetType::parse(&word.to_ascii_uppercase()).ok_or(PageError::NotFound)
}

/// The name of a type of dataset in the language of the page.
pub(super) fn type_name(cx: &Cx, dataset_type: DatasetType) -> String {
    match dataset_type {
        DatasetType::Interactions => cx.text("data-type-interactions"),
        DatasetType::Items => cx.text("data-type-items"),
        DatasetType::Users => cx.text("data-type-users"),
        DatasetType::Actions => cx.text("data-type-actions"),
        DatasetType::ActionInteractions => cx.text("data-type-action-interactions"),
    }
}

pub(super) fn group_arn(cx: &Cx, group: &str) -> String {
    cx.arn("dataset-group", group)
}

pub(super) fn dataset_arn(cx: &Cx, group: &str, dataset_type: DatasetType) -> String {
    cx.arn("dataset", &format!("{group}/{}", dataset_type.as_str()))
}

/// The datasets of a group.
pub(super) async fn datasets(cx: &Cx, group: &str) -> Result<Vec<DatasetSummary>, ApiError> {
    let request = ListDatasetsRequest { dataset_group_arn: Some(group_arn(cx, group)), ..Default::default() };
    let listed: ListDatasetsResponse = cx.call(Operation::ListDatasets, &request).await?;
    Ok(listed.datasets)
}

/// The imports of a dataset, newest first.
pub(super) async fn imports(cx: &Cx, dataset_arn: &str) -> Result<Vec<DatasetImportJobSummary>, ApiError> {
    let request = ListDatasetImportJobsRequest {
        dataset_arn: Some(dataset_arn.to_owned()),
        max_results: Some(IMPORTS_MAX),
        ..Default::default()
    };
    let listed: ListDatasetImportJobsResponse = cx.call(Operation::ListDatasetImportJobs, &request).await?;
    let mut jobs = listed.dataset_import_jobs;
    jobs.sort_by(|a, b| b.creation_date_time.unwrap_or(0.0).total_cmp(&a.creation_date_time.unwrap_or(0.0)));
    Ok(jobs)
}

/// Facts about a dataset's rows.
pub(super) struct Known {
    pub statistics: Option<Arc<DatasetStatistics>>,
    /// Newest first.
    pub imports: Vec<DatasetImportJobSummary>,
    pub report: Option<Arc<ImportReport>>,
    /// Of interactions that an event tracker gets.
    pub streamed: Option<Arc<StreamedStatistics>>,
    now_ms: i64,
}

impl Known {
    pub async fn of(cx: &Cx, dataset_arn: &str) -> Result<Self, ApiError> {
        let imports = imports(cx, dataset_arn).await?;
        let datasets = &cx.console.ports.datasets;
        let done = imports.iter().find(|job| job.status.as_deref() == Some("ACTIVE"));
        let report = match done.and_then(|job| job.dataset_import_job_arn.as_deref()) {
            Some(arn) => datasets.report(arn).await,
            None => None,
        };
        let streamed = streamed(cx, dataset_arn).await?;
        let statistics = datasets.statistics(dataset_arn).await;
        Ok(Self { statistics, imports, report, streamed, now_ms: (cx.console.ports.clock)() })
    }

    pub fn insights(&self) -> Vec<Insight> {
        let Some(statistics) = self.statistics.as_deref() else { return Vec::new() };
        let streamed = self.streamed.as_deref().map(|counts| Stream { counts, now_ms: self.now_ms });
        insights(Source { statistics, last_import: self.report.as_deref(), streamed })
    }

    pub fn is_imported(&self) -> bool {
        self.imports.iter().any(|job| job.status.as_deref() == Some("ACTIVE"))
    }
}

/// The counts of what the event trackers of a dataset of interactions got; `None` without a tracker or before the first event.
async fn streamed(cx: &Cx, dataset_arn: &str) -> Result<Option<Arc<StreamedStatistics>>, ApiError> {
    let interactions = DatasetType::Interactions.as_str();
    let Some(group) = dataset_arn.rsplit('/').nth(1).filter(|_| name_of(dataset_arn) == interactions) else {
        return Ok(None);
    };
    let group_arn = group_arn(cx, group);
    let Some(counts) = cx.console.ports.datasets.streamed(&group_arn).await else { return Ok(None) };
    let request = ListEventTrackersRequest { dataset_group_arn: Some(group_arn), ..Default::default() };
    let listed: ListEventTrackersResponse = cx.call_unseen(Operation::ListEventTrackers, &request).await?;
    Ok((!listed.event_trackers.is_empty()).then_some(counts))
}

/// The insight of a group's interactions for which trainings are refused, as a link; `None` where there is none.
pub(crate) async fn reason_to_stop(cx: &Cx, group: &str) -> Option<String> {
    let kind = DatasetType::Interactions;
    let statistics = cx.console.ports.datasets.statistics(&dataset_arn(cx, group, kind)).await?;
    let found = insights(Source { statistics: &statistics, last_import: None, streamed: None });
    let stop = found.iter().find(|insight| insight.severity == Severity::Stop)?;
    Some(cx.group_link(group, &format!("/data/{}#{}", kind.as_str(), stop.anchor())))
}

/// The name of a job or another resource at the end of its ARN.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
