//! Interactions for training.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, RecordBatch, StringArray};
use std::borrow::Cow;
use tastemaker_data::ContextCounts;
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::solution_config::EventParameter;
use tastemaker_store as store;

use super::source::open;
use super::{ReadAt, ReadLimits};
use crate::ImportError;
use crate::event_values::{EVENT_VALUE, EventValues};

/// The column with the order that a purchase belongs to, text or whole numbers; it is the customer's, not one of AWS's.
pub const ORDER_ID: &str = "ORDER_ID";

/// The column of orders of a batch.
enum Orders<'a> {
    Text(&'a StringArray),
    Number(&'a Int64Array),
    Absent,
}

impl<'a> Orders<'a> {
    fn of(batch: &'a RecordBatch) -> Self {
        let Some(column) = batch.column_by_name(ORDER_ID) else { return Self::Absent };
        match (column.as_string_opt::<i32>(), column.as_primitive_opt::<Int64Type>()) {
            (Some(texts), _) => Self::Text(texts),
            (None, Some(numbers)) => Self::Number(numbers),
            (None, None) => Self::Absent,
        }
    }

    fn get(&self, row: usize) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(texts) => texts.is_valid(row).then(|| texts.value(row).into()),
            Self::Number(numbers) => numbers.is_valid(row).then(|| numbers.value(row).to_string().into()),
            Self::Absent => None,
        }
    }
}

/// Which interactions train a solution.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionsFilter {
    /// Only interactions of this type, in any case of letters; all when absent.
    pub event_type: Option<String>,
    /// Only interactions whose EVENT_VALUE is at least this; those without a value are left out.
    pub event_value_threshold: Option<f64>,
    /// Only interactions that one of these takes; all without any.
    pub events: Vec<EventParameter>,
    /// Whether the interactions go on without their types.
    pub hides_event_type: bool,
    /// Whether the interactions go on without their values.
    pub hides_event_value: bool,
    /// Whether the interactions go on without their orders.
    pub hides_order: bool,
}

impl InteractionsFilter {
    fn takes(&self, event_type: Option<&str>, value: Option<f64>) -> bool {
        self.events.is_empty() || self.events.iter().any(|event| event.takes(event_type.unwrap_or_default(), value))
    }

    fn fits(&self, event_type: Option<&str>, value: Option<f64>) -> bool {
        self.event_type.as_deref().is_none_or(|wanted| event_type.is_some_and(|t| same_type(t, wanted)))
            && self.event_value_threshold.is_none_or(|least| value.is_some_and(|v| v >= least))
            && self.takes(event_type, value)
    }
}

/// Counts the interactions of Parquet files that pass the filter under the circumstances that `columns` say, and where
/// `impressions` says so what was shown beside them.
///
/// # Errors
/// As of [`read_interactions`].
pub fn read_contexts<F: ReadAt>(
    files: impl IntoIterator<Item = F>,
    columns: &[String],
    impressions: bool,
    filter: &InteractionsFilter,
    counts: &mut ContextCounts,
    limits: &ReadLimits<'_>,
) -> Result<(), ImportError> {
    let mut names = vec!["ITEM_ID", "EVENT_TYPE", EVENT_VALUE];
    names.extend(columns.iter().map(String::as_str));
    names.extend(impressions.then_some("IMPRESSION"));
    for file in files {
        for batch in open(file, &names)? {
            limits.check()?;
            let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
            let text = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
            let items = text("ITEM_ID").ok_or_else(|| {
                store::Error::Corrupt("parquet: an interactions file has no column ITEM_ID".to_owned())
            })?;
            let types = text("EVENT_TYPE");
            let values = EventValues::of(&batch);
            let own: Vec<(&str, &StringArray)> =
                columns.iter().filter_map(|name| Some((name.as_str(), text(name)?))).collect();
            let shown = text("IMPRESSION").filter(|_| impressions);
            for row in 0..batch.num_rows() {
                let event_type = types.filter(|t| t.is_valid(row)).map(|t| t.value(row));
                let value = values.get(row);
                if let Some(shown) = shown.filter(|shown| shown.is_valid(row)) {
                    counts.push_shown(shown.value(row));
                }
                if filter.fits(event_type, value) {
                    let known = own.iter().filter(|(_, column)| column.is_valid(row));
                    counts.push(items.value(row), known.map(|(name, column)| (*name, column.value(row))));
                }
            }
        }
    }
    Ok(())
}

/// The number of interactions that the files held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InteractionsRead {
    /// Rows of the files.
    pub rows: u64,
    /// Rows that passed the filter and went into the builder.
    pub kept: u64,
}

/// Adds the interactions of Parquet files, in the files' order, to `builder`.
///
/// Only USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE, EVENT_VALUE and [`ORDER_ID`] are read.
///
/// # Errors
/// [`store::Error::Corrupt`] when a file is not one that [`import_csv`](crate::import_csv) wrote, and
/// [`ImportError::Cancelled`].
pub fn read_interactions<F: ReadAt>(
    files: impl IntoIterator<Item = F>,
    builder: &mut DatasetBuilder,
    filter: &InteractionsFilter,
    limits: &ReadLimits<'_>,
) -> Result<InteractionsRead, ImportError> {
    let mut total = InteractionsRead::default();
    for file in files {
        for batch in open(file, &["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", EVENT_VALUE, ORDER_ID])? {
            limits.check()?;
            let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
            total.rows += batch.num_rows() as u64;
            total.kept += add(&batch, builder, filter, limits)?;
        }
    }
    Ok(total)
}

