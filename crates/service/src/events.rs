//! PutEvents: streamed interactions, checked and kept.

use crate::Ctx;
use crate::context::Appended;
use crate::event_times::{EventTime, OddTime, OddTimes};
use crate::lookup::{dataset_prefix, find, require_schema};
use crate::tracker_cache::TrackerTarget;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use tastemaker_domain::event_properties::{self, Properties};
use tastemaker_domain::limits::ID_CHARS_MAX;
use tastemaker_domain::resource::{Dataset, EventTracker, InteractionEvent, SchemaResource, Streamed, TimeMs};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::{Error, Member, MemberPath, Result, Status};
use tastemaker_store::records;

/// Events of one call.
const EVENTS_MAX: usize = 10;
/// Characters of a recommendation id.
pub(crate) const RECOMMENDATION_ID_CHARS_MAX: usize = 40;
/// Items of an impression.
pub(crate) const IMPRESSION_ITEMS_MAX: usize = 25;
/// Characters of an event attribution source.
const ATTRIBUTION_SOURCE_CHARS_MAX: usize = 1024;

/// The request of PutEvents.
#[derive(Debug, Clone, PartialEq)]
pub struct PutEvents {
    /// Of an event tracker.
    pub tracking_id: String,
    /// Absent for an anonymous visitor, who is then known by the session.
    pub user_id: Option<String>,
    /// 1 to 256 characters.
    pub session_id: String,
    /// 1 to 10 events.
    pub events: Vec<NewEvent>,
}

/// One event as the customer sent it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewEvent {
    /// Of several events of a user with one id, item and type the first is kept. Derived from the content when absent: of two
    /// events alike in everything, one is kept.
    pub event_id: Option<String>,
    /// 1 to 256 characters.
    pub event_type: String,
    /// May be inside the properties instead.
    pub event_value: Option<f64>,
    /// May be inside the properties instead.
    pub item_id: Option<String>,
    /// A flat JSON object, at most 1024 characters.
    pub properties: Option<String>,
    /// Seconds since the Unix epoch; some clients send milliseconds, or a time of 1970.
    pub sent_at_s: f64,
    /// 1 to 40 characters.
    pub recommendation_id: Option<String>,
    /// At most 25 item ids.
    pub impression: Vec<String>,
    /// The source that metric attributions put the event down to; the column EVENT_ATTRIBUTION_SOURCE where the schema has it.
    pub event_attribution_source: Option<String>,
}

/// Checks every event, keeps them durably, then shows them to recommendations. Nothing is kept when one of them is refused;
/// the refusal names the event and the member.
pub async fn put(ctx: &Ctx, put: PutEvents) -> Result<()> {
    let target = target(ctx, &put.tracking_id).await?;
    keep(ctx, &target.group_arn, judge(&put, &target.schema, ctx.now())?).await
}

/// As of [`put`], for a dataset group that is known without a tracking id.
pub async fn put_to_group(ctx: &Ctx, group_arn: &str, put: PutEvents) -> Result<()> {
    let schema = schema(ctx, group_arn).await?;
    keep(ctx, group_arn, judge(&put, &schema, ctx.now())?).await
}

/// An event with its user, from a sender that does not know our schema.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalEvent {
    /// The user who did it.
    pub user_id: String,
    /// The event itself.
    pub event: NewEvent,
}

/// Keeps every event that fits, and tells of the others what is wrong with them, by place: one odd event of a batch must not
/// cost the rest. Errors when nothing can be kept now, so that the sender tries again.
pub async fn put_external(ctx: &Ctx, group_arn: &str, external: Vec<ExternalEvent>) -> Result<Vec<(usize, Error)>> {
    let schema = schema(ctx, group_arn).await?;
    let (mut kept, mut refused) = (Judged::default(), Vec::new());
    for (place, ExternalEvent { user_id, event }) in external.into_iter().enumerate() {
        let put = PutEvents {
            tracking_id: String::new(),
            session_id: user_id.clone(),
            user_id: Some(user_id),
            events: vec![event],
        };
        match judge(&put, &schema, ctx.now()) {
            Ok(judged) => kept.extend(judged),
            Err(error) => refused.push((place, error)),
        }
    }
    if !kept.events.is_empty() {
        keep(ctx, group_arn, kept).await?;
    }
    Ok(refused)
}

/// Events that may be kept.
#[derive(Default)]
struct Judged {
    events: Vec<InteractionEvent>,
    odd_times: OddTimes,
}

impl Judged {
    fn push(&mut self, (event, odd): (InteractionEvent, Option<OddTime>)) {
        self.events.push(event);
        self.odd_times.add(odd);
    }

    fn extend(&mut self, more: Judged) {
        self.events.extend(more.events);
        self.odd_times.extend(more.odd_times);
    }
}

