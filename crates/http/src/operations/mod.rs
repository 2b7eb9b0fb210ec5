//! The operations: one file each, of `from_wire`, the use case, `to_wire`, and nothing else.

mod common;
mod inference;
mod to_wire;

use crate::errors::Failure;
use crate::state::HttpState;
use serde::Serialize;
use tastemaker_service::Caller;
use tastemaker_wire::codec::Structure;
use tastemaker_wire::{Operation, decode, encode};

/// A streamed event as the use case takes it, for the other door that takes PutEvents' body.
pub(crate) use put_events::from_wire as streamed_event;

/// What an operation works with.
pub struct Context<'a> {
    /// The rooms.
    pub state: &'a HttpState,
    /// Who calls, from the verified signature.
    pub caller: &'a Caller,
}

/// What an operation gives.
pub type Answer<T> = Result<T, Failure>;

/// The output of operations without one: `{}`, which every client reads as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Empty {}

impl Structure for Empty {}

/// The table: operation, and the file that answers it.
macro_rules! operations {
    ($($operation:ident: $file:ident,)+) => {
        $(mod $file;)+

        /// The operations that are built.
        pub const BUILT: &[Operation] = &[$(Operation::$operation,)+];

        /// Decodes the input of `operation`, answers it and encodes the output. An operation that is not built refuses
        /// after its input was found valid.
        pub async fn dispatch(operation: Operation, context: &Context<'_>, body: &[u8]) -> Answer<Vec<u8>> {
            // Every operation may be built, and then none is left.
            #[allow(unreachable_patterns)]
            match operation {
                $(Operation::$operation => {
                    let output = $file::answer(context, decode(operation, body)?).await?;
                    Ok(encode(&output))
                })+
                other => {
                    decode::<serde_json::Value>(other, body)?;
                    Err(unavailable(other))
                }
            }
        }
    };
}

operations! {
    CreateBatchInferenceJob: create_batch_inference_job,
    CreateBatchSegmentJob: create_batch_segment_job,
    CreateCampaign: create_campaign,
    CreateDataDeletionJob: create_data_deletion_job,
    CreateDataset: create_dataset,
    CreateDatasetExportJob: create_dataset_export_job,
    CreateDatasetGroup: create_dataset_group,
    CreateDatasetImportJob: create_dataset_import_job,
    CreateEventTracker: create_event_tracker,
    CreateFilter: create_filter,
    CreateMetricAttribution: create_metric_attribution,
    CreateRecommender: create_recommender,
    CreateSchema: create_schema,
    CreateSolution: create_solution,
    CreateSolutionVersion: create_solution_version,
    DeleteCampaign: delete_campaign,
    DeleteDataset: delete_dataset,
    DeleteDatasetGroup: delete_dataset_group,
    DeleteEventTracker: delete_event_tracker,
    DeleteFilter: delete_filter,
    DeleteMetricAttribution: delete_metric_attribution,
    DeleteRecommender: delete_recommender,
    DeleteSchema: delete_schema,
    DeleteSolution: delete_solution,
    DescribeAlgorithm: describe_algorithm,
    DescribeBatchInferenceJob: describe_batch_inference_job,
    DescribeBatchSegmentJob: describe_batch_segment_job,
    DescribeCampaign: describe_campaign,
    DescribeDataDeletionJob: describe_data_deletion_job,
    DescribeDataset: describe_dataset,
    DescribeDatasetExportJob: describe_dataset_export_job,
    DescribeDatasetGroup: describe_dataset_group,
    DescribeDatasetImportJob: describe_dataset_import_job,
    DescribeEventTracker: describe_event_tracker,
    DescribeFeatureTransformation: describe_feature_transformation,
    DescribeFilter: describe_filter,
    DescribeMetricAttribution: describe_metric_attribution,
    DescribeRecipe: describe_recipe,
    DescribeRecommender: describe_recommender,
    DescribeSchema: describe_schema,
    DescribeSolution: describe_solution,
    DescribeSolutionVersion: describe_solution_version,
    GetActionRecommendations: get_action_recommendations,
    GetPersonalizedRanking: get_personalized_ranking,
    GetRecommendations: get_recommendations,
    GetSolutionMetrics: get_solution_metrics,
    ListBatchInferenceJobs: list_batch_inference_jobs,
    ListBatchSegmentJobs: list_batch_segment_jobs,
    ListCampaigns: list_campaigns,
    ListDataDeletionJobs: list_data_deletion_jobs,
    ListDatasetExportJobs: list_dataset_export_jobs,
    ListDatasetGroups: list_dataset_groups,
    ListDatasetImportJobs: list_dataset_import_jobs,
    ListDatasets: list_datasets,
    ListEventTrackers: list_event_trackers,
    ListFilters: list_filters,
    ListMetricAttributionMetrics: list_metric_attribution_metrics,
    ListMetricAttributions: list_metric_attributions,
    ListRecipes: list_recipes,
    ListRecommenders: list_recommenders,
    ListSchemas: list_schemas,
    ListSolutionVersions: list_solution_versions,
    ListSolutions: list_solutions,
    ListTagsForResource: list_tags_for_resource,
    PutActionInteractions: put_action_interactions,
    PutActions: put_actions,
    PutEvents: put_events,
    PutItems: put_items,
    PutUsers: put_users,
    StartRecommender: start_recommender,
    StopRecommender: stop_recommender,
    StopSolutionVersionCreation: stop_solution_version_creation,
    TagResource: tag_resource,
    UntagResource: untag_resource,
    UpdateCampaign: update_campaign,
    UpdateDataset: update_dataset,
    UpdateMetricAttribution: update_metric_attribution,
    UpdateRecommender: update_recommender,
    UpdateSolution: update_solution,
}

fn unavailable(operation: Operation) -> Failure {
    Failure::invalid(format!("{} is not available in this version of Tastemaker.", operation.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation that is not built. Building one means moving its name from here to the table above.
    const UNBUILT: &[&str] = &[];

    #[test]
    fn every_operation_is_built_or_listed_as_unbuilt() {
        let mut unbuilt: Vec<_> = Operation::all().filter(|o| !BUILT.contains(o)).map(Operation::name).collect();
        unbuilt.sort_unstable();
        assert_eq!(unbuilt, UNBUILT);
        assert_eq!(BUILT.len() + UNBUILT.len(), 79);
    }
}
