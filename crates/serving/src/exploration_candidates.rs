//! The candidates of exploration: items created within the cut-off before the newest interaction.

use crate::changed_records::ChangedRecords;
use crate::training_histories::TrainingHistories;
use tastemaker_data::{Bitmap, Column, IdMap, ItemIx, NewestTimes, Table};
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::cold_start::ColdStart;

const DAY_S: f64 = 86_400.0;
const CREATED: &str = "CREATION_TIMESTAMP";

/// Each item's figures from bulk histories.
#[derive(Debug)]
pub(crate) struct ItemHistory {
    /// `[items]`: interactions and impressions.
    count: Vec<u32>,
    /// `[items]`: time of the first interaction; the largest number where there is none.
    first_s: Vec<i64>,
    /// The newest times of all interactions.
    newest: NewestTimes,
    /// The rules by which the solution calls items cold, if it does.
    cold_start: Option<ColdStart>,
    /// Items with more interactions than a cold one may have.
    warm: Bitmap,
}

impl ItemHistory {
    /// `impressions` `[items]`, or empty.
    pub fn new(
        histories: &TrainingHistories,
        impressions: &[u32],
        items: usize,
        cold_start: Option<ColdStart>,
    ) -> Self {
        let mut count = impressions.to_vec();
        count.resize(items, 0);
        let first_s = vec![i64::MAX; items];
        let mut all = Self { count, first_s, newest: NewestTimes::default(), cold_start, warm: Bitmap::new(items) };
        for event in histories.events() {
            let item = event.item.0 as usize;
            if item < items {
                all.count[item] = all.count[item].saturating_add(1);
                all.first_s[item] = all.first_s[item].min(event.time_s);
            }
            all.newest.push(event.time_s);
        }
        if let Some(cold_start) = cold_start {
            for (ix, count) in (0..).zip(&all.count) {
                let interactions = count - impressions.get(ix as usize).copied().unwrap_or(0);
                if interactions > cold_start.interactions_max {
                    all.warm.set(ItemIx(ix));
                }
            }
        }
        all
    }

    /// The time of the newest of all interactions, those streamed since among them; 0 without any.
    pub fn newest_s(&self, streamed: &NewestTimes) -> i64 {
        let mut all = self.newest.clone();
        all.merge(streamed);
        all.newest_s().unwrap_or(0)
    }
}

/// An item that is new.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub item: ItemIx,
    /// Seconds since the Unix epoch.
    pub created_s: i64,
    /// Interactions and impressions in bulk data.
    pub seen: u32,
}

/// The catalog in which candidates are found.
pub(crate) struct CandidateSource<'a> {
    /// The model's items.
    pub known_ids: &'a IdMap,
    /// The number of items, with those that the model does not know.
    pub items: usize,
    /// The published table of their records.
    pub published: &'a Table,
    /// The records that replace or follow those of the table.
    pub changed_or_new: &'a ChangedRecords,
    /// The figures of the model's items from bulk data.
    pub history: &'a ItemHistory,
}

/// The new items of one catalog view.
pub(crate) struct ExplorationCandidates(pub Vec<Candidate>);

impl ExplorationCandidates {
    /// The items of `source` created within the cut-off before `newest_s`. An item without creation time is as old as its
    /// first interaction, and one without interactions is new. Where the solution says which items are cold, it is these instead.
    pub fn new(source: &CandidateSource<'_>, exploration: &Exploration, newest_s: i64) -> Self {
        let Some(cold_start) = source.history.cold_start else {
            return Self::created_since(source, oldest(exploration, newest_s), newest_s);
        };
        let mut cold = Self::created_since(source, i64::MIN, newest_s);
        // What is created later than the newest interaction is only announced, or has a wrong time.
        let created = || cold.0.iter().map(|candidate| candidate.created_s).filter(|&created_s| created_s <= newest_s);
        let starting_point_s = cold_start.starting_point_s.or_else(|| created().max()).unwrap_or(newest_s);
        let oldest_s = starting_point_s.saturating_sub((cold_start.duration_days * DAY_S) as i64);
        let warm = &source.history.warm;
        cold.0.retain(|candidate| candidate.created_s >= oldest_s && !warm.get(candidate.item));
        cold
    }

