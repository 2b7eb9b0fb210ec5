//! The state that the tags of one rendering share, kept in Liquid's registers.

use super::client::Client;
use super::outcome::CallRecord;
use super::profile::Catalogs;
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
}
