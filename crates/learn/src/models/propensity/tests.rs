//! Propensities are right on average, follow the user, and are withheld where little is known.

use super::*;
use tastemaker_data::{DatasetBuilder, UserIx};

const DAY: i64 = 86_400;

/// A scramble in [0, 1).
fn draw(n: u64) -> f64 {
    let x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (((x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)) >> 40) as f64 / f64::from(1 << 24)
}

/// Users of an even number take `join` four times out of five, others once; all take `mail` half the time; `rare` has few
/// responses and `new` none. Even users have the taste 1, odd ones -1.
fn responses() -> (Dataset, Tastes) {
    let mut builder = DatasetBuilder::new();
    let now = 1_700_000_000;
    for user in 0..400i64 {
        let id = format!("u{user}");
        for k in 0..4 {
            let at = now - (30 - k * 7) * DAY + user;
            let chance = if user % 2 == 0 { 0.8 } else { 0.2 };
            let took = |chance: f64, salt: i64| draw((user * 100 + k * 10 + salt) as u64) < chance;
            builder.push(&id, "join", at, Some(if took(chance, 1) { "TAKEN" } else { "NOT_TAKEN" }), None);
            builder.push(&id, "mail", at + 1, Some(if took(0.5, 2) { "taken" } else { "viewed" }), None);
        }
        if user < 60 {
            builder.push(&id, "rare", now, Some("TAKEN"), None);
        }
    }
    builder.add_item("new");
    let dataset = builder.build();
    let vectors = (0..400).map(|user| if user % 2 == 0 { 1.0 } else { -1.0 }).collect();
    (dataset, Tastes { width: 1, vectors })
}

fn probability(model: &PropensityModel, history: &[Event], taste: &[f32], action: u32) -> f32 {
    let mut scratch = Scratch::default();
    let state = model.encode(history, &mut scratch);
    let scoring_context =
        ScoringContext { now_s: Some(1_700_000_000), user_vector: taste, ..ScoringContext::default() };
    model.scores(&state, &scoring_context, &mut scratch)[action as usize].exp()
}

#[test]
fn probabilities_follow_taste_and_are_right_on_average() {
    let (dataset, tastes) = responses();
    let model = train(&dataset, &tastes, 5 * DAY, &Cancel::new()).unwrap();
    let of = |taste: f32, id: &str| probability(&model, &[], &[taste], dataset.items.get(id).unwrap());
    let (even, odd) = (of(1.0, "join"), of(-1.0, "join"));
    assert!(even > 0.6 && odd < 0.4, "{even} {odd}");
    let mail = of(0.0, "mail");
    assert!((mail - 0.5).abs() < 0.15, "{mail}");
    assert_eq!((of(1.0, "rare"), of(1.0, "new")), (0.0, 0.0));
    let scored: Vec<bool> =
        ["join", "mail", "rare", "new"].map(|id| model.is_scored(dataset.item_ix(id).unwrap())).into();
    assert_eq!(scored, [true, true, false, false]);
}

#[test]
fn what_a_user_did_counts_even_without_taste() {
    let (dataset, _) = responses();
    let model = train(&dataset, &Tastes::default(), 5 * DAY, &Cancel::new()).unwrap();
    let join = dataset.items.get("join").unwrap();
    let history = |user: u32| -> Vec<Event> {
        let s = dataset.sequence(UserIx(user));
        let event = |k: usize| Event { event_type: s.event_types[k], ..Event::new(ItemIx(s.items[k]), s.times[k]) };
        (0..s.items.len()).map(event).collect()
    };
    let mean = |parity: u32| {
        let users: Vec<u32> = (0..400).filter(|user| user % 2 == parity).collect();
        users.iter().map(|&user| probability(&model, &history(user), &[], join)).sum::<f32>() / users.len() as f32
    };
    assert!(mean(0) > mean(1) + 0.2, "{} {}", mean(0), mean(1));
}

#[test]
fn an_exposure_counts_as_taken_only_within_the_period() {
    let mut builder = DatasetBuilder::new();
    for (time, event_type) in [(0, "VIEWED"), (9 * DAY, "TAKEN"), (20 * DAY, "NOT TAKEN"), (21 * DAY, "other")] {
        builder.push("u", "a", time, Some(event_type), None);
    }
    let dataset = builder.build();
    let responses: Vec<_> = dataset.event_types.iter().map(Response::of).collect();
    let found = |period: i64| {
        let found = examples(&dataset, &responses, period * DAY, 0);
        found.iter().map(|e| (e.at, e.positive)).collect::<Vec<_>>()
    };
    assert_eq!(found(14), [(0, true), (2, false)]);
    assert_eq!(found(7), [(0, false), (1, true), (2, false)]);
}

#[test]
fn storing_changes_nothing_and_no_data_gives_no_probabilities() {
    let (dataset, tastes) = responses();
    let model = train(&dataset, &tastes, 14 * DAY, &Cancel::new()).unwrap();
    let read = Tensors::from_safetensors(&model.to_tensors().to_safetensors().unwrap()).unwrap();
    assert_eq!(PropensityModel::from_tensors(&read).unwrap(), model);
    assert!(PropensityModel::from_tensors(&Tensors::new("als/1")).is_err());
    let mut builder = DatasetBuilder::new();
    builder.add_item("a");
    let empty = train(&builder.build(), &Tastes::default(), DAY, &Cancel::new()).unwrap();
    assert_eq!(probability(&empty, &[], &[], 0), 0.0);
}
