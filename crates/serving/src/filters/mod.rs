//! Filters: which ones requests may name, and the items that they let pass.

pub(crate) mod compiled;
pub(crate) mod evaluation;
pub(crate) mod registry;
