//! Datasets as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::{Dataset, DatasetUpdate};
use tastemaker_service::datasets::Shown;
use tastemaker_service::event_datasets::{EVENT_INTERACTIONS, EVENT_SCHEMA_ARN};
use tastemaker_wire::personalize as wire;

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
    members!(dataset(shown) => wire::DatasetSummary {
        creation_date_time, dataset_arn, dataset_type, last_updated_date_time, name, status
    })
}
