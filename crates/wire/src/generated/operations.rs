//! Every operation of the three services, and what the model says of each.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

use super::constraints;
use crate::errors::ErrorShape;
use crate::service::Service;
use crate::shape::Shape;

/// An operation of one of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `personalize`: `CreateBatchInferenceJobRequest` to `CreateBatchInferenceJobResponse`.
    CreateBatchInferenceJob,
    /// `personalize`: `CreateBatchSegmentJobRequest` to `CreateBatchSegmentJobResponse`.
    CreateBatchSegmentJob,
    /// `personalize`: `CreateCampaignRequest` to `CreateCampaignResponse`.
    CreateCampaign,
    /// `personalize`: `CreateDataDeletionJobRequest` to `CreateDataDeletionJobResponse`.
    CreateDataDeletionJob,
    /// `personalize`: `CreateDatasetRequest` to `CreateDatasetResponse`.
    CreateDataset,
    /// `personalize`: `CreateDatasetExportJobRequest` to `CreateDatasetExportJobResponse`.
    CreateDatasetExportJob,
    /// `personalize`: `CreateDatasetGroupRequest` to `CreateDatasetGroupResponse`.
    CreateDatasetGroup,
    /// `personalize`: `CreateDatasetImportJobRequest` to `CreateDatasetImportJobResponse`.
    CreateDatasetImportJob,
    /// `personalize`: `CreateEventTrackerRequest` to `CreateEventTrackerResponse`.
    CreateEventTracker,
    /// `personalize`: `CreateFilterRequest` to `CreateFilterResponse`.
    CreateFilter,
    /// `personalize`: `CreateMetricAttributionRequest` to `CreateMetricAttributionResponse`.
    CreateMetricAttribution,
    /// `personalize`: `CreateRecommenderRequest` to `CreateRecommenderResponse`.
    CreateRecommender,
    /// `personalize`: `CreateSchemaRequest` to `CreateSchemaResponse`.
    CreateSchema,
    /// `personalize`: `CreateSolutionRequest` to `CreateSolutionResponse`.
    CreateSolution,
    /// `personalize`: `CreateSolutionVersionRequest` to `CreateSolutionVersionResponse`.
    CreateSolutionVersion,
    /// `personalize`: `DeleteCampaignRequest` to an empty body.
    DeleteCampaign,
    /// `personalize`: `DeleteDatasetRequest` to an empty body.
    DeleteDataset,
    /// `personalize`: `DeleteDatasetGroupRequest` to an empty body.
    DeleteDatasetGroup,
    /// `personalize`: `DeleteEventTrackerRequest` to an empty body.
    DeleteEventTracker,
    /// `personalize`: `DeleteFilterRequest` to an empty body.
    DeleteFilter,
    /// `personalize`: `DeleteMetricAttributionRequest` to an empty body.
    DeleteMetricAttribution,
    /// `personalize`: `DeleteRecommenderRequest` to an empty body.
    DeleteRecommender,
    /// `personalize`: `DeleteSchemaRequest` to an empty body.
    DeleteSchema,
    /// `personalize`: `DeleteSolutionRequest` to an empty body.
    DeleteSolution,
    /// `personalize`: `DescribeAlgorithmRequest` to `DescribeAlgorithmResponse`.
    DescribeAlgorithm,
    /// `personalize`: `DescribeBatchInferenceJobRequest` to `DescribeBatchInferenceJobResponse`.
    DescribeBatchInferenceJob,
    /// `personalize`: `DescribeBatchSegmentJobRequest` to `DescribeBatchSegmentJobResponse`.
    DescribeBatchSegmentJob,
    /// `personalize`: `DescribeCampaignRequest` to `DescribeCampaignResponse`.
    DescribeCampaign,
    /// `personalize`: `DescribeDataDeletionJobRequest` to `DescribeDataDeletionJobResponse`.
    DescribeDataDeletionJob,
    /// `personalize`: `DescribeDatasetRequest` to `DescribeDatasetResponse`.
    DescribeDataset,
    /// `personalize`: `DescribeDatasetExportJobRequest` to `DescribeDatasetExportJobResponse`.
    DescribeDatasetExportJob,
    /// `personalize`: `DescribeDatasetGroupRequest` to `DescribeDatasetGroupResponse`.
    DescribeDatasetGroup,
    /// `personalize`: `DescribeDatasetImportJobRequest` to `DescribeDatasetImportJobResponse`.
    DescribeDatasetImportJob,
    /// `personalize`: `DescribeEventTrackerRequest` to `DescribeEventTrackerResponse`.
    DescribeEventTracker,
    /// `personalize`: `DescribeFeatureTransformationRequest` to `DescribeFeatureTransformationResponse`.
    DescribeFeatureTransformation,
    /// `personalize`: `DescribeFilterRequest` to `DescribeFilterResponse`.
    DescribeFilter,
    /// `personalize`: `DescribeMetricAttributionRequest` to `DescribeMetricAttributionResponse`.
    DescribeMetricAttribution,
    /// `personalize`: `DescribeRecipeRequest` to `DescribeRecipeResponse`.
    DescribeRecipe,
    /// `personalize`: `DescribeRecommenderRequest` to `DescribeRecommenderResponse`.
    DescribeRecommender,
    /// `personalize`: `DescribeSchemaRequest` to `DescribeSchemaResponse`.
    DescribeSchema,
    /// `personalize`: `DescribeSolutionRequest` to `DescribeSolutionResponse`.
    DescribeSolution,
    /// `personalize`: `DescribeSolutionVersionRequest` to `DescribeSolutionVersionResponse`.
    DescribeSolutionVersion,
    /// `personalize`: `GetSolutionMetricsRequest` to `GetSolutionMetricsResponse`.
    GetSolutionMetrics,
    /// `personalize`: `ListBatchInferenceJobsRequest` to `ListBatchInferenceJobsResponse`.
    ListBatchInferenceJobs,
    /// `personalize`: `ListBatchSegmentJobsRequest` to `ListBatchSegmentJobsResponse`.
    ListBatchSegmentJobs,
    /// `personalize`: `ListCampaignsRequest` to `ListCampaignsResponse`.
    ListCampaigns,
    /// `personalize`: `ListDataDeletionJobsRequest` to `ListDataDeletionJobsResponse`.
    ListDataDeletionJobs,
    /// `personalize`: `ListDatasetExportJobsRequest` to `ListDatasetExportJobsResponse`.
    ListDatasetExportJobs,
    /// `personalize`: `ListDatasetGroupsRequest` to `ListDatasetGroupsResponse`.
    ListDatasetGroups,
    /// `personalize`: `ListDatasetImportJobsRequest` to `ListDatasetImportJobsResponse`.
    ListDatasetImportJobs,
    /// `personalize`: `ListDatasetsRequest` to `ListDatasetsResponse`.
    ListDatasets,
    /// `personalize`: `ListEventTrackersRequest` to `ListEventTrackersResponse`.
    ListEventTrackers,
    /// `personalize`: `ListFiltersRequest` to `ListFiltersResponse`.
    ListFilters,
    /// `personalize`: `ListMetricAttributionMetricsRequest` to `ListMetricAttributionMetricsResponse`.
    ListMetricAttributionMetrics,
    /// `personalize`: `ListMetricAttributionsRequest` to `ListMetricAttributionsResponse`.
    ListMetricAttributions,
    /// `personalize`: `ListRecipesRequest` to `ListRecipesResponse`.
    ListRecipes,
    /// `personalize`: `ListRecommendersRequest` to `ListRecommendersResponse`.
    ListRecommenders,
    /// `personalize`: `ListSchemasRequest` to `ListSchemasResponse`.
    ListSchemas,
    /// `personalize`: `ListSolutionVersionsRequest` to `ListSolutionVersionsResponse`.
    ListSolutionVersions,
    /// `personalize`: `ListSolutionsRequest` to `ListSolutionsResponse`.
    ListSolutions,
    /// `personalize`: `ListTagsForResourceRequest` to `ListTagsForResourceResponse`.
    ListTagsForResource,
    /// `personalize`: `StartRecommenderRequest` to `StartRecommenderResponse`.
    StartRecommender,
    /// `personalize`: `StopRecommenderRequest` to `StopRecommenderResponse`.
    StopRecommender,
    /// `personalize`: `StopSolutionVersionCreationRequest` to an empty body.
    StopSolutionVersionCreation,
    /// `personalize`: `TagResourceRequest` to `TagResourceResponse`.
    TagResource,
    /// `personalize`: `UntagResourceRequest` to `UntagResourceResponse`.
    UntagResource,
    /// `personalize`: `UpdateCampaignRequest` to `UpdateCampaignResponse`.
    UpdateCampaign,
    /// `personalize`: `UpdateDatasetRequest` to `UpdateDatasetResponse`.
    UpdateDataset,
    /// `personalize`: `UpdateMetricAttributionRequest` to `UpdateMetricAttributionResponse`.
    UpdateMetricAttribution,
    /// `personalize`: `UpdateRecommenderRequest` to `UpdateRecommenderResponse`.
    UpdateRecommender,
    /// `personalize`: `UpdateSolutionRequest` to `UpdateSolutionResponse`.
    UpdateSolution,
    /// `personalize-runtime`: `GetActionRecommendationsRequest` to `GetActionRecommendationsResponse`.
    GetActionRecommendations,
    /// `personalize-runtime`: `GetPersonalizedRankingRequest` to `GetPersonalizedRankingResponse`.
    GetPersonalizedRanking,
    /// `personalize-runtime`: `GetRecommendationsRequest` to `GetRecommendationsResponse`.
    GetRecommendations,
    /// `personalize-events`: `PutActionInteractionsRequest` to an empty body.
    PutActionInteractions,
    /// `personalize-events`: `PutActionsRequest` to an empty body.
    PutActions,
    /// `personalize-events`: `PutEventsRequest` to an empty body.
    PutEvents,
    /// `personalize-events`: `PutItemsRequest` to an empty body.
    PutItems,
    /// `personalize-events`: `PutUsersRequest` to an empty body.
    PutUsers,
}

