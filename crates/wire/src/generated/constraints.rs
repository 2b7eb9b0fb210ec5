//! The constraints of every input, as `crate::validate` interprets them.
//!
//! Written by `cargo xtask codegen` from `models/personalize.json`; change the model or the generator.

use crate::shape::{Pattern, compile};

/// Every pattern of the model, in the order of its text.
pub static PATTERNS: [Pattern; 13] = [
    Pattern::new("(s3|http|https)://.+", || {
        compile("\\A(?:(s3|http|https|file)://[^\\n\\r\\x{85}\\x{2028}\\x{2029}]+)\\z")
    }),
    Pattern::new("[A-Za-z0-9_]+", || compile("\\A(?:[A-Za-z0-9_]+)\\z")),
    Pattern::new("[A-Za-z\\d_]+", || compile("\\A(?:[A-Za-z0-9_]+)\\z")),
    Pattern::new("[A-Za-z_][A-Za-z\\d_]*", || compile("\\A(?:[A-Za-z_][A-Za-z0-9_]*)\\z")),
    Pattern::new("\\p{ASCII}{0,1500}", || compile("\\A(?:[\\x00-\\x7F]{0,1500})\\z")),
    Pattern::new("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", || compile("\\A(?:^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$)\\z")),
    Pattern::new("^[A-Za-z_]+$", || compile("\\A(?:^[A-Za-z_]+$)\\z")),
    Pattern::new("^[\\x20-\\x7E]*[\\x21-\\x7E]+[\\x20-\\x7E]*$", || {
        compile("\\A(?:^[\\x20-\\x7E]*[\\x21-\\x7E]+[\\x20-\\x7E]*$)\\z")
    }),
    Pattern::new("^[a-zA-Z0-9][a-zA-Z0-9\\-_]*", || compile("\\A(?:^[a-zA-Z0-9][a-zA-Z0-9\\-_]*)\\z")),
    Pattern::new("arn:([a-z\\d-]+):iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+", || {
        compile("\\A(?:arn:([a-z0-9-]+):iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+)\\z")
    }),
    Pattern::new("arn:([a-z\\d-]+):personalize:.*:.*:.+", || {
        compile(
            "\\A(?:arn:([a-z0-9-]+):personalize:[^\\n\\r\\x{85}\\x{2028}\\x{2029}]*:[^\\n\\r\\x{85}\\x{2028}\\x{2029}]*:[^\\n\\r\\x{85}\\x{2028}\\x{2029}]+)\\z",
        )
    }),
    Pattern::new("arn:aws.*:kms:.*:[0-9]{12}:key/.*", || {
        compile(
            "\\A(?:arn:aws[^\\n\\r\\x{85}\\x{2028}\\x{2029}]*:kms:[^\\n\\r\\x{85}\\x{2028}\\x{2029}]*:[0-9]{12}:key/[^\\n\\r\\x{85}\\x{2028}\\x{2029}]*)\\z",
        )
    }),
    Pattern::new("rate\\(\\d+ days?\\)", || compile("\\A(?:rate\\([0-9]+ days?\\))\\z")),
];

/// The shapes that the inputs of `personalize` reach.
pub mod personalize {
    use crate::shape::{Lenient, Member, Shape};

    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    pub static ARN: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[10]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `ArnList`: list of `Arn`, at most 100 members.
    pub static ARN_LIST: Shape = Shape::List { member: &ARN, min: None, max: Some(100) };