async fn keep(ctx: &Ctx, group_arn: &str, Judged { mut events, odd_times }: Judged) -> Result<()> {
    recall(ctx, &mut events).await;
    let now_ms = ctx.now();
    let bodies = events.iter().map(|event| records::encode_received_event(event, now_ms)).collect::<Result<_, _>>()?;
    let stream = records::interactions_stream(group_arn);
    let positions = ctx.stores.events.append(&stream, bodies).await?;
    ctx.odd_event_times.count(group_arn, odd_times, now_ms);
    let mut seen = HashSet::new();
    let position = positions.iter().copied().max().unwrap_or_default();
    let fresh: Vec<_> = events.into_iter().zip(positions).filter(|(_, at)| seen.insert(*at)).map(|(e, _)| e).collect();
    let streamed = Streamed::Interactions(&fresh);
    (ctx.observe)(Appended { dataset_group_arn: group_arn, streamed, position }).await;
    Ok(())
}

/// Events that name an answer and no impression get the list that was answered.
async fn recall(ctx: &Ctx, events: &mut [InteractionEvent]) {
    let named = |event: &InteractionEvent| event.recommendation_id.clone().filter(|_| event.impression.is_empty());
    let ids: BTreeSet<String> = events.iter().filter_map(named).collect();
    if ids.is_empty() {
        return;
    }
    let lists = (ctx.recall)(ids.into_iter().collect()).await;
    for event in events {
        if let Some(list) = named(event).and_then(|id| lists.get(&id)) {
            event.impression = list.clone();
        }
    }
}

/// The group whose events a tracking id takes, and the schema of its interactions.
async fn target(ctx: &Ctx, tracking_id: &str) -> Result<Arc<TrackerTarget>> {
    if let Some(known) = ctx.tracker_cache.get(&*ctx.stores.records, tracking_id).await? {
        return Ok(known);
    }
    let unknown = || {
        Error::InvalidInput(format!("The value '{tracking_id}' at '{}' is of no event tracker.", Member::TrackingId))
    };
    let tracker_arn = records::event_tracker_arn(&*ctx.stores.records, tracking_id).await?;
    let found = find::<EventTracker>(ctx, &tracker_arn.ok_or_else(unknown)?).await?;
    let (tracker_at, tracker) = found.ok_or_else(unknown)?;
    if tracker.status != Status::Active {
        return Err(Error::InvalidInput(format!(
            "{}: event tracker {} is {}; it must be ACTIVE.",
            Member::TrackingId,
            tracker.arn,
            tracker.status
        )));
    }
    let group_arn = tracker.dataset_group_arn;
    let dataset_arn = dataset_prefix(&group_arn) + DatasetType::Interactions.as_str();
    let (dataset_at, dataset) = match find::<Dataset>(ctx, &dataset_arn).await? {
        Some((at, dataset)) if dataset.status == Status::Active => (at, dataset),
        _ => {
            return Err(Error::InvalidInput(format!(
                "{}: dataset group {group_arn} has no ACTIVE Interactions dataset to keep events in.",
                Member::TrackingId
            )));
        }
    };
    let (schema_at, schema) = require_schema(ctx, &dataset).await?;
    let target = Arc::new(TrackerTarget {
        group_arn,
        schema,
        records: [
            (records::key::<EventTracker>(&tracker.arn), tracker_at),
            (records::key::<Dataset>(&dataset_arn), dataset_at),
            (records::key::<SchemaResource>(&dataset.schema_arn), schema_at),
        ],
    });
    ctx.tracker_cache.keep(tracking_id, target.clone());
    Ok(target)
}

/// The schema of a group's interactions.
async fn schema(ctx: &Ctx, group_arn: &str) -> Result<Schema> {
    let dataset_arn = dataset_prefix(group_arn) + DatasetType::Interactions.as_str();
    match find::<Dataset>(ctx, &dataset_arn).await? {
        Some((_, dataset)) if dataset.status == Status::Active => Ok(require_schema(ctx, &dataset).await?.1),
        _ => Err(Error::InvalidInput(format!(
            "Dataset group {group_arn} has no ACTIVE Interactions dataset to keep events in."
        ))),
    }
}

/// The events as they are kept, or the first refusal.
fn judge(put: &PutEvents, schema: &Schema, now_ms: TimeMs) -> Result<Judged> {
    let check = |member: Member, text: &str| length(text, ID_CHARS_MAX).map_err(|rule| refuse(member, &rule));
    check(Member::SessionId, &put.session_id)?;
    if let Some(user) = &put.user_id {
        check(Member::UserId, user)?;
    }
    if !(1..=EVENTS_MAX).contains(&put.events.len()) {
        let rule = format!("must have 1 to {EVENTS_MAX} events, not {}", put.events.len());
        return Err(refuse(Member::EventList, &rule));
    }
    let user = put.user_id.as_ref().unwrap_or(&put.session_id);
    let mut judged = Judged::default();
    for (index, event) in put.events.iter().enumerate() {
        let broken = |(member, rule): BrokenRule| refuse(Member::EventList.item(index).then(member), &rule);
        judged.push(event_of(event, user, &put.session_id, schema, now_ms).map_err(broken)?);
    }
    Ok(judged)
}

pub(crate) fn refuse(member: impl Into<MemberPath>, rule: &str) -> Error {
    Error::InvalidInput(format!("The value at '{}' {rule}.", member.into()))
}

