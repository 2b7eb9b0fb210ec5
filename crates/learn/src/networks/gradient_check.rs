//! Comparing a network's gradients with finite differences of a slow reference in f64, and with PyTorch's.

use super::item_softmax::{ItemVectors, Negatives, Predicted, RowGrads, TablesMut};
use super::trainer::{Gradients, Parameters};
use crate::artifact::Tensors;
use crate::kernels::{Dropout, add_scaled, add_to};
use serde_json::Value;
use std::collections::BTreeMap;

/// Parameters by stored name, each with its columns.
pub(crate) type Values = BTreeMap<String, (usize, Vec<f64>)>;

/// The negatives of a step with `ln q` of each.
pub(crate) type Drawn<'a> = Option<(&'a [u32], &'a dyn Fn(u32) -> f64)>;

pub(crate) fn values(tensors: &Tensors) -> Values {
    let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect();
    let columns = |shape: &[usize]| shape.last().copied().unwrap_or(1);
    tensors.tensors.iter().map(|(name, t)| (name.clone(), (columns(&t.shape), wide(&t.data)))).collect()
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `-ln p(target)`, by the full softmax over `items` items or by the sampled one.
pub(crate) fn softmax_loss(logit: impl Fn(usize) -> f64, items: usize, negatives: Drawn, target: usize) -> f64 {
    let normalizer: f64 = match negatives {
        None => (0..items).map(|item| logit(item).exp()).sum(),
        Some((drawn, log_q)) => {
            let others = drawn.iter().filter(|&&item| item as usize != target);
            let corrected = others.map(|&item| (logit(item as usize) - log_q(item)).exp() / drawn.len() as f64);
            logit(target).exp() + corrected.sum::<f64>()
        }
    };
    normalizer.ln() - logit(target)
}

/// The loss's derivative by `values[name][index]`, by central differences.
fn difference(values: &Values, loss: impl Fn(&Values) -> f64, name: &str, index: usize) -> f64 {
    const STEP: f64 = 1e-5;
    let mut moved = values.clone();
    let mut at = |delta: f64| {
        if let Some((_, tensor)) = moved.get_mut(name) {
            tensor[index] = values[name].1[index] + delta;
        }
        loss(&moved)
    };
    (at(STEP) - at(-STEP)) / (2.0 * STEP)
}

/// The number of entries of every tensor that are compared, about, and their greatest error: relative to the tensor's
/// largest entry, or to `floor` where that is larger.
pub(crate) struct Tolerance {
    pub(crate) entries: usize,
    pub(crate) relative: f64,
    pub(crate) floor: f64,
}

impl Tolerance {
    /// Compares every tensor's entries with `expected`, which has the names of `values`.
    pub(crate) fn compare(&self, grad: &Tensors, values: &Values, expected: impl Fn(&str, usize) -> f64) {
        assert_eq!(grad.tensors.len(), values.len());
        for (name, tensor) in &grad.tensors {
            let stride = tensor.data.len().div_ceil(self.entries);
            let entries: Vec<(usize, f64)> =
                (0..tensor.data.len()).step_by(stride).map(|index| (index, expected(name, index))).collect();
            let largest = entries.iter().fold(self.floor, |max: f64, (_, e)| max.max(e.abs()));
            for (index, expected) in entries {
                let found = f64::from(tensor.data[index]);
                let off = (found - expected).abs();
                assert!(off < self.relative * largest, "{name}[{index}]: {found}, expected {expected}");
            }
        }
    }
}

/// The output layer of `params` without dropout.
pub(crate) fn output<'a>(
    params: &'a impl Parameters,
    negatives: Option<&'a Negatives>,
    scale: f32,
    targets: &'a [u32],
    weights: &'a [f32],
) -> Predicted<'a> {
    Predicted { table: params.item_vectors(), negatives, dropout: Dropout::new(0, 0.0), scale, targets, weights }
}

/// Adds a shard's gradients to `grad`, which has the layout of the parameters.
pub(crate) fn add_shard(grad: &mut impl Parameters, shard: &mut impl Gradients, negatives: Option<&Negatives>) {
    let (tables, dense) = grad.split_mut();
    let (rows, parts) = shard.split_mut();
    dense.into_iter().zip(parts).for_each(|(sum, part)| add_to(sum, part));
    add_rows(rows, negatives, tables);
}

