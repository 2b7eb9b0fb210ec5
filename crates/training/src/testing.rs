//! Tiny data for this room's tests.

use tastemaker_data::{Dataset, DatasetBuilder};

/// Users walk round a ring of 24 items, three times out of four to the next one.
pub(crate) fn ring(users: usize, events: usize) -> Dataset {
    ring_streamed_from(users, events, usize::MAX)
}

/// The same with the rows from one on streamed.
pub(crate) fn ring_streamed_from(users: usize, events: usize, row: usize) -> Dataset {
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut builder = DatasetBuilder::new();
    for user in 0..users {
        let mut at = draw(24);
        for k in 0..events {
            if user * events + k == row {
                builder.begin_streamed();
            }
            let time_s = 1_600_000_000 + (user * events + k) as i64;
            builder.push(&format!("u{user}"), &format!("i{at}"), time_s, None, None);
            at = if draw(4) > 0 { (at + 1) % 24 } else { draw(4) };
        }
    }
    builder.build()
}