/// The model's facts of one operation.
#[derive(Debug)]
pub struct Descriptor {
    /// The operation itself.
    pub operation: Operation,
    /// Its name, as `CreateSolution`.
    pub name: &'static str,
    /// The service it belongs to.
    pub service: Service,
    /// The request path; `/` for every control-plane operation.
    pub path: &'static str,
    /// The value of `X-Amz-Target`; only control-plane operations have one.
    pub target: Option<&'static str>,
    /// The name of the input structure.
    pub input: &'static str,
    /// The name of the output structure; `None` when the response has no body.
    pub output: Option<&'static str>,
    /// The exceptions that the model declares; common errors are possible besides.
    pub errors: &'static [ErrorShape],
    /// Whether the model calls the operation idempotent.
    pub idempotent: bool,
    /// The constraints of the input.
    pub constraints: &'static Shape,
}

/// One row per operation, in the order of the variants of [`Operation`].
pub static DESCRIPTORS: [Descriptor; 79] = [
    Descriptor {
        operation: Operation::CreateBatchInferenceJob,
        name: "CreateBatchInferenceJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateBatchInferenceJob"),
        input: "CreateBatchInferenceJobRequest",
        output: Some("CreateBatchInferenceJobResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_BATCH_INFERENCE_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateBatchSegmentJob,
        name: "CreateBatchSegmentJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateBatchSegmentJob"),
        input: "CreateBatchSegmentJobRequest",
        output: Some("CreateBatchSegmentJobResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_BATCH_SEGMENT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateCampaign,
        name: "CreateCampaign",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateCampaign"),
        input: "CreateCampaignRequest",
        output: Some("CreateCampaignResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_CAMPAIGN_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateDataDeletionJob,
        name: "CreateDataDeletionJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateDataDeletionJob"),
        input: "CreateDataDeletionJobRequest",
        output: Some("CreateDataDeletionJobResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_DATA_DELETION_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateDataset,
        name: "CreateDataset",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateDataset"),
        input: "CreateDatasetRequest",
        output: Some("CreateDatasetResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_DATASET_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateDatasetExportJob,
        name: "CreateDatasetExportJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateDatasetExportJob"),
        input: "CreateDatasetExportJobRequest",
        output: Some("CreateDatasetExportJobResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_DATASET_EXPORT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateDatasetGroup,
        name: "CreateDatasetGroup",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateDatasetGroup"),
        input: "CreateDatasetGroupRequest",
        output: Some("CreateDatasetGroupResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_DATASET_GROUP_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateDatasetImportJob,
        name: "CreateDatasetImportJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateDatasetImportJob"),
        input: "CreateDatasetImportJobRequest",
        output: Some("CreateDatasetImportJobResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_DATASET_IMPORT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateEventTracker,
        name: "CreateEventTracker",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateEventTracker"),
        input: "CreateEventTrackerRequest",
        output: Some("CreateEventTrackerResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_EVENT_TRACKER_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateFilter,
        name: "CreateFilter",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateFilter"),
        input: "CreateFilterRequest",
        output: Some("CreateFilterResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_FILTER_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateMetricAttribution,
        name: "CreateMetricAttribution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateMetricAttribution"),
        input: "CreateMetricAttributionRequest",
        output: Some("CreateMetricAttributionResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_METRIC_ATTRIBUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateRecommender,
        name: "CreateRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateRecommender"),
        input: "CreateRecommenderRequest",
        output: Some("CreateRecommenderResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateSchema,
        name: "CreateSchema",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateSchema"),
        input: "CreateSchemaRequest",
        output: Some("CreateSchemaResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::CREATE_SCHEMA_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateSolution,
        name: "CreateSolution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateSolution"),
        input: "CreateSolutionRequest",
        output: Some("CreateSolutionResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_SOLUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::CreateSolutionVersion,
        name: "CreateSolutionVersion",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.CreateSolutionVersion"),
        input: "CreateSolutionVersionRequest",
        output: Some("CreateSolutionVersionResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::CREATE_SOLUTION_VERSION_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteCampaign,
        name: "DeleteCampaign",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteCampaign"),
        input: "DeleteCampaignRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_CAMPAIGN_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteDataset,
        name: "DeleteDataset",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteDataset"),
        input: "DeleteDatasetRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_DATASET_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteDatasetGroup,
        name: "DeleteDatasetGroup",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteDatasetGroup"),
        input: "DeleteDatasetGroupRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_DATASET_GROUP_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteEventTracker,
        name: "DeleteEventTracker",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteEventTracker"),
        input: "DeleteEventTrackerRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_EVENT_TRACKER_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteFilter,
        name: "DeleteFilter",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteFilter"),
        input: "DeleteFilterRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::DELETE_FILTER_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteMetricAttribution,
        name: "DeleteMetricAttribution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteMetricAttribution"),
        input: "DeleteMetricAttributionRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_METRIC_ATTRIBUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteRecommender,
        name: "DeleteRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteRecommender"),
        input: "DeleteRecommenderRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteSchema,
        name: "DeleteSchema",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteSchema"),
        input: "DeleteSchemaRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_SCHEMA_REQUEST,
    },
    Descriptor {
        operation: Operation::DeleteSolution,
        name: "DeleteSolution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DeleteSolution"),
        input: "DeleteSolutionRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::DELETE_SOLUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeAlgorithm,
        name: "DescribeAlgorithm",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeAlgorithm"),
        input: "DescribeAlgorithmRequest",
        output: Some("DescribeAlgorithmResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_ALGORITHM_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeBatchInferenceJob,
        name: "DescribeBatchInferenceJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeBatchInferenceJob"),
        input: "DescribeBatchInferenceJobRequest",
        output: Some("DescribeBatchInferenceJobResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_BATCH_INFERENCE_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeBatchSegmentJob,
        name: "DescribeBatchSegmentJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeBatchSegmentJob"),
        input: "DescribeBatchSegmentJobRequest",
        output: Some("DescribeBatchSegmentJobResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_BATCH_SEGMENT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeCampaign,
        name: "DescribeCampaign",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeCampaign"),
        input: "DescribeCampaignRequest",
        output: Some("DescribeCampaignResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_CAMPAIGN_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeDataDeletionJob,
        name: "DescribeDataDeletionJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeDataDeletionJob"),
        input: "DescribeDataDeletionJobRequest",
        output: Some("DescribeDataDeletionJobResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_DATA_DELETION_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeDataset,
        name: "DescribeDataset",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeDataset"),
        input: "DescribeDatasetRequest",
        output: Some("DescribeDatasetResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_DATASET_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeDatasetExportJob,
        name: "DescribeDatasetExportJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeDatasetExportJob"),
        input: "DescribeDatasetExportJobRequest",
        output: Some("DescribeDatasetExportJobResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_DATASET_EXPORT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeDatasetGroup,
        name: "DescribeDatasetGroup",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeDatasetGroup"),
        input: "DescribeDatasetGroupRequest",
        output: Some("DescribeDatasetGroupResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_DATASET_GROUP_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeDatasetImportJob,
        name: "DescribeDatasetImportJob",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeDatasetImportJob"),
        input: "DescribeDatasetImportJobRequest",
        output: Some("DescribeDatasetImportJobResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_DATASET_IMPORT_JOB_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeEventTracker,
        name: "DescribeEventTracker",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeEventTracker"),
        input: "DescribeEventTrackerRequest",
        output: Some("DescribeEventTrackerResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_EVENT_TRACKER_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeFeatureTransformation,
        name: "DescribeFeatureTransformation",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeFeatureTransformation"),
        input: "DescribeFeatureTransformationRequest",
        output: Some("DescribeFeatureTransformationResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_FEATURE_TRANSFORMATION_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeFilter,
        name: "DescribeFilter",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeFilter"),
        input: "DescribeFilterRequest",
        output: Some("DescribeFilterResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_FILTER_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeMetricAttribution,
        name: "DescribeMetricAttribution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeMetricAttribution"),
        input: "DescribeMetricAttributionRequest",
        output: Some("DescribeMetricAttributionResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: false,
        constraints: &constraints::personalize::DESCRIBE_METRIC_ATTRIBUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeRecipe,
        name: "DescribeRecipe",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeRecipe"),
        input: "DescribeRecipeRequest",
        output: Some("DescribeRecipeResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_RECIPE_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeRecommender,
        name: "DescribeRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeRecommender"),
        input: "DescribeRecommenderRequest",
        output: Some("DescribeRecommenderResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeSchema,
        name: "DescribeSchema",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeSchema"),
        input: "DescribeSchemaRequest",
        output: Some("DescribeSchemaResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_SCHEMA_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeSolution,
        name: "DescribeSolution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeSolution"),
        input: "DescribeSolutionRequest",
        output: Some("DescribeSolutionResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_SOLUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::DescribeSolutionVersion,
        name: "DescribeSolutionVersion",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.DescribeSolutionVersion"),
        input: "DescribeSolutionVersionRequest",
        output: Some("DescribeSolutionVersionResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::personalize::DESCRIBE_SOLUTION_VERSION_REQUEST,
    },
    Descriptor {
        operation: Operation::GetSolutionMetrics,
        name: "GetSolutionMetrics",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.GetSolutionMetrics"),
        input: "GetSolutionMetricsRequest",
        output: Some("GetSolutionMetricsResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::GET_SOLUTION_METRICS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListBatchInferenceJobs,
        name: "ListBatchInferenceJobs",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListBatchInferenceJobs"),
        input: "ListBatchInferenceJobsRequest",
        output: Some("ListBatchInferenceJobsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_BATCH_INFERENCE_JOBS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListBatchSegmentJobs,
        name: "ListBatchSegmentJobs",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListBatchSegmentJobs"),
        input: "ListBatchSegmentJobsRequest",
        output: Some("ListBatchSegmentJobsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_BATCH_SEGMENT_JOBS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListCampaigns,
        name: "ListCampaigns",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListCampaigns"),
        input: "ListCampaignsRequest",
        output: Some("ListCampaignsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_CAMPAIGNS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListDataDeletionJobs,
        name: "ListDataDeletionJobs",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListDataDeletionJobs"),
        input: "ListDataDeletionJobsRequest",
        output: Some("ListDataDeletionJobsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_DATA_DELETION_JOBS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListDatasetExportJobs,
        name: "ListDatasetExportJobs",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListDatasetExportJobs"),
        input: "ListDatasetExportJobsRequest",
        output: Some("ListDatasetExportJobsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_DATASET_EXPORT_JOBS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListDatasetGroups,
        name: "ListDatasetGroups",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListDatasetGroups"),
        input: "ListDatasetGroupsRequest",
        output: Some("ListDatasetGroupsResponse"),
        errors: &[ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_DATASET_GROUPS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListDatasetImportJobs,
        name: "ListDatasetImportJobs",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListDatasetImportJobs"),
        input: "ListDatasetImportJobsRequest",
        output: Some("ListDatasetImportJobsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_DATASET_IMPORT_JOBS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListDatasets,
        name: "ListDatasets",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListDatasets"),
        input: "ListDatasetsRequest",
        output: Some("ListDatasetsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_DATASETS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListEventTrackers,
        name: "ListEventTrackers",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListEventTrackers"),
        input: "ListEventTrackersRequest",
        output: Some("ListEventTrackersResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_EVENT_TRACKERS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListFilters,
        name: "ListFilters",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListFilters"),
        input: "ListFiltersRequest",
        output: Some("ListFiltersResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_FILTERS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListMetricAttributionMetrics,
        name: "ListMetricAttributionMetrics",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListMetricAttributionMetrics"),
        input: "ListMetricAttributionMetricsRequest",
        output: Some("ListMetricAttributionMetricsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_METRIC_ATTRIBUTION_METRICS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListMetricAttributions,
        name: "ListMetricAttributions",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListMetricAttributions"),
        input: "ListMetricAttributionsRequest",
        output: Some("ListMetricAttributionsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_METRIC_ATTRIBUTIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListRecipes,
        name: "ListRecipes",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListRecipes"),
        input: "ListRecipesRequest",
        output: Some("ListRecipesResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_RECIPES_REQUEST,
    },
    Descriptor {
        operation: Operation::ListRecommenders,
        name: "ListRecommenders",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListRecommenders"),
        input: "ListRecommendersRequest",
        output: Some("ListRecommendersResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_RECOMMENDERS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListSchemas,
        name: "ListSchemas",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListSchemas"),
        input: "ListSchemasRequest",
        output: Some("ListSchemasResponse"),
        errors: &[ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_SCHEMAS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListSolutionVersions,
        name: "ListSolutionVersions",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListSolutionVersions"),
        input: "ListSolutionVersionsRequest",
        output: Some("ListSolutionVersionsResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::InvalidNextTokenException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::LIST_SOLUTION_VERSIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListSolutions,
        name: "ListSolutions",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListSolutions"),
        input: "ListSolutionsRequest",
        output: Some("ListSolutionsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::InvalidNextTokenException],
        idempotent: true,
        constraints: &constraints::personalize::LIST_SOLUTIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::ListTagsForResource,
        name: "ListTagsForResource",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.ListTagsForResource"),
        input: "ListTagsForResourceRequest",
        output: Some("ListTagsForResourceResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::LIST_TAGS_FOR_RESOURCE_REQUEST,
    },
    Descriptor {
        operation: Operation::StartRecommender,
        name: "StartRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.StartRecommender"),
        input: "StartRecommenderRequest",
        output: Some("StartRecommenderResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::START_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::StopRecommender,
        name: "StopRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.StopRecommender"),
        input: "StopRecommenderRequest",
        output: Some("StopRecommenderResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::STOP_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::StopSolutionVersionCreation,
        name: "StopSolutionVersionCreation",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.StopSolutionVersionCreation"),
        input: "StopSolutionVersionCreationRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::STOP_SOLUTION_VERSION_CREATION_REQUEST,
    },
    Descriptor {
        operation: Operation::TagResource,
        name: "TagResource",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.TagResource"),
        input: "TagResourceRequest",
        output: Some("TagResourceResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagsException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::TAG_RESOURCE_REQUEST,
    },
    Descriptor {
        operation: Operation::UntagResource,
        name: "UntagResource",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UntagResource"),
        input: "UntagResourceRequest",
        output: Some("UntagResourceResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
            ErrorShape::TooManyTagKeysException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::UNTAG_RESOURCE_REQUEST,
    },
    Descriptor {
        operation: Operation::UpdateCampaign,
        name: "UpdateCampaign",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UpdateCampaign"),
        input: "UpdateCampaignRequest",
        output: Some("UpdateCampaignResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::UPDATE_CAMPAIGN_REQUEST,
    },
    Descriptor {
        operation: Operation::UpdateDataset,
        name: "UpdateDataset",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UpdateDataset"),
        input: "UpdateDatasetRequest",
        output: Some("UpdateDatasetResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::UPDATE_DATASET_REQUEST,
    },
    Descriptor {
        operation: Operation::UpdateMetricAttribution,
        name: "UpdateMetricAttribution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UpdateMetricAttribution"),
        input: "UpdateMetricAttributionRequest",
        output: Some("UpdateMetricAttributionResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceAlreadyExistsException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::UPDATE_METRIC_ATTRIBUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::UpdateRecommender,
        name: "UpdateRecommender",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UpdateRecommender"),
        input: "UpdateRecommenderRequest",
        output: Some("UpdateRecommenderResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: true,
        constraints: &constraints::personalize::UPDATE_RECOMMENDER_REQUEST,
    },
    Descriptor {
        operation: Operation::UpdateSolution,
        name: "UpdateSolution",
        service: Service::Personalize,
        path: "/",
        target: Some("AmazonPersonalize.UpdateSolution"),
        input: "UpdateSolutionRequest",
        output: Some("UpdateSolutionResponse"),
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::LimitExceededException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::personalize::UPDATE_SOLUTION_REQUEST,
    },
    Descriptor {
        operation: Operation::GetActionRecommendations,
        name: "GetActionRecommendations",
        service: Service::Runtime,
        path: "/action-recommendations",
        target: None,
        input: "GetActionRecommendationsRequest",
        output: Some("GetActionRecommendationsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::runtime::GET_ACTION_RECOMMENDATIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::GetPersonalizedRanking,
        name: "GetPersonalizedRanking",
        service: Service::Runtime,
        path: "/personalize-ranking",
        target: None,
        input: "GetPersonalizedRankingRequest",
        output: Some("GetPersonalizedRankingResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::runtime::GET_PERSONALIZED_RANKING_REQUEST,
    },
    Descriptor {
        operation: Operation::GetRecommendations,
        name: "GetRecommendations",
        service: Service::Runtime,
        path: "/recommendations",
        target: None,
        input: "GetRecommendationsRequest",
        output: Some("GetRecommendationsResponse"),
        errors: &[ErrorShape::InvalidInputException, ErrorShape::ResourceNotFoundException],
        idempotent: true,
        constraints: &constraints::runtime::GET_RECOMMENDATIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::PutActionInteractions,
        name: "PutActionInteractions",
        service: Service::Events,
        path: "/action-interactions",
        target: None,
        input: "PutActionInteractionsRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::events::PUT_ACTION_INTERACTIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::PutActions,
        name: "PutActions",
        service: Service::Events,
        path: "/actions",
        target: None,
        input: "PutActionsRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::events::PUT_ACTIONS_REQUEST,
    },
    Descriptor {
        operation: Operation::PutEvents,
        name: "PutEvents",
        service: Service::Events,
        path: "/events",
        target: None,
        input: "PutEventsRequest",
        output: None,
        errors: &[ErrorShape::InvalidInputException],
        idempotent: false,
        constraints: &constraints::events::PUT_EVENTS_REQUEST,
    },
    Descriptor {
        operation: Operation::PutItems,
        name: "PutItems",
        service: Service::Events,
        path: "/items",
        target: None,
        input: "PutItemsRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::events::PUT_ITEMS_REQUEST,
    },
    Descriptor {
        operation: Operation::PutUsers,
        name: "PutUsers",
        service: Service::Events,
        path: "/users",
        target: None,
        input: "PutUsersRequest",
        output: None,
        errors: &[
            ErrorShape::InvalidInputException,
            ErrorShape::ResourceInUseException,
            ErrorShape::ResourceNotFoundException,
        ],
        idempotent: false,
        constraints: &constraints::events::PUT_USERS_REQUEST,
    },
];

/// Calls the macro `$each` with `Operation, module of its structures, input structure;` per operation.
#[macro_export]
macro_rules! for_each_operation {
    ($each:ident) => {
        $each! {
            CreateBatchInferenceJob, personalize, CreateBatchInferenceJobRequest;
            CreateBatchSegmentJob, personalize, CreateBatchSegmentJobRequest;
            CreateCampaign, personalize, CreateCampaignRequest;
            CreateDataDeletionJob, personalize, CreateDataDeletionJobRequest;
            CreateDataset, personalize, CreateDatasetRequest;
            CreateDatasetExportJob, personalize, CreateDatasetExportJobRequest;
            CreateDatasetGroup, personalize, CreateDatasetGroupRequest;
            CreateDatasetImportJob, personalize, CreateDatasetImportJobRequest;
            CreateEventTracker, personalize, CreateEventTrackerRequest;
            CreateFilter, personalize, CreateFilterRequest;
            CreateMetricAttribution, personalize, CreateMetricAttributionRequest;
            CreateRecommender, personalize, CreateRecommenderRequest;
            CreateSchema, personalize, CreateSchemaRequest;
            CreateSolution, personalize, CreateSolutionRequest;
            CreateSolutionVersion, personalize, CreateSolutionVersionRequest;
            DeleteCampaign, personalize, DeleteCampaignRequest;
            DeleteDataset, personalize, DeleteDatasetRequest;
            DeleteDatasetGroup, personalize, DeleteDatasetGroupRequest;
            DeleteEventTracker, personalize, DeleteEventTrackerRequest;
            DeleteFilter, personalize, DeleteFilterRequest;
            DeleteMetricAttribution, personalize, DeleteMetricAttributionRequest;
            DeleteRecommender, personalize, DeleteRecommenderRequest;
            DeleteSchema, personalize, DeleteSchemaRequest;
            DeleteSolution, personalize, DeleteSolutionRequest;
            DescribeAlgorithm, personalize, DescribeAlgorithmRequest;
            DescribeBatchInferenceJob, personalize, DescribeBatchInferenceJobRequest;
            DescribeBatchSegmentJob, personalize, DescribeBatchSegmentJobRequest;
            DescribeCampaign, personalize, DescribeCampaignRequest;
            DescribeDataDeletionJob, personalize, DescribeDataDeletionJobRequest;
            DescribeDataset, personalize, DescribeDatasetRequest;
            DescribeDatasetExportJob, personalize, DescribeDatasetExportJobRequest;
            DescribeDatasetGroup, personalize, DescribeDatasetGroupRequest;
            DescribeDatasetImportJob, personalize, DescribeDatasetImportJobRequest;
            DescribeEventTracker, personalize, DescribeEventTrackerRequest;
            DescribeFeatureTransformation, personalize, DescribeFeatureTransformationRequest;
            DescribeFilter, personalize, DescribeFilterRequest;
            DescribeMetricAttribution, personalize, DescribeMetricAttributionRequest;
            DescribeRecipe, personalize, DescribeRecipeRequest;
            DescribeRecommender, personalize, DescribeRecommenderRequest;
            DescribeSchema, personalize, DescribeSchemaRequest;
            DescribeSolution, personalize, DescribeSolutionRequest;
            DescribeSolutionVersion, personalize, DescribeSolutionVersionRequest;
            GetSolutionMetrics, personalize, GetSolutionMetricsRequest;
            ListBatchInferenceJobs, personalize, ListBatchInferenceJobsRequest;
            ListBatchSegmentJobs, personalize, ListBatchSegmentJobsRequest;
            ListCampaigns, personalize, ListCampaignsRequest;
            ListDataDeletionJobs, personalize, ListDataDeletionJobsRequest;
            ListDatasetExportJobs, personalize, ListDatasetExportJobsRequest;
            ListDatasetGroups, personalize, ListDatasetGroupsRequest;
            ListDatasetImportJobs, personalize, ListDatasetImportJobsRequest;
            ListDatasets, personalize, ListDatasetsRequest;
            ListEventTrackers, personalize, ListEventTrackersRequest;
            ListFilters, personalize, ListFiltersRequest;
            ListMetricAttributionMetrics, personalize, ListMetricAttributionMetricsRequest;
            ListMetricAttributions, personalize, ListMetricAttributionsRequest;
            ListRecipes, personalize, ListRecipesRequest;
            ListRecommenders, personalize, ListRecommendersRequest;
            ListSchemas, personalize, ListSchemasRequest;
            ListSolutionVersions, personalize, ListSolutionVersionsRequest;
            ListSolutions, personalize, ListSolutionsRequest;
            ListTagsForResource, personalize, ListTagsForResourceRequest;
            StartRecommender, personalize, StartRecommenderRequest;
            StopRecommender, personalize, StopRecommenderRequest;
            StopSolutionVersionCreation, personalize, StopSolutionVersionCreationRequest;
            TagResource, personalize, TagResourceRequest;
            UntagResource, personalize, UntagResourceRequest;
            UpdateCampaign, personalize, UpdateCampaignRequest;
            UpdateDataset, personalize, UpdateDatasetRequest;
            UpdateMetricAttribution, personalize, UpdateMetricAttributionRequest;
            UpdateRecommender, personalize, UpdateRecommenderRequest;
            UpdateSolution, personalize, UpdateSolutionRequest;
            GetActionRecommendations, runtime, GetActionRecommendationsRequest;
            GetPersonalizedRanking, runtime, GetPersonalizedRankingRequest;
            GetRecommendations, runtime, GetRecommendationsRequest;
            PutActionInteractions, events, PutActionInteractionsRequest;
            PutActions, events, PutActionsRequest;
            PutEvents, events, PutEventsRequest;
            PutItems, events, PutItemsRequest;
            PutUsers, events, PutUsersRequest;
        }
    };
}
