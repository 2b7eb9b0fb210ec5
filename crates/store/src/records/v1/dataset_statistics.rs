//! Statistics of datasets.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::dataset_statistics::{
    ColumnStatistics, DatasetStatistics, EventTypeStatistics, HistoryLengths, InteractionStatistics,
    MetadataStatistics, NumberStatistics, PopularityShare, TextStatistics, ValueCount,
};
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::schema::{DatasetType, FieldType};

record!("dataset-statistics", DatasetStatistics by dataset_arn, "StatisticsV1::serialize", "StatisticsV1::deserialize");

optional!(interactions: InteractionStatistics, "InteractionsV1::serialize", "InteractionsV1::deserialize");
optional!(metadata: MetadataStatistics, "MetadataV1::serialize", "MetadataV1::deserialize");
optional!(numbers: NumberStatistics, "NumbersV1::serialize", "NumbersV1::deserialize");
optional!(text: TextStatistics, "TextV1::serialize", "TextV1::deserialize");
list!(columns: ColumnStatistics, "ColumnV1::serialize", "ColumnV1::deserialize");
list!(event_types: EventTypeStatistics, "EventTypeV1::serialize", "EventTypeV1::deserialize");
list!(lengths: HistoryLengths, "LengthsV1::serialize", "LengthsV1::deserialize");
list!(popularity: PopularityShare, "PopularityV1::serialize", "PopularityV1::deserialize");
list!(values: ValueCount, "ValueV1::serialize", "ValueV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetStatistics")]
struct StatisticsV1 {
    dataset_arn: String,
    #[serde(with = "word")]
    dataset_type: DatasetType,
    made_ms: TimeMs,
    source: String,
    rows: u64,
    rows_with_missing: u64,
    is_estimate: bool,
    #[serde(with = "columns")]
    columns: Vec<ColumnStatistics>,
    #[serde(with = "interactions")]
    interactions: Option<InteractionStatistics>,
    #[serde(with = "metadata")]
    metadata: Option<MetadataStatistics>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InteractionStatistics")]
struct InteractionsV1 {
    users: u64,
    items: u64,
    first_s: i64,
    last_s: i64,
    before_1990: u64,
    future: u64,
    duplicates: u64,
    bucket_days: u64,
    by_day: Vec<(i64, u64)>,
    by_hour: Vec<u64>,
    #[serde(with = "event_types")]
    event_types: Vec<EventTypeStatistics>,
    event_type_count: u64,
    #[serde(with = "lengths")]
    history_lengths: Vec<HistoryLengths>,
    length_percentiles: Vec<u64>,
    users_with_two: u64,
    #[serde(with = "popularity")]
    popularity: Vec<PopularityShare>,
    gini: f64,
    #[serde(with = "values")]
    top_items: Vec<ValueCount>,
    #[serde(with = "values")]
    top_users: Vec<ValueCount>,
    short_user: Option<String>,
    median_user: Option<String>,
    unknown_items: Option<u64>,
    unknown_users: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventTypeStatistics")]
struct EventTypeV1 {
    name: String,
    rows: u64,
    users: u64,
    with_value: u64,
    first_s: i64,
    last_s: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HistoryLengths")]
struct LengthsV1 {
    from: u64,
    to: u64,
    users: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PopularityShare")]
struct PopularityV1 {
    top_percent: f64,
    share: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MetadataStatistics")]
struct MetadataV1 {
    ids: u64,
    without_interactions: Option<u64>,
    newest_creation_s: Option<i64>,
    created_in_30_days: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ValueCount")]
struct ValueV1 {
    value: String,
    rows: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ColumnStatistics")]
struct ColumnV1 {
    name: String,
    #[serde(with = "word")]
    field_type: FieldType,
    nullable: bool,
    categorical: bool,
    textual: bool,
    empty: u64,
    distinct: u64,
    distinct_is_estimate: bool,
    #[serde(with = "values")]
    top: Vec<ValueCount>,
    joined: u64,
    #[serde(with = "numbers")]
    numbers: Option<NumberStatistics>,
    #[serde(with = "text")]
    text: Option<TextStatistics>,
    samples: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NumberStatistics")]
struct NumbersV1 {
    min: f64,
    max: f64,
    mean: f64,
    quantiles: Vec<f64>,
    bounds: Vec<f64>,
    bars: Vec<u64>,
    outliers: u64,
    farthest: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TextStatistics")]
struct TextV1 {
    chars_mean: f64,
    chars_max: u64,
    script: String,
}
