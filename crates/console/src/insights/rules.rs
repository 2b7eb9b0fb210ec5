//! The rules of insights with their numbers.

use super::insight::{Code, Insight, Severity, Source, Stream};
use tastemaker_domain::dataset_statistics::{
    ColumnStatistics, DatasetStatistics, InteractionStatistics, MetadataStatistics,
};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::schema::{DatasetType, FieldType};

/// Interactions below which a training is refused.
const INTERACTIONS_MIN: u64 = 1_000;
/// Interactions that AWS recommends.
const INTERACTIONS_RECOMMENDED: u64 = 50_000;
/// Users with two interactions below which a training is refused.
const USERS_MIN: u64 = 25;
/// Users with two interactions that AWS recommends.
const USERS_RECOMMENDED: u64 = 1_000;
/// The share of rows with a value, in percent, below which a column is sparse.
const FILLED_PERCENT_MIN: f64 = 70.0;
/// The same for text.
const TEXT_FILLED_PERCENT_MIN: f64 = 85.0;
/// Distinct values of a categorical column.
const CATEGORIES_MAX: u64 = 30;
/// Event types.
const EVENT_TYPES_MAX: u64 = 10;
/// The share of rows that an import left out, in percent.
const REFUSED_PERCENT_MAX: f64 = 1.0;
/// The share of rows that repeat others, in percent.
const DUPLICATES_PERCENT_MAX: f64 = 1.0;
/// The share of interactions with unknown items, in percent.
const UNKNOWN_PERCENT_MAX: f64 = 5.0;
/// The share of interactions of one user, in percent,
const HEAVY_USER_PERCENT_MAX: f64 = 1.0;
/// and how many times as many as the median user's they are, without which few users would all be heavy.
const HEAVY_USER_TIMES: u64 = 10;
/// The share of interactions of the most popular hundredth of items, in percent,
const HEAD_PERCENT_MAX: f64 = 50.0;
/// where there are at least so many items.
const HEAD_ITEMS_MIN: u64 = 100;
/// The share of values that look like several, in percent.
const JOINED_PERCENT_MAX: f64 = 10.0;
/// Hours without an event after which an event tracker is silent.
const SILENT_HOURS_MAX: i64 = 24;
/// The share of streamed events that came late, in percent.
const LATE_PERCENT_MAX: f64 = 1.0;
/// Columns that a sentence names.
const NAMED_MAX: usize = 5;

pub(super) fn all(source: Source<'_>) -> Vec<Insight> {
    let Source { statistics, last_import, streamed } = source;
    if statistics.rows == 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(interactions) = &statistics.interactions
        && statistics.dataset_type == DatasetType::Interactions
    {
        found.extend(of_amounts(statistics, interactions));
        found.extend(of_interactions(statistics, interactions));
    }
    if let Some(metadata) = &statistics.metadata {
        found.extend(of_metadata(statistics, metadata));
    }
    found.extend(of_columns(statistics));
    found.extend(last_import.and_then(of_import));
    found.extend(streamed.into_iter().flat_map(of_stream));
    found
}

/// An insight about a count among all.
fn insight(code: Code, severity: Severity, count: u64, all: u64) -> Insight {
    let percent = if all == 0 { 0.0 } else { 100.0 * count as f64 / all as f64 };
    Insight { code, severity, column: String::new(), count, percent, detail: String::new() }
}

fn of_amounts(statistics: &DatasetStatistics, interactions: &InteractionStatistics) -> Vec<Insight> {
    let (rows, users) = (statistics.rows, interactions.users_with_two);
    let of_rows = match rows {
        ..INTERACTIONS_MIN => Some((Code::FewInteractions, Severity::Stop)),
        INTERACTIONS_MIN..INTERACTIONS_RECOMMENDED => Some((Code::UnderRecommendedInteractions, Severity::Hint)),
        _ => None,
    };
    let of_users = match users {
        ..USERS_MIN => Some((Code::FewUsers, Severity::Stop)),
        USERS_MIN..USERS_RECOMMENDED => Some((Code::UnderRecommendedUsers, Severity::Hint)),
        _ => None,
    };
    let of_rows = of_rows.map(|(code, severity)| insight(code, severity, rows, rows));
    let of_users = of_users.map(|(code, severity)| insight(code, severity, users, interactions.users));
    of_rows.into_iter().chain(of_users).collect()
}

fn of_interactions(statistics: &DatasetStatistics, interactions: &InteractionStatistics) -> Vec<Insight> {
    let rows = statistics.rows;
    let mut found = Vec::new();
    let mut above = |code, severity, count, percent_max: f64| {
        let insight = insight(code, severity, count, rows);
        if insight.percent > percent_max {
            found.push(insight);
        }
    };
    above(Code::Duplicates, Severity::Warn, interactions.duplicates, DUPLICATES_PERCENT_MAX);
    above(Code::UnknownItems, Severity::Warn, interactions.unknown_items.unwrap_or(0), UNKNOWN_PERCENT_MAX);
    above(Code::ImplausibleTimes, Severity::Stop, interactions.before_1990 + interactions.future, 0.0);
    let head = interactions.popularity.iter().find(|share| share.top_percent == 1.0);
    if let Some(head) = head.filter(|_| interactions.items >= HEAD_ITEMS_MIN) {
        above(Code::HeadHeavy, Severity::Hint, (head.share * rows as f64).round() as u64, HEAD_PERCENT_MAX);
    }
    if interactions.first_s == interactions.last_s && rows > 1 {
        found.push(insight(Code::OneTimestamp, Severity::Stop, rows, rows));
    }
    if interactions.event_type_count > EVENT_TYPES_MAX {
        found.push(insight(Code::ManyEventTypes, Severity::Warn, interactions.event_type_count, 0));
    }
    let median = interactions.length_percentiles.get(50).copied().unwrap_or(0);
    if let Some(user) = interactions.top_users.first() {
        let of_user = insight(Code::HeavyUser, Severity::Warn, user.rows, rows);
        if of_user.percent > HEAVY_USER_PERCENT_MAX && user.rows > median.saturating_mul(HEAVY_USER_TIMES) {
            found.push(Insight { detail: user.value.clone(), ..of_user });
        }
    }
    found
}

