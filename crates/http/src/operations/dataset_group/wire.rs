//! Dataset groups as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::DatasetGroup;
use tastemaker_wire::personalize as wire;

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
    members!(dataset_group(group) => wire::DatasetGroupSummary {
        creation_date_time, dataset_group_arn, domain, failure_reason, last_updated_date_time, name, status
    })
}
