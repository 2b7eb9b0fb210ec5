//! The streamed interactions that a training reads: in pages, so that no more than one of them is in memory.

use super::session_owners::SessionOwners;
use crate::context::JobsCtx;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use crate::streamed::PAGE_LEN;
use futures::TryStreamExt;
use tastemaker_domain::resource::{InteractionEvent, SolutionVersion, name_sessions};
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::{Error, EventsExt, records};
use tokio::runtime::Handle;

/// The streamed interactions of a group, for a blocking thread. Events of a clock that ran ahead, which the stream took once, are left
/// out; anonymous events of a session count for the user who is named in it later.
pub(super) struct StreamedEvents {
    ctx: JobsCtx,
    stream: String,
    until: u64,
    until_s: i64,
    owners: SessionOwners,
    /// The position of the last one; 0 where there is none.
    pub last: u64,
    /// Their number.
    pub count: u64,
    handle: Handle,
}

impl StreamedEvents {
    /// Those up to a position, or all that there are now.
    pub fn find(ctx: &JobsCtx, group: &str, until: Option<u64>, handle: Handle) -> Result<Self, Error> {
        let mut found = Self {
            ctx: ctx.clone(),
            stream: records::interactions_stream(group),
            until: until.unwrap_or(u64::MAX),
            until_s: ctx.until_s(),
            owners: SessionOwners::default(),
            last: 0,
            count: 0,
            handle,
        };
        let (mut owners, mut count) = (SessionOwners::default(), 0);
        let last = found.read(|position, event| {
            owners.see(position, &event);
            count += 1;
        })?;
        // Another reading sees the same.
        (found.owners, found.count, found.last, found.until) = (owners, count, last, last);
        Ok(found)
    }

    /// Calls `visit` with each, in order.
    pub fn each(&self, mut visit: impl FnMut(InteractionEvent)) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        self.read(|position, mut event| {
            if let Some(owner) = self.owners.owner(position, &event) {
                event.user_id = owner.to_owned();
            }
            visit(event);
        })?;
        Ok(())
    }

    /// Calls `visit` with each and its position; returns the position of the last one.
    fn read(&self, mut visit: impl FnMut(u64, InteractionEvent)) -> Result<u64, Error> {
        let mut last = 0;
        loop {
            let page = self.handle.block_on(self.ctx.stores.events.read(&self.stream, last, PAGE_LEN))?;
            for stored in page.iter().take_while(|stored| stored.position <= self.until) {
                last = stored.position;
                let event = skip_damaged(damage::Kind::Event, records::decode_event(&self.stream, stored))?;
                if let Some(event) = event.filter(|event| event.timestamp_s <= self.until_s) {
                    visit(stored.position, event);
                }
            }
            if page.len() < PAGE_LEN || page.last().is_none_or(|stored| stored.position > self.until) {
                return Ok(last);
            }
        }
    }
}

/// Whether the version is trained on a streamed event.
pub(in crate::kinds) fn counts(version: &SolutionVersion, event: &InteractionEvent) -> bool {
    let type_fits = version.event_type.as_deref().is_none_or(|t| t.to_lowercase() == event.event_type.to_lowercase());
    let threshold = version.config.event_value_threshold;
    let value = event.event_value.and_then(|value| value.to_string().parse().ok());
    type_fits
        && version.config.takes_event(&event.event_type, value)
        && threshold.is_none_or(|least| event.event_value.is_some_and(|value| value >= least))
}

/// The group's streamed events in order, up to a position or all, and the position of the last one, for who needs all of them at once.
pub(in crate::kinds) async fn streamed(
    work: &LeasedJob,
    group: &str,
    until: Option<u64>,
) -> Result<(Vec<InteractionEvent>, u64), Stop> {
    let stream = records::interactions_stream(group);
    let (mut events, mut position, until_s) = (Vec::new(), 0, work.ctx.until_s());
    let mut pages = EventsExt::pages(&*work.ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        for stored in page.iter().filter(|stored| until.is_none_or(|until| stored.position <= until)) {
            let event = skip_damaged(damage::Kind::Event, records::decode_event(&stream, stored))?;
            events.extend(event.filter(|event| event.timestamp_s <= until_s));
            position = stored.position;
        }
    }
    name_sessions(&mut events);
    Ok((events, position))
}