    /// `AutoMLConfig`.
    pub static AUTO_ML_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "metricName", required: false, shape: &METRIC_NAME },
            Member { name: "recipeList", required: false, shape: &ARN_LIST },
        ],
    };

    /// `AutoTrainingConfig`.
    pub static AUTO_TRAINING_CONFIG: Shape = Shape::Structure {
        members: &[Member { name: "schedulingExpression", required: false, shape: &SCHEDULING_EXPRESSION }],
    };

    /// `AvroSchema`: string, at most 20000 characters.
    pub static AVRO_SCHEMA: Shape = Shape::String {
        min: None,
        max: Some(20000),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `BatchInferenceJobConfig`.
    pub static BATCH_INFERENCE_JOB_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "itemExplorationConfig", required: false, shape: &HYPER_PARAMETERS },
            Member { name: "rankingInfluence", required: false, shape: &RANKING_INFLUENCE },
        ],
    };

    /// `BatchInferenceJobInput`.
    pub static BATCH_INFERENCE_JOB_INPUT: Shape =
        Shape::Structure { members: &[Member { name: "s3DataSource", required: true, shape: &S3_DATA_CONFIG }] };

    /// `BatchInferenceJobMode`: string, one of `BATCH_INFERENCE`, `THEME_GENERATION`.
    pub static BATCH_INFERENCE_JOB_MODE: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["BATCH_INFERENCE", "THEME_GENERATION"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `BatchInferenceJobOutput`.
    pub static BATCH_INFERENCE_JOB_OUTPUT: Shape =
        Shape::Structure { members: &[Member { name: "s3DataDestination", required: true, shape: &S3_DATA_CONFIG }] };

    /// `BatchSegmentJobInput`.
    pub static BATCH_SEGMENT_JOB_INPUT: Shape =
        Shape::Structure { members: &[Member { name: "s3DataSource", required: true, shape: &S3_DATA_CONFIG }] };

    /// `BatchSegmentJobOutput`.
    pub static BATCH_SEGMENT_JOB_OUTPUT: Shape =
        Shape::Structure { members: &[Member { name: "s3DataDestination", required: true, shape: &S3_DATA_CONFIG }] };

    /// `Boolean`: boolean.
    pub static BOOLEAN: Shape = Shape::Boolean;

    /// `CampaignConfig`.
    pub static CAMPAIGN_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "enableMetadataWithRecommendations", required: false, shape: &BOOLEAN },
            Member { name: "itemExplorationConfig", required: false, shape: &HYPER_PARAMETERS },
            Member { name: "rankingInfluence", required: false, shape: &RANKING_INFLUENCE },
            Member { name: "syncWithLatestSolutionVersion", required: false, shape: &BOOLEAN },
        ],
    };

    /// `CategoricalHyperParameterRange`.
    pub static CATEGORICAL_HYPER_PARAMETER_RANGE: Shape = Shape::Structure {
        members: &[
            Member { name: "name", required: false, shape: &PARAMETER_NAME },
            Member { name: "values", required: false, shape: &CATEGORICAL_VALUES },
        ],
    };

    /// `CategoricalHyperParameterRanges`: list of `CategoricalHyperParameterRange`, at most 100 members.
    pub static CATEGORICAL_HYPER_PARAMETER_RANGES: Shape =
        Shape::List { member: &CATEGORICAL_HYPER_PARAMETER_RANGE, min: None, max: Some(100) };

    /// `CategoricalValue`: string, at most 1000 characters.
    pub static CATEGORICAL_VALUE: Shape = Shape::String {
        min: None,
        max: Some(1000),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `CategoricalValues`: list of `CategoricalValue`, at most 100 members.
    pub static CATEGORICAL_VALUES: Shape = Shape::List { member: &CATEGORICAL_VALUE, min: None, max: Some(100) };

    /// `ColumnName`: string, at most 150 characters, pattern `[A-Za-z_][A-Za-z\d_]*`.
    pub static COLUMN_NAME: Shape = Shape::String {
        min: None,
        max: Some(150),
        pattern: Some(&super::PATTERNS[3]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `ColumnNamesList`: list of `ColumnName`, at most 50 members.
    pub static COLUMN_NAMES_LIST: Shape = Shape::List { member: &COLUMN_NAME, min: None, max: Some(50) };

    /// `ContinuousHyperParameterRange`.
    pub static CONTINUOUS_HYPER_PARAMETER_RANGE: Shape = Shape::Structure {
        members: &[
            Member { name: "maxValue", required: false, shape: &CONTINUOUS_MAX_VALUE },
            Member { name: "minValue", required: false, shape: &CONTINUOUS_MIN_VALUE },
            Member { name: "name", required: false, shape: &PARAMETER_NAME },
        ],
    };

    /// `ContinuousHyperParameterRanges`: list of `ContinuousHyperParameterRange`, at most 100 members.
    pub static CONTINUOUS_HYPER_PARAMETER_RANGES: Shape =
        Shape::List { member: &CONTINUOUS_HYPER_PARAMETER_RANGE, min: None, max: Some(100) };

    /// `ContinuousMaxValue`: double, at least -1000000.
    pub static CONTINUOUS_MAX_VALUE: Shape = Shape::Double { min: Some(-1000000.0), max: None };

    /// `ContinuousMinValue`: double, at least -1000000.
    pub static CONTINUOUS_MIN_VALUE: Shape = Shape::Double { min: Some(-1000000.0), max: None };

    /// `CreateBatchInferenceJobRequest`.
    pub static CREATE_BATCH_INFERENCE_JOB_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "batchInferenceJobConfig", required: false, shape: &BATCH_INFERENCE_JOB_CONFIG },
            Member { name: "batchInferenceJobMode", required: false, shape: &BATCH_INFERENCE_JOB_MODE },
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "jobInput", required: true, shape: &BATCH_INFERENCE_JOB_INPUT },
            Member { name: "jobName", required: true, shape: &NAME },
            Member { name: "jobOutput", required: true, shape: &BATCH_INFERENCE_JOB_OUTPUT },
            Member { name: "numResults", required: false, shape: &NUM_BATCH_RESULTS },
            Member { name: "roleArn", required: true, shape: &ROLE_ARN },
            Member { name: "solutionVersionArn", required: true, shape: &ARN },
            Member { name: "tags", required: false, shape: &TAGS },
            Member { name: "themeGenerationConfig", required: false, shape: &THEME_GENERATION_CONFIG },
        ],
    };

    /// `CreateBatchSegmentJobRequest`.
    pub static CREATE_BATCH_SEGMENT_JOB_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "jobInput", required: true, shape: &BATCH_SEGMENT_JOB_INPUT },
            Member { name: "jobName", required: true, shape: &NAME },
            Member { name: "jobOutput", required: true, shape: &BATCH_SEGMENT_JOB_OUTPUT },
            Member { name: "numResults", required: false, shape: &NUM_BATCH_RESULTS },
            Member { name: "roleArn", required: true, shape: &ROLE_ARN },
            Member { name: "solutionVersionArn", required: true, shape: &ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateCampaignRequest`.
    pub static CREATE_CAMPAIGN_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "campaignConfig", required: false, shape: &CAMPAIGN_CONFIG },
            Member { name: "minProvisionedTPS", required: false, shape: &TRANSACTIONS_PER_SECOND },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "solutionVersionArn", required: true, shape: &ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateDataDeletionJobRequest`.
    pub static CREATE_DATA_DELETION_JOB_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "dataSource", required: true, shape: &DATA_SOURCE },
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "jobName", required: true, shape: &NAME },
            Member { name: "roleArn", required: true, shape: &ROLE_ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateDatasetExportJobRequest`.
    pub static CREATE_DATASET_EXPORT_JOB_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: true, shape: &ARN },
            Member { name: "ingestionMode", required: false, shape: &INGESTION_MODE },
            Member { name: "jobName", required: true, shape: &NAME },
            Member { name: "jobOutput", required: true, shape: &DATASET_EXPORT_JOB_OUTPUT },
            Member { name: "roleArn", required: true, shape: &ROLE_ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateDatasetGroupRequest`.
    pub static CREATE_DATASET_GROUP_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "domain", required: false, shape: &DOMAIN },
            Member { name: "kmsKeyArn", required: false, shape: &KMS_KEY_ARN },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "roleArn", required: false, shape: &ROLE_ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateDatasetImportJobRequest`.
    pub static CREATE_DATASET_IMPORT_JOB_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "dataSource", required: true, shape: &DATA_SOURCE },
            Member { name: "datasetArn", required: true, shape: &ARN },
            Member { name: "importMode", required: false, shape: &IMPORT_MODE },
            Member { name: "jobName", required: true, shape: &NAME },
            Member { name: "publishAttributionMetricsToS3", required: false, shape: &BOOLEAN },
            Member { name: "roleArn", required: false, shape: &ROLE_ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateDatasetRequest`.
    pub static CREATE_DATASET_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "datasetType", required: true, shape: &DATASET_TYPE },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "schemaArn", required: true, shape: &ARN },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateEventTrackerRequest`.
    pub static CREATE_EVENT_TRACKER_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateFilterRequest`.
    pub static CREATE_FILTER_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "filterExpression", required: true, shape: &FILTER_EXPRESSION },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateMetricAttributionRequest`.
    pub static CREATE_METRIC_ATTRIBUTION_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "metrics", required: true, shape: &METRIC_ATTRIBUTES },
            Member { name: "metricsOutputConfig", required: true, shape: &METRIC_ATTRIBUTION_OUTPUT },
            Member { name: "name", required: true, shape: &NAME },
        ],
    };

    /// `CreateRecommenderRequest`.
    pub static CREATE_RECOMMENDER_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "recipeArn", required: true, shape: &ARN },
            Member { name: "recommenderConfig", required: false, shape: &RECOMMENDER_CONFIG },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateSchemaRequest`.
    pub static CREATE_SCHEMA_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "domain", required: false, shape: &DOMAIN },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "schema", required: true, shape: &AVRO_SCHEMA },
        ],
    };

    /// `CreateSolutionRequest`.
    pub static CREATE_SOLUTION_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: true, shape: &ARN },
            Member { name: "eventType", required: false, shape: &EVENT_TYPE },
            Member { name: "name", required: true, shape: &NAME },
            Member { name: "performAutoML", required: false, shape: &PERFORM_AUTO_ML },
            Member { name: "performAutoTraining", required: false, shape: &PERFORM_AUTO_TRAINING },
            Member { name: "performHPO", required: false, shape: &BOOLEAN },
            Member { name: "performIncrementalUpdate", required: false, shape: &PERFORM_INCREMENTAL_UPDATE },
            Member { name: "recipeArn", required: false, shape: &ARN },
            Member { name: "solutionConfig", required: false, shape: &SOLUTION_CONFIG },
            Member { name: "tags", required: false, shape: &TAGS },
        ],
    };

    /// `CreateSolutionVersionRequest`.
    pub static CREATE_SOLUTION_VERSION_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "name", required: false, shape: &NAME },
            Member { name: "solutionArn", required: true, shape: &ARN },
            Member { name: "tags", required: false, shape: &TAGS },
            Member { name: "trainingMode", required: false, shape: &TRAINING_MODE },
        ],
    };

    /// `DataSource`.
    pub static DATA_SOURCE: Shape =
        Shape::Structure { members: &[Member { name: "dataLocation", required: false, shape: &S3_LOCATION }] };

    /// `DatasetExportJobOutput`.
    pub static DATASET_EXPORT_JOB_OUTPUT: Shape =
        Shape::Structure { members: &[Member { name: "s3DataDestination", required: true, shape: &S3_DATA_CONFIG }] };

    /// `DatasetType`: string, at most 256 characters, pattern `^[A-Za-z_]+$`.
    pub static DATASET_TYPE: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[6]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `DeleteCampaignRequest`.
    pub static DELETE_CAMPAIGN_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "campaignArn", required: true, shape: &ARN }] };

    /// `DeleteDatasetGroupRequest`.
    pub static DELETE_DATASET_GROUP_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetGroupArn", required: true, shape: &ARN }] };

    /// `DeleteDatasetRequest`.
    pub static DELETE_DATASET_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetArn", required: true, shape: &ARN }] };

    /// `DeleteEventTrackerRequest`.
    pub static DELETE_EVENT_TRACKER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "eventTrackerArn", required: true, shape: &ARN }] };

    /// `DeleteFilterRequest`.
    pub static DELETE_FILTER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "filterArn", required: true, shape: &ARN }] };

    /// `DeleteMetricAttributionRequest`.
    pub static DELETE_METRIC_ATTRIBUTION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "metricAttributionArn", required: true, shape: &ARN }] };

    /// `DeleteRecommenderRequest`.
    pub static DELETE_RECOMMENDER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "recommenderArn", required: true, shape: &ARN }] };

    /// `DeleteSchemaRequest`.
    pub static DELETE_SCHEMA_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "schemaArn", required: true, shape: &ARN }] };

    /// `DeleteSolutionRequest`.
    pub static DELETE_SOLUTION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "solutionArn", required: true, shape: &ARN }] };

    /// `DescribeAlgorithmRequest`.
    pub static DESCRIBE_ALGORITHM_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "algorithmArn", required: true, shape: &ARN }] };

    /// `DescribeBatchInferenceJobRequest`.
    pub static DESCRIBE_BATCH_INFERENCE_JOB_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "batchInferenceJobArn", required: true, shape: &ARN }] };

    /// `DescribeBatchSegmentJobRequest`.
    pub static DESCRIBE_BATCH_SEGMENT_JOB_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "batchSegmentJobArn", required: true, shape: &ARN }] };

    /// `DescribeCampaignRequest`.
    pub static DESCRIBE_CAMPAIGN_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "campaignArn", required: true, shape: &ARN }] };

    /// `DescribeDataDeletionJobRequest`.
    pub static DESCRIBE_DATA_DELETION_JOB_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "dataDeletionJobArn", required: true, shape: &ARN }] };

    /// `DescribeDatasetExportJobRequest`.
    pub static DESCRIBE_DATASET_EXPORT_JOB_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetExportJobArn", required: true, shape: &ARN }] };

    /// `DescribeDatasetGroupRequest`.
    pub static DESCRIBE_DATASET_GROUP_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetGroupArn", required: true, shape: &ARN }] };

    /// `DescribeDatasetImportJobRequest`.
    pub static DESCRIBE_DATASET_IMPORT_JOB_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetImportJobArn", required: true, shape: &ARN }] };

    /// `DescribeDatasetRequest`.
    pub static DESCRIBE_DATASET_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "datasetArn", required: true, shape: &ARN }] };

    /// `DescribeEventTrackerRequest`.
    pub static DESCRIBE_EVENT_TRACKER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "eventTrackerArn", required: true, shape: &ARN }] };

    /// `DescribeFeatureTransformationRequest`.
    pub static DESCRIBE_FEATURE_TRANSFORMATION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "featureTransformationArn", required: true, shape: &ARN }] };

    /// `DescribeFilterRequest`.
    pub static DESCRIBE_FILTER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "filterArn", required: true, shape: &ARN }] };

    /// `DescribeMetricAttributionRequest`.
    pub static DESCRIBE_METRIC_ATTRIBUTION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "metricAttributionArn", required: true, shape: &ARN }] };

    /// `DescribeRecipeRequest`.
    pub static DESCRIBE_RECIPE_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "recipeArn", required: true, shape: &ARN }] };

    /// `DescribeRecommenderRequest`.
    pub static DESCRIBE_RECOMMENDER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "recommenderArn", required: true, shape: &ARN }] };

    /// `DescribeSchemaRequest`.
    pub static DESCRIBE_SCHEMA_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "schemaArn", required: true, shape: &ARN }] };

    /// `DescribeSolutionRequest`.
    pub static DESCRIBE_SOLUTION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "solutionArn", required: true, shape: &ARN }] };

    /// `DescribeSolutionVersionRequest`.
    pub static DESCRIBE_SOLUTION_VERSION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "solutionVersionArn", required: true, shape: &ARN }] };

    /// `Domain`: string, one of `ECOMMERCE`, `VIDEO_ON_DEMAND`.
    pub static DOMAIN: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["ECOMMERCE", "VIDEO_ON_DEMAND"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `EventParameters`.
    pub static EVENT_PARAMETERS: Shape = Shape::Structure {
        members: &[
            Member { name: "eventType", required: false, shape: &EVENT_TYPE },
            Member { name: "eventValueThreshold", required: false, shape: &EVENT_TYPE_THRESHOLD_VALUE },
            Member { name: "weight", required: false, shape: &EVENT_TYPE_WEIGHT },
        ],
    };

    /// `EventParametersList`: list of `EventParameters`, at most 10 members.
    pub static EVENT_PARAMETERS_LIST: Shape = Shape::List { member: &EVENT_PARAMETERS, min: None, max: Some(10) };

    /// `EventType`: string, at most 256 characters.
    pub static EVENT_TYPE: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `EventTypeThresholdValue`: double.
    pub static EVENT_TYPE_THRESHOLD_VALUE: Shape = Shape::Double { min: None, max: None };

    /// `EventTypeWeight`: double, 0 to 1.
    pub static EVENT_TYPE_WEIGHT: Shape = Shape::Double { min: Some(0.0), max: Some(1.0) };

    /// `EventValueThreshold`: string, at most 256 characters.
    pub static EVENT_VALUE_THRESHOLD: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `EventsConfig`.
    pub static EVENTS_CONFIG: Shape = Shape::Structure {
        members: &[Member { name: "eventParametersList", required: false, shape: &EVENT_PARAMETERS_LIST }],
    };

    /// `ExcludedDatasetColumns`: map from `DatasetType` to `ColumnNamesList`, at most 3 entries.
    pub static EXCLUDED_DATASET_COLUMNS: Shape =
        Shape::Map { key: &DATASET_TYPE, value: &COLUMN_NAMES_LIST, min: None, max: Some(3) };

    /// `FeatureTransformationParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    pub static FEATURE_TRANSFORMATION_PARAMETERS: Shape =
        Shape::Map { key: &PARAMETER_NAME, value: &PARAMETER_VALUE, min: None, max: Some(100) };

    /// `FieldsForThemeGeneration`.
    pub static FIELDS_FOR_THEME_GENERATION: Shape =
        Shape::Structure { members: &[Member { name: "itemName", required: true, shape: &COLUMN_NAME }] };

    /// `FilterExpression`: string, 1 to 2500 characters.
    pub static FILTER_EXPRESSION: Shape = Shape::String {
        min: Some(1),
        max: Some(2500),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `GetSolutionMetricsRequest`.
    pub static GET_SOLUTION_METRICS_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "solutionVersionArn", required: true, shape: &ARN }] };

    /// `HPOConfig`.
    pub static HPO_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "algorithmHyperParameterRanges", required: false, shape: &HYPER_PARAMETER_RANGES },
            Member { name: "hpoObjective", required: false, shape: &HPO_OBJECTIVE },
            Member { name: "hpoResourceConfig", required: false, shape: &HPO_RESOURCE_CONFIG },
        ],
    };

    /// `HPOObjective`.
    pub static HPO_OBJECTIVE: Shape = Shape::Structure {
        members: &[
            Member { name: "metricName", required: false, shape: &METRIC_NAME },
            Member { name: "metricRegex", required: false, shape: &METRIC_REGEX },
            Member { name: "type", required: false, shape: &HPO_OBJECTIVE_TYPE },
        ],
    };

    /// `HPOObjectiveType`: string, at most 256 characters.
    pub static HPO_OBJECTIVE_TYPE: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `HPOResource`: string, at most 256 characters.
    pub static HPO_RESOURCE: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `HPOResourceConfig`.
    pub static HPO_RESOURCE_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "maxNumberOfTrainingJobs", required: false, shape: &HPO_RESOURCE },
            Member { name: "maxParallelTrainingJobs", required: false, shape: &HPO_RESOURCE },
        ],
    };

    /// `HyperParameterRanges`.
    pub static HYPER_PARAMETER_RANGES: Shape = Shape::Structure {
        members: &[
            Member {
                name: "categoricalHyperParameterRanges",
                required: false,
                shape: &CATEGORICAL_HYPER_PARAMETER_RANGES,
            },
            Member {
                name: "continuousHyperParameterRanges",
                required: false,
                shape: &CONTINUOUS_HYPER_PARAMETER_RANGES,
            },
            Member { name: "integerHyperParameterRanges", required: false, shape: &INTEGER_HYPER_PARAMETER_RANGES },
        ],
    };

    /// `HyperParameters`: map from `ParameterName` to `ParameterValue`, at most 100 entries.
    pub static HYPER_PARAMETERS: Shape =
        Shape::Map { key: &PARAMETER_NAME, value: &PARAMETER_VALUE, min: None, max: Some(100) };

    /// `ImportMode`: string, one of `FULL`, `INCREMENTAL`.
    pub static IMPORT_MODE: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["FULL", "INCREMENTAL"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `IncludedDatasetColumns`: map from `DatasetType` to `ColumnNamesList`, at most 3 entries.
    pub static INCLUDED_DATASET_COLUMNS: Shape =
        Shape::Map { key: &DATASET_TYPE, value: &COLUMN_NAMES_LIST, min: None, max: Some(3) };

    /// `IngestionMode`: string, one of `BULK`, `PUT`, `ALL`.
    pub static INGESTION_MODE: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["BULK", "PUT", "ALL"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `IntegerHyperParameterRange`.
    pub static INTEGER_HYPER_PARAMETER_RANGE: Shape = Shape::Structure {
        members: &[
            Member { name: "maxValue", required: false, shape: &INTEGER_MAX_VALUE },
            Member { name: "minValue", required: false, shape: &INTEGER_MIN_VALUE },
            Member { name: "name", required: false, shape: &PARAMETER_NAME },
        ],
    };

    /// `IntegerHyperParameterRanges`: list of `IntegerHyperParameterRange`, at most 100 members.
    pub static INTEGER_HYPER_PARAMETER_RANGES: Shape =
        Shape::List { member: &INTEGER_HYPER_PARAMETER_RANGE, min: None, max: Some(100) };

    /// `IntegerMaxValue`: integer, at most 1000000.
    pub static INTEGER_MAX_VALUE: Shape = Shape::Integer { min: None, max: Some(1000000) };

    /// `IntegerMinValue`: integer, at least -1000000.
    pub static INTEGER_MIN_VALUE: Shape = Shape::Integer { min: Some(-1000000), max: None };

    /// `ItemAttribute`: string, 1 to 150 characters.
    pub static ITEM_ATTRIBUTE: Shape = Shape::String {
        min: Some(1),
        max: Some(150),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `KmsKeyArn`: string, at most 2048 characters, pattern `arn:aws.*:kms:.*:[0-9]{12}:key/.*`.
    pub static KMS_KEY_ARN: Shape = Shape::String {
        min: None,
        max: Some(2048),
        pattern: Some(&super::PATTERNS[11]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `ListBatchInferenceJobsRequest`.
    pub static LIST_BATCH_INFERENCE_JOBS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
            Member { name: "solutionVersionArn", required: false, shape: &ARN },
        ],
    };

    /// `ListBatchSegmentJobsRequest`.
    pub static LIST_BATCH_SEGMENT_JOBS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
            Member { name: "solutionVersionArn", required: false, shape: &ARN },
        ],
    };

    /// `ListCampaignsRequest`.
    pub static LIST_CAMPAIGNS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
            Member { name: "solutionArn", required: false, shape: &ARN },
        ],
    };

    /// `ListDataDeletionJobsRequest`.
    pub static LIST_DATA_DELETION_JOBS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListDatasetExportJobsRequest`.
    pub static LIST_DATASET_EXPORT_JOBS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListDatasetGroupsRequest`.
    pub static LIST_DATASET_GROUPS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListDatasetImportJobsRequest`.
    pub static LIST_DATASET_IMPORT_JOBS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListDatasetsRequest`.
    pub static LIST_DATASETS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListEventTrackersRequest`.
    pub static LIST_EVENT_TRACKERS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListFiltersRequest`.
    pub static LIST_FILTERS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListMetricAttributionMetricsRequest`.
    pub static LIST_METRIC_ATTRIBUTION_METRICS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "metricAttributionArn", required: false, shape: &ARN },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListMetricAttributionsRequest`.
    pub static LIST_METRIC_ATTRIBUTIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListRecipesRequest`.
    pub static LIST_RECIPES_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "domain", required: false, shape: &DOMAIN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
            Member { name: "recipeProvider", required: false, shape: &RECIPE_PROVIDER },
        ],
    };

    /// `ListRecommendersRequest`.
    pub static LIST_RECOMMENDERS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListSchemasRequest`.
    pub static LIST_SCHEMAS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListSolutionVersionsRequest`.
    pub static LIST_SOLUTION_VERSIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
            Member { name: "solutionArn", required: false, shape: &ARN },
        ],
    };

    /// `ListSolutionsRequest`.
    pub static LIST_SOLUTIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetGroupArn", required: false, shape: &ARN },
            Member { name: "maxResults", required: false, shape: &MAX_RESULTS },
            Member { name: "nextToken", required: false, shape: &NEXT_TOKEN },
        ],
    };

    /// `ListTagsForResourceRequest`.
    pub static LIST_TAGS_FOR_RESOURCE_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "resourceArn", required: true, shape: &ARN }] };

    /// `MaxResults`: integer, 1 to 100.
    pub static MAX_RESULTS: Shape = Shape::Integer { min: Some(1), max: Some(100) };

    /// `MetricAttribute`.
    pub static METRIC_ATTRIBUTE: Shape = Shape::Structure {
        members: &[
            Member { name: "eventType", required: true, shape: &EVENT_TYPE },
            Member { name: "expression", required: true, shape: &METRIC_EXPRESSION },
            Member { name: "metricName", required: true, shape: &METRIC_NAME },
        ],
    };

    /// `MetricAttributes`: list of `MetricAttribute`, at most 10 members.
    pub static METRIC_ATTRIBUTES: Shape = Shape::List { member: &METRIC_ATTRIBUTE, min: None, max: Some(10) };

    /// `MetricAttributesNamesList`: list of `MetricName`, at most 10 members.
    pub static METRIC_ATTRIBUTES_NAMES_LIST: Shape = Shape::List { member: &METRIC_NAME, min: None, max: Some(10) };

    /// `MetricAttributionOutput`.
    pub static METRIC_ATTRIBUTION_OUTPUT: Shape = Shape::Structure {
        members: &[
            Member { name: "roleArn", required: true, shape: &ROLE_ARN },
            Member { name: "s3DataDestination", required: false, shape: &S3_DATA_CONFIG },
        ],
    };

    /// `MetricExpression`: string, at most 256 characters.
    pub static METRIC_EXPRESSION: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `MetricName`: string, at most 256 characters.
    pub static METRIC_NAME: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `MetricRegex`: string, at most 256 characters.
    pub static METRIC_REGEX: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    pub static NAME: Shape = Shape::String {
        min: Some(1),
        max: Some(63),
        pattern: Some(&super::PATTERNS[8]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `NextToken`: string, at most 1500 characters, pattern `\p{ASCII}{0,1500}`.
    pub static NEXT_TOKEN: Shape = Shape::String {
        min: None,
        max: Some(1500),
        pattern: Some(&super::PATTERNS[4]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `NumBatchResults`: integer.
    pub static NUM_BATCH_RESULTS: Shape = Shape::Integer { min: None, max: None };

    /// `ObjectiveSensitivity`: string, one of `LOW`, `MEDIUM`, `HIGH`, `OFF`.
    pub static OBJECTIVE_SENSITIVITY: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["LOW", "MEDIUM", "HIGH", "OFF"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `OptimizationObjective`.
    pub static OPTIMIZATION_OBJECTIVE: Shape = Shape::Structure {
        members: &[
            Member { name: "itemAttribute", required: false, shape: &ITEM_ATTRIBUTE },
            Member { name: "objectiveSensitivity", required: false, shape: &OBJECTIVE_SENSITIVITY },
        ],
    };

    /// `ParameterName`: string, at most 256 characters.
    pub static PARAMETER_NAME: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `ParameterValue`: string, at most 1000 characters.
    pub static PARAMETER_VALUE: Shape = Shape::String {
        min: None,
        max: Some(1000),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::Scalars,
    };

    /// `PerformAutoML`: boolean.
    pub static PERFORM_AUTO_ML: Shape = Shape::Boolean;

    /// `PerformAutoTraining`: boolean.
    pub static PERFORM_AUTO_TRAINING: Shape = Shape::Boolean;

    /// `PerformIncrementalUpdate`: boolean.
    pub static PERFORM_INCREMENTAL_UPDATE: Shape = Shape::Boolean;

    /// `RankingInfluence`: map from `RankingInfluenceType` to `RankingInfluenceWeight`.
    pub static RANKING_INFLUENCE: Shape =
        Shape::Map { key: &RANKING_INFLUENCE_TYPE, value: &RANKING_INFLUENCE_WEIGHT, min: None, max: None };

    /// `RankingInfluenceType`: string, one of `POPULARITY`, `FRESHNESS`.
    pub static RANKING_INFLUENCE_TYPE: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["POPULARITY", "FRESHNESS"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `RankingInfluenceWeight`: double, 0 to 1.
    pub static RANKING_INFLUENCE_WEIGHT: Shape = Shape::Double { min: Some(0.0), max: Some(1.0) };

    /// `RecipeProvider`: string, one of `SERVICE`.
    pub static RECIPE_PROVIDER: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["SERVICE"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `RecommenderConfig`.
    pub static RECOMMENDER_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "enableMetadataWithRecommendations", required: false, shape: &BOOLEAN },
            Member { name: "itemExplorationConfig", required: false, shape: &HYPER_PARAMETERS },
            Member { name: "minRecommendationRequestsPerSecond", required: false, shape: &TRANSACTIONS_PER_SECOND },
            Member { name: "trainingDataConfig", required: false, shape: &TRAINING_DATA_CONFIG },
        ],
    };

    /// `RoleArn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
    pub static ROLE_ARN: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[9]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `S3DataConfig`.
    pub static S3_DATA_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "kmsKeyArn", required: false, shape: &KMS_KEY_ARN },
            Member { name: "path", required: true, shape: &S3_LOCATION },
        ],
    };

    /// `S3Location`: string, at most 256 characters, pattern `(s3|http|https)://.+`.
    pub static S3_LOCATION: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[0]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `SchedulingExpression`: string, 1 to 16 characters, pattern `rate\(\d+ days?\)`.
    pub static SCHEDULING_EXPRESSION: Shape = Shape::String {
        min: Some(1),
        max: Some(16),
        pattern: Some(&super::PATTERNS[12]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `SolutionConfig`.
    pub static SOLUTION_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "algorithmHyperParameters", required: false, shape: &HYPER_PARAMETERS },
            Member { name: "autoMLConfig", required: false, shape: &AUTO_ML_CONFIG },
            Member { name: "autoTrainingConfig", required: false, shape: &AUTO_TRAINING_CONFIG },
            Member { name: "eventValueThreshold", required: false, shape: &EVENT_VALUE_THRESHOLD },
            Member { name: "eventsConfig", required: false, shape: &EVENTS_CONFIG },
            Member {
                name: "featureTransformationParameters",
                required: false,
                shape: &FEATURE_TRANSFORMATION_PARAMETERS,
            },
            Member { name: "hpoConfig", required: false, shape: &HPO_CONFIG },
            Member { name: "optimizationObjective", required: false, shape: &OPTIMIZATION_OBJECTIVE },
            Member { name: "trainingDataConfig", required: false, shape: &TRAINING_DATA_CONFIG },
        ],
    };

    /// `SolutionUpdateConfig`.
    pub static SOLUTION_UPDATE_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "autoTrainingConfig", required: false, shape: &AUTO_TRAINING_CONFIG },
            Member { name: "eventsConfig", required: false, shape: &EVENTS_CONFIG },
        ],
    };

    /// `StartRecommenderRequest`.
    pub static START_RECOMMENDER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "recommenderArn", required: true, shape: &ARN }] };

    /// `StopRecommenderRequest`.
    pub static STOP_RECOMMENDER_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "recommenderArn", required: true, shape: &ARN }] };

    /// `StopSolutionVersionCreationRequest`.
    pub static STOP_SOLUTION_VERSION_CREATION_REQUEST: Shape =
        Shape::Structure { members: &[Member { name: "solutionVersionArn", required: true, shape: &ARN }] };

    /// `Tag`.
    pub static TAG: Shape = Shape::Structure {
        members: &[
            Member { name: "tagKey", required: true, shape: &TAG_KEY },
            Member { name: "tagValue", required: true, shape: &TAG_VALUE },
        ],
    };

    /// `TagKey`: string, 1 to 128 characters, pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`.
    pub static TAG_KEY: Shape = Shape::String {
        min: Some(1),
        max: Some(128),
        pattern: Some(&super::PATTERNS[5]),
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `TagKeys`: list of `TagKey`, 0 to 200 members.
    pub static TAG_KEYS: Shape = Shape::List { member: &TAG_KEY, min: Some(0), max: Some(200) };

    /// `TagResourceRequest`.
    pub static TAG_RESOURCE_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "resourceArn", required: true, shape: &ARN },
            Member { name: "tags", required: true, shape: &TAGS },
        ],
    };

    /// `TagValue`: string, 0 to 256 characters, pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`.
    pub static TAG_VALUE: Shape = Shape::String {
        min: Some(0),
        max: Some(256),
        pattern: Some(&super::PATTERNS[5]),
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `Tags`: list of `Tag`, 0 to 200 members.
    pub static TAGS: Shape = Shape::List { member: &TAG, min: Some(0), max: Some(200) };

    /// `ThemeGenerationConfig`.
    pub static THEME_GENERATION_CONFIG: Shape = Shape::Structure {
        members: &[Member { name: "fieldsForThemeGeneration", required: true, shape: &FIELDS_FOR_THEME_GENERATION }],
    };

    /// `TrainingDataConfig`.
    pub static TRAINING_DATA_CONFIG: Shape = Shape::Structure {
        members: &[
            Member { name: "excludedDatasetColumns", required: false, shape: &EXCLUDED_DATASET_COLUMNS },
            Member { name: "includedDatasetColumns", required: false, shape: &INCLUDED_DATASET_COLUMNS },
        ],
    };

    /// `TrainingMode`: string, one of `FULL`, `UPDATE`, `AUTOTRAIN`.
    pub static TRAINING_MODE: Shape = Shape::String {
        min: None,
        max: None,
        pattern: None,
        values: &["FULL", "UPDATE", "AUTOTRAIN"],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `TransactionsPerSecond`: integer, at least 1.
    pub static TRANSACTIONS_PER_SECOND: Shape = Shape::Integer { min: Some(1), max: None };

    /// `UntagResourceRequest`.
    pub static UNTAG_RESOURCE_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "resourceArn", required: true, shape: &ARN },
            Member { name: "tagKeys", required: true, shape: &TAG_KEYS },
        ],
    };

    /// `UpdateCampaignRequest`.
    pub static UPDATE_CAMPAIGN_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "campaignArn", required: true, shape: &ARN },
            Member { name: "campaignConfig", required: false, shape: &CAMPAIGN_CONFIG },
            Member { name: "minProvisionedTPS", required: false, shape: &TRANSACTIONS_PER_SECOND },
            Member { name: "solutionVersionArn", required: false, shape: &ARN },
        ],
    };

    /// `UpdateDatasetRequest`.
    pub static UPDATE_DATASET_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: true, shape: &ARN },
            Member { name: "schemaArn", required: true, shape: &ARN },
        ],
    };

    /// `UpdateMetricAttributionRequest`.
    pub static UPDATE_METRIC_ATTRIBUTION_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "addMetrics", required: false, shape: &METRIC_ATTRIBUTES },
            Member { name: "metricAttributionArn", required: false, shape: &ARN },
            Member { name: "metricsOutputConfig", required: false, shape: &METRIC_ATTRIBUTION_OUTPUT },
            Member { name: "removeMetrics", required: false, shape: &METRIC_ATTRIBUTES_NAMES_LIST },
        ],
    };

    /// `UpdateRecommenderRequest`.
    pub static UPDATE_RECOMMENDER_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "recommenderArn", required: true, shape: &ARN },
            Member { name: "recommenderConfig", required: true, shape: &RECOMMENDER_CONFIG },
        ],
    };

    /// `UpdateSolutionRequest`.
    pub static UPDATE_SOLUTION_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "performAutoTraining", required: false, shape: &PERFORM_AUTO_TRAINING },
            Member { name: "performIncrementalUpdate", required: false, shape: &PERFORM_INCREMENTAL_UPDATE },
            Member { name: "solutionArn", required: true, shape: &ARN },
            Member { name: "solutionUpdateConfig", required: false, shape: &SOLUTION_UPDATE_CONFIG },
        ],
    };
}

