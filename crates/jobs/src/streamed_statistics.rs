//! Counts of streamed events, which follow each dataset group's stream.

use crate::context::JobsCtx;
use crate::streamed::PAGE_LEN;
use tastemaker_domain::resource::Dataset;
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::{Error, Precondition, records};

/// Pages that are counted before the counts are kept.
const PAGES_MAX: usize = 50;

/// Counts what came to a dataset of interactions since the last time; returns how many events that were.
pub(crate) async fn count_streamed(ctx: &JobsCtx, dataset: &Dataset) -> Result<u64, Error> {
    if dataset.dataset_type != DatasetType::Interactions {
        return Ok(0);
    }
    let group = &dataset.dataset_group_arn;
    let stream = records::interactions_stream(group);
    let mut counted = 0;
    loop {
        let (version, mut counts) = records::load_streamed_statistics(&*ctx.stores.records, group).await?;
        let (before, mut is_end) = (counts.position, false);
        for _ in 0..PAGES_MAX {
            let page = ctx.stores.events.read(&stream, counts.position, PAGE_LEN).await?;
            for stored in &page {
                counts.position = stored.position;
                if let Some(event) = skip_damaged(Kind::Event, records::decode_event_arrival(&stream, stored))? {
                    counts.add(&event.event_type, event.timestamp_s, event.received_ms);
                    counted += 1;
                }
            }
            is_end = page.len() < PAGE_LEN;
            if is_end {
                break;
            }
        }
        if counts.position == before {
            return Ok(counted);
        }
        let unchanged = vec![
            Precondition::Exists(records::key::<Dataset>(&dataset.arn)),
            records::streamed_statistics_unchanged(group, version),
        ];
        match ctx.stores.records.commit(unchanged, vec![records::put_streamed_statistics(&counts)?]).await {
            // Another process counts, or the dataset goes.
            Err(Error::Conflict(_)) => return Ok(0),
            Err(error) => return Err(error),
            Ok(()) if is_end => return Ok(counted),
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::World;
    use std::collections::BTreeMap;
    use tastemaker_domain::resource::InteractionEvent;

    fn event(n: u64, timestamp_s: i64) -> InteractionEvent {
        InteractionEvent {
            event_id: format!("e{n}"),
            user_id: "u".to_owned(),
            session_id: "s".to_owned(),
            item_id: "i".to_owned(),
            event_type: if n.is_multiple_of(2) { "View".to_owned() } else { "Click".to_owned() },
            event_value: None,
            timestamp_s,
            properties: BTreeMap::new(),
            recommendation_id: None,
            impression: Vec::new(),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn events_are_counted_once_with_those_that_came_late() {
        let world = World::new().await;
        let ctx = world.process("p");
        let dataset = world.interactions().await;
        assert_eq!(count_streamed(&ctx, &dataset).await.unwrap(), 0);
        let stream = records::interactions_stream(&dataset.dataset_group_arn);
        let now_s = 1_750_000_000;
        let mut events = vec![records::encode_event(&event(0, now_s)).unwrap()];
        for (n, age_s) in [(1, 10), (2, 86_400), (3, 86_401), (4, -5)] {
            events.push(records::encode_received_event(&event(n, now_s - age_s), now_s * 1000).unwrap());
        }
        ctx.stores.events.append(&stream, events).await.unwrap();
        assert_eq!(count_streamed(&ctx, &dataset).await.unwrap(), 5);
        assert_eq!(count_streamed(&ctx, &dataset).await.unwrap(), 0, "once");
        let more = records::encode_received_event(&event(5, now_s), now_s * 1000 + 7).unwrap();
        ctx.stores.events.append(&stream, vec![more]).await.unwrap();
        assert_eq!(count_streamed(&ctx, &dataset).await.unwrap(), 1);
        let (_, counts) =
            records::load_streamed_statistics(&*ctx.stores.records, &dataset.dataset_group_arn).await.unwrap();
        assert_eq!((counts.events, counts.timed, counts.late), (6, 5, 1));
        assert_eq!(counts.last_received_ms, Some(now_s * 1000 + 7));
        assert_eq!(counts.event_types, BTreeMap::from([("Click".to_owned(), 3), ("View".to_owned(), 3)]));
    }
}
