//! The identity that records, blobs and events share: none is used with the others of another directory, of an older backup,
//! or with none at all, before somebody has said so.
//!
//! All three hold `{"v":1,"id":...,"generation":...}`, the records under the key `instance`, the blobs in the object
//! `instance.json`, the events as the last entry of the stream `instance`. Every start counts the generation up, first in the
//! records, then beside the blobs, then in the events. So blobs or events of a greater generation show that the records are an
//! older backup, and those of a smaller one that they are.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Blobs, Error, Events, NewEvent, ObjectStoreBlobs, Records, RecordsExt, Result, from_json};

/// The record's key.
const KEY: &str = "instance";

/// The stream of the events' identity.
const STREAM: &str = "instance";

/// The format that this build writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// Positions of streams that belong to one generation: more than a start can give out.
const POSITIONS_PER_GENERATION: u64 = 1 << 36;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Instance {
    v: u32,
    id: String,
    generation: u64,
    /// In the records: that the events have the identity, too. Earlier builds did not give it to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    events: bool,
}

/// The state of records and blobs at a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Records and blobs of the same generation, or both new.
    Together,
    /// A directory of an earlier build, which knew no identity.
    Adopted,
    /// Records of an older generation than the blobs: a backup was put back.
    OlderRecords,
    /// Blobs of an older generation than the records: a backup was put back.
    OlderBlobs,
    /// A mismatch that the operator accepted.
    Accepted,
}

/// The state of the events at a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundEvents {
    /// Of the records' generation, or of a newer one, whose records were put back.
    Together,
    /// New, or of an earlier build, which gave them no identity.
    Adopted,
    /// Of an older generation than the records: a backup was put back.
    Older,
    /// A loss or mismatch that the operator accepted.
    Accepted,
}

/// What a start found, and the generation that it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Of records and blobs.
    pub blobs: Found,
    /// Of the events.
    pub events: FoundEvents,
    /// Of this start.
    pub generation: u64,
}

impl Joined {
    /// A position beyond all that the records may know, where the events do not have those positions any more: new events must
    /// not get positions that were read already.
    pub fn first_position(&self) -> Option<u64> {
        match self.events {
            FoundEvents::Together | FoundEvents::Adopted => None,
            FoundEvents::Older | FoundEvents::Accepted => {
                Some(self.generation.saturating_mul(POSITIONS_PER_GENERATION).min(i64::MAX as u64 / 2))
            }
        }
    }
}

