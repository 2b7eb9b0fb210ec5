//! Named limits with their units.

/// Interactions that training needs at least, after filtering by event type.
pub const TRAINING_INTERACTIONS_MIN: usize = 1000;
/// Users with [`TRAINING_USER_INTERACTIONS_MIN`] interactions that training needs at least.
pub const TRAINING_USERS_MIN: usize = 25;
/// Interactions that make a user count for [`TRAINING_USERS_MIN`].
pub const TRAINING_USER_INTERACTIONS_MIN: usize = 2;
/// Characters of a user, item or session id.
pub const ID_CHARS_MAX: usize = 256;
/// Characters of a categorical value.
pub const CATEGORICAL_CHARS_MAX: usize = 1000;
/// Rows of an interactions import job.
pub const IMPORT_INTERACTIONS_MIN: u64 = 1000;
/// Timestamps above this many seconds are taken for milliseconds and refused.
pub const TIMESTAMP_SECONDS_MAX: i64 = 100_000_000_000;
/// Seconds after now beyond which a time is of a clock that ran ahead. One event from there would be the newest until that
/// time comes.
pub const CLOCK_AHEAD_S_MAX: i64 = 24 * 60 * 60;
/// Columns of a CSV file, those that no schema names among them.
pub const CSV_COLUMNS_MAX: usize = 1000;
/// Results of one GetRecommendations call.
pub const NUM_RESULTS_MAX: usize = 500;
/// Results of one call that asks for metadata columns.
pub const NUM_RESULTS_WITH_METADATA_MAX: usize = 50;
/// Results when the caller does not say.
pub const NUM_RESULTS_DEFAULT: usize = 25;
/// Results of one GetActionRecommendations call.
pub const NUM_ACTIONS_MAX: usize = 100;
/// Results of GetActionRecommendations when the caller does not say.
pub const NUM_ACTIONS_DEFAULT: usize = 5;
/// Metadata columns of one call.
pub const METADATA_COLUMNS_MAX: usize = 10;
/// Bytes of one file of an export; the rest goes into further files.
pub const EXPORT_FILE_BYTES_MAX: u64 = 512 << 20;
/// Bytes of all files of a data deletion job.
pub const DELETION_INPUT_BYTES_MAX: u64 = 100 << 20;
/// Different dataset fields that all filters of a dataset group may use together.
pub const FILTER_FIELDS_PER_GROUP_MAX: usize = 20;
/// Results of each request of a batch job when the caller does not say.
pub const NUM_BATCH_RESULTS_DEFAULT: u32 = 25;
/// Users of one segment.
pub const NUM_SEGMENT_USERS_MAX: usize = 5_000_000;
/// Files of one batch job.
pub const BATCH_FILES_MAX: usize = 1000;
/// Bytes of all files of one batch job.
pub const BATCH_INPUT_BYTES_MAX: u64 = 1 << 30;
/// Metrics of one metric attribution.
pub const METRICS_MAX: usize = 10;
/// Sources of events that a metric attribution tells apart.
pub const ATTRIBUTION_SOURCES_MAX: usize = 100;
