//! The API's operations for callers in the same process, from the decoding of the input to the encoded answer, and the metrics.

use crate::metrics_page;
use crate::operations::{self, Context};
use crate::state::HttpState;
use std::sync::Arc;
use tastemaker_domain::arn::Scope;
use tastemaker_service::Caller;
use tastemaker_wire::Operation;

/// The operations of the three Personalize services without a socket: what a signed request would get.
#[derive(Clone)]
pub struct InProcessApi {
    state: Arc<HttpState>,
}

/// A refusal as a client of the API gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Status of the HTTP answer.
    pub status: u16,
    /// Name of the exception.
    pub name: &'static str,
    /// Text for the customer.
    pub message: String,
    /// The way to the member of the input that the text is about, where that is known.
    pub member: Option<String>,
}

impl InProcessApi {
    /// The operations over the state of a server.
    pub fn new(state: Arc<HttpState>) -> Self {
        Self { state }
    }

    /// The region that stands in ARNs when a caller does not say.
    pub fn default_region(&self) -> &str {
        &self.state.default_region
    }

    /// The text of `/metrics` now.
    pub async fn metrics(&self) -> String {
        metrics_page::render(&self.state).await
    }

    /// Runs `operation` on the JSON of its input for a caller of `region`.
    pub async fn call(&self, region: &str, operation: Operation, input: &[u8]) -> Result<Vec<u8>, Refused> {
        let caller = Caller { scope: Scope::new(region, &self.state.service.account) };
        let context = Context { state: &self.state, caller: &caller };
        operations::dispatch(operation, &context, input).await.map_err(|failure| Refused {
            status: failure.shape.http_status(operation.service()),
            name: failure.shape.name(),
            message: failure.message,
            member: failure.member,
        })
    }
}
