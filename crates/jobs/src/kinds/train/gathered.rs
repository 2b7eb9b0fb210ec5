//! The data of one training.

use tastemaker_data::{ContextCounts, Dataset, Table};
use tastemaker_domain::schema::Schema;

/// Everything that a training reads.
pub(super) struct Gathered {
    /// Everything to train on.
    pub dataset: Dataset,
    /// The bulk part, where it differs.
    pub bulk: Option<Dataset>,
    /// The columns of the Items dataset that training uses, where there is one.
    pub items: Option<Metadata>,
    /// The columns of the Users dataset that training uses, where there is one.
    pub users: Option<Metadata>,
    /// Users' interactions with actions, and the bulk part of them, for recipes of actions.
    pub responses: Option<(Dataset, Dataset)>,
    /// Under which circumstances items were interacted with.
    pub contexts: ContextCounts,
    /// Position of the last streamed event read.
    pub events_position: u64,
}

/// Records that training reads.
pub(super) struct Metadata {
    pub table: Table,
    pub schema: Schema,
}
