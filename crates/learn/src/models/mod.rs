//! Models without a network: counted, factorized or regressed from interactions and metadata.

pub mod als;
mod cholesky;
pub mod content;
pub mod cooccurrence;
pub mod ease;
pub mod fixed_scores;
pub mod popularity;
pub mod propensity;
pub mod related;
pub mod repeat_consumption;
pub mod semantic;
pub mod sims;
mod text;
pub mod themes;
pub mod time_decayed_popularity;
pub mod trending;