/// The refusal to start.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The records know nothing, and there are blobs.
    #[error(
        "the records are empty, but there are {blobs} blobs beside them: the database of records was lost or moved"
    )]
    EmptyRecords {
        /// Their number.
        blobs: usize,
    },
    /// The records know nothing, and there are no blobs, but events.
    #[error(
        "the records are empty, but there are streamed events beside them: the database of records was lost or moved"
    )]
    EmptyRecordsBesideEvents,
    /// The records know blobs, and there are none.
    #[error("the records name {blobs} blobs, but none is there: their directory was lost, moved or not mounted")]
    NoBlobs {
        /// Their number.
        blobs: usize,
    },
    /// Records and blobs of two directories.
    #[error("the records are those of instance {records}, but the blobs those of instance {blobs}")]
    Strangers {
        /// The records' id.
        records: String,
        /// The blobs' id.
        blobs: String,
    },
    /// The records know events, and the database of events is new.
    #[error("the records know streamed events, but the database of events is new: it was lost or moved")]
    NoEvents,
    /// Records and events of two directories.
    #[error("the records are those of instance {records}, but the events those of instance {events}")]
    EventsOfStrangers {
        /// The records' id.
        records: String,
        /// The events' id.
        events: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl InstanceError {
    /// Whether it is about the events and not about the blobs.
    pub fn is_about_events(&self) -> bool {
        matches!(self, Self::NoEvents | Self::EventsOfStrangers { .. } | Self::EmptyRecordsBesideEvents)
    }
}

/// The identity that a start is about to give to records, blobs and events.
#[derive(Debug)]
pub struct NextInstance {
    /// What there was before.
    pub found: Joined,
    next: Instance,
    events_had_it: bool,
    /// Whether nothing lay beside the blobs.
    blobs_had_none: bool,
    /// Of the entries with the events' former identities.
    former: Vec<u64>,
}

impl NextInstance {
    /// Writes the identity to all three.
    pub async fn commit(self, records: &dyn Records, blobs: &ObjectStoreBlobs, events: &dyn Events) -> Result<Joined> {
        let Self { found, next, events_had_it, blobs_had_none, former } = self;
        let bytes = || serde_json::to_vec(&next).map_err(|error| Error::backend("json", error));
        records.put_json(KEY, &Instance { events: events_had_it, ..next.clone() }).await?;
        // Of two that begin on the same empty bucket one is refused, here or when it starts again.
        match blobs_had_none {
            true => blobs.put_first_marker(bytes()?.into()).await?,
            false => blobs.put_marker(bytes()?.into()).await?,
        }
        let entry = NewEvent { id: uuid::Uuid::new_v4().to_string(), body: bytes()?.into() };
        events.append(STREAM, vec![entry]).await?;
        events.remove(STREAM, former).await?;
        // Only now: a start that ended before is no loss of events.
        if !events_had_it {
            records.put_json(KEY, &Instance { events: true, ..next }).await?;
        }
        Ok(found)
    }
}

/// Compares the identities of records, blobs and events, for all to get the same with the next generation. A mismatch after
/// which blobs would be taken for nobody's, or streamed data is gone, is refused unless it is `accepted`.
pub async fn judge(
    records: &dyn Records,
    blobs: &ObjectStoreBlobs,
    events: &dyn Events,
    accepted: bool,
) -> Result<NextInstance, InstanceError> {
    let of_records = records.get_json::<Instance>(KEY).await?.map(|(_, instance)| instance);
    let of_blobs = blobs.marker().await?.map(|bytes| from_json::<Instance>("instance.json", &bytes)).transpose()?;
    let (of_events, positions) = identity(events).await?;
    let known = [&of_records, &of_blobs, &of_events].into_iter().flatten();
    if let Some(instance) = known.clone().find(|instance| instance.v != FORMAT) {
        return Err(Error::Corrupt(format!("instance format {}, this build reads {FORMAT}", instance.v)).into());
    }
    let generation = known.map(|instance| instance.generation).max().unwrap_or(0) + 1;
    let (id, found) = judge_blobs(records, blobs, of_records.as_ref(), of_blobs.as_ref(), accepted).await?;
    let empty = of_records.is_none() && records.scan("", None, 1).await?.is_empty();
    let id = id.or_else(|| Some(of_events.as_ref()?.id.clone())).unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let found_events = match (&of_records, &of_events) {
        (None, Some(_)) if empty && !accepted => return Err(InstanceError::EmptyRecordsBesideEvents),
        (None, Some(_)) if empty => FoundEvents::Accepted,
        (_, Some(events)) if events.id != id => match accepted {
            true => FoundEvents::Accepted,
            false => return Err(InstanceError::EventsOfStrangers { records: id, events: events.id.clone() }),
        },
        // A start that ended between its writes leaves a difference of one.
        (Some(records), Some(events)) if events.generation + 1 < records.generation => FoundEvents::Older,
        (_, Some(_)) => FoundEvents::Together,
        (Some(records), None) if records.events && !accepted => return Err(InstanceError::NoEvents),
        (Some(records), None) if records.events => FoundEvents::Accepted,
        (_, None) => FoundEvents::Adopted,
    };
    let next = Instance { v: FORMAT, id, generation, events: false };
    let found = Joined { blobs: found, events: found_events, generation };
    let (events_had_it, blobs_had_none) = (of_events.is_some(), of_blobs.is_none());
    Ok(NextInstance { found, next, events_had_it, blobs_had_none, former: positions })
}

/// The id that the records have, if a start has given them one.
pub async fn id(records: &dyn Records) -> Result<Option<String>> {
    Ok(records.get_json::<Instance>(KEY).await?.map(|(_, instance)| instance.id))
}

/// The identity of the records as blobs hold it that belong to them.
pub async fn bytes(records: &dyn Records) -> Result<Option<Bytes>> {
    Ok(records.get(KEY).await?.map(|found| found.value))
}

/// The events' identity, and the positions of its entries.
async fn identity(events: &dyn Events) -> Result<(Option<Instance>, Vec<u64>)> {
    const ENTRIES_MAX: usize = 100;
    let entries = events.read(STREAM, 0, ENTRIES_MAX).await?;
    let last = entries.last().map(|entry| from_json::<Instance>("the stream instance", &entry.body)).transpose()?;
    Ok((last, entries.into_iter().map(|entry| entry.position).collect()))
}

/// The id that records and blobs have, if any, and how they stand to each other.
async fn judge_blobs(
    records: &dyn Records,
    blobs: &ObjectStoreBlobs,
    of_records: Option<&Instance>,
    of_blobs: Option<&Instance>,
    accepted: bool,
) -> Result<(Option<String>, Found), InstanceError> {
    Ok(match (of_records, of_blobs) {
        (Some(r), Some(b)) if r.id == b.id => {
            let found = match r.generation {
                older if older < b.generation => Found::OlderRecords,
                // A start that ended between its writes leaves a difference of one.
                newer if newer > b.generation + 1 => Found::OlderBlobs,
                _ => Found::Together,
            };
            (Some(r.id.clone()), found)
        }
        (Some(r), Some(_)) if accepted => (Some(r.id.clone()), Found::Accepted),
        (Some(r), Some(b)) => {
            return Err(InstanceError::Strangers { records: r.id.clone(), blobs: b.id.clone() });
        }
        (Some(r), None) => {
            let named = records.count("blob/").await?;
            let found = match (named > 0 && blobs.list("").await?.is_empty(), accepted) {
                (true, false) => return Err(InstanceError::NoBlobs { blobs: named }),
                (true, true) => Found::Accepted,
                (false, _) => Found::OlderBlobs,
            };
            (Some(r.id.clone()), found)
        }
        (None, of_blobs) => {
            let empty = records.scan("", None, 1).await?.is_empty();
            let there = blobs.list("").await?.len();
            let found = match (empty, there, of_blobs) {
                (true, 1.., _) if !accepted => return Err(InstanceError::EmptyRecords { blobs: there }),
                (true, 1.., _) => Found::Accepted,
                (true, 0, _) => Found::Together,
                (false, _, Some(_)) => Found::OlderRecords,
                (false, _, None) => Found::Adopted,
            };
            (of_blobs.map(|b| b.id.clone()), found)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryEvents, MemoryRecords};
    use object_store::memory::InMemory;
    use std::sync::Arc;

    fn blobs() -> ObjectStoreBlobs {
        ObjectStoreBlobs::new(Arc::new(InMemory::new()))
    }

    async fn join_all(
        records: &MemoryRecords,
        blobs: &ObjectStoreBlobs,
        events: &MemoryEvents,
        accepted: bool,
    ) -> Result<Joined, InstanceError> {
        Ok(judge(records, blobs, events, accepted).await?.commit(records, blobs, events).await?)
    }

    /// Joins with events that belong to the records.
    async fn join(records: &MemoryRecords, blobs: &ObjectStoreBlobs, accepted: bool) -> Result<Found, InstanceError> {
        let events = MemoryEvents::default();
        if let Some((_, known)) = records.get_json::<Instance>(KEY).await? {
            let body = serde_json::to_vec(&Instance { events: false, ..known }).expect("JSON");
            events.append(STREAM, vec![NewEvent { id: "known".into(), body: body.into() }]).await?;
        }
        let joined = join_all(records, blobs, &events, accepted).await?;
        Ok(joined.blobs)
    }

    /// Joins with blobs that belong to the records.
    async fn join_events(
        records: &MemoryRecords,
        events: &MemoryEvents,
        accepted: bool,
    ) -> Result<FoundEvents, InstanceError> {
        let blobs = blobs();
        if let Some((_, known)) = records.get_json::<Instance>(KEY).await? {
            blobs.put_marker(serde_json::to_vec(&known).expect("JSON").into()).await?;
        }
        Ok(join_all(records, &blobs, events, accepted).await?.events)
    }

    /// The entries of the events' identity.
    async fn entries(events: &MemoryEvents) -> Vec<Instance> {
        let entries = events.read(STREAM, 0, 100).await.expect("read");
        entries.iter().map(|entry| serde_json::from_slice(&entry.body).expect("an identity")).collect()
    }

    async fn restored(entries: &[Instance]) -> MemoryEvents {
        let events = MemoryEvents::default();
        for entry in entries {
            let body = serde_json::to_vec(entry).expect("JSON").into();
            events.append(STREAM, vec![NewEvent { id: "restored".into(), body }]).await.expect("append");
        }
        events
    }

    #[tokio::test]
    async fn of_two_that_begin_on_the_same_empty_blobs_one_is_refused() {
        let blobs = blobs();
        let [one, other] = [MemoryRecords::new(), MemoryRecords::new()];
        let events = [MemoryEvents::default(), MemoryEvents::default()];
        let first = judge(&one, &blobs, &events[0], false).await.expect("free");
        let second = judge(&other, &blobs, &events[1], false).await.expect("free");
        first.commit(&one, &blobs, &events[0]).await.expect("the first");
        let refused = second.commit(&other, &blobs, &events[1]).await.expect_err("the second");
        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
        let again = judge(&other, &blobs, &events[1], false).await.expect_err("of another");
        assert!(matches!(again, InstanceError::Strangers { .. }), "{again}");
        assert_eq!(join_all(&one, &blobs, &events[0], false).await.expect("the first").blobs, Found::Together);
    }

    #[tokio::test]
    async fn events_are_counted_up_with_the_records_and_keep_one_entry() {
        let (records, events) = (MemoryRecords::new(), MemoryEvents::default());
        assert_eq!(join_events(&records, &events, false).await.expect("joined"), FoundEvents::Adopted);
        for n in 2..=4 {
            assert_eq!(join_events(&records, &events, false).await.expect("joined"), FoundEvents::Together);
            let entries = entries(&events).await;
            assert_eq!((entries.len(), entries[0].generation), (1, n));
            assert_eq!(generation(&records).await, n);
        }
    }

    #[tokio::test]
    async fn lost_events_are_refused_until_accepted() {
        let (records, events) = (MemoryRecords::new(), MemoryEvents::default());
        join_events(&records, &events, false).await.expect("joined");
        for _ in 0..3 {
            let lost = MemoryEvents::default();
            let refused = join_events(&records, &lost, false).await.expect_err("refused");
            assert!(matches!(refused, InstanceError::NoEvents) && refused.is_about_events(), "{refused}");
            assert_eq!((generation(&records).await, entries(&lost).await), (1, vec![]), "nothing was written");
        }
        assert_eq!(join_events(&records, &events, false).await.expect("put back"), FoundEvents::Together);
        let lost = MemoryEvents::default();
        assert_eq!(join_events(&records, &lost, true).await.expect("joined"), FoundEvents::Accepted);
        assert_eq!(join_events(&records, &lost, false).await.expect("joined"), FoundEvents::Together);
    }

    #[tokio::test]
    async fn older_and_strange_events_are_told() {
        let (records, events) = (MemoryRecords::new(), MemoryEvents::default());
        join_events(&records, &events, false).await.expect("joined");
        let older = entries(&events).await;
        join_events(&records, &events, false).await.expect("joined");
        // A start that ended between its writes.
        assert_eq!(join_events(&records, &restored(&older).await, false).await.expect("joined"), FoundEvents::Together);
        let events = restored(&older).await;
        assert_eq!(join_events(&records, &events, false).await.expect("joined"), FoundEvents::Older);
        assert_eq!(join_events(&records, &events, false).await.expect("joined"), FoundEvents::Together);

        let (strangers, others) = (MemoryRecords::new(), MemoryEvents::default());
        join_events(&strangers, &others, false).await.expect("joined");
        let refused = join_events(&records, &others, false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::EventsOfStrangers { .. }) && refused.is_about_events(), "{refused}");
        assert_eq!(join_events(&records, &others, true).await.expect("joined"), FoundEvents::Accepted);
        assert_eq!(join_events(&records, &others, false).await.expect("joined"), FoundEvents::Together);
    }

    #[tokio::test]
    async fn records_that_are_new_beside_events_are_refused_until_accepted() {
        let (records, events) = (MemoryRecords::new(), MemoryEvents::default());
        join_events(&records, &events, false).await.expect("joined");
        let lost = MemoryRecords::new();
        let refused = join_events(&lost, &events, false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::EmptyRecordsBesideEvents), "{refused}");
        assert_eq!(join_events(&lost, &events, true).await.expect("joined"), FoundEvents::Accepted);
        assert_eq!(join_events(&lost, &events, false).await.expect("joined"), FoundEvents::Together);
    }

    #[tokio::test]
    async fn a_directory_whose_events_have_no_identity_yet_is_adopted() {
        let (records, blobs, events) = (MemoryRecords::new(), blobs(), MemoryEvents::default());
        let earlier = Instance { v: 1, id: "a".into(), generation: 7, events: false };
        records.put_json(KEY, &earlier).await.expect("put");
        blobs.put_marker(serde_json::to_vec(&earlier).expect("JSON").into()).await.expect("put");
        let joined = join_all(&records, &blobs, &events, false).await.expect("joined");
        assert_eq!(joined, Joined { blobs: Found::Together, events: FoundEvents::Adopted, generation: 8 });
        assert_eq!(joined.first_position(), None);
        assert_eq!((entries(&events).await[0].id.as_str(), generation(&records).await), ("a", 8));
        let lost = join_all(&records, &blobs, &MemoryEvents::default(), true).await.expect("joined");
        assert_eq!((lost.events, lost.first_position()), (FoundEvents::Accepted, Some(9 << 36)));
    }

    #[tokio::test]
    async fn of_several_identities_of_the_events_the_last_counts() {
        let (records, events) = (MemoryRecords::new(), MemoryEvents::default());
        let known = |generation| Instance { v: 1, id: "a".into(), generation, events: true };
        records.put_json(KEY, &known(5)).await.expect("put");
        for generation in [1, 5] {
            let body = serde_json::to_vec(&known(generation)).expect("JSON").into();
            events.append(STREAM, vec![NewEvent { id: generation.to_string(), body }]).await.expect("append");
        }
        assert_eq!(join_events(&records, &events, false).await.expect("joined"), FoundEvents::Together);
        let entries = entries(&events).await;
        assert_eq!((entries.len(), entries[0].generation), (1, 6));
    }

    #[test]
    fn first_positions_leave_room_for_later_ones() {
        let joined = |generation| Joined { blobs: Found::Together, events: FoundEvents::Older, generation };
        assert_eq!(joined(3).first_position(), Some(3 << 36));
        for generation in [1 << 26, 1 << 40, u64::MAX] {
            assert_eq!(joined(generation).first_position(), Some(0x3fff_ffff_ffff_ffff));
        }
    }

    async fn generation(records: &MemoryRecords) -> u64 {
        records.require_json::<Instance>(KEY).await.expect("joined").1.generation
    }

    #[tokio::test]
    async fn each_start_counts_the_generation_up() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        for n in 1..=3 {
            assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
            assert_eq!(generation(&records).await, n);
        }
        blobs.put("a", "x".into()).await.expect("put");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn a_directory_of_an_earlier_build_is_adopted() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        blobs.put("a", "x".into()).await.expect("put");
        records.put_json("s3/bucket/b", &1).await.expect("put");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Adopted);
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn fresh_records_beside_blobs_are_refused_until_accepted() {
        let blobs = blobs();
        blobs.put("a", "x".into()).await.expect("put");
        for known in [false, true] {
            let records = MemoryRecords::new();
            let refused = join(&records, &blobs, false).await.expect_err("refused");
            assert!(matches!(refused, InstanceError::EmptyRecords { blobs: 1 }), "{known}");
            assert_eq!(records.count("").await.expect("count"), 0, "nothing was written");
            assert_eq!(join(&records, &blobs, true).await.expect("joined"), Found::Accepted);
            assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
        }
    }

    #[tokio::test]
    async fn backups_are_told_by_their_generation() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        join(&records, &blobs, false).await.expect("joined");
        let (old_records, old_marker) = (records.get(KEY).await.expect("get").expect("there"), blobs.marker().await);
        for _ in 0..2 {
            join(&records, &blobs, false).await.expect("joined");
        }
        let write = crate::Write::Put { key: KEY.to_owned(), value: old_records.value };
        records.commit(Vec::new(), vec![write]).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::OlderRecords);
        assert_eq!(generation(&records).await, 4);
        blobs.put_marker(old_marker.expect("read").expect("there")).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::OlderBlobs);
        // A start that ended between its two writes.
        let before = blobs.marker().await.expect("read").expect("there");
        join(&records, &blobs, false).await.expect("joined");
        blobs.put_marker(before).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn a_backup_from_before_the_identity_is_an_older_one() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        join(&records, &blobs, false).await.expect("joined");
        let older = MemoryRecords::new();
        older.put_json("s3/bucket/b", &1).await.expect("put");
        assert_eq!(join(&older, &blobs, false).await.expect("joined"), Found::OlderRecords);
    }

    #[tokio::test]
    async fn strangers_and_missing_blobs_are_refused_until_accepted() {
        let (records, blobs, others) = (MemoryRecords::new(), blobs(), self::blobs());
        join(&records, &blobs, false).await.expect("joined");
        join(&MemoryRecords::new(), &others, false).await.expect("joined");
        let refused = join(&records, &others, false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::Strangers { .. }), "{refused}");
        assert_eq!(join(&records, &others, true).await.expect("joined"), Found::Accepted);

        records.put_json("blob/a", &1).await.expect("put");
        let refused = join(&records, &self::blobs(), false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::NoBlobs { blobs: 1 }), "{refused}");
        assert_eq!(join(&records, &self::blobs(), true).await.expect("joined"), Found::Accepted);
    }

    #[tokio::test]
    async fn records_that_name_no_blob_miss_none() {
        let records = MemoryRecords::new();
        join(&records, &blobs(), false).await.expect("joined");
        assert_eq!(join(&records, &blobs(), false).await.expect("joined"), Found::OlderBlobs);
    }
}
