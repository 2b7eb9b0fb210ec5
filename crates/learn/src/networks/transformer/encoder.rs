//! The buffers for encoding one history.

use super::network::Activations;

/// Buffers for encoding one history.
#[derive(Debug, Default, Clone)]
pub(crate) struct Encoder {
    pub(super) activations: Activations,
    pub(super) inputs: Vec<u32>,
    pub(super) times: Vec<i64>,
    pub(super) query: Vec<f32>,
}
