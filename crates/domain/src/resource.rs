//! The resources a customer creates, as plain values.
//!
//! Times are milliseconds since the Unix epoch. Every resource carries its ARN, which is its identity.

mod attribution;
mod batch;
mod bulk;
mod filter;
mod streamed;

pub use attribution::{MetricAttribute, MetricAttribution};
pub use batch::{BatchInferenceConfig, BatchInferenceJob, BatchInferenceMode, BatchSegmentJob};
pub use bulk::{DataDeletionJob, DatasetExportJob, DeletionStatus, IngestionMode, S3Location};
pub use filter::Filter;
mod recommender;
pub use recommender::{Recommender, RecommenderConfig, RecommenderUpdate};
pub use streamed::{ActionInteraction, PlacedRow, Streamed, StreamedRow, name_sessions};

use crate::schema::{DatasetDomain, DatasetType, Schema};
use crate::solution_config::{EventParameter, SolutionConfig};
use crate::status::Status;
use crate::tuning::Trial;
use crate::words::words;
use std::collections::BTreeMap;

/// Milliseconds since the Unix epoch.
pub type TimeMs = i64;

/// An account-wide, immutable Avro schema.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct SchemaResource {
    pub name: String,
    pub arn: String,
    /// The text exactly as the customer gave it.
    pub text: String,
    pub domain: Option<DatasetDomain>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

impl SchemaResource {
    /// The parsed form of [`Self::text`], which was validated when the resource was created.
    pub fn parsed(&self) -> crate::Result<Schema> {
        Schema::parse(&self.text, self.domain)
    }
}

