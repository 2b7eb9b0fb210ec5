//! The columns of items that are summed, for `SUM(Items.<column>)`.

use crate::blobs::{blocking, dataset_arn};
use crate::context::JobsCtx;
use crate::streamed::{AllRows, extent, stream_of};
use std::collections::HashMap;
use tastemaker_compute::{Cell, Rows};
use tastemaker_domain::metric_expression::MetricExpression;
use tastemaker_domain::resource::{Dataset, MetricAttribution, SchemaResource, TimeMs};
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::{Error, records};
use tokio::runtime::Handle;

/// The summed columns of a group's items, as imported and streamed so far.
#[derive(Debug, Default)]
pub(crate) struct ItemNumbers {
    columns: Vec<String>,
    numbers: HashMap<Box<str>, Box<[Option<f64>]>>,
    /// Columns, files and end of the stream that the numbers were read from.
    read: Option<(Vec<String>, Vec<String>, u64)>,
}

impl ItemNumbers {
    /// The number of an item in a column, named in any case.
    pub fn number(&self, item_id: &str, column: &str) -> Option<f64> {
        let at = self.columns.iter().position(|known| known.eq_ignore_ascii_case(column))?;
        self.numbers.get(item_id)?.get(at).copied().flatten()
    }

    /// Reads the items again if an attribution sums any of their columns and they have changed.
    pub async fn refresh(&mut self, ctx: &JobsCtx, attribution: &MetricAttribution) -> Result<(), Error> {
        let column = |expression: &str| match MetricExpression::parse(expression) {
            Ok(MetricExpression::Sum(DatasetType::Items, column)) => Some(column),
            _ => None,
        };
        let columns: Vec<_> = attribution.metrics.iter().filter_map(|metric| column(&metric.expression)).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let arn = dataset_arn(&attribution.dataset_group_arn, DatasetType::Items);
        let Some((_, dataset)) = records::load::<Dataset>(&*ctx.stores.records, &arn).await? else { return Ok(()) };
        let stream = stream_of(&dataset);
        let (_, last) = extent(&*ctx.stores.events, &stream).await?;
        let now = (columns, dataset.bulk_files.clone(), last);
        if self.read.as_ref() == Some(&now) {
            return Ok(());
        }
        let Some((_, schema)) = records::load::<SchemaResource>(&*ctx.stores.records, &dataset.schema_arn).await?
        else {
            return Ok(());
        };
        let mut schema = schema.parsed().map_err(|error| Error::Corrupt(error.to_string()))?;
        let wanted = |name: &str| now.0.iter().any(|column| column.eq_ignore_ascii_case(name));
        schema.fields.retain(|field| field.name == "ITEM_ID" || wanted(&field.name));
        let id = schema.fields.iter().position(|field| field.name == "ITEM_ID").unwrap_or_default();
        let names = schema.fields.iter().map(|field| field.name.clone()).collect();
        let bulk = imported(&dataset);
        let (ctx, handle) = (ctx.clone(), Handle::current());
        let read = blocking(move || {
            let mut numbers = HashMap::new();
            let streamed = Some((stream, last));
            AllRows { ctx: &ctx, schema: &schema, bulk, streamed, handle }.each(&mut |cells| {
                if let Some(Cell::Text(item)) = cells.get(id) {
                    numbers.insert((*item).into(), cells.iter().map(number).collect());
                }
                Ok(())
            })?;
            Ok::<_, tastemaker_compute::ImportError>(numbers)
        });
        self.numbers = read.await?.map_err(|error| Error::backend("items", error))?;
        self.columns = names;
        self.read = Some(now);
        Ok(())
    }

    /// Numbers without storage.
    #[cfg(test)]
    pub fn of(columns: &[&str], rows: &[(&str, &[Option<f64>])]) -> Self {
        let columns = columns.iter().map(|c| (*c).to_owned()).collect();
        let numbers = rows.iter().map(|(item, numbers)| ((*item).into(), (*numbers).into())).collect();
        Self { columns, numbers, read: None }
    }
}

/// A cell as a number, if it is one.
pub(super) fn number(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Integer(number) => Some(*number as f64),
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Null | Cell::Boolean(_) => None,
    }
}

/// A dataset's imported files with the times of their imports.
fn imported(dataset: &Dataset) -> Vec<(String, TimeMs)> {
    let mut times = dataset.bulk_imported_ms.clone();
    times.resize(dataset.bulk_files.len(), 0);
    dataset.bulk_files.iter().cloned().zip(times).collect()
}
