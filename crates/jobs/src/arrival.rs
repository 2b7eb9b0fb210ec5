//! The times of arrival by which streamed rows and imports are put in order.
//!
//! A time of a clock that ran ahead would outrank everything until that time comes, so it does not count: what arrived then
//! counts as of the time of the one before it.

use crate::context::JobsCtx;
use tastemaker_domain::resource::TimeMs;

/// The times of what arrived one after another.
pub(crate) struct ArrivalTimes {
    until_ms: TimeMs,
    last_ms: TimeMs,
}

impl ArrivalTimes {
    /// Times after now, and a day more, do not count.
    pub fn of(ctx: &JobsCtx) -> Self {
        Self { until_ms: ctx.until_s().saturating_mul(1000), last_ms: 0 }
    }

    /// The time that counts for the next one.
    pub fn next(&mut self, time_ms: TimeMs) -> TimeMs {
        if time_ms <= self.until_ms {
            self.last_ms = time_ms;
        }
        self.last_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_beyond_now_is_that_of_the_one_before() {
        let mut times = ArrivalTimes { until_ms: 100, last_ms: 0 };
        let counted: Vec<_> = [101, 7, 9, 101, 5, TimeMs::MAX, 100].into_iter().map(|ms| times.next(ms)).collect();
        assert_eq!(counted, [0, 7, 9, 9, 5, 5, 100]);
    }
}
