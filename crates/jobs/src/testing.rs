//! Tiny data for this room's tests.

use tastemaker_data::{Dataset, DatasetBuilder};

/// Users walk round a ring of 24 items, three times out of four to the next one.
pub(crate) fn ring_rows(users: usize, events: usize) -> Vec<(String, String, i64)> {
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut rows = Vec::new();
    for user in 0..users {
        let mut at = draw(24);
        for k in 0..events {
            rows.push((format!("u{user}"), format!("i{at}"), 1_600_000_000 + (user * events + k) as i64));
            at = if draw(4) > 0 { (at + 1) % 24 } else { draw(4) };
        }
    }
    rows
}

/// [`ring_rows`] as a dataset.
pub(crate) fn ring(users: usize, events: usize) -> Dataset {
    let mut builder = DatasetBuilder::new();
    for (user, item, time) in ring_rows(users, events) {
        builder.push(&user, &item, time, None, None);
    }
    builder.build()
}
