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
