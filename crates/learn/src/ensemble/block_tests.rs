//! A block of users is scored as each user alone, by every signal.

use super::tests::{ITEMS, parts, walk};
use super::*;
use crate::block_scoring::{BlockRequest, RunSize, ScoreBlock};
use crate::fixtures::quiet;
use crate::models::als::{AlsConfig, ItemFactors};
use crate::models::content::NewItems;
use crate::networks::TrainerConfig;
use crate::networks::gru::{GruConfig, train};
use crate::rescoring::{CategoryCounts, Rescored};
use crate::{Event, Scratch, Sequences, best_of_row};
use tastemaker_data::{Bitmap, ItemIx};

/// An ensemble of every signal, each with a weight of its own in either mode, over a network or none.
fn every_signal(network: bool) -> Ensemble {
    let histories: Vec<Vec<Event>> = (0..60).map(|user| walk(user, true)).collect();
    let mut parts = parts(&histories, &[]);
    let items: Vec<u32> = histories.iter().flatten().map(|event| event.item.0).collect();
    let offsets: Vec<usize> = (0..=histories.len()).map(|user| user * 18).collect();
    let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
    if network {
        let training = TrainerConfig { epochs_max: 1, ..GruConfig::default().training };
        let config = GruConfig { items: ITEMS, hidden: 20, training, ..GruConfig::default() };
        parts.network = Some(Arc::new(train(&config, &sequences, None, None, &quiet(3, 1)).unwrap().model));
    }
    parts.ease = parts.follows.clone();
    parts.content = parts.follows.transposed();
    parts.counts = (0..ITEMS).map(|item| (item % 7) as f32).collect();
    parts.expected = (0..ITEMS).map(|item| (item as f32).sqrt()).collect();
    parts.new_items = NewItems::new(&parts.counts, parts.follows.clone(), &parts.expected);
    parts.factors = ItemFactors::train(&sequences, ITEMS, &AlsConfig::default(), &quiet(1, 1)).unwrap();
    let signals = Signal::all();
    let weights = |from: f32| {
        let of = (0..signals.len()).map(|at| (from + at as f32 * 0.7).sin()).collect();
        Weights { of, temperature: 0.8 }
    };
    let (in_session, next_session) = (weights(0.2), weights(1.3));
    Ensemble::new(parts, WeightedSignals { signals, in_session, next_session })
}

/// Histories of many lengths, with items that the model does not know, and times of the request in both modes.
fn asked() -> Vec<(Vec<Event>, ScoringContext<'static>)> {
    let one = |user: usize| {
        let mut history = walk(user, user.is_multiple_of(2));
        history.truncate(user % 19);
        if user.is_multiple_of(5) {
            history.insert(0, Event::new(ItemIx(9999), 3));
        }
        let now_s = match user % 3 {
            0 => None,
            1 => Some(2_000),
            _ => Some(RETURN_AFTER_S * 3),
        };
        let context = ScoringContext { now_s, keeps_seen: user.is_multiple_of(11), ..ScoringContext::default() };
        (history, context)
    };
    (0..60).map(one).collect()
}

fn check(model: &dyn Scorer, run: RunSize, context: &[(u32, u32)]) {
    let blocks = model.block_scorer(run).unwrap();
    let (asked, mut scratch, mut out) = (asked(), Scratch::default(), ScoreBlock::default());
    let histories: Vec<&[Event]> = asked.iter().map(|(history, _)| history.as_slice()).collect();
    let states = blocks.encode(&histories, &mut scratch);
    let request = |(state, (_, of_user)): (_, &(Vec<Event>, ScoringContext<'static>))| BlockRequest {
        state,
        scoring_context: ScoringContext { context, ..*of_user },
    };
    let requests: Vec<BlockRequest> = states.iter().zip(&asked).map(request).collect();
    let allowed = Bitmap::from_fn(ITEMS, |item| item.0 % 4 != 1);
    // Twice, so that buffers of before are met.
    for _ in 0..2 {
        blocks.scores(&requests, &mut scratch, &mut out);
        for (user, (request, (history, _))) in requests.iter().zip(&asked).enumerate() {
            let alone = model.encode(history, &mut scratch);
            assert_eq!(
                (request.state.newest(HISTORY_MAX), &request.state.hidden),
                (alone.newest(HISTORY_MAX), &alone.hidden)
            );
            assert_eq!(request.state.events, alone.events);
            let asks = &request.scoring_context;
            assert_eq!(out.row(user), model.scores(&alone, asks, &mut scratch), "user {user}");
            let ranked = best_of_row(model, out.row(user), asks, 7, Some(&allowed), &mut scratch);
            assert_eq!(ranked, model.top_k(&alone, asks, 7, Some(&allowed), &mut scratch));
        }
    }
}

#[test]
fn users_of_a_block_are_scored_as_each_alone_to_the_bit() {
    for network in [true, false] {
        let ensemble = every_signal(network);
        // With and without dense matrices.
        for users in [1 << 20, 1] {
            check(&ensemble, RunSize { users, events: users }, &[]);
        }
    }
}

#[test]
fn what_moves_the_scores_moves_those_of_a_block() {
    let counts = [(5, vec![(0, 9.0), (7, 2.0)])].into();
    let circumstances = CategoryCounts { counts, events: vec![10.0; ITEMS] };
    let boost = (0..ITEMS).map(|item| (item % 3) as f32).collect();
    let rescored = Rescored::new(Arc::new(every_signal(true)), boost, circumstances, None).unwrap();
    for context in [&[][..], &[(0, 0)]] {
        check(&rescored, RunSize { users: 1 << 20, events: 0 }, context);
    }
}
