//! Statistics of the datasets of a group, in one pass over the rows of each.
//!
//! - `hash_sample`: counts by the hash of a key in bounded memory.
//! - `column`, `numbers`: any column of any dataset.
//! - `interactions`, `history`: users, items, times and event types of interactions.
//!
//! The datasets of a group are read together, because some numbers join them: items without interactions, interactions of
//! unknown items. Counts of users are exact up to 1,000,000 of them, of items up to 500,000 and of repetitions up to 1,000,000
//! rows; beyond that they are estimates from a sample of the ids, and the statistics say so.

mod column;
mod hash_sample;
mod history;
mod interactions;
mod numbers;
#[cfg(test)]
mod tests;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, BooleanArray, RecordBatch};
use column::Column;
use hash_sample::{HashSample, HashedMap, hash_of};
use interactions::Interactions;
use tastemaker_domain::dataset_statistics::{ColumnStatistics, DatasetStatistics, MetadataStatistics};
use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store as store;

use crate::ImportError;
use crate::read::{ReadAt, ReadLimits, open};

/// Ids of items, users or actions up to which counts are exact.
const IDS_MAX: usize = 1_000_000;
/// Seconds of thirty days.
const THIRTY_DAYS_S: i64 = 30 * 24 * 60 * 60;
const CREATION_TIMESTAMP: &str = "CREATION_TIMESTAMP";

/// A dataset whose statistics are wanted.
pub struct StatisticsSource<'a, F> {
    /// Its ARN.
    pub dataset_arn: String,
    /// Its schema.
    pub schema: &'a Schema,
    /// Opens its files, each time from the beginning.
    pub files: Box<dyn Fn() -> store::Result<Vec<F>> + 'a>,
}

/// The statistics of the datasets of one group, in the order of `sources`. `now_s` is the time now, in seconds; `limits` end the
/// reading. The time at which they are made and the fingerprint of their source are for the caller to set.
///
/// # Errors
/// [`store::Error::Corrupt`] when a file is not one that [`import_csv`](crate::import_csv) wrote, and
/// [`ImportError::Cancelled`].
pub fn group_statistics<F: ReadAt>(
    sources: &[StatisticsSource<'_, F>],
    now_s: i64,
    limits: &ReadLimits<'_>,
) -> Result<Vec<DatasetStatistics>, ImportError> {
    let pass = Pass { now_s, limits };
    let mut passed = Vec::with_capacity(sources.len());
    for source in sources {
        passed.push(pass.over(source)?);
    }
    let mut made = Vec::with_capacity(sources.len());
    for (source, found) in sources.iter().zip(&passed) {
        let mut statistics = found.statistics(source);
        if let Some(interactions) = &found.interactions {
            let wanted = interactions.wanted();
            let users = names(source, "USER_ID", &wanted.users, limits)?;
            let items = names(source, found.item_column(), &wanted.items, limits)?;
            statistics.interactions = Some(interactions.finish(&users, &items));
            let joined = |of: DatasetType| passed.iter().find(|other| other.dataset_type == of);
            if let Some(statistics) = &mut statistics.interactions {
                let items = joined(found.items_type());
                statistics.unknown_items = items.map(|items| interactions.unknown(&interactions.items, &items.ids));
                let users = joined(DatasetType::Users);
                statistics.unknown_users = users.map(|users| interactions.unknown(&interactions.users, &users.ids));
            }
        }
        if let Some(metadata) = &mut statistics.metadata {
            metadata.without_interactions = without_interactions(found, &passed);
        }
        made.push(statistics);
    }
    Ok(made)
}

/// The limits of one reading.
struct Pass<'a> {
    now_s: i64,
    limits: &'a ReadLimits<'a>,
}

/// A dataset after its rows were read.
struct Passed {
    dataset_type: DatasetType,
    rows: u64,
    rows_with_missing: u64,
    columns: Vec<ColumnStatistics>,
    interactions: Option<Interactions>,
    /// Ids of items, users or actions.
    ids: HashSample<()>,
    newest_creation_s: Option<i64>,
    created_in_30_days: u64,
}

impl Pass<'_> {
    fn over<F: ReadAt>(&self, source: &StatisticsSource<'_, F>) -> Result<Passed, ImportError> {
        let dataset_type = source.schema.dataset_type;
        let item_column = item_column(dataset_type);
        let mut interactions = item_column.map(|item_column| Interactions::new(item_column, self.now_s));
        let is_id = |name: &str| item_column.is_some_and(|item_column| name == "USER_ID" || name == item_column);
        let mut columns: Vec<Column> =
            source.schema.fields.iter().map(|field| Column::new(dataset_type, field, is_id(&field.name))).collect();
        let mut found = Passed {
            dataset_type,
            rows: 0,
            rows_with_missing: 0,
            columns: Vec::new(),
            interactions: None,
            ids: HashSample::new(IDS_MAX),
            newest_creation_s: None,
            created_in_30_days: 0,
        };
        let names: Vec<&str> = source.schema.fields.iter().map(|field| field.name.as_str()).collect();
        for file in (source.files)()? {
            for batch in open(file, &names)? {
                self.limits.check()?;
                let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
                found.rows += batch.num_rows() as u64;
                found.rows_with_missing += rows_with_missing(&batch, &names);
                columns.iter_mut().for_each(|column| column.see(batch.column_by_name(column.name()), batch.num_rows()));
                match &mut interactions {
                    Some(interactions) => interactions.see(&batch)?,
                    None => found.see_metadata(&batch, self.now_s),
                }
            }
        }
        let elsewhere = |name: &str| {
            let interactions = interactions.as_ref().filter(|_| is_id(name))?;
            let ids = if name == "USER_ID" { &interactions.users } else { &interactions.items };
            Some((ids.distinct(), ids.is_estimate()))
        };
        found.columns = columns
            .into_iter()
            .map(|column| {
                let elsewhere = elsewhere(column.name());
                column.finish(elsewhere)
            })
            .collect();
        found.interactions = interactions;
        Ok(found)
    }
}