/// A container of datasets, solutions and everything made from them.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DatasetGroup {
    pub name: String,
    pub arn: String,
    pub status: Status,
    pub role_arn: Option<String>,
    pub kms_key_arn: Option<String>,
    pub domain: Option<DatasetDomain>,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// One table of a dataset group.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Dataset {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    pub dataset_type: DatasetType,
    pub schema_arn: String,
    pub status: Status,
    /// Blob keys of the Parquet files of visible bulk data, oldest import first. A FULL import replaces the list, an
    /// INCREMENTAL one appends to it, each by one record commit.
    pub bulk_files: Vec<String>,
    /// For each of [`Self::bulk_files`], when its import job was created: a row that was streamed later is newer than the
    /// file's row of the same id. A file beyond the end of this list is older than every streamed row.
    pub bulk_imported_ms: Vec<TimeMs>,
    /// Rows in [`Self::bulk_files`].
    pub bulk_rows: u64,
    /// A UUID; what PutActionInteractions names. Datasets of action interactions alone have one.
    pub tracking_id: Option<String>,
    pub latest_update: Option<DatasetUpdate>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The newest UpdateDataset: the schema that took the place of an earlier one.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DatasetUpdate {
    pub schema_arn: String,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The dataset under which the events of a group's event tracker are listed. Its rows are kept with those of the group's
/// Interactions dataset.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct EventDataset {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    pub status: Status,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

words! {
    /// The treatment of the dataset's earlier bulk data by an import.
    pub enum ImportMode {
        /// Replaces all bulk data.
        Full = "FULL",
        /// Appends to it.
        Incremental = "INCREMENTAL",
    }
}

/// A bulk import of CSV files into one dataset.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DatasetImportJob {
    pub job_name: String,
    pub arn: String,
    pub dataset_arn: String,
    /// `s3://bucket/key` or `s3://bucket/folder/`.
    pub data_location: String,
    pub role_arn: Option<String>,
    pub import_mode: ImportMode,
    /// Whether the numbers that the group's metric attribution makes of the rows are written to S3.
    pub publish_attribution_metrics_to_s3: bool,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The address to which a dataset group's streamed events are sent.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct EventTracker {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    /// A UUID; what PutEvents names.
    pub tracking_id: String,
    pub account_id: String,
    pub status: Status,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// A recipe with its parameters, bound to a dataset group.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Solution {
    /// Whether new items are taken in without training; only where the recipe can.
    pub perform_incremental_update: bool,
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    pub recipe_arn: String,
    /// Whether each training searches for the best hyperparameters first.
    pub perform_tuning: bool,
    pub perform_auto_training: bool,
    /// Since when automatic training is on; `None`: since the creation.
    pub auto_training_since_ms: Option<TimeMs>,
    pub event_type: Option<String>,
    pub config: SolutionConfig,
    pub status: Status,
    pub latest_update: Option<SolutionUpdate>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The newest UpdateSolution, as it was asked for.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct SolutionUpdate {
    pub perform_auto_training: Option<bool>,
    pub perform_incremental_update: Option<bool>,
    pub auto_training_schedule: Option<String>,
    pub events: Vec<EventParameter>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

words! {
    /// The cause of a solution version's training.
    pub enum TrainingType {
        /// By CreateSolutionVersion.
        Manual = "MANUAL",
        /// By the solution's schedule.
        Automatic = "AUTOMATIC",
    }
}

words! {
    /// The extent of a solution version's training.
    pub enum TrainingMode {
        /// A new model from all data.
        Full = "FULL",
        /// New items and statistics folded into the last model.
        Update = "UPDATE",
    }
}

/// A trained model, or one in training.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct SolutionVersion {
    pub name: Option<String>,
    pub arn: String,
    pub solution_arn: String,
    pub dataset_group_arn: String,
    pub recipe_arn: String,
    pub event_type: Option<String>,
    pub config: SolutionConfig,
    /// Whether the training searches for the best hyperparameters first.
    pub perform_tuning: bool,
    /// The trials of the search so far, each recorded when it ended.
    pub trials: Vec<Trial>,
    /// The algorithm's hyperparameters that the search chose; set when ACTIVE.
    pub tuned_parameters: BTreeMap<String, String>,
    pub training_mode: TrainingMode,
    pub training_type: TrainingType,
    pub training_hours: Option<f64>,
    /// Position of the last streamed interaction that the training read; set once it has read them.
    pub events_position: Option<u64>,
    pub status: Status,
    pub failure_reason: Option<String>,
    /// Offline metrics by AWS's metric key; set when ACTIVE.
    pub metrics: BTreeMap<String, f64>,
    /// The same metrics of the popularity baseline on the same held-out users.
    pub baseline_metrics: BTreeMap<String, f64>,
    /// Prefix of the blobs that hold the model; set when ACTIVE.
    pub artifact_key: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The settings by which a campaign serves.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct CampaignConfig {
    pub enable_metadata_with_recommendations: Option<bool>,
    pub sync_with_latest_solution_version: Option<bool>,
    pub item_exploration_config: BTreeMap<String, String>,
    /// `FRESHNESS` and `POPULARITY`, each in [0, 1].
    pub ranking_influence: BTreeMap<String, f64>,
}

/// A solution version deployed behind GetRecommendations.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Campaign {
    pub name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    pub solution_version_arn: String,
    pub min_provisioned_tps: u32,
    pub config: Option<CampaignConfig>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub latest_update: Option<CampaignUpdate>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// The newest UpdateCampaign; the campaign's own fields keep their old values until it is ACTIVE.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct CampaignUpdate {
    pub solution_version_arn: String,
    pub min_provisioned_tps: u32,
    pub config: Option<CampaignConfig>,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

/// Durable work that makes a resource. The job record is the truth; a wake-up is only a hint.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Unique and sortable by creation.
    pub id: String,
    /// The kind of work.
    pub kind: JobKind,
    /// The resource the job makes.
    pub resource_arn: String,
    /// Name of the last step that was committed; empty before the first.
    pub step: String,
    /// The number of times that the job was started.
    pub attempts: u32,
    /// The process that works on it, and until when; `None` when free.
    pub lease: Option<Lease>,
    /// Not to be started before this time (back-off).
    pub not_before_ms: TimeMs,
    /// Creation time.
    pub created_ms: TimeMs,
}

/// The right to work on a job until it expires; renewed while the work goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The server process that holds it (a UUID made at its start).
    pub owner: String,
    /// When others may take over.
    pub expires_ms: TimeMs,
}

words! {
    /// The kinds of durable work.
    #[allow(missing_docs)]
    pub enum JobKind {
        Import = "import",
        Train = "train",
        Deploy = "deploy",
        Export = "export",
        DeleteUsers = "delete-users",
        BatchInference = "batch-inference",
        BatchSegment = "batch-segment",
        Recommend = "recommend",
    }
}

/// A streamed interaction as it is stored and observed.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct InteractionEvent {
    pub event_id: String,
    /// The user, or the session for an anonymous visitor.
    pub user_id: String,
    pub session_id: String,
    pub item_id: String,
    pub event_type: String,
    pub event_value: Option<f32>,
    /// Seconds since the Unix epoch.
    pub timestamp_s: i64,
    /// Values of the schema's other columns by column name, as text.
    pub properties: BTreeMap<String, String>,
    pub recommendation_id: Option<String>,
    pub impression: Vec<String>,
}
