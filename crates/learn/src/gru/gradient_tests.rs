//! Every gradient against finite differences of the reference, and against PyTorch's.

use super::lanes::Window;
use super::model::{GruModel, read_params};
use super::params::Params;
use super::reference::{Case, Values, difference, loss, values};
use super::shard::{Shard, Work};
use crate::artifact::Tensors;
use crate::kernels::{Dropout, add_scaled, add_to};
use crate::output::Negatives;
use crate::random::{Purpose, stream};
use rand::Rng;

/// How far a gradient may be off, relative to the largest of its tensor.
const TOLERANCE: f64 = 1e-4;

/// The loss and the gradients, laid out like the parameters, of a window cut into `shards`.
fn gradients(
    params: &Params,
    window: &Window,
    states: &[f32],
    scale: f32,
    negatives: Option<&Negatives>,
    shards: usize,
) -> (f64, Params) {
    let bias = params.kernel_bias();
    let none = Dropout::new(0, 0.0);
    let work = Work { params, bias: &bias, window, states, drop_input: none, drop_output: none, scale, negatives };
    let mut grad = Params::zeros(params.items, params.hidden, params.output.is_none());
    let (d, lanes) = (params.dim, window.slots.len());
    let mut total = 0.0;
    let mut shard = Shard::default();
    for at in 0..shards {
        shard.run(&work, lanes * at / shards..lanes * (at + 1) / shards);
        total += shard.loss;
        if let Some(cell) = &shard.cell {
            for (sum, part) in grad.cell.parts_mut().into_iter().zip(cell.parts()) {
                add_to(sum, part);
            }
        }
        for (row, &item) in shard.rows.inputs.iter().enumerate() {
            let into = &mut grad.embedding[item as usize * d..(item as usize + 1) * d];
            add_to(into, &shard.rows.input_grads[row * d..(row + 1) * d]);
        }
        let items: Vec<u32> = match negatives {
            None => (0..params.items as u32).collect(),
            Some(negatives) => negatives.items.clone(),
        };
        let mut add = |item: u32, factor: f32, vector: &[f32], bias: f32| {
            let rows = grad.output.as_mut().unwrap_or(&mut grad.embedding);
            add_scaled(&mut rows[item as usize * d..(item as usize + 1) * d], factor, vector);
            grad.output_bias[item as usize] += bias;
        };
        for (row, item) in items.into_iter().enumerate() {
            add(item, 1.0, &shard.rows.output.rows[row * d..(row + 1) * d], shard.rows.output.bias[row]);
        }
        for (row, &factor) in shard.rows.coefficients.iter().enumerate() {
            add(shard.rows.targets[row], factor, &shard.rows.vectors[row * d..(row + 1) * d], factor);
        }
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
    let log_q = |item: u32| f64::from(-1.0 - 0.3 * (item % 7) as f32);
    let drawn = negatives.map(|drawn| {
        let mut negatives = Negatives { items: drawn, ..Negatives::default() };
        negatives.gather(params.item_vectors(), |item| log_q(item) as f32);
        negatives
    });
    let (total, grad) = gradients(&params, &window, &states, 0.25, drawn.as_ref(), shards);
    let case = Case {
        window: &window,
        states: &wide,
        scale: 0.25,
        negatives: drawn.as_ref().map(|n| (&n.items[..], &log_q as &dyn Fn(u32) -> f64)),
    };
    let values = values(&GruModel::new(params).to_tensors());
    let expected = loss(&values, &case);
    assert!((total / expected - 1.0).abs() < 1e-5, "loss {total}, expected {expected}");
    compare(&GruModel::new(grad).to_tensors(), &values, |name, index| difference(&values, &case, name, index));
}

/// Compares up to some 80 entries of every tensor with `expected`.
fn compare(grad: &Tensors, values: &Values, expected: impl Fn(&str, usize) -> f64) {
    assert_eq!(grad.tensors.len(), values.len());
    for (name, tensor) in &grad.tensors {
        let stride = tensor.data.len().div_ceil(80);
        let entries: Vec<(usize, f64)> =
            (0..tensor.data.len()).step_by(stride).map(|index| (index, expected(name, index))).collect();
        let largest = entries.iter().fold(1e-3, |max: f64, (_, e)| max.max(e.abs()));
        for (index, expected) in entries {
            let found = f64::from(tensor.data[index]);
            assert!((found - expected).abs() < TOLERANCE * largest, "{name}[{index}]: {found}, expected {expected}");
        }
    }
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
    let mut negatives = Negatives { items: (0..12).collect(), ..Negatives::default() };
    negatives.gather(params.item_vectors(), |_| -(12.0f32.ln()));
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
    let bias = params.kernel_bias();
    let none = Dropout::new(0, 0.0);
    let (window, states) = (part(0..2), vec![0.0; params.dim]);
    let work = Work {
        params: &params,
        bias: &bias,
        window: &window,
        states: &states,
        drop_input: none,
        drop_output: none,
        scale: 1.0,
        negatives: None,
    };
    let mut first = Shard::default();
    first.run(&work, 0..1);
    let (carried, grad) = gradients(&params, &part(2..4), &first.states, 1.0, None, 1);
    let (full, whole_grad) = gradients(&params, &whole, &states, 1.0, None, 1);
    assert!((carried - full).abs() < 1e-6, "the state crosses windows: {carried} {full}");
    let d = params.dim;
    assert!(grad.embedding[d..2 * d].iter().all(|&g| g == 0.0), "item 1 is before the window");
    assert!(whole_grad.embedding[d..2 * d].iter().any(|&g| g.abs() > 1e-6));
}

/// Loss and every gradient as PyTorch computes them (fixtures/make_gru_fixtures.py).
#[test]
fn equals_pytorch() {
    let fixtures: serde_json::Value = serde_json::from_str(include_str!("../../fixtures/gru.json")).unwrap();
    let floats = |value: &serde_json::Value| -> Vec<f32> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    };
    let integers = |value: &serde_json::Value| -> Vec<u32> {
        value.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as u32).collect()
    };
    let cases = fixtures["cases"].as_array().unwrap();
    assert!(cases.len() >= 4);
    for case in cases {
        let mut tensors = Tensors::new("gru/1");
        for (name, tensor) in case["parameters"].as_object().unwrap() {
            let shape: Vec<usize> = integers(&tensor["shape"]).into_iter().map(|n| n as usize).collect();
            tensors.insert(name, &shape, floats(&tensor["data"]));
        }
        let params = read_params(&tensors).unwrap();
        let window = Window {
            steps: case["steps"].as_u64().unwrap() as usize,
            slots: (0..case["lanes"].as_u64().unwrap() as usize).collect(),
            inputs: integers(&case["inputs"]),
            targets: integers(&case["targets"]),
            weights: floats(&case["weights"]),
            resets: integers(&case["resets"]).into_iter().map(|r| r == 1).collect(),
        };
        let mut states = vec![0.0; window.slots.len() * params.dim];
        let carried = floats(&case["states"]);
        for (padded, state) in states.chunks_exact_mut(params.dim).zip(carried.chunks_exact(params.hidden)) {
            padded[..params.hidden].copy_from_slice(state);
        }
        let negatives = case["negatives"].is_array().then(|| {
            let log_q = floats(&case["log_q"]);
            let mut negatives = Negatives { items: integers(&case["negatives"]), ..Negatives::default() };
            negatives.gather(params.item_vectors(), |item| log_q[item as usize]);
            negatives
        });
        let (loss, grad) = gradients(&params, &window, &states, 1.0, negatives.as_ref(), 1);
        let expected = case["loss"].as_f64().unwrap();
        assert!((loss / expected - 1.0).abs() < TOLERANCE, "{}: {loss} {expected}", case["name"]);
        let grads: Values = case["gradients"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, data)| (name.clone(), floats(data).into_iter().map(f64::from).collect()))
            .collect();
        compare(&GruModel::new(grad).to_tensors(), &grads, |name, index| grads[name][index]);
    }
}
