//! The users to whom the anonymous events of sessions belong: the next user who is named in the session, as
//! [`name_sessions`](tastemaker_domain::resource::name_sessions) says of events in memory.
//!
//! The stream is read twice: once to find who is named after anonymous events, once for the events. What is kept grows with the
//! anonymous sessions and not with the events.

use std::collections::HashMap;
use tastemaker_domain::resource::InteractionEvent;

/// The named users of sessions that had been anonymous before.
#[derive(Debug, Default)]
pub(super) struct SessionOwners {
    /// By session: users in the order in which they are named, each with the position of the last event of its run.
    named: HashMap<String, Vec<(u64, String)>>,
}

impl SessionOwners {
    /// Takes in the next event of the stream.
    pub fn see(&mut self, position: u64, event: &InteractionEvent) {
        if event.user_id == event.session_id {
            if !self.named.contains_key(&event.session_id) {
                self.named.insert(event.session_id.clone(), Vec::new());
            }
        } else if let Some(users) = self.named.get_mut(&event.session_id) {
            match users.last_mut() {
                Some((last, user)) if *user == event.user_id => *last = position,
                _ => users.push((position, event.user_id.clone())),
            }
        }
    }

    /// The user of an anonymous event at this position, if one is named later.
    pub fn owner(&self, position: u64, event: &InteractionEvent) -> Option<&str> {
        if event.user_id != event.session_id {
            return None;
        }
        let users = self.named.get(&event.session_id)?;
        let next = users.partition_point(|(last, _)| *last < position);
        users.get(next).map(|(_, user)| user.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::event;
    use tastemaker_domain::resource::name_sessions;

    #[test]
    fn owners_are_those_of_events_in_memory() {
        let mut state = 3u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut events: Vec<InteractionEvent> = Vec::new();
        for n in 0..4000 {
            let session = format!("s{}", draw(40));
            let user = if draw(3) > 0 { session.clone() } else { format!("u{}", draw(5)) };
            events.push(InteractionEvent { session_id: session, ..event(n, &user, "i") });
        }
        let mut owners = SessionOwners::default();
        // Positions have gaps.
        let position = |n: usize| 3 * n as u64 + 1;
        events.iter().enumerate().for_each(|(n, event)| owners.see(position(n), event));
        let own = |(n, event): (usize, &InteractionEvent)| {
            owners.owner(position(n), event).unwrap_or(&event.user_id).to_owned()
        };
        let found: Vec<String> = events.iter().enumerate().map(own).collect();
        name_sessions(&mut events);
        let expected: Vec<String> = events.into_iter().map(|event| event.user_id).collect();
        assert_eq!(found, expected);
        assert!(found.iter().any(|user| user.starts_with('u')));
    }
}
