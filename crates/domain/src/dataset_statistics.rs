//! Statistics of a dataset: counts, distributions and samples of its imported rows, of bounded size whatever the size of the data.
//!
//! Counts of distinct values are exact up to a size that the room which counts states; beyond it they are estimates, and the
//! statistics say so.

use crate::resource::TimeMs;
use crate::schema::{DatasetType, FieldType};
use std::collections::BTreeMap;

/// Characters of a value that are kept.
pub const VALUE_CHARS_MAX: usize = 80;

/// The statistics of a dataset's imported rows.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetStatistics {
    /// The dataset.
    pub dataset_arn: String,
    /// Its type.
    pub dataset_type: DatasetType,
    /// When they were made.
    pub made_ms: TimeMs,
    /// Fingerprint of the files and schemas that they were made from.
    pub source: String,
    /// Imported rows.
    pub rows: u64,
    /// Rows with at least one value that is empty.
    pub rows_with_missing: u64,
    /// Whether some of the counts of distinct users, items or rows are estimates.
    pub is_estimate: bool,
    /// The columns of the schema, in its order.
    pub columns: Vec<ColumnStatistics>,
    /// The statistics of datasets with interactions.
    pub interactions: Option<InteractionStatistics>,
    /// The statistics of datasets of items, users or actions.
    pub metadata: Option<MetadataStatistics>,
}

/// Event types of streamed events that are counted one by one; the rest is among all.
pub const STREAMED_TYPES_MAX: usize = 50;
/// Seconds between an event and its arrival from which on it is late.
pub const LATE_AFTER_S: i64 = 86_400;

/// Counts of the streamed events of a dataset group, which go on where they ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamedStatistics {
    /// The dataset group.
    pub dataset_group_arn: String,
    /// Events up to this position of the group's stream are counted.
    pub position: u64,
    /// All events that came.
    pub events: u64,
    /// Those of which the time of arrival is known.
    pub timed: u64,
    /// Those that were more than a day old when they arrived.
    pub late: u64,
    /// When the last one arrived.
    pub last_received_ms: Option<TimeMs>,
    /// The events of each type.
    pub event_types: BTreeMap<String, u64>,
}

impl StreamedStatistics {
    /// Counts an event.
    pub fn add(&mut self, event_type: &str, timestamp_s: i64, received_ms: Option<TimeMs>) {
        self.events += 1;
        if let Some(received_ms) = received_ms {
            self.timed += 1;
            self.late += u64::from(received_ms / 1000 - timestamp_s > LATE_AFTER_S);
            self.last_received_ms = self.last_received_ms.max(Some(received_ms));
        }
        if let Some(count) = self.event_types.get_mut(event_type) {
            *count += 1;
        } else if self.event_types.len() < STREAMED_TYPES_MAX {
            self.event_types.insert(event_type.to_owned(), 1);
        }
    }
}

/// The statistics of interactions or action interactions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionStatistics {
    /// Distinct users.
    pub users: u64,
    /// Distinct items, or actions.
    pub items: u64,
    /// The earliest time, in seconds.
    pub first_s: i64,
    /// The latest time, in seconds.
    pub last_s: i64,
    /// Rows with a time before 1990.
    pub before_1990: u64,
    /// Rows with a time after these statistics were made.
    pub future: u64,
    /// Rows that repeat user, item, time and event type of another.
    pub duplicates: u64,
    /// Days of one entry of `by_day`.
    pub bucket_days: u64,
    /// The rows of each span of `bucket_days` days, by its first day since 1970; spans without rows are absent.
    pub by_day: Vec<(i64, u64)>,
    /// The rows of each hour of the week in UTC, beginning on Monday at midnight: 168 counts.
    pub by_hour: Vec<u64>,
    /// The event types with the most rows, most first.
    pub event_types: Vec<EventTypeStatistics>,
    /// Distinct event types.
    pub event_type_count: u64,
    /// Users by the number of their rows.
    pub history_lengths: Vec<HistoryLengths>,
    /// The length of histories at each percentile from 0 to 100: 101 numbers.
    pub length_percentiles: Vec<u64>,
    /// Users with two rows or more.
    pub users_with_two: u64,
    /// The share of all rows that the most popular items take.
    pub popularity: Vec<PopularityShare>,
    /// The Gini coefficient of the rows of items: 0 where all have as many, towards 1 where few have all.
    pub gini: f64,
    /// The items with the most rows.
    pub top_items: Vec<ValueCount>,
    /// The users with the most rows.
    pub top_users: Vec<ValueCount>,
    /// A user with one of the shortest histories.
    pub short_user: Option<String>,
    /// A user with a history of median length.
    pub median_user: Option<String>,
    /// Rows whose item is absent from the dataset of items; none where there is no such dataset.
    pub unknown_items: Option<u64>,
    /// Rows whose user is absent from the dataset of users; none where there is no such dataset.
    pub unknown_users: Option<u64>,
}

