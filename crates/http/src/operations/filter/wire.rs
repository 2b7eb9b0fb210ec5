//! Filters as wire structures.

use crate::operations::wire::{members, seconds};
use tastemaker_domain::resource::Filter;
use tastemaker_wire::personalize as wire;

/// A filter.
pub fn filter(filter: Filter) -> wire::Filter {
    wire::Filter {
        creation_date_time: seconds(filter.created_ms),
        dataset_group_arn: Some(filter.dataset_group_arn),
        failure_reason: filter.failure_reason,
        filter_arn: Some(filter.arn),
        filter_expression: Some(filter.expression),
        last_updated_date_time: seconds(filter.updated_ms),
        name: Some(filter.name),
        status: Some(filter.status.to_string()),
    }
}

/// A filter in a list.
pub fn filter_summary(filter: Filter) -> wire::FilterSummary {
    members!(self::filter(filter) => wire::FilterSummary {
        creation_date_time, dataset_group_arn, failure_reason, filter_arn, last_updated_date_time, name, status
    })
}
