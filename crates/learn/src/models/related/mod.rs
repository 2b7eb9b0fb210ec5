//! Related items: signals of which items go together, an ensemble of them fitted on held-out transitions, and the model that
//! ranks by its rows.

mod combine;
mod fit;
mod low_rank;
mod model;
mod signals;

pub use combine::{Combination, combine};
pub use fit::{RelatedReport, TransitionPoint, fit, points};
pub use model::RelatedModel;
pub use signals::{RelatedInput, RelatedSignal, RelatedSignals};
