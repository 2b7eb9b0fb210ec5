//! The statistics of interactions: users, items, times, event types and repetitions.

use super::column::cut;
use super::hash_sample::{HashSample, HashedMap, hash_of};
use super::history::{self, Counts, TOP_MAX};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch, StringArray};
use std::collections::HashMap;
use tastemaker_domain::dataset_statistics::{EventTypeStatistics, InteractionStatistics, ValueCount};
use tastemaker_store as store;

use crate::event_values::EventValues;

/// Users up to which counts are exact.
const USERS_MAX: usize = 1_000_000;
/// Items up to which counts are exact.
const ITEMS_MAX: usize = 500_000;
/// Distinct rows up to which repetitions are counted exactly.
const ROWS_MAX: usize = 1_000_000;
/// Event types that are counted each, those that come first.
const TYPES_MAX: usize = 200;
/// Event types that are kept.
const TYPES_KEPT_MAX: usize = 20;
/// Users of an event type up to which their number is exact.
const TYPE_USERS_MAX: usize = 8_192;
/// Days up to which rows are counted by day.
const DAYS_MAX: u64 = 730;
/// Spans of days that are kept.
const SPANS_MAX: usize = 1_000;
/// Seconds of a day.
const DAY_S: i64 = 24 * 60 * 60;
/// The first second of 1990.
const YEAR_1990_S: i64 = 631_152_000;
/// The hours of a week.
const WEEK_HOURS: usize = 7 * 24;

/// Interactions as their rows come.
pub(super) struct Interactions {
    item_column: &'static str,
    now_s: i64,
    rows: u64,
    pub users: HashSample<u64>,
    pub items: HashSample<u64>,
    distinct_rows: HashSample<u64>,
    times: Times,
    types: HashedMap<Type>,
    all_types: HashSample<()>,
}

struct Times {
    first_s: i64,
    last_s: i64,
    before_1990: u64,
    future: u64,
    by_day: HashMap<i64, u64>,
    by_hour: Vec<u64>,
}

struct Type {
    found: EventTypeStatistics,
    users: HashSample<()>,
}

/// The ids that are to be named, by their hash.
#[derive(Default)]
pub(super) struct Wanted {
    pub users: Vec<u64>,
    pub items: Vec<u64>,
}

impl Interactions {
    /// `item_column` has what users interact with; rows after `now_s` are in the future.
    pub fn new(item_column: &'static str, now_s: i64) -> Self {
        Self {
            item_column,
            now_s,
            rows: 0,
            users: HashSample::new(USERS_MAX),
            items: HashSample::new(ITEMS_MAX),
            distinct_rows: HashSample::new(ROWS_MAX),
            times: Times {
                first_s: i64::MAX,
                last_s: i64::MIN,
                before_1990: 0,
                future: 0,
                by_day: HashMap::new(),
                by_hour: vec![0; WEEK_HOURS],
            },
            types: HashedMap::default(),
            all_types: HashSample::new(TYPE_USERS_MAX),
        }
    }

    pub fn see(&mut self, batch: &RecordBatch) -> store::Result<()> {
        let missing = |name: &str| store::Error::Corrupt(format!("parquet: an interactions file has no column {name}"));
        let text = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let users: &StringArray = text("USER_ID").ok_or_else(|| missing("USER_ID"))?;
        let items: &StringArray = text(self.item_column).ok_or_else(|| missing(self.item_column))?;
        let times = batch.column_by_name("TIMESTAMP").and_then(|column| column.as_primitive_opt::<Int64Type>());
        let times = times.ok_or_else(|| missing("TIMESTAMP"))?;
        let types = text("EVENT_TYPE");
        let values = EventValues::of(batch);
        for row in 0..batch.num_rows() {
            let (user, item, time_s) = (hash_of(users.value(row)), hash_of(items.value(row)), times.value(row));
            let event_type = types.filter(|types| types.is_valid(row)).map(|types| types.value(row));
            let type_hash = event_type.map_or(0, hash_of);
            self.rows += 1;
            self.users.update(user, |rows| *rows += 1);
            self.items.update(item, |rows| *rows += 1);
            self.distinct_rows.update(hash_of((user, item, time_s, type_hash)), |rows| *rows += 1);
            self.times.see(time_s, self.now_s);
            if let Some(event_type) = event_type {
                self.see_type(event_type, type_hash, user, time_s, values.get(row).is_some());
            }
        }
        Ok(())
    }

    fn see_type(&mut self, event_type: &str, hash: u64, user: u64, time_s: i64, with_value: bool) {
        if !self.types.contains_key(&hash) {
            self.all_types.update(hash, |()| ());
            if self.types.len() >= TYPES_MAX {
                return;
            }
            let found = EventTypeStatistics {
                name: cut(event_type),
                first_s: i64::MAX,
                last_s: i64::MIN,
                ..Default::default()
            };
            self.types.insert(hash, Type { found, users: HashSample::new(TYPE_USERS_MAX) });
        }
        let Some(Type { found, users }) = self.types.get_mut(&hash) else { return };
        found.rows += 1;
        found.with_value += u64::from(with_value);
        found.first_s = found.first_s.min(time_s);
        found.last_s = found.last_s.max(time_s);
        users.update(user, |()| ());
    }