pub(crate) fn length(text: &str, max: usize) -> Result<(), String> {
    match text.chars().count() {
        count if (1..=max).contains(&count) => Ok(()),
        count => Err(format!("must have 1 to {max} characters, not {count}")),
    }
}

/// The broken member, and the rule it breaks.
pub(crate) type BrokenRule = (MemberPath, String);

pub(crate) fn bounded(member: impl Into<MemberPath>, text: &str, max: usize) -> Result<(), BrokenRule> {
    length(text, max).map_err(|rule| (member.into(), rule))
}

fn event_of(
    event: &NewEvent,
    user: &str,
    session: &str,
    schema: &Schema,
    now_ms: TimeMs,
) -> Result<(InteractionEvent, Option<OddTime>), BrokenRule> {
    bounded(Member::EventType, &event.event_type, ID_CHARS_MAX)?;
    if let Some(id) = &event.event_id {
        bounded(Member::EventId, id, ID_CHARS_MAX)?;
    }
    if let Some(id) = &event.recommendation_id {
        bounded(Member::RecommendationId, id, RECOMMENDATION_ID_CHARS_MAX)?;
    }
    if let Some(source) = &event.event_attribution_source {
        length(source, ATTRIBUTION_SOURCE_CHARS_MAX)
            .map_err(|rule| (Member::MetricAttribution.then(Member::EventAttributionSource), rule))?;
    }
    if event.impression.len() > IMPRESSION_ITEMS_MAX {
        let rule = format!("must have at most {IMPRESSION_ITEMS_MAX} items, not {}", event.impression.len());
        return Err((Member::Impression.into(), rule));
    }
    for (index, item) in event.impression.iter().enumerate() {
        length(item, ID_CHARS_MAX).map_err(|rule| (Member::Impression.item(index), rule))?;
    }
    let time = EventTime::read(event.sent_at_s, now_ms).map_err(|rule| (Member::SentAt.into(), rule))?;
    let properties = match &event.properties {
        Some(text) => event_properties::read(text, schema).map_err(|rule| (Member::Properties.into(), rule))?,
        None => Properties::default(),
    };
    let item_id = event.item_id.clone().or(properties.item_id);
    let item_id =
        item_id.ok_or_else(|| (Member::ItemId.into(), "must be given, here or in the properties".to_owned()))?;
    bounded(Member::ItemId, &item_id, ID_CHARS_MAX)?;
    let event_value = value(event.event_value)?.or(properties.event_value);
    let mut kept = InteractionEvent {
        event_id: String::new(),
        user_id: user.to_owned(),
        session_id: session.to_owned(),
        item_id,
        event_type: event.event_type.clone(),
        event_value,
        timestamp_s: time.seconds,
        properties: properties.columns,
        recommendation_id: event.recommendation_id.clone(),
        impression: event.impression.clone(),
    };
    if let Some(source) = &event.event_attribution_source {
        kept.properties.insert("EVENT_ATTRIBUTION_SOURCE".to_owned(), source.clone());
    }
    if let Some(column) = missing(schema, &kept.properties) {
        let rule = format!("must be given: column {column} of the schema has no null");
        return Err((Member::Properties.into(), rule));
    }
    kept.event_id = event.event_id.clone().unwrap_or_else(|| {
        // A repeated call has another time of arrival.
        let sent_at = match time.odd {
            Some(OddTime::Year1970) => event.sent_at_s.to_string(),
            _ => time.seconds.to_string(),
        };
        content_id(&kept, &sent_at)
    });
    kept.properties.extend(event_properties::session_column(schema, session));
    Ok((kept, time.odd))
}

fn value(given: Option<f64>) -> Result<Option<f32>, BrokenRule> {
    match given.map(|value| (value, value as f32)) {
        None => Ok(None),
        Some((_, value)) if value.is_finite() => Ok(Some(value)),
        Some((value, _)) => {
            Err((Member::EventValue.into(), format!("must be a finite number of 32 bits, not {value}")))
        }
    }
}

/// A column that must have a value among the properties and has none.
pub(crate) fn missing<'a>(schema: &'a Schema, properties: &BTreeMap<String, String>) -> Option<&'a str> {
    let mut required = schema.fields.iter().filter(|field| !field.nullable).map(|field| field.name.as_str());
    required.find(|name| !event_properties::is_from_request(name) && !properties.contains_key(*name))
}

/// An id that two events share only if they are alike in everything, so that a repeated call adds nothing.
fn content_id(event: &InteractionEvent, sent_at: &str) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(&event.user_id);
    add(&event.session_id);
    add(&event.item_id);
    add(&event.event_type);
    add(sent_at);
    add(&event.event_value.map(|value| value.to_string()).unwrap_or_default());
    add(event.recommendation_id.as_deref().unwrap_or_default());
    add(&event.impression.len().to_string());
    event.impression.iter().for_each(|item| add(item));
    let columns: &BTreeMap<String, String> = &event.properties;
    for (name, value) in columns {
        add(name);
        add(value);
    }
    hex::encode(&hash.finalize()[..16])
}
