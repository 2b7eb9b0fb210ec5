//! The operations of the three Personalize services by resource, and the table that dispatches to them.
//!
//! A file of an operation reads the request, calls the use case and makes the answer; `wire.rs` beside it converts what the
//! resource's operations share, in both directions.

mod batch_inference_job;
mod batch_segment_job;
mod campaign;
mod context;
mod data_deletion_job;
mod dataset;
mod dataset_export_job;
mod dataset_group;
mod dataset_import_job;
mod event_tracker;
mod events;
mod filter;
mod loaded;
mod metric_attribution;
mod recipe;
mod recommender;
mod runtime;
mod schema;
mod solution;
mod solution_version;
mod tags;
mod wire;

pub use context::{Answer, Context, Empty};
/// A streamed event as the use case takes it, for the other path that takes PutEvents' body.
pub(crate) use events::put_events::from_wire as streamed_event;

use crate::errors::Failure;
use crate::request_facts::{self, Part};
use tastemaker_wire::{Operation, decode, encode};

/// The table: operation, and the module that answers it.
macro_rules! operations {
    ($($operation:ident: $resource:ident::$verb:ident,)+) => {
        /// The operations that are built.
        pub const BUILT: &[Operation] = &[$(Operation::$operation,)+];

        /// Decodes the input of `operation`, answers it and encodes the output. An operation that is not built refuses
        /// after its input was found valid.
        pub async fn dispatch(operation: Operation, context: &Context<'_>, body: &[u8]) -> Answer<Vec<u8>> {
            // Every operation may be built, and then none is left.
            #[allow(unreachable_patterns)]
            match operation {
                $(Operation::$operation => {
                    let input = request_facts::timed(Part::Decode, || decode(operation, body))?;
                    let output = $resource::$verb::answer(context, input).await?;
                    Ok(request_facts::timed(Part::Encode, || encode(&output)))
                })+
                other => {
                    decode::<serde_json::Value>(other, body)?;
                    Err(Failure::invalid(format!("{} is not available in this version of Tastemaker.", other.name())))
                }
            }
        }
    };
}

operations! {
    CreateBatchInferenceJob: batch_inference_job::create,
    CreateBatchSegmentJob: batch_segment_job::create,
    CreateCampaign: campaign::create,
    CreateDataDeletionJob: data_deletion_job::create,
    CreateDataset: dataset::create,
    CreateDatasetExportJob: dataset_export_job::create,
    CreateDatasetGroup: dataset_group::create,
    CreateDatasetImportJob: dataset_import_job::create,
    CreateEventTracker: event_tracker::create,
    CreateFilter: filter::create,
    CreateMetricAttribution: metric_attribution::create,
    CreateRecommender: recommender::create,
    CreateSchema: schema::create,
    CreateSolution: solution::create,
    CreateSolutionVersion: solution_version::create,
    DeleteCampaign: campaign::delete,
    DeleteDataset: dataset::delete,
    DeleteDatasetGroup: dataset_group::delete,
    DeleteEventTracker: event_tracker::delete,
    DeleteFilter: filter::delete,
    DeleteMetricAttribution: metric_attribution::delete,
    DeleteRecommender: recommender::delete,
    DeleteSchema: schema::delete,
    DeleteSolution: solution::delete,
    DescribeAlgorithm: recipe::describe_algorithm,
    DescribeBatchInferenceJob: batch_inference_job::describe,
    DescribeBatchSegmentJob: batch_segment_job::describe,
    DescribeCampaign: campaign::describe,
    DescribeDataDeletionJob: data_deletion_job::describe,
    DescribeDataset: dataset::describe,
    DescribeDatasetExportJob: dataset_export_job::describe,
    DescribeDatasetGroup: dataset_group::describe,
    DescribeDatasetImportJob: dataset_import_job::describe,
    DescribeEventTracker: event_tracker::describe,
    DescribeFeatureTransformation: recipe::describe_feature_transformation,
    DescribeFilter: filter::describe,
    DescribeMetricAttribution: metric_attribution::describe,
    DescribeRecipe: recipe::describe,
    DescribeRecommender: recommender::describe,
    DescribeSchema: schema::describe,
    DescribeSolution: solution::describe,
    DescribeSolutionVersion: solution_version::describe,
    GetActionRecommendations: runtime::get_action_recommendations,
    GetPersonalizedRanking: runtime::get_personalized_ranking,
    GetRecommendations: runtime::get_recommendations,
    GetSolutionMetrics: solution_version::get_metrics,
    ListBatchInferenceJobs: batch_inference_job::list,
    ListBatchSegmentJobs: batch_segment_job::list,
    ListCampaigns: campaign::list,
    ListDataDeletionJobs: data_deletion_job::list,
    ListDatasetExportJobs: dataset_export_job::list,
    ListDatasetGroups: dataset_group::list,
    ListDatasetImportJobs: dataset_import_job::list,
    ListDatasets: dataset::list,
    ListEventTrackers: event_tracker::list,
    ListFilters: filter::list,
    ListMetricAttributionMetrics: metric_attribution::list_metrics,
    ListMetricAttributions: metric_attribution::list,
    ListRecipes: recipe::list,
    ListRecommenders: recommender::list,
    ListSchemas: schema::list,
    ListSolutionVersions: solution_version::list,
    ListSolutions: solution::list,
    ListTagsForResource: tags::list,
    PutActionInteractions: events::put_action_interactions,
    PutActions: events::put_actions,
    PutEvents: events::put_events,
    PutItems: events::put_items,
    PutUsers: events::put_users,
    StartRecommender: recommender::start,
    StopRecommender: recommender::stop,
    StopSolutionVersionCreation: solution_version::stop_creation,
    TagResource: tags::add,
    UntagResource: tags::remove,
    UpdateCampaign: campaign::update,
    UpdateDataset: dataset::update,
    UpdateMetricAttribution: metric_attribution::update,
    UpdateRecommender: recommender::update,
    UpdateSolution: solution::update,
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
