//! A job that is under way, as every page shows it: stage, steps, a bar, time left, the newest figures.

use crate::cx::{Cx, segment};
use crate::format;
use crate::pages::form::id_of;
use crate::pages::resources::last_segment;
use crate::ports::RunningJob;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeBatchInferenceJobRequest, DescribeBatchInferenceJobResponse, DescribeBatchSegmentJobRequest,
    DescribeBatchSegmentJobResponse, DescribeDatasetImportJobRequest, DescribeDatasetImportJobResponse,
    DescribeSolutionVersionRequest, DescribeSolutionVersionResponse,
};

/// Jobs that are shown at once, so that a live message of them stays small.
const JOBS_SHOWN_MAX: usize = 10;

/// The job with an id of its own, by which a live page exchanges it.
pub(crate) fn job(cx: &Cx, job: &RunningJob) -> Markup {
    let known = job.total > 0;
    let percent = if known { (job.done.min(job.total) as f64 / job.total as f64 * 100.0).round() as u64 } else { 0 };
    html! {
        div.job id=(job_id(&job.resource_arn)) {
            p { strong { (stage(cx, &job.stage)) } @if known { " · " (format::count(job.done)) " / " (format::count(job.total)) " · " (percent) " %" }
                @if let Some(left) = job.left_s { " · " (cx.text_with("time-left", &[("time", format::seconds(cx.language, left).into())])) }
                @if let Some(speed) = job.examples_per_second {
                    " · " (cx.text_with("examples-per-second", &[("count", format::count(speed.round() as u64).into())]))
                } }
            @if known {
                svg.progress viewBox="0 0 100 4" preserveAspectRatio="none" role="progressbar" aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=(percent) aria-label=(stage(cx, &job.stage)) {
                    rect.progress-track x="0" y="0" width="100" height="4" {}
                    rect.progress-done x="0" y="0" width=(percent) height="4" {}
                }
            }
            @if !job.detail.is_empty() { p.hint { (cx.said(&job.detail)) } }
        }
    }
}

/// The id of a job's element.
pub(crate) fn job_id(resource_arn: &str) -> String {
    id_of(resource_arn).replacen("field-", "job-", 1)
}

/// A stage in words; an unknown one is its own name.
fn stage(cx: &Cx, stage: &str) -> String {
    match stage {
        "split" => cx.text("stage-split"),
        "blend" => cx.text("stage-blend"),
        "train" => cx.text("stage-train"),
        "validate" => cx.text("stage-validate"),
        "tune" => cx.text("stage-tune"),
        "evaluate" => cx.text("stage-evaluate"),
        "refit" => cx.text("stage-refit"),
        "write" => cx.text("stage-write"),
        "import" => cx.text("stage-import"),
        "export" => cx.text("stage-export"),
        "gather" => cx.text("stage-gather"),
        "metadata" => cx.text("stage-metadata"),
        "related" => cx.text("stage-related"),
        "update" => cx.text("stage-update"),
        "infer" => cx.text("stage-infer"),
        "segment" => cx.text("stage-segment"),
        other => other.to_owned(),
    }
}

/// Everything that runs now, each job with a link to its page where it has one, and trainings with Stop.
pub(crate) async fn all(cx: &Cx) -> Markup {
    let jobs = cx.console.ports.progress.now();
    let mut shown = Vec::new();
    for running in jobs.iter().take(JOBS_SHOWN_MAX) {
        shown.push((running, page_of(cx, &running.resource_arn).await));
    }
    html! {
        @if !jobs.is_empty() {
            h2 { (cx.text("running-now")) }
            @for (running, page) in &shown {
                section.running {
                    p {
                        @let name = html! { code { (format::shortened(resource(&running.resource_arn), 80)) } };
                        @match page { Some(page) => { a href=(page.address) { (name) } } None => { (name) } }
                    }
                    (job(cx, running))
                    @if let Some(page) = page.as_ref().filter(|page| page.is_training && cx.may_edit()) { (stop(cx, &page.address)) }
                }
            }
            @if jobs.len() > JOBS_SHOWN_MAX { p.hint { (cx.text_with("running-more", &[("count", (jobs.len() - JOBS_SHOWN_MAX).into())])) } }
        }
    }
}

/// The button that stops the training at an address, with a question before it.
pub(crate) fn stop(cx: &Cx, address: &str) -> Markup {
    html! {
        details.confirm {
            summary.button { (cx.text("version-stop")) }
            form method="post" action=(format!("{address}/stop")) {
                p { (cx.text("version-stop-sure")) }
                button.danger type="submit" { (cx.text("version-stop-now")) }
            }
        }
    }
}

/// The page of what a job makes.
struct JobPage {
    address: String,
    is_training: bool,
}

/// The page of the resource that a job makes; `None` for one without a page and for one that is gone.
async fn page_of(cx: &Cx, arn: &str) -> Option<JobPage> {
    let parts: Vec<&str> = resource(arn).split('/').collect();
    match parts[..] {
        ["solution", solution, version] => {
            let input = DescribeSolutionVersionRequest { solution_version_arn: arn.to_owned() };
            let described: DescribeSolutionVersionResponse =
                cx.call_unseen(Operation::DescribeSolutionVersion, &input).await.ok()?;
            let group = described.solution_version?.dataset_group_arn?;
            let path = format!("/train/{}/{}", segment(solution), segment(version));
            Some(JobPage { address: cx.group_link(last_segment(&group), &path), is_training: true })
        }
        ["dataset-import-job", job] => {
            let input = DescribeDatasetImportJobRequest { dataset_import_job_arn: arn.to_owned() };
            let described: DescribeDatasetImportJobResponse =
                cx.call_unseen(Operation::DescribeDatasetImportJob, &input).await.ok()?;
            let dataset = described.dataset_import_job?.dataset_arn?;
            let group = resource(&dataset).split('/').nth(1)?.to_owned();
            let path = format!("/data/imports/{}", segment(job));
            Some(JobPage { address: cx.group_link(&group, &path), is_training: false })
        }
        ["batch-inference-job", job] => {
            let input = DescribeBatchInferenceJobRequest { batch_inference_job_arn: arn.to_owned() };
            let described: DescribeBatchInferenceJobResponse =
                cx.call_unseen(Operation::DescribeBatchInferenceJob, &input).await.ok()?;
            let version = described.batch_inference_job?.solution_version_arn?;
            batch_page(cx, &version, "inference", job).await
        }
        ["batch-segment-job", job] => {
            let input = DescribeBatchSegmentJobRequest { batch_segment_job_arn: arn.to_owned() };
            let described: DescribeBatchSegmentJobResponse =
                cx.call_unseen(Operation::DescribeBatchSegmentJob, &input).await.ok()?;
            let version = described.batch_segment_job?.solution_version_arn?;
            batch_page(cx, &version, "segment", job).await
        }
        _ => None,
    }
}

/// The page of a batch job on a solution version.
async fn batch_page(cx: &Cx, version_arn: &str, kind: &str, job: &str) -> Option<JobPage> {
    let input = DescribeSolutionVersionRequest { solution_version_arn: version_arn.to_owned() };
    let described: DescribeSolutionVersionResponse =
        cx.call_unseen(Operation::DescribeSolutionVersion, &input).await.ok()?;
    let group = described.solution_version?.dataset_group_arn?;
    let path = format!("/batch/{kind}/{}", segment(job));
    Some(JobPage { address: cx.group_link(last_segment(&group), &path), is_training: false })
}

/// The resource part of an ARN, such as `solution/for-you/3f2a91`.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}
