//! The contents of the fake Braze, and the failures that it is to answer next.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Something that goes wrong with the next request of a path.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The request is answered with this status and not looked at.
    Status(u16),
    /// The request is taken and its answer never comes: after this long the connection is cut.
    TakenUnanswered(Duration),
    /// The request is neither taken nor answered.
    Lost,
}

/// A catalog.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Field name -> type; `id` is among them.
    pub fields: BTreeMap<String, String>,
    /// By id.
    pub items: BTreeMap<String, Map<String, Value>>,
}

/// The contents of a fake Braze.
#[derive(Debug, Default)]
pub struct BrazeState {
    /// External id -> every assignment of attributes that was taken, oldest first.
    pub profiles: BTreeMap<String, Vec<Value>>,
    /// Events and purchases that were taken.
    pub events: Vec<Value>,
    /// By name.
    pub catalogs: BTreeMap<String, Catalog>,
    /// Method, path and status of every request.
    pub requests: Vec<(String, String, u16)>,
    pub(super) faults: VecDeque<(String, Fault)>,
    /// Requests left until the limit's next reset.
    pub(super) budget: Option<(u64, u64, u64)>,
}
