//! The console's ports over the rest of the server.

use crate::progress::{JobProgress, ProgressBoard};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tastemaker_console::client::Client;
use tastemaker_console::ports::{Api, ApiError, Progress, RunningJob};
use tastemaker_http::{ConsoleClient, HttpState, InProcessApi};
use tastemaker_wire::Operation;
use tokio::sync::watch;

/// The API's operations for the console, by the state of the server at the time.
pub struct ConsoleApi(pub watch::Receiver<Arc<HttpState>>);

impl Api for ConsoleApi {
    fn call<'a>(
        &'a self,
        region: &'a str,
        operation: Operation,
        input: Vec<u8>,
    ) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let answer = async move {
            let state = self.0.borrow().clone();
            let answered = InProcessApi::new(state).call(region, operation, &input).await;
            answered.map_err(|refused| ApiError {
                status: refused.status,
                name: refused.name.to_owned(),
                message: refused.message,
                member: refused.member,
            })
        };
        answer.boxed()
    }
}

/// The progress of running jobs for the console.
pub struct ConsoleProgress(pub Arc<ProgressBoard>);

impl Progress for ConsoleProgress {
    fn now(&self) -> Vec<RunningJob> {
        let job = |job: JobProgress| RunningJob {
            resource_arn: job.resource_arn,
            stage: job.newest.stage.to_owned(),
            done: job.newest.done,
            total: job.newest.total,
            detail: job.newest.note,
            epochs: job.epochs.iter().map(|end| (end.number as u64, end.loss, end.quality)).collect(),
            left_s: job.left.map(|left| left.as_secs()),
        };
        self.0.all().into_iter().map(job).collect()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes()
    }
}

/// The console's pages, told of the sender of each request what the server knows.
pub fn with_client(pages: Router) -> Router {
    pages.layer(from_fn(|mut request: Request, next: Next| async move {
        if let Some(known) = request.extensions_mut().remove::<ConsoleClient>() {
            let ConsoleClient { peer, address, by_trusted_proxy, over_tls, request_id } = known;
            request.extensions_mut().insert(Client { peer, address, by_trusted_proxy, over_tls, request_id });
        }
        next.run(request).await
    }))
}
