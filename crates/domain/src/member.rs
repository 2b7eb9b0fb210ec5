//! The API's member names, as error texts need them: a typed name for each member that a text mentions, and the path that
//! leads to one within a request. No other file of the rooms behind the API spells a member's name.

use crate::words::words;
use std::fmt;

words! {
    /// A member of the API's structures.
    #[allow(missing_docs)]
    pub enum Member {
        ActionId = "actionId",
        ActionInteractions = "actionInteractions",
        Actions = "actions",
        AddMetrics = "addMetrics",
        AlgorithmArn = "algorithmArn",
        AlgorithmHyperParameterRanges = "algorithmHyperParameterRanges",
        AlgorithmHyperParameters = "algorithmHyperParameters",
        AutoTrainingConfig = "autoTrainingConfig",
        BatchInferenceJobArn = "batchInferenceJobArn",
        BatchInferenceJobConfig = "batchInferenceJobConfig",
        BatchInferenceJobMode = "batchInferenceJobMode",
        BatchSegmentJobArn = "batchSegmentJobArn",
        CampaignArn = "campaignArn",
        CampaignConfig = "campaignConfig",
        CategoricalHyperParameterRanges = "categoricalHyperParameterRanges",
        ContinuousHyperParameterRanges = "continuousHyperParameterRanges",
        DataDeletionJobArn = "dataDeletionJobArn",
        DataLocation = "dataLocation",
        DataSource = "dataSource",
        DatasetArn = "datasetArn",
        DatasetExportJobArn = "datasetExportJobArn",
        DatasetGroupArn = "datasetGroupArn",
        DatasetImportJobArn = "datasetImportJobArn",
        DatasetType = "datasetType",
        EnableMetadataWithRecommendations = "enableMetadataWithRecommendations",
        EventAttributionSource = "eventAttributionSource",
        EventId = "eventId",
        EventList = "eventList",
        EventParametersList = "eventParametersList",
        EventTrackerArn = "eventTrackerArn",
        EventType = "eventType",
        EventValue = "eventValue",
        EventValueThreshold = "eventValueThreshold",
        EventsConfig = "eventsConfig",
        ExcludedDatasetColumns = "excludedDatasetColumns",
        Expression = "expression",
        FeatureTransformationArn = "featureTransformationArn",
        FeatureTransformationParameters = "featureTransformationParameters",
        FieldsForThemeGeneration = "fieldsForThemeGeneration",
        FilterArn = "filterArn",
        FilterExpression = "filterExpression",
        FilterValues = "filterValues",
        HpoConfig = "hpoConfig",
        HpoObjective = "hpoObjective",
        HpoResourceConfig = "hpoResourceConfig",
        ImportMode = "importMode",
        Impression = "impression",
        IncludedDatasetColumns = "includedDatasetColumns",
        IntegerHyperParameterRanges = "integerHyperParameterRanges",
        ItemAttribute = "itemAttribute",
        ItemExplorationConfig = "itemExplorationConfig",
        ItemId = "itemId",
        ItemList = "itemList",
        ItemName = "itemName",
        Items = "items",
        JobInput = "jobInput",
        JobName = "jobName",
        JobOutput = "jobOutput",
        KmsKeyArn = "kmsKeyArn",
        MaxNumberOfTrainingJobs = "maxNumberOfTrainingJobs",
        MaxParallelTrainingJobs = "maxParallelTrainingJobs",
        MaxResults = "maxResults",
        MaxValue = "maxValue",
        MetadataColumns = "metadataColumns",
        MetricAttribution = "metricAttribution",
        MetricAttributionArn = "metricAttributionArn",
        MetricName = "metricName",
        Metrics = "metrics",
        MetricsOutputConfig = "metricsOutputConfig",
        MinProvisionedTps = "minProvisionedTPS",
        MinRecommendationRequestsPerSecond = "minRecommendationRequestsPerSecond",
        MinValue = "minValue",
        Name = "name",
        NextToken = "nextToken",
        NumResults = "numResults",
        OptimizationObjective = "optimizationObjective",
        Path = "path",
        PerformHpo = "performHPO",
        PerformIncrementalUpdate = "performIncrementalUpdate",
        Promotions = "promotions",
        Properties = "properties",
        PublishAttributionMetricsToS3 = "publishAttributionMetricsToS3",
        RankingInfluence = "rankingInfluence",
        RecipeArn = "recipeArn",
        RecommendationId = "recommendationId",
        RecommenderArn = "recommenderArn",
        RecommenderConfig = "recommenderConfig",
        RemoveMetrics = "removeMetrics",
        ResourceArn = "resourceArn",
        RoleArn = "roleArn",
        S3DataDestination = "s3DataDestination",
        S3DataSource = "s3DataSource",
        SchedulingExpression = "schedulingExpression",
        SchemaArn = "schemaArn",
        SentAt = "sentAt",
        SessionId = "sessionId",
        SolutionArn = "solutionArn",
        SolutionConfig = "solutionConfig",
        SolutionUpdateConfig = "solutionUpdateConfig",
        SolutionVersionArn = "solutionVersionArn",
        SyncWithLatestSolutionVersion = "syncWithLatestSolutionVersion",
        TagKey = "tagKey",
        TagKeys = "tagKeys",
        TagValue = "tagValue",
        Tags = "tags",
        ThemeGenerationConfig = "themeGenerationConfig",
        Timestamp = "timestamp",
        TrackingId = "trackingId",
        TrainingDataConfig = "trainingDataConfig",
        TrainingMode = "trainingMode",
        Type = "type",
        UserId = "userId",
        Users = "users",
        Weight = "weight",
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Member {
    /// The member `next` of this structure.
    pub fn then(self, next: impl Into<MemberPath>) -> MemberPath {
        MemberPath::from(self).then(next)
    }

    /// The entry of this list, counted from 0.
    pub fn item(self, index: usize) -> MemberPath {
        MemberPath::from(self).item(index)
    }

    /// The entry of this map, whose keys are the customer's words.
    pub fn key(self, key: impl Into<String>) -> MemberPath {
        MemberPath::from(self).key(key)
    }
}

/// The way to a member within a request: `solutionConfig.hpoConfig`, `eventList.1.member.sentAt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(Member),
    /// Counted from 0; shown from 1.
    Item(usize),
    Key(String),
}

impl MemberPath {
    /// The member `next` of the structure at this path, or a path that begins there.
    pub fn then(mut self, next: impl Into<MemberPath>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    /// The entry of the list at this path, counted from 0.
    pub fn item(mut self, index: usize) -> Self {
        self.0.push(Step::Item(index));
        self
    }

    /// The entry of the map at this path.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }
}

impl From<Member> for MemberPath {
    fn from(member: Member) -> Self {
        Self(vec![Step::Member(member)])
    }
}

impl From<&MemberPath> for MemberPath {
    fn from(path: &MemberPath) -> Self {
        path.clone()
    }
}

impl fmt::Display for MemberPath {
    /// As AWS's own texts spell paths: the entry of a list is `<place>.member`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(".")?;
            }
            match step {
                Step::Member(member) => f.write_str(member.as_str())?,
                Step::Item(index) => write!(f, "{}.member", index + 1)?,
                Step::Key(key) => f.write_str(key)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_the_api_spells_them() {
        let objective = Member::SolutionConfig.then(Member::HpoConfig).then(Member::HpoObjective).then(Member::Type);
        assert_eq!(objective.to_string(), "solutionConfig.hpoConfig.hpoObjective.type");
        assert_eq!(Member::EventList.item(2).then(Member::SentAt).to_string(), "eventList.3.member.sentAt");
        assert_eq!(
            Member::EventList.item(0).then(Member::Impression.item(1)).to_string(),
            "eventList.1.member.impression.2.member"
        );
        assert_eq!(Member::RankingInfluence.key("FRESHNESS").to_string(), "rankingInfluence.FRESHNESS");
        assert_eq!(MemberPath::from(&objective), objective);
        assert_eq!(Member::MinProvisionedTps.to_string(), "minProvisionedTPS");
    }

    #[test]
    fn the_table_is_sorted_and_has_every_word_once() {
        let words: Vec<_> = Member::ALL.iter().map(|member| format!("{member:?}")).collect();
        assert!(words.is_sorted(), "{words:?}");
        assert_eq!(Member::ALL.iter().filter(|m| Member::parse(m.as_str()) == Some(**m)).count(), Member::ALL.len());
    }
}