/// Adds a shard's gradients of the item tables to tables of zeros.
fn add_rows(rows: &RowGrads, negatives: Option<&Negatives>, tables: TablesMut<'_>) {
    let d = tables.dim;
    for (row, &item) in rows.inputs.iter().enumerate() {
        let into = &mut tables.embedding[item as usize * d..(item as usize + 1) * d];
        add_to(into, &rows.input_grads[row * d..(row + 1) * d]);
    }
    let items: Vec<u32> = match negatives {
        None => (0..tables.items as u32).collect(),
        Some(negatives) => negatives.items.clone(),
    };
    let output = tables.output.unwrap_or(tables.embedding);
    let mut add = |item: u32, factor: f32, vector: &[f32], bias: f32| {
        add_scaled(&mut output[item as usize * d..(item as usize + 1) * d], factor, vector);
        tables.bias[item as usize] += bias;
    };
    for (row, item) in items.into_iter().enumerate() {
        add(item, 1.0, &rows.output.rows[row * d..(row + 1) * d], rows.output.bias[row]);
    }
    for (row, &factor) in rows.coefficients.iter().enumerate() {
        add(rows.targets[row], factor, &rows.vectors[row * d..(row + 1) * d], factor);
    }
}

/// `items` as if drawn with probabilities `e^log_q(item)`.
pub(crate) fn negatives(items: Vec<u32>, table: ItemVectors<'_>, log_q: impl Fn(u32) -> f32) -> Negatives {
    let mut negatives = Negatives { items, ..Negatives::default() };
    negatives.gather(table, log_q);
    negatives
}

/// The negatives of a case, drawn by [`log_q`].
pub(crate) fn drawn(items: Option<Vec<u32>>, table: ItemVectors<'_>) -> Option<Negatives> {
    items.map(|items| negatives(items, table, |item| log_q(item) as f32))
}

impl Tolerance {
    /// Compares the loss `total` and the gradients `grad` of the parameters `of` with `loss` and its finite differences.
    pub(crate) fn check(&self, total: f64, grad: &Tensors, of: &Tensors, loss: impl Fn(&Values) -> f64) {
        let values = values(of);
        let expected = loss(&values);
        assert!((total / expected - 1.0).abs() < 1e-5, "loss {total}, expected {expected}");
        self.compare(grad, &values, |name: &str, index| difference(&values, &loss, name, index));
    }
}

/// A made-up `ln q`.
pub(crate) fn log_q(item: u32) -> f64 {
    f64::from(-1.0 - 0.3 * (item % 7) as f32)
}

/// A case computed by PyTorch (`fixtures/`).
pub(crate) struct Fixture<'a>(pub(crate) &'a Value);

impl Fixture<'_> {
    /// Calls `check` with each of a file's cases.
    pub(crate) fn each(json: &str, check: impl Fn(Fixture<'_>)) {
        let fixtures: Value = serde_json::from_str(json).unwrap();
        let cases = fixtures["cases"].as_array().unwrap();
        assert!(cases.len() >= 4);
        cases.iter().for_each(|case| check(Fixture(case)));
    }

    pub(crate) fn floats(value: &Value) -> Vec<f32> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    }

    pub(crate) fn integers(value: &Value) -> Vec<u32> {
        value.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as u32).collect()
    }

    pub(crate) fn sizes(value: &Value) -> Vec<usize> {
        Self::integers(value).into_iter().map(|n| n as usize).collect()
    }

    /// The case's parameters.
    pub(crate) fn tensors(&self, kind: &str) -> Tensors {
        let mut tensors = Tensors::new(kind);
        for (name, tensor) in self.0["parameters"].as_object().unwrap() {
            tensors.insert(name, &Self::sizes(&tensor["shape"]), Self::floats(&tensor["data"]));
        }
        tensors
    }

    /// The case's negatives, if it has any.
    pub(crate) fn negatives(&self, table: ItemVectors<'_>) -> Option<Negatives> {
        self.0["negatives"].is_array().then(|| {
            let log_q = Self::floats(&self.0["log_q"]);
            negatives(Self::integers(&self.0["negatives"]), table, |item| log_q[item as usize])
        })
    }

    /// Compares the loss and every gradient with the case's.
    pub(crate) fn compare(&self, loss: f64, grad: &Tensors, tolerance: &Tolerance) {
        let expected = self.0["loss"].as_f64().unwrap();
        assert!((loss / expected - 1.0).abs() < tolerance.relative, "{}: {loss} {expected}", self.0["name"]);
        let wide = |data: &Value| Self::floats(data).into_iter().map(f64::from).collect();
        let grads: Values = self.0["gradients"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, data)| (name.clone(), (1, wide(data))))
            .collect();
        tolerance.compare(grad, &grads, |name, index| grads[name].1[index]);
    }
}
