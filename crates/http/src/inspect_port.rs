//! The trait of what looks into a running server, behind signed requests that the API of Amazon Personalize has no operation for.

use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;
use tastemaker_wire::Operation;

/// Calls an operation of the API on the JSON of its input, as the same caller; the text of its refusal otherwise.
pub type CallApi = Arc<dyn Fn(Operation, Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> + Send + Sync>;

/// The server behind these requests.
pub trait Inspect: Send + Sync {
    /// The names of its operations.
    fn operations(&self) -> &'static [&'static str];

    /// Runs one of them.
    fn call<'a>(
        &'a self,
        api: CallApi,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, tastemaker_domain::Result<Value>>;
}