/// The rows with one event type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventTypeStatistics {
    /// The event type.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Distinct users with it.
    pub users: u64,
    /// Rows with a value of the event.
    pub with_value: u64,
    /// The earliest time, in seconds.
    pub first_s: i64,
    /// The latest time, in seconds.
    pub last_s: i64,
}

/// The users whose number of rows lies in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLengths {
    /// The least number of rows.
    pub from: u64,
    /// The greatest number of rows.
    pub to: u64,
    /// The users.
    pub users: u64,
}

/// The share of all rows that a share of the items takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PopularityShare {
    /// The most popular items, in percent of all.
    pub top_percent: f64,
    /// Their share of all rows, from 0 to 1.
    pub share: f64,
}

/// The statistics of items, users or actions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetadataStatistics {
    /// Distinct ids.
    pub ids: u64,
    /// Ids that no interaction has; none where there is no dataset of interactions.
    pub without_interactions: Option<u64>,
    /// The latest CREATION_TIMESTAMP, in seconds.
    pub newest_creation_s: Option<i64>,
    /// Rows created in the thirty days before the statistics were made.
    pub created_in_30_days: u64,
}

/// A value and its number of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueCount {
    /// The value, cut to [`VALUE_CHARS_MAX`] characters.
    pub value: String,
    /// Its rows.
    pub rows: u64,
}

/// The statistics of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnStatistics {
    /// Its name.
    pub name: String,
    /// Its type in the schema.
    pub field_type: FieldType,
    /// Whether the schema lets it be empty.
    pub nullable: bool,
    /// Whether the schema calls it categorical.
    pub categorical: bool,
    /// Whether the schema calls it textual.
    pub textual: bool,
    /// Rows without a value.
    pub empty: u64,
    /// Distinct values.
    pub distinct: u64,
    /// Whether `distinct` is an estimate.
    pub distinct_is_estimate: bool,
    /// The most frequent values, most frequent first; empty for numbers and text.
    pub top: Vec<ValueCount>,
    /// Values that look like several in one, with `|` or `,` between them.
    pub joined: u64,
    /// The distribution of numbers.
    pub numbers: Option<NumberStatistics>,
    /// The length and the language of text.
    pub text: Option<TextStatistics>,
    /// The first distinct values, cut to [`VALUE_CHARS_MAX`] characters.
    pub samples: Vec<String>,
}

/// The distribution of a column's numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberStatistics {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The values at 0, 5, 10, ... 100 percent: 21 numbers, exact for up to 16,384 values, else of a sample.
    pub quantiles: Vec<f64>,
    /// The bounds of the histogram's bars: one more than `bars`.
    pub bounds: Vec<f64>,
    /// The values of each bar; the outermost bars have those beyond the bounds, too.
    pub bars: Vec<u64>,
    /// Values farther than five robust standard deviations (1.4826 times the median absolute deviation) from the median.
    pub outliers: u64,
    /// The three of them that are farthest away.
    pub farthest: Vec<f64>,
}

/// The length and the language of a column's texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextStatistics {
    /// The mean number of characters.
    pub chars_mean: f64,
    /// The greatest number of characters.
    pub chars_max: u64,
    /// The script that most letters are of: `latin`, `hangul`, `kana`, `han`, `cyrillic`, `other`, or empty without letters.
    pub script: String,
}

impl ColumnStatistics {
    /// The share of rows that have a value, from 0 to 1; 1 without rows.
    pub fn filled_share(&self, rows: u64) -> f64 {
        if rows == 0 { 1.0 } else { 1.0 - self.empty as f64 / rows as f64 }
    }
}
