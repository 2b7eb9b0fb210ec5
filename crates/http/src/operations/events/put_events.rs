//! `PutEvents` keeps streamed events durably and shows them to the recommender, in this order, before it answers.

use super::{Answer, Context, Empty};
use crate::request_facts;
use tastemaker_service::events::{self, NewEvent};
use tastemaker_wire::events::{Event, PutEventsRequest};

pub async fn answer(context: &Context<'_>, request: PutEventsRequest) -> Answer<Empty> {
    request_facts::user(request.user_id.as_deref());
    let sent_at: Vec<f64> = request.event_list.iter().map(|event| event.sent_at).collect();
    let put = events::PutEvents {
        tracking_id: request.tracking_id,
        user_id: request.user_id,
        session_id: request.session_id,
        events: request.event_list.into_iter().map(from_wire).collect(),
    };
    events::put(&context.state.service, put).await?;
    // Callers in the same process have no key, and this server's own clock.
    if let Some(key) = request_facts::access_key_id() {
        context.state.traffic.sent(&key, &sent_at, (context.state.service.clock)());
    }
    Ok(Empty {})
}

/// An event as the use case takes it.
pub fn from_wire(event: Event) -> NewEvent {
    NewEvent {
        event_id: event.event_id,
        event_type: event.event_type,
        event_value: event.event_value,
        item_id: event.item_id,
        properties: event.properties,
        sent_at_s: event.sent_at,
        recommendation_id: event.recommendation_id,
        impression: event.impression.unwrap_or_default(),
        event_attribution_source: event.metric_attribution.map(|m| m.event_attribution_source),
    }
}