    /// Whether counts of users, items or repetitions are estimates.
    pub fn is_estimate(&self) -> bool {
        self.users.is_estimate() || self.items.is_estimate() || self.distinct_rows.is_estimate()
    }

    /// The users and items that the statistics name.
    pub fn wanted(&self) -> Wanted {
        let (users, items) = (Counts::of(&self.users), Counts::of(&self.items));
        let mut wanted = Wanted { users: users.top(TOP_MAX), items: items.top(TOP_MAX) };
        wanted.users.extend(users.at(0.0).into_iter().chain(users.at(0.5)));
        wanted
    }

    /// The rows whose user or item is not among `known`; an estimate where there are very many ids.
    pub fn unknown(&self, of: &HashSample<u64>, known: &HashSample<()>) -> u64 {
        let (mut all, mut unknown) = (0, 0);
        for (hash, rows) in of.iter() {
            if let Some(is_known) = known.contains(hash) {
                all += rows;
                unknown += if is_known { 0 } else { *rows };
            }
        }
        if all == 0 { 0 } else { (self.rows as f64 * unknown as f64 / all as f64).round() as u64 }
    }

    /// The statistics, with the names of [`Self::wanted`] by their hash.
    pub fn finish(&self, users: &HashedMap<String>, items: &HashedMap<String>) -> InteractionStatistics {
        let (of_users, of_items) = (Counts::of(&self.users), Counts::of(&self.items));
        let named = |counts: &Counts, names: &HashedMap<String>| -> Vec<ValueCount> {
            let count = |hash: u64| Some(ValueCount { value: names.get(&hash)?.clone(), rows: counts.rows_of(hash)? });
            counts.top(TOP_MAX).into_iter().filter_map(count).collect()
        };
        let repeated: u64 = self.distinct_rows.iter().map(|(_, rows)| rows - 1).sum();
        let mut event_types: Vec<_> = self
            .types
            .values()
            .map(|Type { found, users }| EventTypeStatistics { users: users.distinct(), ..found.clone() })
            .collect();
        event_types.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.name.cmp(&b.name)));
        event_types.truncate(TYPES_KEPT_MAX);
        let (bucket_days, by_day) = self.times.spans();
        InteractionStatistics {
            users: self.users.distinct(),
            items: self.items.distinct(),
            first_s: if self.rows == 0 { 0 } else { self.times.first_s },
            last_s: if self.rows == 0 { 0 } else { self.times.last_s },
            before_1990: self.times.before_1990,
            future: self.times.future,
            duplicates: self.distinct_rows.scaled(repeated),
            bucket_days,
            by_day,
            by_hour: self.times.by_hour.clone(),
            event_types,
            event_type_count: self.all_types.distinct(),
            history_lengths: history::lengths(&of_users, &self.users),
            length_percentiles: of_users.percentiles(),
            users_with_two: self.users.scaled(of_users.with_at_least(2)),
            popularity: of_items.popularity(),
            gini: of_items.gini(),
            top_items: named(&of_items, items),
            top_users: named(&of_users, users),
            short_user: of_users.at(0.0).and_then(|hash| users.get(&hash).cloned()),
            median_user: of_users.at(0.5).and_then(|hash| users.get(&hash).cloned()),
            unknown_items: None,
            unknown_users: None,
        }
    }
}

impl Times {
    fn see(&mut self, time_s: i64, now_s: i64) {
        self.first_s = self.first_s.min(time_s);
        self.last_s = self.last_s.max(time_s);
        self.before_1990 += u64::from(time_s < YEAR_1990_S);
        self.future += u64::from(time_s > now_s);
        let (day, second) = (time_s.div_euclid(DAY_S), time_s.rem_euclid(DAY_S));
        *self.by_day.entry(day).or_default() += 1;
        // The first day of 1970 was a Thursday.
        let weekday = (day + 3).rem_euclid(7) as usize;
        self.by_hour[weekday * 24 + (second / 3600) as usize] += 1;
    }

    /// The length of a span in days, and the rows of each span: days, above [`DAYS_MAX`] weeks, and longer ones where even
    /// weeks are too many.
    fn spans(&self) -> (u64, Vec<(i64, u64)>) {
        let days = self.by_day.keys().copied();
        let range = days.clone().max().unwrap_or(0).abs_diff(days.min().unwrap_or(0)) + 1;
        let mut length: i64 = if range > DAYS_MAX { 7 } else { 1 };
        loop {
            let mut spans: HashMap<i64, u64> = HashMap::new();
            for (day, rows) in &self.by_day {
                // Weeks begin on Monday.
                let first = if length == 1 { *day } else { (day + 3).div_euclid(length) * length - 3 };
                *spans.entry(first).or_default() += rows;
            }
            if spans.len() <= SPANS_MAX {
                let mut spans: Vec<_> = spans.into_iter().collect();
                spans.sort_unstable();
                return (length.unsigned_abs(), spans);
            }
            length *= 4;
        }
    }
}
