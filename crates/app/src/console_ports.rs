//! The console's ports over the rest of the server.

use crate::progress::{JobProgress, ProgressBoard};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tastemaker_console::client::Client;
use tastemaker_console::ports::{Api, ApiError, Progress, RunningJob, Said};
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
            examples_per_second: job.examples_per_second,
            left_s: job.left.map(|left| left.as_secs()),
        };
        self.0.all().into_iter().map(job).collect()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes()
    }
}

/// A sentence of a job as the console takes it.
pub fn said(text: &str) -> Option<Said> {
    let read = tastemaker_learn::sentences::read(text)?;
    let values = read.values.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    Some(Said { kind: read.kind, values })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tastemaker_console::language::{Language, prose_key, translated};
    use tastemaker_learn::sentences::{ALL, EPOCH_LOSS};

    #[test]
    fn every_sentence_of_jobs_has_korean_words_for_all_its_values() {
        let file = include_str!("../../console/languages/ko/said.ftl");
        let there: BTreeSet<&str> = file.lines().filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
        let wanted: BTreeSet<String> = ALL.iter().map(|sentence| prose_key("said", sentence.kind)).collect();
        assert_eq!(there, wanted.iter().map(String::as_str).collect());
        for sentence in ALL {
            let names = sentence.template.split('{').skip(1).filter_map(|piece| piece.split(['#', '}']).next());
            let values: Vec<(&str, _)> = names.map(|name| (name, format!("<{name}>").into())).collect();
            let words = translated(Language::Ko, &prose_key("said", sentence.kind), &values).expect("Korean");
            for (name, _) in values {
                assert!(words.contains(&format!("<{name}>")), "{name} is not in {words}");
            }
        }
        assert_eq!(said("something else"), None);
        let read = said(&EPOCH_LOSS.with(&[&1, &"2.0"])).expect("a sentence");
        assert_eq!(read.values, [("epoch", "1".to_owned()), ("loss", "2.0".to_owned())]);
    }
}
