//! Batch inference jobs and batch segment jobs as one kind of thing, as the pages show them.

use crate::cx::{Cx, segment};
use crate::page::PageError;
use crate::pages::resources::{paged, solution_of, solutions};
use std::collections::HashSet;
use tastemaker_domain::Member;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeBatchInferenceJobRequest, DescribeBatchInferenceJobResponse, DescribeBatchSegmentJobRequest,
    DescribeBatchSegmentJobResponse, ListBatchInferenceJobsRequest, ListBatchInferenceJobsResponse,
    ListBatchSegmentJobsRequest, ListBatchSegmentJobsResponse,
};

/// Jobs that one call returns at most.
const CALL_MAX: i32 = 100;

/// The operation that made a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchKind {
    /// CreateBatchInferenceJob.
    Inference,
    /// CreateBatchSegmentJob.
    Segment,
}

impl BatchKind {
    /// The kind as the addresses of pages spell it.
    pub(super) fn word(self) -> &'static str {
        match self {
            BatchKind::Inference => "inference",
            BatchKind::Segment => "segment",
        }
    }

    pub(super) fn of(word: &str) -> Result<Self, PageError> {
        match word {
            "inference" => Ok(BatchKind::Inference),
            "segment" => Ok(BatchKind::Segment),
            _ => Err(PageError::NotFound),
        }
    }

    /// The kind in the language of the page.
    pub(super) fn name(self, cx: &Cx) -> String {
        match self {
            BatchKind::Inference => cx.text("batch-lists"),
            BatchKind::Segment => cx.text("batch-segments"),
        }
    }

    fn arn(self, cx: &Cx, job: &str) -> String {
        match self {
            BatchKind::Inference => cx.arn("batch-inference-job", job),
            BatchKind::Segment => cx.arn("batch-segment-job", job),
        }
    }
}

/// A job.
#[derive(Debug, Clone)]
pub(super) struct BatchJob {
    pub kind: BatchKind,
    pub name: String,
    pub arn: String,
    /// `ACTIVE`, `CREATE IN_PROGRESS` and the like.
    pub status: String,
    /// Why it failed; while it runs, how far it is.
    pub note: String,
    pub version_arn: String,
    pub created_s: f64,
    pub changed_s: f64,
    /// The settings, which only a description has.
    pub described: Option<Described>,
}

/// The settings of a job, which lists of jobs do not have.
#[derive(Debug, Clone, Default)]
pub(super) struct Described {
    pub input: String,
    pub output: String,
    pub filter_arn: Option<String>,
    pub results: Option<i32>,
    /// `THEME_GENERATION` where lists have themes.
    pub mode: Option<String>,
}

