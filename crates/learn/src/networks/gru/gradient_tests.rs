//! Every gradient against finite differences of the reference, and against PyTorch's.

use super::model::{GruModel, read_params};
use super::params::Params;
use super::reference::{Case, loss};
use super::session_parallel_batches::Window;
use super::shard::{Shard, Work};
use crate::kernels::Dropout;
use crate::networks::gradient_check::{self, Fixture, Tolerance, add_shard, drawn, log_q, output};
use crate::networks::item_softmax::Negatives;
use crate::networks::trainer::Parameters;
use crate::random::{Purpose, stream};
use rand::Rng;

const TOLERANCE: Tolerance = Tolerance { entries: 80, relative: 1e-4, floor: 1e-3 };

/// The loss and the gradients, laid out like the parameters, of a window cut into `shards`.
fn gradients(
    params: &Params,
    window: &Window,
    states: &[f32],
    scale: f32,
    negatives: Option<&Negatives>,
    shards: usize,
) -> (f64, Params) {
    let (bias, none) = (params.kernel_bias(), Dropout::new(0, 0.0));
    let output = output(params, negatives, scale, &window.targets, &window.weights);
    let work = Work { params, bias: &bias, window, states, drop_input: none, output };
    let mut grad = Params::zeros(params.items, params.hidden, params.output.is_none());
    let lanes = window.slots.len();
    let mut total = 0.0;
    let mut shard = Shard::default();
    for at in 0..shards {
        shard.run(&work, lanes * at / shards..lanes * (at + 1) / shards);
        total += shard.loss;
        add_shard(&mut grad, &mut shard, negatives);
    }
    (total, grad)
}

/// A window with resets, repeated items, a weight of zero and unequal weights.
fn window(items: u32, lanes: usize, steps: usize) -> Window {
    let mut rng = stream(11, Purpose::Shuffle, 0);
    let n = lanes * steps;
    let mut draw = || rng.random_range(0..items);
    let mut window = Window {
        steps,
        slots: (0..lanes).map(|lane| lane + 1).collect(),
        inputs: (0..n).map(|_| draw()).collect(),
        targets: (0..n).map(|_| draw()).collect(),
        weights: (0..n).map(|i| [1.0, 0.5, 0.0, 2.0][i % 4]).collect(),
        resets: (0..n).map(|i| i % 5 == 2).collect(),
    };
    for at in 0..n {
        if window.resets[at] {
            window.inputs[at] = items;
        }
    }
    window
}

fn check(items: usize, hidden: usize, tied: bool, negatives: Option<Vec<u32>>, shards: usize) {
    let window = window(items as u32, 3, 5);
    let params = Params::init(items, hidden, tied, 5);
    let mut rng = stream(3, Purpose::Init, 1);
    let (mut states, mut wide) = (vec![0.0f32; 4 * params.dim], vec![0.0f64; 4 * hidden]);
    for slot in 0..4 {
        for j in 0..hidden {
            let value = rng.random_range(-0.9f32..0.9);
            states[slot * params.dim + j] = value;
            wide[slot * hidden + j] = f64::from(value);
        }
    }
    let drawn = drawn(negatives, params.item_vectors());
    let (total, grad) = gradients(&params, &window, &states, 0.25, drawn.as_ref(), shards);
    let case = Case {
        window: &window,
        states: &wide,
        scale: 0.25,
        negatives: drawn.as_ref().map(|n| (&n.items[..], &log_q as &dyn Fn(u32) -> f64)),
    };
    let (grad, of) = (GruModel::new(grad).to_tensors(), GruModel::new(params).to_tensors());
    TOLERANCE.check(total, &grad, &of, |values| loss(values, &case));
}

#[test]
fn full_softmax_tied_and_not() {
    check(7, 5, true, None, 1);
    check(7, 5, false, None, 2);
    check(23, 16, true, None, 3);
}

#[test]
fn full_softmax_in_tiles() {
    check(8200, 3, true, None, 1);
    check(8200, 3, false, None, 1);
}