    /// The items created from `oldest_s` on.
    fn created_since(source: &CandidateSource<'_>, oldest_s: i64, newest_s: i64) -> Self {
        let history = source.history;
        let candidate = |item: ItemIx, created: Option<i64>| {
            let ix = item.0 as usize;
            let first = history.first_s.get(ix).copied().filter(|&first| first != i64::MAX);
            let created_s = created.or(first).unwrap_or(newest_s);
            let seen = history.count.get(ix).copied().unwrap_or(0);
            (created_s >= oldest_s).then_some(Candidate { item, created_s, seen })
        };
        let published = Created::of(source.published);
        let changed = source.changed_or_new;
        let mut overlaid = Bitmap::new(source.items);
        changed.items.iter().for_each(|&item| overlaid.set(item));
        let known = source.known_ids.iter().enumerate().map(|(ix, id)| (ItemIx(ix as u32), id));
        let known = known.filter(|(item, _)| !overlaid.get(*item));
        let known = known.filter_map(|(item, id)| candidate(item, published.by_id(id)));
        let newer = Created::of(&changed.table);
        let newer = changed.items.iter().enumerate().filter_map(|(row, &item)| candidate(item, newer.at(row)));
        Self(known.chain(newer).collect())
    }
}

/// The time from which on items are new.
pub(crate) fn oldest(exploration: &Exploration, newest_s: i64) -> i64 {
    newest_s.saturating_sub((exploration.age_cutoff_days * DAY_S) as i64)
}

/// The creation times of a table.
struct Created<'a> {
    table: &'a Table,
    column: Option<&'a Column>,
}

impl<'a> Created<'a> {
    fn of(table: &'a Table) -> Self {
        Self { table, column: table.column(CREATED) }
    }

    fn at(&self, row: usize) -> Option<i64> {
        match self.column? {
            Column::Integer(values) => *values.get(row)?,
            Column::Number(values) => values.get(row)?.map(|seconds| seconds as i64),
            Column::Text(_) | Column::Boolean(_) => None,
        }
    }

