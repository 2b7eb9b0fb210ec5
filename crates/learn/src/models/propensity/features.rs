//! Features of a user's responses so far that predict the next one.

use super::response::Response;
use crate::Event;
use std::collections::HashMap;

/// Numbers of one user and action.
pub(super) const FEATURES: usize = 8;

/// Responses that a rate is drawn towards one half by.
const PRIOR: f32 = 2.0;

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    taken: f32,
    not_taken: f32,
    last_taken_s: Option<i64>,
    last_not_taken_s: Option<i64>,
}

impl Count {
    fn add(&mut self, response: Response, time_s: i64) {
        let (count, last) = match response {
            Response::Taken => (&mut self.taken, &mut self.last_taken_s),
            Response::NotTaken => (&mut self.not_taken, &mut self.last_not_taken_s),
        };
        *count += 1.0;
        *last = Some(last.unwrap_or(i64::MIN).max(time_s));
    }

    /// The share of responses that were TAKEN, drawn towards one half, less one half.
    fn rate(&self) -> f32 {
        (self.taken + PRIOR / 2.0) / (self.taken + self.not_taken + PRIOR) - 0.5
    }
}

/// A user's responses as counts.
pub(super) struct Past {
    now_s: i64,
    period_s: f32,
    all: Count,
    by_action: HashMap<u32, Count>,
}

impl Past {
    pub(super) fn new(events: &[Event], now_s: i64, period_s: f32, response: impl Fn(u16) -> Option<Response>) -> Self {
        let mut past = Self { now_s, period_s, all: Count::default(), by_action: HashMap::new() };
        for event in events {
            if let Some(response) = response(event.event_type) {
                past.all.add(response, event.time_s);
                past.by_action.entry(event.item.0).or_default().add(response, event.time_s);
            }
        }
        past
    }

    /// 1 just now, falling to 1/e after a period; 0 for never.
    fn recency(&self, time_s: Option<i64>) -> f32 {
        time_s.map_or(0.0, |t| (-(self.now_s.saturating_sub(t).max(0) as f32) / self.period_s.max(1.0)).exp())
    }

    pub(super) fn of(&self, action: u32) -> [f32; FEATURES] {
        let own = self.by_action.get(&action).copied().unwrap_or_default();
        [
            self.all.rate(),
            self.all.taken.ln_1p(),
            self.all.not_taken.ln_1p(),
            own.rate(),
            own.taken.ln_1p(),
            own.not_taken.ln_1p(),
            self.recency(own.last_taken_s),
            self.recency(own.last_not_taken_s),
        ]
    }
}
