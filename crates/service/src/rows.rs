//! PutItems, PutUsers and PutActions: streamed rows, checked and kept.

use crate::Ctx;
use crate::context::Appended;
use crate::events::{length, refuse};
use crate::lookup::{must_be_active, require, require_schema};
use tastemaker_domain::limits::ID_CHARS_MAX;
use tastemaker_domain::resource::{Dataset, PlacedRow, Streamed, StreamedRow};
use tastemaker_domain::row_properties;
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::{Error, Member, Result};
use tastemaker_store::records;
use uuid::Uuid;

/// Rows of one call.
const ROWS_MAX: usize = 10;

/// The request of PutItems, PutUsers and PutActions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutRows {
    /// A dataset of [`Self::dataset_type`].
    pub dataset_arn: String,
    /// Items, Users or Actions.
    pub dataset_type: DatasetType,
    /// 1 to 10 rows; a later one of the same id wins.
    pub rows: Vec<NewRow>,
}

/// One row as the customer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// 1 to 256 characters.
    pub id: String,
    /// A flat JSON object.
    pub properties: Option<String>,
}

/// Checks every row, keeps them durably, then shows them to recommendations. Nothing is kept when one of them is refused; the
/// refusal names the row and the member.
pub async fn put(ctx: &Ctx, put: PutRows) -> Result<()> {
    let (_, dataset) = require::<Dataset>(ctx, Member::DatasetArn, &put.dataset_arn).await?;
    if dataset.dataset_type != put.dataset_type {
        return Err(Error::InvalidInput(format!(
            "{}: {} is a dataset of type {}; this operation takes {}.",
            Member::DatasetArn,
            dataset.arn,
            dataset.dataset_type.as_str(),
            put.dataset_type.as_str()
        )));
    }
    must_be_active(&dataset.arn, dataset.status)?;
    let (_, schema) = require_schema(ctx, &dataset).await?;
    let rows = judge(&put, &schema, ctx.now())?;
    let encode = |row: &StreamedRow| records::encode_row(Uuid::new_v4().to_string(), row);
    let bodies = rows.iter().map(encode).collect::<Result<_, _>>()?;
    let positions = ctx.stores.events.append(&records::rows_stream(&dataset.arn), bodies).await?;
    let position = positions.iter().copied().max().unwrap_or_default();
    let rows: Vec<PlacedRow> = positions.into_iter().zip(rows).collect();
    let streamed = Streamed::Rows { dataset_type: dataset.dataset_type, schema: &schema, rows: &rows };
    (ctx.observe)(Appended { dataset_group_arn: &dataset.dataset_group_arn, streamed, position }).await;
    Ok(())
}

/// The list's and the id's name in the request.
fn members(dataset_type: DatasetType) -> (Member, Member) {
    match dataset_type {
        DatasetType::Users => (Member::Users, Member::UserId),
        DatasetType::Actions | DatasetType::ActionInteractions => (Member::Actions, Member::ActionId),
        DatasetType::Items | DatasetType::Interactions => (Member::Items, Member::ItemId),
    }
}

/// The rows as they are kept, or the first refusal.
fn judge(put: &PutRows, schema: &Schema, now_ms: i64) -> Result<Vec<StreamedRow>> {
    let (list, id) = members(put.dataset_type);
    if !(1..=ROWS_MAX).contains(&put.rows.len()) {
        return Err(refuse(list, &format!("must have 1 to {ROWS_MAX} entries, not {}", put.rows.len())));
    }
    let judged = put.rows.iter().enumerate().map(|(index, row)| {
        let broken = |member: Member, rule: &str| refuse(list.item(index).then(member), rule);
        length(&row.id, ID_CHARS_MAX).map_err(|rule| broken(id, &rule))?;
        let columns = row_properties::read(&row.id, row.properties.as_deref(), schema);
        let columns = columns.map_err(|rule| broken(Member::Properties, &rule))?;
        Ok(StreamedRow { id: row.id.clone(), columns, received_ms: now_ms })
    });
    judged.collect()
}
