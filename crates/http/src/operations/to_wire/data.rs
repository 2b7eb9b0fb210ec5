//! Schemas, groups, datasets, imports and trackers.

use crate::operations::common::seconds;
use tastemaker_domain::resource::{
    Dataset, DatasetGroup, DatasetImportJob, DatasetUpdate, EventTracker, SchemaResource,
};
use tastemaker_service::datasets::Shown;
use tastemaker_service::event_datasets::{EVENT_INTERACTIONS, EVENT_SCHEMA_ARN};
use tastemaker_wire::personalize as wire;

/// A schema with its text.
pub fn schema(schema: SchemaResource) -> wire::DatasetSchema {
    wire::DatasetSchema {
        creation_date_time: seconds(schema.created_ms),
        domain: schema.domain.map(|d| d.as_str().to_owned()),
        last_updated_date_time: seconds(schema.updated_ms),
        name: Some(schema.name),
        schema: Some(schema.text),
        schema_arn: Some(schema.arn),
    }
}

/// A schema in a list.
pub fn schema_summary(schema: SchemaResource) -> wire::DatasetSchemaSummary {
    wire::DatasetSchemaSummary {
        creation_date_time: seconds(schema.created_ms),
        domain: schema.domain.map(|d| d.as_str().to_owned()),
        last_updated_date_time: seconds(schema.updated_ms),
        name: Some(schema.name),
        schema_arn: Some(schema.arn),
    }
}

/// A dataset group.
pub fn dataset_group(group: DatasetGroup) -> wire::DatasetGroup {
    wire::DatasetGroup {
        creation_date_time: seconds(group.created_ms),
        dataset_group_arn: Some(group.arn),
        domain: group.domain.map(|d| d.as_str().to_owned()),
        failure_reason: group.failure_reason,
        kms_key_arn: group.kms_key_arn,
        last_updated_date_time: seconds(group.updated_ms),
        name: Some(group.name),
        role_arn: group.role_arn,
        status: Some(group.status.to_string()),
    }
}

/// A dataset group in a list.
pub fn dataset_group_summary(group: DatasetGroup) -> wire::DatasetGroupSummary {
    wire::DatasetGroupSummary {
        creation_date_time: seconds(group.created_ms),
        dataset_group_arn: Some(group.arn),
        domain: group.domain.map(|d| d.as_str().to_owned()),
        failure_reason: group.failure_reason,
        last_updated_date_time: seconds(group.updated_ms),
        name: Some(group.name),
        status: Some(group.status.to_string()),
    }
}

/// A dataset.
pub fn dataset(dataset: Shown) -> wire::Dataset {
    match dataset {
        Shown::Table(dataset) => table(dataset),
        Shown::Events(dataset) => wire::Dataset {
            creation_date_time: seconds(dataset.created_ms),
            dataset_arn: Some(dataset.arn),
            dataset_group_arn: Some(dataset.dataset_group_arn),
            dataset_type: Some(EVENT_INTERACTIONS.to_owned()),
            last_updated_date_time: seconds(dataset.updated_ms),
            latest_dataset_update: None,
            name: Some(dataset.name),
            schema_arn: Some(EVENT_SCHEMA_ARN.to_owned()),
            status: Some(dataset.status.to_string()),
            tracking_id: None,
        },
    }
}

fn table(dataset: Dataset) -> wire::Dataset {
    let update = |update: DatasetUpdate| wire::DatasetUpdateSummary {
        creation_date_time: seconds(update.created_ms),
        failure_reason: update.failure_reason,
        last_updated_date_time: seconds(update.updated_ms),
        schema_arn: Some(update.schema_arn),
        status: Some(update.status.to_string()),
    };
    wire::Dataset {
        creation_date_time: seconds(dataset.created_ms),
        dataset_arn: Some(dataset.arn),
        dataset_group_arn: Some(dataset.dataset_group_arn),
        dataset_type: Some(dataset.dataset_type.as_str().to_owned()),
        last_updated_date_time: seconds(dataset.updated_ms),
        latest_dataset_update: dataset.latest_update.map(update),
        name: Some(dataset.name),
        schema_arn: Some(dataset.schema_arn),
        status: Some(dataset.status.to_string()),
        tracking_id: dataset.tracking_id,
    }
}

/// A dataset in a list.
pub fn dataset_summary(shown: Shown) -> wire::DatasetSummary {
    let dataset = dataset(shown);
    wire::DatasetSummary {
        creation_date_time: dataset.creation_date_time,
        dataset_arn: dataset.dataset_arn,
        dataset_type: dataset.dataset_type,
        last_updated_date_time: dataset.last_updated_date_time,
        name: dataset.name,
        status: dataset.status,
    }
}

/// An import job.
pub fn import_job(job: DatasetImportJob) -> wire::DatasetImportJob {
    wire::DatasetImportJob {
        creation_date_time: seconds(job.created_ms),
        data_source: Some(wire::DataSource { data_location: Some(job.data_location) }),
        dataset_arn: Some(job.dataset_arn),
        dataset_import_job_arn: Some(job.arn),
        failure_reason: job.failure_reason,
        import_mode: Some(job.import_mode.as_str().to_owned()),
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        publish_attribution_metrics_to_s3: Some(job.publish_attribution_metrics_to_s3),
        role_arn: job.role_arn,
        status: Some(job.status.to_string()),
    }
}

/// An import job in a list.
pub fn import_job_summary(job: DatasetImportJob) -> wire::DatasetImportJobSummary {
    wire::DatasetImportJobSummary {
        creation_date_time: seconds(job.created_ms),
        dataset_import_job_arn: Some(job.arn),
        failure_reason: job.failure_reason,
        import_mode: Some(job.import_mode.as_str().to_owned()),
        job_name: Some(job.job_name),
        last_updated_date_time: seconds(job.updated_ms),
        status: Some(job.status.to_string()),
    }
}

/// An event tracker.
pub fn event_tracker(tracker: EventTracker) -> wire::EventTracker {
    wire::EventTracker {
        account_id: Some(tracker.account_id),
        creation_date_time: seconds(tracker.created_ms),
        dataset_group_arn: Some(tracker.dataset_group_arn),
        event_tracker_arn: Some(tracker.arn),
        last_updated_date_time: seconds(tracker.updated_ms),
        name: Some(tracker.name),
        status: Some(tracker.status.to_string()),
        tracking_id: Some(tracker.tracking_id),
    }
}

/// An event tracker in a list.
pub fn event_tracker_summary(tracker: EventTracker) -> wire::EventTrackerSummary {
    wire::EventTrackerSummary {
        creation_date_time: seconds(tracker.created_ms),
        event_tracker_arn: Some(tracker.arn),
        last_updated_date_time: seconds(tracker.updated_ms),
        name: Some(tracker.name),
        status: Some(tracker.status.to_string()),
    }
}
