//! The records of Items, Users and Actions datasets: what was imported and what was streamed, the newest of each id.

use crate::arrival::ArrivalTimes;
use crate::blobs::{blocking, dataset_arn, parquet_files};
use crate::context::JobsCtx;
use crate::stop::Stop;
use futures::TryStreamExt;
use tastemaker_compute::{add_to_table, table_builder};
use tastemaker_data::{Table, TableBuilder};
use tastemaker_domain::resource::{Dataset, SchemaResource, StreamedRow};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::records::{self, decode_row, rows_stream};
use tastemaker_store::{Error, EventsExt};

/// All records of a dataset.
pub struct Records {
    /// By id, with the schema's columns.
    pub table: Table,
    /// The dataset's schema.
    pub schema: Schema,
    /// The position in the dataset's stream up to which streamed rows are in the table.
    pub upto: u64,
}

/// The records of a group's dataset; `None` if the group has no such dataset.
///
/// Of two records of an id the newer one counts: a streamed row is older than an imported one if it was received before the
/// import job was created. Times of a clock that ran ahead count as [`ArrivalTimes`] says.
pub async fn load(ctx: &JobsCtx, group_arn: &str, dataset_type: DatasetType) -> Result<Option<Records>, Stop> {
    load_until(ctx, group_arn, dataset_type, u64::MAX).await
}

/// The same without the streamed rows after a position.
pub(crate) async fn load_until(
    ctx: &JobsCtx,
    group_arn: &str,
    dataset_type: DatasetType,
    until: u64,
) -> Result<Option<Records>, Stop> {
    let found = records::load::<Dataset>(&*ctx.stores.records, &dataset_arn(group_arn, dataset_type)).await?;
    match found {
        Some((_, dataset)) => read_until(ctx, &dataset, until).await,
        None => Ok(None),
    }
}

/// The records of a dataset; `None` if its schema is gone.
pub(crate) async fn read(ctx: &JobsCtx, dataset: &Dataset) -> Result<Option<Records>, Stop> {
    read_until(ctx, dataset, u64::MAX).await
}

async fn read_until(ctx: &JobsCtx, dataset: &Dataset, until: u64) -> Result<Option<Records>, Stop> {
    let Some((_, schema)) = records::load::<SchemaResource>(&*ctx.stores.records, &dataset.schema_arn).await? else {
        return Ok(None);
    };
    let schema = schema.parsed().map_err(|error| Stop::Failed(error.to_string()))?;
    let (rows, upto) = streamed(ctx, &dataset.arn, until).await?;
    let files = parquet_files(ctx, &dataset.bulk_files).await?;
    let mut times = ArrivalTimes::of(ctx);
    let imported_ms: Vec<_> = dataset.bulk_imported_ms.iter().map(|imported_ms| times.next(*imported_ms)).collect();
    let built = blocking(move || {
        let mut builder = table_builder(&schema);
        let mut rows = rows.into_iter().peekable();
        for (index, file) in files.into_iter().enumerate() {
            let file_ms = imported_ms.get(index).copied().unwrap_or(0);
            while let Some(row) = rows.next_if(|row| row.received_ms < file_ms) {
                set(&mut builder, &row);
            }
            add_to_table(file, &schema, &mut builder)?;
        }
        rows.for_each(|row| set(&mut builder, &row));
        Ok::<_, Error>(Records { table: builder.build(), schema, upto })
    });
    Ok(Some(built.await??))
}

fn set(builder: &mut TableBuilder, row: &StreamedRow) {
    builder.set_texts(&row.id, |name| row.columns.get(name).map(String::as_str));
}

async fn streamed(ctx: &JobsCtx, dataset_arn: &str, until: u64) -> Result<(Vec<StreamedRow>, u64), Error> {
    let stream = rows_stream(dataset_arn);
    let (mut rows, mut upto) = (Vec::new(), 0);
    let mut times = ArrivalTimes::of(ctx);
    let mut pages = EventsExt::pages(&*ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        for stored in page.iter().take_while(|stored| stored.position <= until) {
            let row = skip_damaged(Kind::Event, decode_row(&stream, stored))?;
            rows.extend(row.map(|row| StreamedRow { received_ms: times.next(row.received_ms), ..row }));
            upto = stored.position;
        }
    }
    Ok((rows, upto))
}
