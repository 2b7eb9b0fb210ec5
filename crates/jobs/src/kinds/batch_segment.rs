//! Batch jobs whose recipes this version does not train.

use super::Kind;
use crate::work::{Stop, Work};
use async_trait::async_trait;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{BatchSegmentJob, JobKind};
use tastemaker_store::{Precondition, records};

pub(super) struct BatchSegment;

#[async_trait]
impl Kind for BatchSegment {
    fn kind(&self) -> JobKind {
        JobKind::BatchSegment
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, _: &Work) -> Result<(), Stop> {
        Err(Stop::Failed(
            "Batch segment jobs are not available in this version of Tastemaker: no recipe of type USER_SEGMENTATION can \
             rank users yet."
                .to_owned(),
        ))
    }

    async fn fail(&self, work: &Work, reason: &str) -> Result<(), Stop> {
        let Some((at, mut job)) = work.load::<BatchSegmentJob>(&work.job.resource_arn).await? else {
            return work.finish(vec![], vec![]).await;
        };
        job.status = Status::CreateFailed;
        job.failure_reason = Some(reason.to_owned());
        job.updated_ms = work.ctx.now();
        let unchanged = Precondition::Version(records::key::<BatchSegmentJob>(&job.arn), at);
        work.finish(vec![unchanged], vec![records::put(&job)?]).await
    }

    async fn clean_up(&self, _: &Work) {}
}
