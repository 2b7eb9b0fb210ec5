//! `POST /events`.

use super::{Answer, Context, Empty};
use crate::errors::Failure;
use tastemaker_service::events::{self, NewEvent};
use tastemaker_wire::events::{Event, PutEventsRequest};

/// Keeps streamed events durably and shows them to the recommender, in this order, before it answers.
pub async fn answer(context: &Context<'_>, request: PutEventsRequest) -> Answer<Empty> {
    let mut list = Vec::with_capacity(request.event_list.len());
    for (index, event) in request.event_list.into_iter().enumerate() {
        list.push(from_wire(index, event)?);
    }
    let put = events::PutEvents {
        tracking_id: request.tracking_id,
        user_id: request.user_id,
        session_id: request.session_id,
        events: list,
    };
    events::put(&context.state.service, put).await?;
    Ok(Empty {})
}

fn from_wire(index: usize, event: Event) -> Answer<NewEvent> {
    if event.metric_attribution.is_some() {
        return Err(Failure::unavailable_member(&format!("eventList.{}.member.metricAttribution", index + 1)));
    }
    Ok(NewEvent {
        event_id: event.event_id,
        event_type: event.event_type,
        event_value: event.event_value.map(|v| v as f32),
        item_id: event.item_id,
        properties: event.properties,
        recommendation_id: event.recommendation_id,
        impression: event.impression.unwrap_or_default(),
        sent_at_ms: (event.sent_at * 1000.0) as i64,
    })
}
