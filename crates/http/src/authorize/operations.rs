//! The action and the resources of every operation of the three Personalize services, as AWS's service authorization reference has
//! them.

use super::rights::Authorization;
use crate::errors::Failure;
use crate::state::HttpState;
use serde_json::{Map, Value};
use tastemaker_domain::arn::{Scope, resource_part};
use tastemaker_service::event_trackers;
use tastemaker_wire::{ErrorShape, Operation};

/// The resources of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resources {
    /// It has none; policies see `*`.
    None,
    /// Those that these members name by ARN, as far as they are given.
    Named(&'static [&'static str]),
    /// The one that it makes: the kind, and the member with its name.
    Made(&'static str, &'static str),
    /// The dataset that it makes.
    MadeDataset,
    /// The event tracker of a tracking id.
    Tracker,
    /// The dataset of an action tracking id.
    ActionDataset,
}

/// The table.
fn resources(operation: Operation) -> Resources {
    use Operation as O;
    use Resources::{ActionDataset, Made, MadeDataset, Named, Tracker};
    match operation {
        O::CreateBatchInferenceJob => Made("batch-inference-job", "jobName"),
        O::CreateBatchSegmentJob => Made("batch-segment-job", "jobName"),
        O::CreateCampaign => Made("campaign", "name"),
        O::CreateDataDeletionJob => Made("data-deletion-job", "jobName"),
        O::CreateDataset => MadeDataset,
        O::CreateDatasetExportJob => Made("dataset-export-job", "jobName"),
        O::CreateDatasetGroup => Made("dataset-group", "name"),
        O::CreateDatasetImportJob => Made("dataset-import-job", "jobName"),
        O::CreateEventTracker => Made("event-tracker", "name"),
        O::CreateFilter => Made("filter", "name"),
        O::CreateMetricAttribution => Made("metric-attribution", "name"),
        O::CreateRecommender => Made("recommender", "name"),
        O::CreateSchema => Made("schema", "name"),
        O::CreateSolution => Made("solution", "name"),
        O::CreateSolutionVersion | O::DeleteSolution | O::DescribeSolution | O::UpdateSolution => {
            Named(&["solutionArn"])
        }
        O::DeleteCampaign | O::DescribeCampaign | O::UpdateCampaign => Named(&["campaignArn"]),
        O::DeleteDataset | O::DescribeDataset | O::UpdateDataset => Named(&["datasetArn"]),
        O::DeleteDatasetGroup | O::DescribeDatasetGroup => Named(&["datasetGroupArn"]),
        O::DeleteEventTracker | O::DescribeEventTracker => Named(&["eventTrackerArn"]),
        O::DeleteFilter | O::DescribeFilter => Named(&["filterArn"]),
        O::DeleteMetricAttribution | O::DescribeMetricAttribution | O::UpdateMetricAttribution => {
            Named(&["metricAttributionArn"])
        }
        O::DeleteRecommender
        | O::DescribeRecommender
        | O::StartRecommender
        | O::StopRecommender
        | O::UpdateRecommender => Named(&["recommenderArn"]),
        O::DeleteSchema | O::DescribeSchema => Named(&["schemaArn"]),
        O::DescribeAlgorithm => Named(&["algorithmArn"]),
        O::DescribeBatchInferenceJob => Named(&["batchInferenceJobArn"]),
        O::DescribeBatchSegmentJob => Named(&["batchSegmentJobArn"]),
        O::DescribeDataDeletionJob => Named(&["dataDeletionJobArn"]),
        O::DescribeDatasetExportJob => Named(&["datasetExportJobArn"]),
        O::DescribeDatasetImportJob => Named(&["datasetImportJobArn"]),
        O::DescribeFeatureTransformation => Named(&["featureTransformationArn"]),
        O::DescribeRecipe => Named(&["recipeArn"]),
        O::DescribeSolutionVersion | O::GetSolutionMetrics | O::StopSolutionVersionCreation => {
            Named(&["solutionVersionArn"])
        }
        O::GetActionRecommendations | O::GetPersonalizedRanking => Named(&["campaignArn"]),
        O::GetRecommendations => Named(&["campaignArn", "recommenderArn"]),
        O::ListTagsForResource | O::TagResource | O::UntagResource => Named(&["resourceArn"]),
        O::PutActions | O::PutItems | O::PutUsers => Named(&["datasetArn"]),
        O::PutEvents => Tracker,
        O::PutActionInteractions => ActionDataset,
        O::ListBatchInferenceJobs
        | O::ListBatchSegmentJobs
        | O::ListCampaigns
        | O::ListDataDeletionJobs
        | O::ListDatasetExportJobs
        | O::ListDatasetGroups
        | O::ListDatasetImportJobs
        | O::ListDatasets
        | O::ListEventTrackers
        | O::ListFilters
        | O::ListMetricAttributionMetrics
        | O::ListMetricAttributions
        | O::ListRecipes
        | O::ListRecommenders
        | O::ListSchemas
        | O::ListSolutionVersions
        | O::ListSolutions => Resources::None,
    }
}

