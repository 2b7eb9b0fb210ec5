//! `PutActionInteractions` keeps streamed interactions with actions durably and shows them to the recommender before it
//! answers.

use super::{Answer, Context, Empty};
use tastemaker_service::action_interactions::{self, NewActionInteraction, PutActionInteractions};
use tastemaker_wire::events::{ActionInteraction, PutActionInteractionsRequest};

pub async fn answer(context: &Context<'_>, request: PutActionInteractionsRequest) -> Answer<Empty> {
    let put = PutActionInteractions {
        tracking_id: request.tracking_id,
        interactions: request.action_interactions.into_iter().map(from_wire).collect(),
    };
    action_interactions::put(&context.state.service, put).await?;
    Ok(Empty {})
}

fn from_wire(given: ActionInteraction) -> NewActionInteraction {
    NewActionInteraction {
        action_id: given.action_id,
        user_id: given.user_id,
        session_id: given.session_id,
        event_id: given.event_id,
        event_type: given.event_type,
        timestamp_s: given.timestamp,
        properties: given.properties,
        recommendation_id: given.recommendation_id,
        impression: given.impression.unwrap_or_default(),
    }
}
