//! The state that the tags of one rendering share, kept in Liquid's registers.

use super::budget::Budget;
use super::client::Client;
use super::findings::Findings;
use super::outcome::CallRecord;
use super::profile::Catalogs;
use liquid_core::Runtime;
use std::rc::Rc;
use std::sync::Arc;

/// The state of one rendering.
#[derive(Default)]
pub(super) struct Session {
    /// Absent only between the creation of the registers and the start of a rendering.
    pub client: Option<Client>,
    pub catalogs: Arc<Catalogs>,
    pub calls: Vec<CallRecord>,
    /// Set when rendering was stopped on purpose.
    pub abort: Option<String>,
    pub now_s: i64,
    /// The offset in the source of what is being rendered.
    pub at: usize,
    /// Whether the arguments of a tag are being rendered, which are no part of the message.
    pub in_arguments: bool,
    pub budget: Rc<Budget>,
    pub findings: Findings,
}

/// The budget of the rendering under way.
pub(super) fn budget_of(runtime: &dyn Runtime) -> Rc<Budget> {
    runtime.registers().get_mut::<Session>().budget.clone()
}
