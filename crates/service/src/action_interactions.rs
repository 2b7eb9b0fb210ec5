//! PutActionInteractions: streamed interactions with actions, checked and kept.

use crate::Ctx;
use crate::context::Appended;
use crate::event_times::{EventTime, OddTime, OddTimes};
use crate::events::{BrokenRule, IMPRESSION_ITEMS_MAX, RECOMMENDATION_ID_CHARS_MAX, bounded, length, missing, refuse};
use crate::lookup::{find, must_be_active, require_schema};
use std::collections::HashSet;
use tastemaker_domain::event_properties;
use tastemaker_domain::limits::ID_CHARS_MAX;
use tastemaker_domain::resource::{ActionInteraction, Dataset, Streamed, TimeMs};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::{Error, Member, Result};
use tastemaker_store::records;
use uuid::Uuid;

/// Interactions of one call.
const INTERACTIONS_MAX: usize = 10;
/// The types of interactions with an action.
const EVENT_TYPES: &[&str] = &["TAKEN", "NOT_TAKEN", "VIEWED"];

/// The request of PutActionInteractions.
#[derive(Debug, Clone, PartialEq)]
pub struct PutActionInteractions {
    /// Of a dataset of action interactions.
    pub tracking_id: String,
    /// 1 to 10 interactions.
    pub interactions: Vec<NewActionInteraction>,
}

/// One interaction as the customer sent it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewActionInteraction {
    /// 1 to 256 characters.
    pub action_id: String,
    /// Absent for an anonymous visitor, who is then known by the session.
    pub user_id: Option<String>,
    /// 1 to 256 characters.
    pub session_id: String,
    /// Made when absent.
    pub event_id: Option<String>,
    /// `TAKEN`, `NOT_TAKEN` or `VIEWED`, in any case, with a blank for the underscore.
    pub event_type: String,
    /// Seconds since the Unix epoch; some clients send milliseconds, or a time of 1970.
    pub timestamp_s: f64,
    /// A flat JSON object, at most 1024 characters.
    pub properties: Option<String>,
    /// 1 to 40 characters.
    pub recommendation_id: Option<String>,
    /// At most 25 action ids.
    pub impression: Vec<String>,
}

/// Checks every interaction, keeps them durably, then shows them to recommendations. Nothing is kept when one of them is
/// refused; the refusal names the interaction and the member.
pub async fn put(ctx: &Ctx, put: PutActionInteractions) -> Result<()> {
    let unknown = || {
        let id = &put.tracking_id;
        Error::NotFound(format!(
            "The value '{id}' at '{}' is of no dataset of action interactions.",
            Member::TrackingId
        ))
    };
    let arn = records::action_dataset_arn(&*ctx.stores.records, &put.tracking_id).await?;
    let (_, dataset) = find::<Dataset>(ctx, &arn.ok_or_else(unknown)?).await?.ok_or_else(unknown)?;
    must_be_active(&dataset.arn, dataset.status)?;
    let (_, schema) = require_schema(ctx, &dataset).await?;
    let (events, odd_times) = judge(&put.interactions, &schema, ctx.now())?;
    let bodies = events.iter().map(records::encode_action_interaction).collect::<Result<_, _>>()?;
    let stream = records::action_interactions_stream(&dataset.dataset_group_arn);
    let positions = ctx.stores.events.append(&stream, bodies).await?;
    ctx.odd_event_times.count(&dataset.dataset_group_arn, odd_times, ctx.now());
    let mut seen = HashSet::new();
    let position = positions.iter().copied().max().unwrap_or_default();
    let fresh: Vec<_> = events.into_iter().zip(positions).filter(|(_, at)| seen.insert(*at)).map(|(e, _)| e).collect();
    let streamed = Streamed::ActionInteractions(&fresh);
    (ctx.observe)(Appended { dataset_group_arn: &dataset.dataset_group_arn, streamed, position }).await;
    Ok(())
}