fn of_metadata(statistics: &DatasetStatistics, metadata: &MetadataStatistics) -> Vec<Insight> {
    let mut found = Vec::new();
    let without = metadata.without_interactions.filter(|without| *without > 0);
    match (statistics.dataset_type, without) {
        (DatasetType::Items, Some(without)) => {
            found.push(insight(Code::ItemsWithoutInteractions, Severity::Hint, without, metadata.ids));
        }
        (DatasetType::Users, Some(without)) => {
            found.push(insight(Code::UsersWithoutInteractions, Severity::Hint, without, metadata.ids));
        }
        _ => {}
    }
    if statistics.dataset_type == DatasetType::Items && metadata.newest_creation_s.is_none() {
        found.push(insight(Code::NoCreationTime, Severity::Hint, metadata.ids, metadata.ids));
    }
    found
}

/// Whether a column is so empty that it has an insight of its own.
fn is_sparse(column: &ColumnStatistics, rows: u64) -> bool {
    let filled = 100.0 * column.filled_share(rows);
    filled < if column.textual { TEXT_FILLED_PERCENT_MIN } else { FILLED_PERCENT_MIN }
}

fn of_columns(statistics: &DatasetStatistics) -> Vec<Insight> {
    let rows = statistics.rows;
    let mut found = Vec::new();
    for column in &statistics.columns {
        let filled = rows - column.empty.min(rows);
        let of_column = |insight: Insight| Insight { column: column.name.clone(), ..insight };
        // A column that is wholly empty by design, as the time of creation where items have none, is told once.
        if is_sparse(column, rows) && (filled > 0 || column.name != "CREATION_TIMESTAMP") {
            let code = if column.textual { Code::SparseText } else { Code::SparseColumn };
            found.push(of_column(insight(code, Severity::Warn, column.empty, rows)));
        }
        if column.categorical && column.distinct > CATEGORIES_MAX {
            found.push(of_column(insight(Code::ManyCategories, Severity::Hint, column.distinct, 0)));
        }
        if let Some(numbers) = column.numbers.as_ref().filter(|numbers| numbers.outliers > 0) {
            let farthest: Vec<String> = numbers.farthest.iter().map(ToString::to_string).collect();
            let outliers = insight(Code::Outliers, Severity::Hint, numbers.outliers, filled);
            found.push(of_column(Insight { detail: farthest.join(", "), ..outliers }));
        }
        let plain = column.field_type == FieldType::String && !column.categorical && !column.textual;
        let joined = insight(Code::UnsplitValues, Severity::Hint, column.joined, filled);
        if plain && joined.percent > JOINED_PERCENT_MAX && !is_list(&column.name) {
            found.push(of_column(joined));
        }
    }
    let with_gaps: Vec<&str> = statistics
        .columns
        .iter()
        .filter(|column| column.empty > 0 && !is_sparse(column, rows))
        .map(|column| column.name.as_str())
        .collect();
    if !with_gaps.is_empty() {
        let named = with_gaps.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
        let more = if with_gaps.len() > NAMED_MAX { ", …" } else { "" };
        let missing = insight(Code::RowsWithMissing, Severity::Hint, statistics.rows_with_missing, rows);
        found.push(Insight { detail: format!("{named}{more}"), ..missing });
    }
    found
}

/// Columns whose values are lists by the API's rules.
fn is_list(column: &str) -> bool {
    column == "IMPRESSION"
}

fn of_stream(Stream { counts, now_ms }: Stream<'_>) -> Vec<Insight> {
    let mut found = Vec::new();
    let silent_hours = counts.last_received_ms.map_or(0, |last_ms| (now_ms - last_ms).max(0) / 3_600_000);
    if silent_hours >= SILENT_HOURS_MAX {
        found.push(insight(Code::Stale, Severity::Warn, silent_hours as u64, 0));
    }
    let late = insight(Code::LateEvents, Severity::Hint, counts.late, counts.timed);
    if late.percent > LATE_PERCENT_MAX {
        found.push(late);
    }
    found
}

fn of_import(report: &ImportReport) -> Option<Insight> {
    let refused = report.rows_left_out + report.values_left_out;
    let percent = 100.0 * report.refused_share();
    let of_report = insight(Code::RefusedRows, Severity::Warn, refused, 0);
    (percent > REFUSED_PERCENT_MAX).then_some(Insight { percent, ..of_report })
}
