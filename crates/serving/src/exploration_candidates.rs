//! The candidates of exploration: items created within the cut-off before the newest interaction.

use crate::changed_records::ChangedRecords;
use crate::training_histories::TrainingHistories;
use tastemaker_data::{Bitmap, Column, IdMap, ItemIx, NewestTimes, Table};
use tastemaker_domain::campaign_config::Exploration;

const DAY_S: f64 = 86_400.0;
const CREATED: &str = "CREATION_TIMESTAMP";

/// Each item's figures from bulk histories.
#[derive(Debug, Default)]
pub(crate) struct ItemHistory {
    /// `[items]`: interactions and impressions.
    count: Vec<u32>,
    /// `[items]`: time of the first interaction; the largest number where there is none.
    first_s: Vec<i64>,
    /// Time of the newest interaction of all.
    newest_s: i64,
}

impl ItemHistory {
    /// `impressions` `[items]`, or empty.
    pub fn new(histories: &TrainingHistories, impressions: &[u32], items: usize) -> Self {
        let mut count = impressions.to_vec();
        count.resize(items, 0);
        let mut all = Self { count, first_s: vec![i64::MAX; items], newest_s: 0 };
        let mut newest = NewestTimes::default();
        for event in histories.events() {
            let item = event.item.0 as usize;
            if item < items {
                all.count[item] = all.count[item].saturating_add(1);
                all.first_s[item] = all.first_s[item].min(event.time_s);
            }
            newest.push(event.time_s);
        }
        all.newest_s = newest.newest_s().unwrap_or(0);
        all
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
    /// first interaction, and one without interactions is new.
    pub fn new(source: &CandidateSource<'_>, exploration: &Exploration, newest_s: i64) -> Self {
        let history = source.history;
        let newest_s = newest_s.max(history.newest_s);
        let oldest_s = oldest(exploration, newest_s);
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
        let times = [50, 1, 40, 60].map(|day| day * DAY).to_vec();
        let events = HistoryColumns { items: vec![0, 0, 1, 1], times, event_types: vec![0; 4] };
        let histories = TrainingHistories::new(ids(&["u", "v", "w"]), vec![0, 1, 3, 4], events).expect("consistent");
        ItemHistory::new(&histories, impressions, 3)
    }

    /// `(item, day of creation, times seen)` of the candidates among a, b, c and what `changed` adds, 30 days before the newest event.
    fn found(published: &Table, changed: &[(u32, &str, i64)], newest_day: i64, history: &ItemHistory) -> Vec<[i64; 3]> {
        let rows: Vec<_> = changed.iter().map(|(_, id, day)| (*id, *day)).collect();
        let items = changed.iter().map(|(item, ..)| ItemIx(*item)).collect();
        let changed_or_new = &ChangedRecords { table: Arc::new(days(&rows)), items };
        let known_ids = &ids(&["a", "b", "c"]);
        let source = CandidateSource { known_ids, items: 5, published, changed_or_new, history };
        let exploration = Exploration { weight: 1.0, age_cutoff_days: 30.0 };
        let candidates = ExplorationCandidates::new(&source, &exploration, newest_day * DAY);
        candidates.0.iter().map(|c| [i64::from(c.item.0), c.created_s / DAY, i64::from(c.seen)]).collect()
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
}
