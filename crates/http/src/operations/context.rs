//! The request context and the result type of every operation.

use crate::errors::Failure;
use crate::state::HttpState;
use serde::Serialize;
use tastemaker_service::{Caller, Ctx};
use tastemaker_wire::codec::Structure;

/// Everything an operation works with.
pub struct Context<'a> {
    /// The rooms.
    pub state: &'a HttpState,
    /// The caller, from the verified signature.
    pub caller: &'a Caller,
}

impl<'a> Context<'a> {
    /// The use cases.
    pub fn service(&self) -> &'a Ctx {
        &self.state.service
    }
}

/// The result of an operation.
pub type Answer<T> = Result<T, Failure>;

/// The output of operations without one: `{}`, which every client reads as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Empty {}

impl Structure for Empty {}
