//! Every gradient against finite differences of the reference, and against PyTorch's.

use super::batch::Batch;
use super::encoder::Encoder;
use super::model::{TransformerModel, read_params};
use super::network::Drops;
use super::params::{Params, Shape};
use super::reference::{Case, loss, outputs};
use super::shard::{Shard, Work};
use crate::Event;
use crate::networks::gradient_check::{Fixture, Tolerance, add_shard, drawn, log_q, output, values};
use crate::networks::item_softmax::Negatives;
use crate::networks::trainer::Parameters;
use crate::random::{Purpose, stream};
use rand::Rng;
use tastemaker_data::ItemIx;

const TOLERANCE: Tolerance = Tolerance { entries: 30, relative: 2e-4, floor: 1e-2 };

/// The loss and the gradients, laid out like the parameters, of a batch whose windows are cut at `cuts`.
fn gradients(
    params: &Params,
    batch: &Batch,
    scale: f32,
    negatives: Option<&Negatives>,
    cuts: &[usize],
) -> (f64, Params) {
    let output = output(params, negatives, scale, &batch.targets, &batch.weights);
    let work = Work { params, batch, drops: Drops::NONE, output };
    let mut grad = Params::zeros(params.shape);
    let mut total = 0.0;
    let mut shard = Shard::default();
    for cut in cuts.windows(2) {
        shard.run(&work, cut[0]..cut[1]);
        total += shard.loss;
        add_shard(&mut grad, &mut shard, negatives);
    }
    (total, grad)
}

/// Windows of these lengths, with repeated items, start tokens, weights of zero and times in bursts.
fn batch(items: u32, lengths: &[usize]) -> Batch {
    let mut rng = stream(11, Purpose::Shuffle, 0);
    let mut batch = Batch::default();
    batch.clear();
    for (window, &length) in lengths.iter().enumerate() {
        let mut time = 1_000;
        for t in 0..length {
            let begins = t == 0 && window % 2 == 0;
            batch.inputs.push(if begins { items } else { rng.random_range(0..items) });
            batch.targets.push(rng.random_range(0..items));
            batch.weights.push([1.0, 0.5, 0.0, 2.0][batch.inputs.len() % 4]);
            batch.times.push(time);
            time += [0, 1, 40, 90_000][rng.random_range(0..4)];
        }
        batch.bounds.push(batch.inputs.len());
    }
    batch
}

/// Parameters away from their special starting values, so that every gradient is exercised.
fn params(shape: Shape) -> Params {
    let mut params = Params::init(shape, 5);
    let mut rng = stream(3, Purpose::Init, 1);
    for value in params.dense.iter_mut().chain(params.output_bias.iter_mut()) {
        *value += rng.random_range(-0.1f32..0.1);
    }
    params
}

const SMALL: Shape =
    Shape { items: 9, hidden: 16, feed_forward: 32, heads: 2, blocks: 2, length: 12, gated: true, timed: true };

fn check(shape: Shape, lengths: &[usize], negatives: Option<Vec<u32>>, cuts: &[usize]) {
    let batch = batch(shape.items as u32, lengths);
    let params = params(shape);
    let drawn = drawn(negatives, params.item_vectors());
    let (total, grad) = gradients(&params, &batch, 0.25, drawn.as_ref(), cuts);
    let case = Case {
        batch: &batch,
        scale: 0.25,
        negatives: drawn.as_ref().map(|n| (&n.items[..], &log_q as &dyn Fn(u32) -> f64)),
    };
    let (grad, of) = (TransformerModel::new(grad).to_tensors(), TransformerModel::new(params).to_tensors());
    TOLERANCE.check(total, &grad, &of, |values| loss(values, &case));
}

#[test]
fn full_softmax_with_every_option() {
    check(SMALL, &[12, 1, 5], None, &[0, 3]);
    check(SMALL, &[4, 7, 3], None, &[0, 1, 3]);
}

#[test]
fn without_gates_or_times() {
    check(Shape { gated: false, ..SMALL }, &[5, 6], None, &[0, 2]);
    check(Shape { timed: false, heads: 1, blocks: 1, ..SMALL }, &[5, 6], None, &[0, 2]);
    check(Shape { gated: false, timed: false, heads: 4, ..SMALL }, &[5, 6], None, &[0, 2]);
}

/// More queries than one row block of the attention, and more tokens than a micro-batch.
#[test]
fn long_windows() {
    check(Shape { length: 70, blocks: 1, ..SMALL }, &[70, 33], None, &[0, 2]);
}

#[test]
fn sampled_softmax() {
    check(SMALL, &[7, 4], Some(vec![0, 3, 3, 8, 1]), &[0, 2]);
    check(Shape { items: 30, ..SMALL }, &[7, 4, 2], Some((0..40).map(|i| i % 30).collect()), &[0, 2, 3]);
}

/// Serving computes the same for a history as training for its last token.
#[test]
fn inference_is_the_forward_pass() {
    let params = params(SMALL);
    let values = values(&TransformerModel::new(params.clone()).to_tensors());
    let model = TransformerModel::new(params);
    let mut encoder = Encoder::default();
    for length in [0usize, 1, 5, 11, 12, 30] {
        let history: Vec<Event> = (0..length).map(|k| Event::new(ItemIx((k * 5 % 9) as u32), 60 * k as i64)).collect();
        let known = history.len().saturating_sub(12);
        let (mut inputs, mut times): (Vec<u32>, Vec<i64>) =
            history[known..].iter().map(|event| (event.item.0, event.time_s)).unzip();
        if length < 12 {
            inputs.insert(0, 9);
            times.insert(0, 0);
        }
        let expected = outputs(&values, &inputs, &times).pop().unwrap();
        let query = model.query(&history, &mut encoder);
        for (found, expected) in query.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{length} events: {found} {expected}");
        }
    }
    let events = |items: &[u32]| items.iter().map(|&item| Event::new(ItemIx(item), 7)).collect::<Vec<_>>();
    let unknown = model.query(&events(&[3, 9, u32::MAX, 4]), &mut encoder).to_vec();
    assert_eq!(unknown, model.query(&events(&[3, 4]), &mut encoder));
}

/// Loss and every gradient as PyTorch computes them (fixtures/make_transformer_fixtures.py).
#[test]
fn equals_pytorch() {
    Fixture::each(include_str!("../../../fixtures/transformer.json"), |fixture| {
        let case = fixture.0;
        let params = read_params(&fixture.tensors("transformer/1")).unwrap();
        let batch = Batch {
            bounds: Fixture::sizes(&case["bounds"]),
            inputs: Fixture::integers(&case["inputs"]),
            times: Fixture::integers(&case["times"]).into_iter().map(i64::from).collect(),
            targets: Fixture::integers(&case["targets"]),
            weights: Fixture::floats(&case["weights"]),
        };
        let negatives = fixture.negatives(params.item_vectors());
        let (loss, grad) = gradients(&params, &batch, 1.0, negatives.as_ref(), &[0, batch.windows()]);
        fixture.compare(loss, &TransformerModel::new(grad).to_tensors(), &TOLERANCE);
    });
}
