//! An ensemble finds the signals that matter, scores finitely and survives storage.

use super::*;
use crate::Sequences;
use crate::artifact::Tensors;
use crate::item_matrix::ItemMatrix;
use crate::models::content::NewItems;
use crate::models::cooccurrence::{Window, directed};
use crate::models::repeat_consumption::{EvaluationPoint, RepeatModel, rates};
use crate::models::time_decayed_popularity::TimeDecayedPopularity;
use crate::{Cancel, Error, Event, Scratch};
use tastemaker_data::{Bitmap, ItemIx};

pub(super) const ITEMS: usize = 30;

/// Users who walk round a ring of items and, where `habit`, come back to their first item every third step.
pub(super) fn walk(user: usize, habit: bool) -> Vec<Event> {
    let item = |k: usize| if habit && k % 3 == 2 { user % ITEMS } else { (user * 7 + k) % ITEMS };
    (0..18).map(|k| Event::new(ItemIx(item(k) as u32), (k * 60) as i64)).collect()
}

fn point<'a>(history: &'a [Event], truth: &[u32]) -> EvaluationPoint<'a> {
    EvaluationPoint { history, now_s: history.last().map_or(0, |e| e.time_s), truth: truth.to_vec(), weight: 1.0 }
}

pub(super) fn parts(histories: &[Vec<Event>], points: &[EvaluationPoint<'_>]) -> Parts {
    let items: Vec<u32> = histories.iter().flatten().map(|e| e.item.0).collect();
    let times: Vec<i64> = histories.iter().flatten().map(|e| e.time_s).collect();
    let offsets: Vec<usize> = (0..=histories.len()).map(|u| u * 18).collect();
    let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
    let repeats = RepeatModel::fit(rates(&sequences, ITEMS), points);
    Parts {
        items: ITEMS,
        network: None,
        follows: directed(&sequences, ITEMS, Window::default(), &Cancel::new()).unwrap(),
        popular: TimeDecayedPopularity::new(&items, &times, ITEMS),
        counts: vec![5.0; ITEMS],
        repeats: Some([repeats.clone(), repeats]),
        ..Parts::default()
    }
}

fn fitted(habit: bool) -> (Ensemble, EnsembleReport) {
    let histories: Vec<Vec<Event>> = (0..60).map(|user| walk(user, habit)).collect();
    let held: Vec<Vec<Event>> = (60..90).map(|user| walk(user, habit)).collect();
    let cut = |h: &'static [Event], at: usize| point(&h[..at], &[h[at].item.0]);
    let leak = |h: Vec<Vec<Event>>| -> &'static [Vec<Event>] { Box::leak(h.into_boxed_slice()) };
    let train: Vec<_> = leak(histories.clone()).iter().flat_map(|h| [8, 11, 14].map(|at| cut(h, at))).collect();
    let valid: Vec<_> = leak(held).iter().flat_map(|h| [11, 13, 14, 17].map(|at| cut(h, at))).collect();
    let parts = parts(&histories, &train);
    let held_out = HeldOut { parts: parts.clone(), points: valid };
    let validation = EnsembleValidation { in_session: vec![held_out], next_session: Vec::new() };
    let (weighted, report) = fit(&Signal::all(), &validation, &FitOptions::default(), &Cancel::new()).unwrap();
    (Ensemble::new(parts, weighted), report)
}

#[test]
fn the_signals_that_predict_are_chosen_and_better_than_any_single_one() {
    let (blend, report) = fitted(true);
    let single = report.signals.iter().map(|s| s.single[0]).fold(0.0, f64::max);
    assert!(report.quality[0] >= single, "{report:?}");
    assert!(report.quality[0] > 0.6, "{report:?}");
    assert!(!blend.signals().contains(&Signal::Network), "a network that is not there finds nothing: {blend:?}");
    assert_eq!(report.points, [120, 0]);
    assert_eq!(blend.weights(Mode::InSession), blend.weights(Mode::NextSession));
    assert_eq!(report.by_history.iter().map(|b| b.1).sum::<usize>(), 120);
}

#[test]
fn probabilities_sum_to_one_and_lists_agree_with_scores() {
    let (blend, _) = fitted(true);
    let mut scratch = Scratch::default();
    for history in [walk(61, true), Vec::new(), vec![Event::new(ItemIx(u32::MAX), 3)]] {
        let state = blend.encode(&history, &mut scratch);
        let scoring_context = ScoringContext::default();
        let scores = blend.scores(&state, &scoring_context, &mut scratch).to_vec();
        let allowed = Bitmap::from_fn(ITEMS, |item| item.0 % 2 == 0);
        let ranked = blend.top_k(&state, &scoring_context, ITEMS, Some(&allowed), &mut scratch);
        assert_eq!(ranked.items.len(), ITEMS / 2);
        assert!(ranked.items.iter().all(|(item, score)| scores[item.0 as usize] == *score && score.is_finite()));
        let total: f32 = scores.iter().map(|s| (s - ranked.log_partition).exp()).sum();
        assert!((total - 1.0).abs() < 1e-3, "{total}");
    }
    let state = blend.encode(&walk(61, true), &mut scratch);
    let (soon, late) = (RETURN_AFTER_S / 2 + 17 * 60, RETURN_AFTER_S + 17 * 60);
    let mode = |now_s| Ensemble::mode(&state, &ScoringContext { now_s, ..ScoringContext::default() });
    assert_eq!([mode(None), mode(Some(soon)), mode(Some(late))], [Mode::InSession, Mode::InSession, Mode::NextSession]);
}

#[test]
fn storing_changes_nothing_and_damage_is_an_error() {
    let (blend, _) = fitted(true);
    let none = |_: &Tensors| -> Result<Arc<dyn Scorer>, Error> { Err(Error::Artifact("no network".into())) };
    let tensors = Tensors::from_safetensors(&blend.to_tensors(None).to_safetensors().unwrap()).unwrap();
    let read = Ensemble::from_tensors(&tensors, none).unwrap();
    let mut scratch = Scratch::default();
    let state = blend.encode(&walk(70, true), &mut scratch);
    let expected = blend.scores(&state, &ScoringContext::default(), &mut scratch).to_vec();
    assert_eq!(read.scores(&state, &ScoringContext::default(), &mut scratch), expected);
    for name in tensors.tensors.keys().chain(tensors.integers.keys()) {
        let mut short = tensors.clone();
        short.tensors.remove(name);
        short.integers.remove(name);
        assert!(Ensemble::from_tensors(&short, none).is_err(), "without {name}");
    }
    let mut cold = tensors;
    cold.tensors.get_mut("temperatures").unwrap().data[0] = 0.0;
    assert!(Ensemble::from_tensors(&cold, none).is_err());
}

#[test]
fn repeats_are_learned_and_not_assumed() {
    let (habit, _) = fitted(true);
    let (none, _) = fitted(false);
    let mut scratch = Scratch::default();
    let repeats = |blend: &Ensemble, scratch: &mut Scratch, habit, k| {
        let history = walk(61, habit);
        let state = blend.encode(&history[..14], scratch);
        let top = blend.top_k(&state, &ScoringContext::default(), k, None, scratch);
        top.items.iter().filter(|(item, _)| history[..14].iter().any(|e| e.item == *item)).count()
    };
    assert!(repeats(&habit, &mut scratch, true, 3) > 0);
    assert_eq!(repeats(&none, &mut scratch, false, 1), 0);
}

/// Three items, of which the history has 0 and 1: `seen` and `repeats` are the weights of the signals about them.
fn about_seen(seen: f32, repeats: f32) -> [Vec<f32>; 2] {
    let sequences = Sequences { offsets: &[0, 3, 5], items: &[0, 1, 0, 1, 2], weights: &[] };
    let model = RepeatModel::fit(rates(&sequences, 3), &[]);
    let popular = TimeDecayedPopularity::new(&[0, 0, 0, 1, 1, 2], &[1, 1, 1, 1, 1, 1], 3);
    let parts = Parts { items: 3, popular, repeats: Some([model.clone(), model]), ..Parts::default() };
    let weights = || Weights { of: vec![seen, repeats, 1.0], temperature: 1.0 };
    let signals = vec![Signal::Seen, Signal::Repeats, Signal::POPULARITY];
    let weighted = WeightedSignals { signals, in_session: weights(), next_session: weights() };
    let blend = Ensemble::new(parts, weighted);
    let scratch = &mut Scratch::default();
    let state = blend.encode(&[Event::new(ItemIx(0), 10), Event::new(ItemIx(1), 20)], scratch);
    [false, true].map(|keeps_seen| {
        let context = ScoringContext { keeps_seen, ..ScoringContext::default() };
        blend.scores(&state, &context, scratch).to_vec()
    })
}

#[test]
fn a_ranking_does_not_push_down_what_was_seen() {
    let [listed, ranked] = about_seen(-9.0, 0.0);
    assert!(listed[2] > listed[0] + 5.0, "{listed:?}");
    assert!(ranked[0] > ranked[1] && ranked[1] > ranked[2], "by popularity: {ranked:?}");
    assert_eq!(about_seen(-9.0, 0.0)[1], about_seen(0.0, 0.0)[0]);
    let [_, ranked] = about_seen(-9.0, -1.0);
    assert_eq!(ranked, about_seen(0.0, 0.0)[0]);
    // What is gained by having been seen is kept.
    let [listed, ranked] = about_seen(2.0, 0.0);
    assert_eq!(listed, ranked);
}

/// The last four items of the ring, which nobody has taken, each like a quarter of the others.
const KNOWN: usize = ITEMS - 4;

#[test]
fn new_items_have_an_order_although_nobody_took_one_in_held_out_points_and_others_keep_their_places() {
    let walk = |user: usize| -> Vec<Event> {
        (0..18).map(|k| Event::new(ItemIx(((user * 7 + k) % KNOWN) as u32), (k * 60) as i64)).collect()
    };
    let histories: Vec<Vec<Event>> = (0..60).map(walk).collect();
    let held: Vec<Vec<Event>> = (60..90).map(walk).collect();
    let points: Vec<EvaluationPoint<'_>> =
        held.iter().flat_map(|h| [11, 14, 17].map(|at| point(&h[..at], &[h[at].item.0]))).collect();
    let mut parts = parts(&histories, &points);
    parts.counts[KNOWN..].fill(0.0);
    let like = |item: usize| if item < KNOWN { vec![((KNOWN + item % 4) as u32, 0.9)] } else { Vec::new() };
    parts.new_items = NewItems::new(&parts.counts, ItemMatrix::from_rows((0..ITEMS).map(like), 10), &[]);
    let held_out = HeldOut { parts: parts.clone(), points };
    let validation = EnsembleValidation { in_session: vec![held_out], next_session: Vec::new() };
    let (weighted, _) = fit(&Signal::all(), &validation, &FitOptions::default(), &Cancel::new()).unwrap();
    let blend = Ensemble::new(parts, weighted);
    let list = |item: u32, k: usize, allowed: Option<&Bitmap>| -> Vec<u32> {
        let scratch = &mut Scratch::default();
        let state = blend.encode(&[Event::new(ItemIx(item), 0)], scratch);
        let list = blend.top_k(&state, &ScoringContext::default(), k, allowed, scratch);
        list.items.into_iter().map(|(item, _)| item.0).collect()
    };
    let new = Bitmap::from_fn(ITEMS, |item| item.0 as usize >= KNOWN);
    for item in 0..8 {
        assert_eq!(list(item, 1, Some(&new)), [KNOWN as u32 + item % 4], "by metadata, item {item}");
        assert_eq!(list(item, 1, None), [item + 1], "what follows comes first");
    }
    let tensors = Tensors::from_safetensors(&blend.to_tensors(None).to_safetensors().unwrap()).unwrap();
    let none = |_: &Tensors| -> Result<Arc<dyn Scorer>, Error> { Err(Error::Artifact("no network".into())) };
    assert_eq!(Ensemble::from_tensors(&tensors, none).unwrap().parts.new_items, blend.parts.new_items);
}
