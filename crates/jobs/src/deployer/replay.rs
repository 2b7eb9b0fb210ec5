//! The replay of streamed events into serving at a process's start.

use crate::context::JobsCtx;
use crate::folded_log;
use tastemaker_domain::resource::Streamed;
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::{Error, records};

/// Events that are read at once when the log is replayed.
const REPLAY_PAGE_LEN: usize = 10_000;

/// Shows serving all streamed interactions of a group, in order; their number. What was folded is taken in at once; of the rest,
/// the next page is read while one is taken in.
pub(super) async fn interactions(ctx: &JobsCtx, group_arn: &str) -> Result<u64, Error> {
    let stream = records::interactions_stream(group_arn);
    let folded = folded_log::begin_with(ctx, &ctx.serving, group_arn).await?;
    let (mut after, mut events) = folded.map_or((0, 0), |folded| (folded.position, folded.events));
    let until_s = ctx.until_s();
    let mut taken_in = tokio::spawn(async { Ok(()) });
    loop {
        let page = ctx.stores.events.read(&stream, after, REPLAY_PAGE_LEN).await?;
        taken_in.await.map_err(|error| Error::backend("jobs", error))??;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.position;
        events += page.len() as u64;
        let (serving, group, stream) = (ctx.serving.clone(), group_arn.to_owned(), stream.clone());
        taken_in = tokio::task::spawn_blocking(move || folded_log::take_in(&serving, &group, &stream, &page, until_s));
    }
}

/// The same of the group's responses to actions, which are few.
pub(super) async fn action_interactions(ctx: &JobsCtx, group_arn: &str) -> Result<u64, Error> {
    let stream = records::action_interactions_stream(group_arn);
    let (mut after, mut events, until_s) = (0, 0, ctx.until_s());
    loop {
        let page = ctx.stores.events.read(&stream, after, REPLAY_PAGE_LEN).await?;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.position;
        let decode = |e| skip_damaged(Kind::Event, records::decode_action_interaction(&stream, e)).transpose();
        let mut responses = page.iter().filter_map(decode).collect::<Result<Vec<_>, _>>()?;
        responses.retain(|response| response.timestamp_s <= until_s);
        ctx.serving.ingest(group_arn, Streamed::ActionInteractions(&responses));
        events += page.len() as u64;
    }
}