/// Adds the action interactions of Parquet files to `builder`, with actions for items. Event types are written as Personalize
/// writes them: in capitals, with `_` for blanks.
///
/// # Errors
/// As of [`read_interactions`].
pub fn read_action_interactions<F: ReadAt>(
    files: impl IntoIterator<Item = F>,
    builder: &mut DatasetBuilder,
    limits: &ReadLimits<'_>,
) -> Result<(), ImportError> {
    for file in files {
        for batch in open(file, &["USER_ID", "ACTION_ID", "TIMESTAMP", "EVENT_TYPE"])? {
            limits.check()?;
            let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
            let text = |name: &str| {
                let column = batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
                column.ok_or_else(|| store::Error::Corrupt(format!("parquet: an action file has no column {name}")))
            };
            let (users, actions, types) = (text("USER_ID")?, text("ACTION_ID")?, text("EVENT_TYPE")?);
            let times = batch.column_by_name("TIMESTAMP").and_then(|c| c.as_primitive_opt::<Int64Type>());
            let times = times
                .ok_or_else(|| store::Error::Corrupt("parquet: an action file has no column TIMESTAMP".to_owned()))?;
            for row in (0..batch.num_rows()).filter(|row| limits.takes(times.value(*row))) {
                let event_type = types.is_valid(row).then(|| types.value(row).to_uppercase().replace([' ', '-'], "_"));
                builder.push(users.value(row), actions.value(row), times.value(row), event_type.as_deref(), None);
            }
        }
    }
    Ok(())
}

fn add(
    batch: &RecordBatch,
    builder: &mut DatasetBuilder,
    filter: &InteractionsFilter,
    limits: &ReadLimits<'_>,
) -> store::Result<u64> {
    let text = |name| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
    let missing = |name: &str| store::Error::Corrupt(format!("parquet: an interactions file has no column {name}"));
    let users: &StringArray = text("USER_ID").ok_or_else(|| missing("USER_ID"))?;
    let items: &StringArray = text("ITEM_ID").ok_or_else(|| missing("ITEM_ID"))?;
    let times = batch
        .column_by_name("TIMESTAMP")
        .and_then(|c| c.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| missing("TIMESTAMP"))?;
    let types: Option<&StringArray> = text("EVENT_TYPE");
    let values = EventValues::of(batch);
    let orders = Orders::of(batch);

    let mut kept = 0;
    for row in (0..batch.num_rows()).filter(|row| limits.takes(times.value(*row))) {
        let event_type = types.filter(|t| t.is_valid(row)).map(|t| t.value(row));
        let value = values.get(row);
        let type_fits =
            filter.event_type.as_deref().is_none_or(|wanted| event_type.is_some_and(|t| same_type(t, wanted)));
        let value_fits = filter.event_value_threshold.is_none_or(|least| value.is_some_and(|v| v >= least));
        if type_fits && value_fits && filter.takes(event_type, value) {
            let event_type = event_type.filter(|_| !filter.hides_event_type);
            let value = value.filter(|_| !filter.hides_event_value);
            let order = orders.get(row).filter(|_| !filter.hides_order);
            let value = value.map(|v| v as f32);
            let (user, item, time) = (users.value(row), items.value(row), times.value(row));
            builder.push_of_order(user, item, time, event_type, value, order.as_deref());
            kept += 1;
        }
    }
    Ok(kept)
}

fn same_type(found: &str, wanted: &str) -> bool {
    found.eq_ignore_ascii_case(wanted) || found.to_lowercase() == wanted.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportRules, import_csv};
    use bytes::Bytes;
    use tastemaker_domain::schema::Schema;

    #[test]
    fn orders_are_read_as_text_or_number_unless_hidden() {
        let csv = "USER_ID,ITEM_ID,TIMESTAMP,ORDER_ID\nu,a,1,7\nu,b,2,7\nu,c,3,8\nu,d,4,\n";
        let mut marks = Vec::new();
        for order in [r#"["null","string"]"#, r#"["null","long"]"#, r#"["null","int"]"#] {
            let fields = format!(
                r#"{{"name":"USER_ID","type":"string"}},{{"name":"ITEM_ID","type":"string"}},{{"name":"TIMESTAMP","type":"long"}},
                   {{"name":"ORDER_ID","type":{order}}}"#
            );
            let schema = format!(r#"{{"type":"record","name":"Interactions","fields":[{fields}]}}"#);
            let schema = Schema::parse(&schema, None).unwrap();
            let mut file = Vec::new();
            import_csv(csv.as_bytes(), "t.csv", &schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false)
                .unwrap();
            let file = Bytes::from(file);
            let orders = |hides_order: bool| {
                let mut builder = DatasetBuilder::new();
                let filter = InteractionsFilter { hides_order, ..InteractionsFilter::default() };
                read_interactions([file.clone()], &mut builder, &filter, &ReadLimits::default()).unwrap();
                builder.build().order_column().to_vec()
            };
            assert_eq!(orders(true), [0u16; 0]);
            marks.push(orders(false));
        }
        let [seven, again, eight, none] = *marks[0] else { panic!("{marks:?}") };
        assert!(seven > 0 && seven == again && eight > 0 && eight != seven && none == 0);
        assert!(marks.iter().all(|of| *of == marks[0]), "{marks:?}");
    }
}
