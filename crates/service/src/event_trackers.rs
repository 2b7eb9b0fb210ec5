//! Event trackers: one per dataset group, ACTIVE from the commit that makes them, with the group's dataset of events.

use crate::lookup::{all_under, must_be_active, must_be_deletable, require_here, scope_of};
use crate::paging::{self, Order, Query};
use crate::{Caller, Ctx, Listed, Page, event_datasets, tombstones};
use tastemaker_domain::resource::{DatasetGroup, EventTracker};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{ArnKind, Error, Member, Result, Status, name};
use tastemaker_store::records::{self, put_tracking_id, tracking_id_key};
use tastemaker_store::{Precondition, Write};
use uuid::Uuid;

/// The customer's part of an event tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEventTracker {
    /// For people; identity is a generated id.
    pub name: String,
    /// A group without an event tracker.
    pub dataset_group_arn: String,
    /// The customer's own notes on it.
    pub tags: Tags,
}

/// Makes the address to which a group's events are streamed.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewEventTracker) -> Result<EventTracker> {
    name::check(Member::Name, &new.name)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let (group_version, group) =
            require_here::<DatasetGroup>(ctx, caller, Member::DatasetGroupArn, &new.dataset_group_arn).await?;
        must_be_active(&group.arn, group.status)?;
        let others = all_under::<EventTracker>(ctx, scope_of(&group.arn)).await?;
        if let Some((_, other)) =
            others.iter().find(|(_, t)| t.dataset_group_arn == group.arn && !t.status.is_deleting())
        {
            return Err(Error::exists(&other.arn));
        }
        let now = ctx.now();
        let tracker = EventTracker {
            name: new.name.clone(),
            arn: caller.scope.arn(&format!("event-tracker/{}", &Uuid::new_v4().simple().to_string()[..8])),
            dataset_group_arn: group.arn.clone(),
            tracking_id: Uuid::new_v4().to_string(),
            account_id: caller.scope.account.clone(),
            status: Status::Active,
            created_ms: now,
            updated_ms: now,
        };
        tx.touch(group_version, &group)?;
        event_datasets::add(ctx, &tx, &group, &new.name, now).await?;
        tx.create_tagged(&tracker, &new.tags)?;
        tx.require(Precondition::Absent(tracking_id_key(&tracker.tracking_id)));
        tx.write(put_tracking_id(&tracker)?);
        Ok(tracker)
    })
    .await
}

/// The event tracker with this ARN.
pub async fn describe(ctx: &Ctx, event_tracker_arn: &str) -> Result<EventTracker> {
    tombstones::describe(ctx, Member::EventTrackerArn, event_tracker_arn).await
}

/// The region's event trackers, or that of one group, oldest first.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    dataset_group_arn: Option<&str>,
    page: Page,
) -> Result<Listed<EventTracker>> {
    let filter = dataset_group_arn.map(|arn| (Member::DatasetGroupArn, ArnKind::DatasetGroup, arn));
    let query = Query { operation: "ListEventTrackers", filter, order: Order::OldestFirst };
    let keep = |t: &EventTracker| dataset_group_arn.is_none_or(|arn| t.dataset_group_arn == arn);
    paging::list(ctx, caller, query, page, keep).await
}

/// Removes an event tracker; the dataset and its events stay.
pub async fn delete(ctx: &Ctx, event_tracker_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let Some((version, tracker)) =
            tombstones::deletable::<EventTracker>(ctx, Member::EventTrackerArn, event_tracker_arn).await?
        else {
            return Ok(());
        };
        must_be_deletable(&tracker.arn, tracker.status)?;
        tombstones::remove(ctx, &tx, version, &tracker).await?;
        tx.write(Write::Delete { key: tracking_id_key(&tracker.tracking_id) });
        Ok(())
    })
    .await
}

/// The ARN of the event tracker with a tracking id, if there is one.
pub async fn of_tracking_id(ctx: &Ctx, tracking_id: &str) -> Result<Option<String>> {
    Ok(records::event_tracker_arn(&*ctx.stores.records, tracking_id).await?)
}

/// The ARN of the dataset of action interactions with a tracking id, if there is one.
pub async fn dataset_of_action_tracking_id(ctx: &Ctx, tracking_id: &str) -> Result<Option<String>> {
    Ok(records::action_dataset_arn(&*ctx.stores.records, tracking_id).await?)
}