impl Passed {
    fn see_metadata(&mut self, batch: &RecordBatch, now_s: i64) {
        let ids = batch.column_by_name(id_column(self.dataset_type)).and_then(|ids| ids.as_string_opt::<i32>());
        if let Some(ids) = ids {
            ids.iter().flatten().for_each(|id| self.ids.update(hash_of(id), |()| ()));
        }
        let Some(created) = batch.column_by_name(CREATION_TIMESTAMP) else { return };
        let mut see = |created_s: i64| {
            self.newest_creation_s = Some(self.newest_creation_s.map_or(created_s, |newest| newest.max(created_s)));
            self.created_in_30_days += u64::from((now_s - THIRTY_DAYS_S..=now_s).contains(&created_s));
        };
        if let Some(created) = created.as_primitive_opt::<Int64Type>() {
            created.iter().flatten().for_each(see);
        } else if let Some(created) = created.as_primitive_opt::<Float64Type>() {
            created.iter().flatten().for_each(|created_s| see(created_s as i64));
        }
    }

    fn statistics<F>(&self, source: &StatisticsSource<'_, F>) -> DatasetStatistics {
        let metadata = self.interactions.is_none().then(|| MetadataStatistics {
            ids: self.ids.distinct(),
            without_interactions: None,
            newest_creation_s: self.newest_creation_s,
            created_in_30_days: self.created_in_30_days,
        });
        DatasetStatistics {
            dataset_arn: source.dataset_arn.clone(),
            dataset_type: self.dataset_type,
            made_ms: 0,
            source: String::new(),
            rows: self.rows,
            rows_with_missing: self.rows_with_missing,
            is_estimate: self.interactions.as_ref().map_or(self.ids.is_estimate(), Interactions::is_estimate),
            columns: self.columns.clone(),
            interactions: None,
            metadata,
        }
    }

    fn item_column(&self) -> &'static str {
        item_column(self.dataset_type).unwrap_or("ITEM_ID")
    }

    /// The dataset with what these interactions are with.
    fn items_type(&self) -> DatasetType {
        if self.dataset_type == DatasetType::ActionInteractions { DatasetType::Actions } else { DatasetType::Items }
    }
}

/// The column with what users interact with; `None` for datasets without interactions.
fn item_column(dataset_type: DatasetType) -> Option<&'static str> {
    match dataset_type {
        DatasetType::Interactions => Some("ITEM_ID"),
        DatasetType::ActionInteractions => Some("ACTION_ID"),
        DatasetType::Items | DatasetType::Users | DatasetType::Actions => None,
    }
}

/// The ids of a dataset that no interaction has.
fn without_interactions(of: &Passed, all: &[Passed]) -> Option<u64> {
    let wanted = if of.dataset_type == DatasetType::Actions {
        DatasetType::ActionInteractions
    } else {
        DatasetType::Interactions
    };
    let interactions = all.iter().find(|other| other.dataset_type == wanted)?.interactions.as_ref()?;
    let with = if of.dataset_type == DatasetType::Users { &interactions.users } else { &interactions.items };
    let (mut all, mut without) = (0_u64, 0_u64);
    for (hash, ()) in of.ids.iter() {
        if let Some(has) = with.contains(hash) {
            all += 1;
            without += u64::from(!has);
        }
    }
    Some(if all == 0 { 0 } else { (of.ids.distinct() as f64 * without as f64 / all as f64).round() as u64 })
}

/// The rows of a batch with an empty value in one of its columns, or all of them where a column is absent.
fn rows_with_missing(batch: &RecordBatch, names: &[&str]) -> u64 {
    if names.iter().any(|name| batch.column_by_name(name).is_none()) {
        return batch.num_rows() as u64;
    }
    let columns: Vec<_> =
        names.iter().filter_map(|name| batch.column_by_name(name)).filter(|column| column.null_count() > 0).collect();
    match columns.as_slice() {
        [] => 0,
        [only] => only.null_count() as u64,
        several => {
            let any = |row: usize| several.iter().any(|column| column.is_null(row));
            (0..batch.num_rows()).map(|row| Some(any(row))).collect::<BooleanArray>().true_count() as u64
        }
    }
}

/// The ids with the wanted hashes, by a reading of one column that ends when all are found.
fn names<F: ReadAt>(
    source: &StatisticsSource<'_, F>,
    column: &str,
    wanted: &[u64],
    limits: &ReadLimits<'_>,
) -> Result<HashedMap<String>, ImportError> {
    let mut missing: HashedMap<()> = wanted.iter().map(|hash| (*hash, ())).collect();
    let mut found = HashedMap::default();
    for file in (source.files)()? {
        for batch in open(file, &[column])? {
            limits.check()?;
            if missing.is_empty() {
                return Ok(found);
            }
            let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
            let Some(ids) = batch.column_by_name(column).and_then(|ids| ids.as_string_opt::<i32>()) else { continue };
            for id in ids.iter().flatten() {
                let hash = hash_of(id);
                if missing.remove(&hash).is_some() {
                    found.insert(hash, id.to_owned());
                }
            }
        }
    }
    Ok(found)
}