impl BatchJob {
    pub(super) fn runs(&self) -> bool {
        self.status.starts_with("CREATE ") && !self.status.ends_with("FAILED")
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// The page of the job.
    pub(super) fn link(&self, cx: &Cx, group: &str) -> String {
        cx.group_link(group, &format!("/batch/{}/{}", self.kind.word(), segment(&self.name)))
    }

    /// The folder of its files.
    pub(super) fn output(&self) -> Option<S3Path> {
        S3Path::parse_folder(Member::Path, &self.described.as_ref()?.output).ok()
    }
}

/// A [`BatchJob`] from a summary or a description of either kind, whose members are called alike but for the ARN.
macro_rules! batch_job {
    ($kind:expr, $job:ident, $arn:ident, $described:expr) => {
        BatchJob {
            kind: $kind,
            name: $job.job_name.unwrap_or_default(),
            arn: $job.$arn.unwrap_or_default(),
            status: $job.status.unwrap_or_default(),
            note: $job.failure_reason.unwrap_or_default(),
            version_arn: $job.solution_version_arn.unwrap_or_default(),
            created_s: $job.creation_date_time.unwrap_or_default(),
            changed_s: $job.last_updated_date_time.unwrap_or_default(),
            described: $described,
        }
    };
}

/// The [`Described`] of a description of either kind.
macro_rules! described {
    ($job:ident, $mode:expr) => {
        Described {
            input: $job.job_input.map(|input| input.s3_data_source.path).unwrap_or_default(),
            output: $job.job_output.map(|output| output.s3_data_destination.path).unwrap_or_default(),
            filter_arn: $job.filter_arn,
            results: $job.num_results,
            mode: $mode,
        }
    };
}

/// The jobs of a group, newest first.
pub(super) async fn of_group(cx: &Cx, group_arn: &str) -> Result<Vec<BatchJob>, PageError> {
    let solutions: HashSet<String> =
        solutions(cx, group_arn).await?.into_iter().filter_map(|solution| solution.solution_arn).collect();
    if solutions.is_empty() {
        return Ok(Vec::new());
    }
    let mut jobs = inference(cx).await?;
    jobs.extend(segments(cx).await?);
    jobs.retain(|job| solutions.contains(solution_of(&job.version_arn)));
    jobs.sort_by(|a, b| b.created_s.total_cmp(&a.created_s));
    Ok(jobs)
}

async fn inference(cx: &Cx) -> Result<Vec<BatchJob>, PageError> {
    let read = |next_token, _| async move {
        let input =
            ListBatchInferenceJobsRequest { solution_version_arn: None, max_results: Some(CALL_MAX), next_token };
        let listed: ListBatchInferenceJobsResponse = cx.call(Operation::ListBatchInferenceJobs, &input).await?;
        Ok((listed.batch_inference_jobs, listed.next_token))
    };
    let jobs =
        paged(read).await?.into_iter().map(|job| batch_job!(BatchKind::Inference, job, batch_inference_job_arn, None));
    Ok(jobs.collect())
}

async fn segments(cx: &Cx) -> Result<Vec<BatchJob>, PageError> {
    let read = |next_token, _| async move {
        let input = ListBatchSegmentJobsRequest { solution_version_arn: None, max_results: Some(CALL_MAX), next_token };
        let listed: ListBatchSegmentJobsResponse = cx.call(Operation::ListBatchSegmentJobs, &input).await?;
        Ok((listed.batch_segment_jobs, listed.next_token))
    };
    let jobs =
        paged(read).await?.into_iter().map(|job| batch_job!(BatchKind::Segment, job, batch_segment_job_arn, None));
    Ok(jobs.collect())
}

/// A job of a group by its name.
pub(super) async fn describe(cx: &Cx, group: &str, kind: BatchKind, name: &str) -> Result<BatchJob, PageError> {
    let arn = kind.arn(cx, name);
    let job = match kind {
        BatchKind::Inference => {
            let input = DescribeBatchInferenceJobRequest { batch_inference_job_arn: arn };
            let found: DescribeBatchInferenceJobResponse =
                cx.call(Operation::DescribeBatchInferenceJob, &input).await?;
            let job = found.batch_inference_job.ok_or(PageError::NotFound)?;
            let described = described!(job, job.batch_inference_job_mode);
            batch_job!(kind, job, batch_inference_job_arn, Some(described))
        }
        BatchKind::Segment => {
            let input = DescribeBatchSegmentJobRequest { batch_segment_job_arn: arn };
            let found: DescribeBatchSegmentJobResponse = cx.call(Operation::DescribeBatchSegmentJob, &input).await?;
            let job = found.batch_segment_job.ok_or(PageError::NotFound)?;
            let described = described!(job, None);
            batch_job!(kind, job, batch_segment_job_arn, Some(described))
        }
    };
    // A job of another group has its page there.
    let solutions = solutions(cx, &cx.arn("dataset-group", group)).await?;
    let is_here = |arn: &str| solutions.iter().any(|solution| solution.solution_arn.as_deref() == Some(arn));
    if is_here(solution_of(&job.version_arn)) { Ok(job) } else { Err(PageError::NotFound) }
}
