//! A job that is under way, as every page shows it: stage, steps, a bar, time left, the newest figures.

use crate::cx::Cx;
use crate::format;
use crate::pages::form::id_of;
use crate::ports::RunningJob;
use maud::{Markup, html};

/// Jobs that are shown at once, so that a live message of them stays small.
const JOBS_SHOWN_MAX: usize = 10;

/// The job with an id of its own, by which a live page exchanges it.
pub(crate) fn job(cx: &Cx, job: &RunningJob) -> Markup {
    let known = job.total > 0;
    let percent = if known { (job.done.min(job.total) as f64 / job.total as f64 * 100.0).round() as u64 } else { 0 };
    html! {
        div.job id=(job_id(&job.resource_arn)) {
            p { strong { (stage(cx, &job.stage)) } @if known { " · " (format::count(job.done)) " / " (format::count(job.total)) " · " (percent) " %" }
                @if let Some(left) = job.left_s { " · " (cx.text_with("time-left", &[("time", format::seconds(cx.language, left).into())])) } }
            @if known {
                svg.progress viewBox="0 0 100 4" preserveAspectRatio="none" role="progressbar" aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=(percent) aria-label=(stage(cx, &job.stage)) {
                    rect.progress-track x="0" y="0" width="100" height="4" {}
                    rect.progress-done x="0" y="0" width=(percent) height="4" {}
                }
            }
            @if !job.detail.is_empty() { p.hint { (job.detail) } }
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
        "train" => cx.text("stage-train"),
        "validate" => cx.text("stage-validate"),
        "tune" => cx.text("stage-tune"),
        "evaluate" => cx.text("stage-evaluate"),
        "refit" => cx.text("stage-refit"),
        "write" => cx.text("stage-write"),
        "import" => cx.text("stage-import"),
        "export" => cx.text("stage-export"),
        other => other.to_owned(),
    }
}

/// Everything that runs now, each job with a link to its page where it has one.
pub(crate) fn all(cx: &Cx) -> Markup {
    let jobs = cx.console.ports.progress.now();
    html! {
        @if !jobs.is_empty() {
            h2 { (cx.text("running-now")) }
            @for running in jobs.iter().take(JOBS_SHOWN_MAX) {
                section.running {
                    p { code { (format::shortened(resource(&running.resource_arn), 80)) } }
                    (job(cx, running))
                }
            }
            @if jobs.len() > JOBS_SHOWN_MAX { p.hint { (cx.text_with("running-more", &[("count", (jobs.len() - JOBS_SHOWN_MAX).into())])) } }
        }
    }
}

/// The resource part of an ARN, such as `solution/for-you/3f2a91`.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}