    fn by_id(&self, id: &str) -> Option<i64> {
        self.column.and(self.table.ids.get(id)).and_then(|row| self.at(row as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training_histories::HistoryColumns;
    use std::sync::Arc;
    use tastemaker_data::TableBuilder;
    use tastemaker_data::table::Value;

    const DAY: i64 = 86_400;

    fn ids(names: &[&str]) -> IdMap {
        let mut ids = IdMap::default();
        names.iter().for_each(|name| _ = ids.insert(name));
        ids
    }

    fn table(column: Column, rows: &[(&str, Value)]) -> Table {
        let mut builder = TableBuilder::new(vec![(CREATED.to_owned(), column)]);
        rows.iter().for_each(|(id, value)| builder.set(id, [Some(value.clone())]));
        builder.build()
    }

    fn days(rows: &[(&str, i64)]) -> Table {
        let rows: Vec<_> = rows.iter().map(|(id, day)| (*id, Value::Integer(day * DAY))).collect();
        table(Column::Integer(vec![]), &rows)
    }

    /// Three users: item a on days 50 and 1, item b on days 40 and 60, item c never.
    fn history(impressions: &[u32]) -> ItemHistory {
        history_with(impressions, None)
    }

    fn history_with(impressions: &[u32], cold_start: Option<ColdStart>) -> ItemHistory {
        let times = [50, 1, 40, 60].map(|day| day * DAY).to_vec();
        let events = HistoryColumns { items: vec![0, 0, 1, 1], times, event_types: vec![0; 4] };
        let histories = TrainingHistories::new(ids(&["u", "v", "w"]), vec![0, 1, 3, 4], events).expect("consistent");
        ItemHistory::new(&histories, impressions, 3, cold_start)
    }

    /// `(item, day of creation, times seen)` of the candidates among a, b, c and what `changed` adds, 30 days before the newest event.
    fn found(published: &Table, changed: &[(u32, &str, i64)], newest_day: i64, history: &ItemHistory) -> Vec<[i64; 3]> {
        let rows: Vec<_> = changed.iter().map(|(_, id, day)| (*id, *day)).collect();
        let items = changed.iter().map(|(item, ..)| ItemIx(*item)).collect();
        let changed_or_new = &ChangedRecords { table: Arc::new(days(&rows)), items };
        let known_ids = &ids(&["a", "b", "c"]);
        let source = CandidateSource { known_ids, items: 5, published, changed_or_new, history };
        let exploration = Exploration { weight: 1.0, age_cutoff_days: 30.0 };
        let newest_s = history.newest_s(&NewestTimes::from_iter([newest_day * DAY]));
        let candidates = ExplorationCandidates::new(&source, &exploration, newest_s);
        candidates.0.iter().map(|c| [i64::from(c.item.0), c.created_s / DAY, i64::from(c.seen)]).collect()
    }

    #[test]
    fn one_event_of_today_makes_no_item_of_old_data_old() {
        let times: Vec<i64> = (0..1000).map(|n| n * DAY / 100).collect();
        let events = HistoryColumns { items: vec![0; 1000], times, event_types: vec![0; 1000] };
        let histories = TrainingHistories::new(ids(&["u"]), vec![0, 1000], events).expect("consistent");
        let history = ItemHistory::new(&histories, &[], 3, None);
        let newest_day =
            |streamed: usize| history.newest_s(&std::iter::repeat_n(9_000 * DAY, streamed).collect()) / DAY;
        assert_eq!([0, 1, 9, 10].map(newest_day), [9, 9, 9, 9_000]);
    }

    #[test]
    fn bulk_history_decides_what_is_new() {
        let history = history(&[]);
        // Of bulk data alone the newest event is that of day 60: b began on day 40, a on day 1; nobody has seen c.
        assert_eq!(found(&Table::default(), &[], 0, &history), [[1, 40, 2], [2, 60, 0]]);
        assert_eq!(found(&Table::default(), &[], 70, &history), [[1, 40, 2], [2, 70, 0]]);
        assert_eq!(found(&Table::default(), &[], 75, &history), [[2, 75, 0]]);
    }

    #[test]
    fn a_creation_time_counts_more_than_the_first_event() {
        let history = history(&[7, 0, 3]);
        let published = days(&[("a", 59), ("b", 2), ("c", 30)]);
        assert_eq!(found(&published, &[], 0, &history), [[0, 59, 9], [2, 30, 3]]);
        let late = table(Column::Integer(vec![]), &[("c", Value::Integer(30 * DAY - 1))]);
        assert_eq!(found(&late, &[], 0, &history), [[1, 40, 2]]);
        let numbers = table(Column::Number(vec![]), &[("a", Value::Number(59.5 * DAY as f64))]);
        assert_eq!(found(&numbers, &[], 0, &history), [[0, 59, 9], [1, 40, 2], [2, 60, 3]]);
        let texts = table(Column::Text(vec![]), &[("a", Value::Text("59".into()))]);
        assert_eq!(found(&texts, &[], 0, &history), [[1, 40, 2], [2, 60, 3]]);
    }

    #[test]
    fn a_newer_record_replaces_the_published_one() {
        let (history, published) = (history(&[]), days(&[("a", 59), ("b", 59)]));
        let changed = [(0, "a", 2), (1, "b", 45), (3, "new", 50), (4, "old", 29)];
        assert_eq!(found(&published, &changed, 0, &history), [[2, 60, 0], [1, 45, 2], [3, 50, 0]]);
    }

    #[test]
    fn the_solution_says_which_items_are_cold() {
        let published = days(&[("a", 57), ("b", 50), ("c", 44)]);
        let changed = [(3, "new", 48), (4, "announced", 90)];
        let of = |interactions_max, duration_days, starting_point_day: Option<i64>| {
            let starting_point_s = starting_point_day.map(|day| day * DAY);
            let cold_start = ColdStart { interactions_max, duration_days, starting_point_s };
            let items = found(&published, &changed, 70, &history_with(&[9, 9, 9], Some(cold_start)));
            items.iter().map(|item| item[0]).collect::<Vec<_>>()
        };
        // Of the newest item that is there, a of day 57; a and b have two interactions each, whatever was shown.
        assert_eq!(of(2, 10.0, None), [0, 1, 3, 4]);
        assert_eq!(of(1, 10.0, None), [3, 4]);
        assert_eq!(of(2, 13.0, None), [0, 1, 2, 3, 4]);
        assert_eq!(of(2, 10.0, Some(65)), [0, 4]);
    }
}