/// The interactions as they are kept, or the first refusal.
fn judge(
    given: &[NewActionInteraction],
    schema: &Schema,
    now_ms: TimeMs,
) -> Result<(Vec<ActionInteraction>, OddTimes)> {
    if !(1..=INTERACTIONS_MAX).contains(&given.len()) {
        let rule = format!("must have 1 to {INTERACTIONS_MAX} entries, not {}", given.len());
        return Err(refuse(Member::ActionInteractions, &rule));
    }
    let (mut judged, mut odd_times) = (Vec::with_capacity(given.len()), OddTimes::default());
    for (index, one) in given.iter().enumerate() {
        let broken = |(member, rule): BrokenRule| refuse(Member::ActionInteractions.item(index).then(member), &rule);
        let (event, odd) = event_of(one, schema, now_ms).map_err(broken)?;
        judged.push(event);
        odd_times.add(odd);
    }
    Ok((judged, odd_times))
}

fn event_of(
    given: &NewActionInteraction,
    schema: &Schema,
    now_ms: TimeMs,
) -> Result<(ActionInteraction, Option<OddTime>), BrokenRule> {
    bounded(Member::ActionId, &given.action_id, ID_CHARS_MAX)?;
    bounded(Member::SessionId, &given.session_id, ID_CHARS_MAX)?;
    for (member, text) in [(Member::UserId, &given.user_id), (Member::EventId, &given.event_id)] {
        text.as_deref().map_or(Ok(()), |text| bounded(member, text, ID_CHARS_MAX))?;
    }
    if let Some(id) = &given.recommendation_id {
        bounded(Member::RecommendationId, id, RECOMMENDATION_ID_CHARS_MAX)?;
    }
    if given.impression.len() > IMPRESSION_ITEMS_MAX {
        let rule = format!("must have at most {IMPRESSION_ITEMS_MAX} actions, not {}", given.impression.len());
        return Err((Member::Impression.into(), rule));
    }
    for (index, action) in given.impression.iter().enumerate() {
        length(action, ID_CHARS_MAX).map_err(|rule| (Member::Impression.item(index), rule))?;
    }
    let event_type = given.event_type.trim().to_ascii_uppercase().replace(' ', "_");
    if !EVENT_TYPES.contains(&event_type.as_str()) {
        let rule = format!("must be one of [{}], not '{}'", EVENT_TYPES.join(", "), given.event_type);
        return Err((Member::EventType.into(), rule));
    }
    let time = EventTime::read(given.timestamp_s, now_ms).map_err(|rule| (Member::Timestamp.into(), rule))?;
    let mut properties = match &given.properties {
        Some(text) => event_properties::read(text, schema).map_err(|rule| (Member::Properties.into(), rule))?.columns,
        None => Default::default(),
    };
    if let Some(column) = missing(schema, &properties) {
        let rule = format!("must have a value for column {column} of the schema, which has no null");
        return Err((Member::Properties.into(), rule));
    }
    properties.extend(event_properties::session_column(schema, &given.session_id));
    let kept = ActionInteraction {
        event_id: given.event_id.clone().unwrap_or_else(|| Uuid::new_v4().to_string()),
        user_id: given.user_id.clone().unwrap_or_else(|| given.session_id.clone()),
        session_id: given.session_id.clone(),
        action_id: given.action_id.clone(),
        event_type,
        timestamp_s: time.seconds,
        properties,
        recommendation_id: given.recommendation_id.clone(),
        impression: given.impression.clone(),
    };
    Ok((kept, time.odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: TimeMs = 1_700_000_000_000;
    const SCHEMA: &str = r#"{"type":"record","name":"Action_Interactions","fields":[{"name":"USER_ID","type":"string"},
        {"name":"ACTION_ID","type":"string"},{"name":"EVENT_TYPE","type":"string"},{"name":"TIMESTAMP","type":"long"},
        {"name":"DEVICE","type":["null","string"],"categorical":true}]}"#;

    fn taken() -> NewActionInteraction {
        NewActionInteraction {
            action_id: "a".into(),
            session_id: "s".into(),
            event_type: "Not Taken".into(),
            timestamp_s: 1_700_000_000.5,
            properties: Some(r#"{"device":"phone"}"#.into()),
            ..NewActionInteraction::default()
        }
    }

    #[test]
    fn words_are_made_uniform_and_sessions_stand_in_for_users() {
        let schema = Schema::parse(SCHEMA, None).expect("a schema");
        let (kept, _) = judge(&[taken()], &schema, NOW_MS).expect("kept");
        assert_eq!((kept[0].event_type.as_str(), kept[0].user_id.as_str()), ("NOT_TAKEN", "s"));
        assert_eq!((kept[0].timestamp_s, kept[0].properties["DEVICE"].as_str()), (1_700_000_000, "phone"));
        assert_eq!(kept[0].event_id.len(), 36);
    }

    #[test]
    fn columns_that_the_request_itself_fills_are_empty_where_it_has_nothing() {
        let own = r#"{"name":"SESSION_ID","type":"string"},{"name":"IMPRESSION","type":"string"},
            {"name":"RECOMMENDATION_ID","type":"string"},{"name":"DEVICE""#;
        let schema = Schema::parse(&SCHEMA.replace(r#"{"name":"DEVICE""#, own), None).expect("a schema");
        let (kept, _) = judge(&[NewActionInteraction { properties: None, ..taken() }], &schema, NOW_MS).expect("kept");
        assert_eq!(kept[0].properties.iter().collect::<Vec<_>>(), [(&"SESSION_ID".to_owned(), &"s".to_owned())]);
    }

    #[test]
    fn odd_times_are_taken_and_counted() {
        let schema = Schema::parse(SCHEMA, None).expect("a schema");
        let at = |timestamp_s| NewActionInteraction { timestamp_s, ..taken() };
        let given = [at(1_699_999_000_000.0), at(1_699_999.0), at(1_699_999_000.0)];
        let (kept, odd_times) = judge(&given, &schema, NOW_MS).expect("kept");
        let times: Vec<_> = kept.iter().map(|event| event.timestamp_s).collect();
        assert_eq!(times, [1_699_999_000, 1_700_000_000, 1_699_999_000]);
        assert_eq!(odd_times, OddTimes { milliseconds: 1, year_1970: 1 });
    }

    #[test]
    fn refusals_name_the_interaction_and_the_member() {
        let schema = Schema::parse(SCHEMA, None).expect("a schema");
        let long = || "x".repeat(257);
        for (given, words) in [
            (NewActionInteraction { action_id: String::new(), ..taken() }, &["actionId", "1 to 256"][..]),
            (NewActionInteraction { session_id: long(), ..taken() }, &["sessionId", "257"]),
            (NewActionInteraction { user_id: Some(long()), ..taken() }, &["userId", "257"]),
            (NewActionInteraction { event_id: Some(String::new()), ..taken() }, &["eventId", "not 0"]),
            (NewActionInteraction { event_type: "clicked".into(), ..taken() }, &["eventType", "TAKEN", "'clicked'"]),
            (NewActionInteraction { timestamp_s: 1e13, ..taken() }, &["timestamp", "one day", "milliseconds"]),
            (NewActionInteraction { timestamp_s: 1_700_086_401.0, ..taken() }, &["timestamp", "one day", "1700086401"]),
            (NewActionInteraction { recommendation_id: Some("r".repeat(41)), ..taken() }, &["recommendationId", "41"]),
            (NewActionInteraction { impression: vec!["a".into(); 26], ..taken() }, &["impression", "25", "26"]),
            (NewActionInteraction { properties: Some("[]".into()), ..taken() }, &["properties", "JSON object"]),
        ] {
            let error = judge(&[taken(), given], &schema, NOW_MS).expect_err("a refusal").to_string();
            assert!(error.contains("actionInteractions.2.member."), "{error}");
            words.iter().for_each(|word| assert!(error.contains(word), "{error} lacks {word}"));
        }
        assert!(judge(&[], &schema, NOW_MS).is_err());
        assert!(judge(&vec![taken(); 11], &schema, NOW_MS).is_err());
    }
}
