//! The dataset EVENT_INTERACTIONS of a group, made together with its first event tracker. It outlives the tracker, never
//! stands in the way of a deletion, and goes with the group at the latest.

use crate::Ctx;
use crate::lookup::{dataset_prefix, find, in_use_by, training_in};
use crate::tombstones;
use tastemaker_domain::resource::{DatasetGroup, EventDataset, SchemaResource, TimeMs};
use tastemaker_domain::{Member, Result, Status};
use tastemaker_store::Transaction;
use tastemaker_store::records;

/// The type on the wire and the end of the ARN.
pub const EVENT_INTERACTIONS: &str = "EVENT_INTERACTIONS";

/// The schema that Describe shows for it; the service's own, the same for all.
pub const EVENT_SCHEMA_ARN: &str = "arn:aws:personalize:::schema/event-interactions";

const EVENT_SCHEMA: &str = r#"{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}"#;

/// The ARN of a group's dataset of events.
pub(crate) fn arn_of(dataset_group_arn: &str) -> String {
    format!("{}{EVENT_INTERACTIONS}", dataset_prefix(dataset_group_arn))
}

/// Whether an ARN is one of a dataset of events.
pub(crate) fn is_arn(dataset_arn: &str) -> bool {
    dataset_arn.rsplit('/').next() == Some(EVENT_INTERACTIONS)
}

/// The schema of every dataset of events.
pub(crate) fn schema() -> SchemaResource {
    SchemaResource {
        name: "event-interactions".to_owned(),
        arn: EVENT_SCHEMA_ARN.to_owned(),
        text: EVENT_SCHEMA.to_owned(),
        domain: None,
        created_ms: 0,
        updated_ms: 0,
    }
}

/// Adds the group's dataset of events to the transaction of its tracker, unless there is one.
pub(crate) async fn add(ctx: &Ctx, tx: &Transaction, group: &DatasetGroup, name: &str, now: TimeMs) -> Result<()> {
    let arn = arn_of(&group.arn);
    if find::<EventDataset>(ctx, &arn).await?.is_some() {
        return Ok(());
    }
    Ok(tx.create(&EventDataset {
        name: name.to_owned(),
        arn,
        dataset_group_arn: group.arn.clone(),
        status: Status::Active,
        created_ms: now,
        updated_ms: now,
    })?)
}

/// Removes the dataset of events and the events streamed so far.
pub(crate) async fn delete(ctx: &Ctx, dataset_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let Some((version, dataset)) =
            tombstones::deletable::<EventDataset>(ctx, Member::DatasetArn, dataset_arn).await?
        else {
            return Ok(());
        };
        if let Some(training) = training_in(ctx, &dataset.dataset_group_arn).await? {
            return Err(in_use_by(dataset_arn, &training.arn));
        }
        let stream = records::interactions_stream(&dataset.dataset_group_arn);
        ctx.stores.events.delete_stream(&stream).await?;
        tombstones::remove(ctx, &tx, version, &dataset).await?;
        Ok(())
    })
    .await
}