/// The shapes that the inputs of `personalize-runtime` reach.
pub mod runtime {
    use crate::shape::{Lenient, Member, Shape};

    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    pub static ARN: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[10]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `AttributeName`: string, at most 150 characters, pattern `[A-Za-z\d_]+`.
    pub static ATTRIBUTE_NAME: Shape = Shape::String {
        min: None,
        max: Some(150),
        pattern: Some(&super::PATTERNS[2]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `AttributeValue`: string, at most 1000 characters.
    pub static ATTRIBUTE_VALUE: Shape =
        Shape::String { min: None, max: Some(1000), pattern: None, values: &[], sensitive: true, lenient: Lenient::No };

    /// `ColumnName`: string, at most 150 characters.
    pub static COLUMN_NAME: Shape =
        Shape::String { min: None, max: Some(150), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `ColumnNamesList`: list of `ColumnName`, at most 99 members.
    pub static COLUMN_NAMES_LIST: Shape = Shape::List { member: &COLUMN_NAME, min: None, max: Some(99) };

    /// `Context`: map from `AttributeName` to `AttributeValue`, at most 150 entries.
    pub static CONTEXT: Shape = Shape::Map { key: &ATTRIBUTE_NAME, value: &ATTRIBUTE_VALUE, min: None, max: Some(150) };

    /// `DatasetType`: string, at most 256 characters.
    pub static DATASET_TYPE: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `FilterAttributeName`: string, at most 50 characters, pattern `[A-Za-z0-9_]+`.
    pub static FILTER_ATTRIBUTE_NAME: Shape = Shape::String {
        min: None,
        max: Some(50),
        pattern: Some(&super::PATTERNS[1]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `FilterAttributeValue`: string, at most 1000 characters.
    pub static FILTER_ATTRIBUTE_VALUE: Shape =
        Shape::String { min: None, max: Some(1000), pattern: None, values: &[], sensitive: true, lenient: Lenient::No };

    /// `FilterValues`: map from `FilterAttributeName` to `FilterAttributeValue`, at most 25 entries.
    pub static FILTER_VALUES: Shape =
        Shape::Map { key: &FILTER_ATTRIBUTE_NAME, value: &FILTER_ATTRIBUTE_VALUE, min: None, max: Some(25) };

    /// `GetActionRecommendationsRequest`.
    pub static GET_ACTION_RECOMMENDATIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "campaignArn", required: false, shape: &ARN },
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "filterValues", required: false, shape: &FILTER_VALUES },
            Member { name: "numResults", required: false, shape: &NUM_RESULTS },
            Member { name: "userId", required: false, shape: &USER_ID },
        ],
    };

    /// `GetPersonalizedRankingRequest`.
    pub static GET_PERSONALIZED_RANKING_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "campaignArn", required: true, shape: &ARN },
            Member { name: "context", required: false, shape: &CONTEXT },
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "filterValues", required: false, shape: &FILTER_VALUES },
            Member { name: "inputList", required: true, shape: &INPUT_LIST },
            Member { name: "metadataColumns", required: false, shape: &METADATA_COLUMNS },
            Member { name: "userId", required: true, shape: &USER_ID },
        ],
    };

    /// `GetRecommendationsRequest`.
    pub static GET_RECOMMENDATIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "campaignArn", required: false, shape: &ARN },
            Member { name: "context", required: false, shape: &CONTEXT },
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "filterValues", required: false, shape: &FILTER_VALUES },
            Member { name: "itemId", required: false, shape: &ITEM_ID },
            Member { name: "metadataColumns", required: false, shape: &METADATA_COLUMNS },
            Member { name: "numResults", required: false, shape: &NUM_RESULTS },
            Member { name: "promotions", required: false, shape: &PROMOTION_LIST },
            Member { name: "recommenderArn", required: false, shape: &ARN },
            Member { name: "userId", required: false, shape: &USER_ID },
        ],
    };

    /// `InputList`: list of `ItemID`.
    pub static INPUT_LIST: Shape = Shape::List { member: &ITEM_ID, min: None, max: None };

    /// `ItemID`: string, at most 256 characters.
    pub static ITEM_ID: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };

    /// `MetadataColumns`: map from `DatasetType` to `ColumnNamesList`, at most 1 entries.
    pub static METADATA_COLUMNS: Shape =
        Shape::Map { key: &DATASET_TYPE, value: &COLUMN_NAMES_LIST, min: None, max: Some(1) };

    /// `Name`: string, 1 to 63 characters, pattern `^[a-zA-Z0-9][a-zA-Z0-9\-_]*`.
    pub static NAME: Shape = Shape::String {
        min: Some(1),
        max: Some(63),
        pattern: Some(&super::PATTERNS[8]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `NumResults`: integer, at least 0.
    pub static NUM_RESULTS: Shape = Shape::Integer { min: Some(0), max: None };

    /// `PercentPromotedItems`: integer, 1 to 100.
    pub static PERCENT_PROMOTED_ITEMS: Shape = Shape::Integer { min: Some(1), max: Some(100) };

    /// `Promotion`.
    pub static PROMOTION: Shape = Shape::Structure {
        members: &[
            Member { name: "filterArn", required: false, shape: &ARN },
            Member { name: "filterValues", required: false, shape: &FILTER_VALUES },
            Member { name: "name", required: false, shape: &NAME },
            Member { name: "percentPromotedItems", required: false, shape: &PERCENT_PROMOTED_ITEMS },
        ],
    };

    /// `PromotionList`: list of `Promotion`, at most 1 members.
    pub static PROMOTION_LIST: Shape = Shape::List { member: &PROMOTION, min: None, max: Some(1) };

    /// `UserID`: string, at most 256 characters.
    pub static USER_ID: Shape =
        Shape::String { min: None, max: Some(256), pattern: None, values: &[], sensitive: false, lenient: Lenient::No };
}

/// The shapes that the inputs of `personalize-events` reach.
pub mod events {
    use crate::shape::{Lenient, Member, Shape};

    /// `Action`.
    pub static ACTION: Shape = Shape::Structure {
        members: &[
            Member { name: "actionId", required: true, shape: &STRING_TYPE },
            Member { name: "properties", required: false, shape: &ACTION_PROPERTIES },
        ],
    };

    /// `ActionId`: string, 1 to 256 characters.
    pub static ACTION_ID: Shape = Shape::String {
        min: Some(1),
        max: Some(256),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `ActionImpression`: list of `ActionId`, 1 to 25 members.
    pub static ACTION_IMPRESSION: Shape = Shape::List { member: &ACTION_ID, min: Some(1), max: Some(25) };

    /// `ActionInteraction`.
    pub static ACTION_INTERACTION: Shape = Shape::Structure {
        members: &[
            Member { name: "actionId", required: true, shape: &ACTION_ID },
            Member { name: "eventId", required: false, shape: &STRING_TYPE },
            Member { name: "eventType", required: true, shape: &STRING_TYPE },
            Member { name: "impression", required: false, shape: &ACTION_IMPRESSION },
            Member { name: "properties", required: false, shape: &ACTION_INTERACTION_PROPERTIES },
            Member { name: "recommendationId", required: false, shape: &RECOMMENDATION_ID },
            Member { name: "sessionId", required: true, shape: &STRING_TYPE },
            Member { name: "timestamp", required: true, shape: &DATE },
            Member { name: "userId", required: false, shape: &USER_ID },
        ],
    };

    /// `ActionInteractionProperties`: string, 1 to 1024 characters.
    pub static ACTION_INTERACTION_PROPERTIES: Shape = Shape::String {
        min: Some(1),
        max: Some(1024),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::Object,
    };

    /// `ActionInteractionsList`: list of `ActionInteraction`, 1 to 10 members.
    pub static ACTION_INTERACTIONS_LIST: Shape =
        Shape::List { member: &ACTION_INTERACTION, min: Some(1), max: Some(10) };

    /// `ActionList`: list of `Action`, 1 to 10 members.
    pub static ACTION_LIST: Shape = Shape::List { member: &ACTION, min: Some(1), max: Some(10) };

    /// `ActionProperties`: string, 1 to 32000 characters.
    pub static ACTION_PROPERTIES: Shape = Shape::String {
        min: Some(1),
        max: Some(32000),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::Object,
    };

    /// `Arn`: string, at most 256 characters, pattern `arn:([a-z\d-]+):personalize:.*:.*:.+`.
    pub static ARN: Shape = Shape::String {
        min: None,
        max: Some(256),
        pattern: Some(&super::PATTERNS[10]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `Date`: seconds since the Unix epoch.
    pub static DATE: Shape = Shape::Timestamp;

    /// `Event`.
    pub static EVENT: Shape = Shape::Structure {
        members: &[
            Member { name: "eventId", required: false, shape: &STRING_TYPE },
            Member { name: "eventType", required: true, shape: &STRING_TYPE },
            Member { name: "eventValue", required: false, shape: &FLOAT_TYPE },
            Member { name: "impression", required: false, shape: &IMPRESSION },
            Member { name: "itemId", required: false, shape: &ITEM_ID },
            Member { name: "metricAttribution", required: false, shape: &METRIC_ATTRIBUTION },
            Member { name: "properties", required: false, shape: &EVENT_PROPERTIES_JSON },
            Member { name: "recommendationId", required: false, shape: &RECOMMENDATION_ID },
            Member { name: "sentAt", required: true, shape: &DATE },
        ],
    };

    /// `EventAttributionSource`: string, at most 1024 characters, pattern `^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$`.
    pub static EVENT_ATTRIBUTION_SOURCE: Shape = Shape::String {
        min: None,
        max: Some(1024),
        pattern: Some(&super::PATTERNS[7]),
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `EventList`: list of `Event`, 1 to 10 members.
    pub static EVENT_LIST: Shape = Shape::List { member: &EVENT, min: Some(1), max: Some(10) };

    /// `EventPropertiesJSON`: string, 1 to 1024 characters.
    pub static EVENT_PROPERTIES_JSON: Shape = Shape::String {
        min: Some(1),
        max: Some(1024),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::Object,
    };

    /// `FloatType`: float.
    pub static FLOAT_TYPE: Shape = Shape::Double { min: None, max: None };

    /// `Impression`: list of `ItemId`, 1 to 25 members.
    pub static IMPRESSION: Shape = Shape::List { member: &ITEM_ID, min: Some(1), max: Some(25) };

    /// `Item`.
    pub static ITEM: Shape = Shape::Structure {
        members: &[
            Member { name: "itemId", required: true, shape: &STRING_TYPE },
            Member { name: "properties", required: false, shape: &ITEM_PROPERTIES },
        ],
    };

    /// `ItemId`: string, 1 to 256 characters.
    pub static ITEM_ID: Shape = Shape::String {
        min: Some(1),
        max: Some(256),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `ItemList`: list of `Item`, 1 to 10 members.
    pub static ITEM_LIST: Shape = Shape::List { member: &ITEM, min: Some(1), max: Some(10) };

    /// `ItemProperties`: string, 1 to 32000 characters.
    pub static ITEM_PROPERTIES: Shape = Shape::String {
        min: Some(1),
        max: Some(32000),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::Object,
    };

    /// `MetricAttribution`.
    pub static METRIC_ATTRIBUTION: Shape = Shape::Structure {
        members: &[Member { name: "eventAttributionSource", required: true, shape: &EVENT_ATTRIBUTION_SOURCE }],
    };

    /// `PutActionInteractionsRequest`.
    pub static PUT_ACTION_INTERACTIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "actionInteractions", required: true, shape: &ACTION_INTERACTIONS_LIST },
            Member { name: "trackingId", required: true, shape: &STRING_TYPE },
        ],
    };

    /// `PutActionsRequest`.
    pub static PUT_ACTIONS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "actions", required: true, shape: &ACTION_LIST },
            Member { name: "datasetArn", required: true, shape: &ARN },
        ],
    };

    /// `PutEventsRequest`.
    pub static PUT_EVENTS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "eventList", required: true, shape: &EVENT_LIST },
            Member { name: "sessionId", required: true, shape: &STRING_TYPE },
            Member { name: "trackingId", required: true, shape: &STRING_TYPE },
            Member { name: "userId", required: false, shape: &USER_ID },
        ],
    };

    /// `PutItemsRequest`.
    pub static PUT_ITEMS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: true, shape: &ARN },
            Member { name: "items", required: true, shape: &ITEM_LIST },
        ],
    };

    /// `PutUsersRequest`.
    pub static PUT_USERS_REQUEST: Shape = Shape::Structure {
        members: &[
            Member { name: "datasetArn", required: true, shape: &ARN },
            Member { name: "users", required: true, shape: &USER_LIST },
        ],
    };

    /// `RecommendationId`: string, 1 to 40 characters.
    pub static RECOMMENDATION_ID: Shape = Shape::String {
        min: Some(1),
        max: Some(40),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `StringType`: string, 1 to 256 characters.
    pub static STRING_TYPE: Shape = Shape::String {
        min: Some(1),
        max: Some(256),
        pattern: None,
        values: &[],
        sensitive: false,
        lenient: Lenient::No,
    };

    /// `User`.
    pub static USER: Shape = Shape::Structure {
        members: &[
            Member { name: "properties", required: false, shape: &USER_PROPERTIES },
            Member { name: "userId", required: true, shape: &STRING_TYPE },
        ],
    };

    /// `UserId`: string, 1 to 256 characters.
    pub static USER_ID: Shape = Shape::String {
        min: Some(1),
        max: Some(256),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::No,
    };

    /// `UserList`: list of `User`, 1 to 10 members.
    pub static USER_LIST: Shape = Shape::List { member: &USER, min: Some(1), max: Some(10) };

    /// `UserProperties`: string, 1 to 24000 characters.
    pub static USER_PROPERTIES: Shape = Shape::String {
        min: Some(1),
        max: Some(24000),
        pattern: None,
        values: &[],
        sensitive: true,
        lenient: Lenient::Object,
    };
}
