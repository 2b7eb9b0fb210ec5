//! Recommendations from an immutable snapshot plus the user's recent events; never waits on storage.
//!
//! A [`Snapshot`] is everything a campaign needs to answer: scorer, popularity, catalog, histories and item columns. It is
//! pushed in with [`CampaignRegistry::publish`] and never changes. [`Serving::snapshot`] gives a [`SnapshotHandle`], which
//! answers from the same snapshot as long as it is kept. Streamed events arrive through [`Serving::observe`] and are part of the
//! very next answer for their user. Everything is synchronous, and no lock is held while scoring.

#[cfg(test)]
mod border_tests;
mod catalog_view;
mod changed_records;
mod exploration_candidates;
mod filters;
#[cfg(test)]
mod forgetting_tests;
mod impressions;
mod metadata;
mod popularity;
mod random;
mod recommend;
mod registry;
mod requester;
mod scratch_pool;
mod serving;
mod snapshot;
mod snapshot_handle;
mod snapshot_parts;
mod streamed;
#[cfg(test)]
mod testing;
mod training_histories;
mod user_history;
mod user_state_cache;

pub use filters::registry::{FilterRegistry, PublishedFilter};
pub use impressions::{IMPRESSIONS_BYTES_MAX, ImpressionList, Impressions};
pub use recommend::ManyQueries;
pub use registry::CampaignRegistry;
pub use serving::Serving;
pub use snapshot::Snapshot;
pub use snapshot_handle::SnapshotHandle;
pub use snapshot_parts::{CampaignSettings, SnapshotParts, UserVectorEncoder};
pub use streamed::StreamedData;
pub use streamed::events::STREAMED_EVENTS_PER_USER_MAX;
pub use streamed::metadata_records::{MetadataRecords, STREAMED_ROWS_MAX, empty_columns};
pub use training_histories::{HistoryColumns, TrainingHistories};
pub use user_history::{HistoryEvent, UserExamples};