/// Refuses an operation that its caller may not do. The body is read as the operation itself reads it, so that both see the same
/// members; one that cannot be read names nothing, and is refused by the operation.
pub async fn of_operation(
    state: &HttpState,
    mut authorization: Authorization<'_>,
    scope: &Scope,
    operation: Operation,
    body: &[u8],
) -> Result<(), Failure> {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    let named: Vec<String> = match resources(operation) {
        Resources::None => Vec::new(),
        Resources::Named(arns) => arns.iter().filter_map(|member| text(member)).map(str::to_owned).collect(),
        Resources::Made(kind, member) => {
            text(member).map(|name| scope.arn(&format!("{kind}/{name}"))).into_iter().collect()
        }
        Resources::MadeDataset => dataset(scope, text("datasetGroupArn"), text("datasetType")).into_iter().collect(),
        Resources::Tracker => match text("trackingId") {
            None => Vec::new(),
            Some(id) => {
                let known = event_trackers::of_tracking_id(&state.service, id).await?;
                vec![known.unwrap_or_else(|| scope.arn(&format!("event-tracker/{id}")))]
            }
        },
        Resources::ActionDataset => match text("trackingId") {
            None => Vec::new(),
            Some(id) => {
                let known = event_trackers::dataset_of_action_tracking_id(&state.service, id).await?;
                vec![known.unwrap_or_else(|| scope.arn(&format!("dataset/{id}/ACTION_INTERACTIONS")))]
            }
        },
    };
    let named = if named.is_empty() { vec!["*".to_owned()] } else { named };
    for tag in members.get("tags").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(key), Some(value)) = (tag["tagKey"].as_str(), tag["tagValue"].as_str()) {
            authorization.add_fact(&format!("aws:RequestTag/{key}"), value);
            authorization.add_fact("aws:TagKeys", key);
        }
    }
    for key in members.get("tagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        authorization.add_fact("aws:TagKeys", key);
    }
    let action = format!("personalize:{}", operation.name());
    let denied = |sentence| Failure::new(ErrorShape::AccessDeniedException, sentence);
    authorization.require(&action, &named).await.map_err(denied)?;
    passed_roles(&members).try_for_each(|role| authorization.require_pass_role(role)).map_err(denied)
}

/// The roles that a request hands over: its own, and that of the place of a metric attribution's files.
fn passed_roles(members: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let of_output = members.get("metricsOutputConfig").and_then(|output| output.get("roleArn"));
    members.get("roleArn").into_iter().chain(of_output).filter_map(Value::as_str)
}

/// The ARN that a new dataset gets: the name of its group, and its type.
fn dataset(scope: &Scope, group_arn: Option<&str>, dataset_type: Option<&str>) -> Option<String> {
    let group = resource_part(group_arn?)?.split_once('/')?.1;
    Some(scope.arn(&format!("dataset/{group}/{}", dataset_type?.to_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_but_lists_is_about_something() {
        for operation in Operation::all() {
            let is_list = operation.name().starts_with("List") && operation.name() != "ListTagsForResource";
            assert_eq!(resources(operation) == Resources::None, is_list, "{}", operation.name());
        }
    }

    #[test]
    fn members_of_the_table_are_members_of_the_operation() {
        for operation in Operation::all() {
            let members: &[&str] = match resources(operation) {
                Resources::None => &[],
                Resources::Named(members) => members,
                Resources::Made(_, member) => &[member],
                Resources::MadeDataset => &["datasetGroupArn", "datasetType"],
                Resources::Tracker | Resources::ActionDataset => &["trackingId"],
            };
            let constraints = format!("{:?}", operation.descriptor().constraints);
            for member in members {
                assert!(constraints.contains(&format!("\"{member}\"")), "{} has no {member}", operation.name());
            }
        }
    }

    #[test]
    fn a_dataset_is_named_by_its_group_and_type() {
        let scope = Scope::new("eu-west-1", "123456789012");
        let group = scope.arn("dataset-group/shop");
        let made = dataset(&scope, Some(&group), Some("Action_Interactions"));
        assert_eq!(made, Some(scope.arn("dataset/shop/ACTION_INTERACTIONS")));
        assert_eq!(dataset(&scope, Some("shop"), Some("Items")), None);
    }
}