#[test]
fn sampled_softmax_tied_and_not() {
    check(9, 5, true, Some(vec![0, 3, 3, 8, 1]), 1);
    check(9, 17, false, Some((0..40).map(|i| i % 9).collect()), 2);
}

/// Without sampling error (every item drawn once, uniformly) the sampled loss is the full one.
#[test]
fn sampling_everything_is_the_full_softmax() {
    let params = Params::init(12, 6, true, 9);
    let window = window(12, 3, 4);
    let states = vec![0.0; 4 * params.dim];
    let negatives = gradient_check::negatives((0..12).collect(), params.item_vectors(), |_| -(12.0f32.ln()));
    let (full, _) = gradients(&params, &window, &states, 1.0, None, 1);
    let (sampled, _) = gradients(&params, &window, &states, 1.0, Some(&negatives), 1);
    assert!((full / sampled - 1.0).abs() < 1e-5, "{full} {sampled}");
}

/// Gradients stop at the window's edge: two windows of two steps are not one of four.
#[test]
fn back_propagation_is_truncated_at_the_window() {
    let params = Params::init(6, 4, false, 2);
    let whole = Window {
        steps: 4,
        slots: vec![0],
        inputs: vec![6, 1, 2, 3],
        targets: vec![1, 2, 3, 4],
        weights: vec![0.0, 0.0, 0.0, 1.0],
        resets: vec![true, false, false, false],
    };
    let part = |range: std::ops::Range<usize>| Window {
        steps: 2,
        slots: vec![0],
        inputs: whole.inputs[range.clone()].to_vec(),
        targets: whole.targets[range.clone()].to_vec(),
        weights: whole.weights[range.clone()].to_vec(),
        resets: whole.resets[range].to_vec(),
    };
    let (bias, none) = (params.kernel_bias(), Dropout::new(0, 0.0));
    let (window, states) = (&part(0..2), &vec![0.0; params.dim][..]);
    let (params, bias) = (&params, &bias[..]);
    let output = output(params, None, 1.0, &window.targets, &window.weights);
    let work = Work { params, bias, window, states, drop_input: none, output };
    let mut first = Shard::default();
    first.run(&work, 0..1);
    let (carried, grad) = gradients(params, &part(2..4), &first.states, 1.0, None, 1);
    let (full, whole_grad) = gradients(params, &whole, states, 1.0, None, 1);
    assert!((carried - full).abs() < 1e-6, "the state crosses windows: {carried} {full}");
    let d = params.dim;
    assert!(grad.embedding[d..2 * d].iter().all(|&g| g == 0.0), "item 1 is before the window");
    assert!(whole_grad.embedding[d..2 * d].iter().any(|&g| g.abs() > 1e-6));
}

/// Loss and every gradient as PyTorch computes them (fixtures/make_gru_fixtures.py).
#[test]
fn equals_pytorch() {
    Fixture::each(include_str!("../../../fixtures/gru.json"), |fixture| {
        let case = fixture.0;
        let params = read_params(&fixture.tensors("gru/1")).unwrap();
        let window = Window {
            steps: case["steps"].as_u64().unwrap() as usize,
            slots: (0..case["lanes"].as_u64().unwrap() as usize).collect(),
            inputs: Fixture::integers(&case["inputs"]),
            targets: Fixture::integers(&case["targets"]),
            weights: Fixture::floats(&case["weights"]),
            resets: Fixture::integers(&case["resets"]).into_iter().map(|r| r == 1).collect(),
        };
        let mut states = vec![0.0; window.slots.len() * params.dim];
        let carried = Fixture::floats(&case["states"]);
        for (padded, state) in states.chunks_exact_mut(params.dim).zip(carried.chunks_exact(params.hidden)) {
            padded[..params.hidden].copy_from_slice(state);
        }
        let negatives = fixture.negatives(params.item_vectors());
        let (loss, grad) = gradients(&params, &window, &states, 1.0, negatives.as_ref(), 1);
        fixture.compare(loss, &GruModel::new(grad).to_tensors(), &TOLERANCE);
    });
}
