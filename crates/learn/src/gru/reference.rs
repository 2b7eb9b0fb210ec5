//! The model's loss written out slowly in f64, from the definition and from stored tensors. Its
//! finite differences are what the kernels' gradients are compared with.

use super::lanes::Window;
use crate::artifact::Tensors;
use std::collections::BTreeMap;

/// The negatives of a step with `ln q` of each.
pub(crate) type Drawn<'a> = Option<(&'a [u32], &'a dyn Fn(u32) -> f64)>;

/// A window, the states carried into it (`[slots, hidden]`) and the weights' factor.
pub(crate) struct Case<'a> {
    pub(crate) window: &'a Window,
    pub(crate) states: &'a [f64],
    pub(crate) scale: f64,
    pub(crate) negatives: Drawn<'a>,
}

/// Parameters by stored name.
pub(crate) type Values = BTreeMap<String, Vec<f64>>;

pub(crate) fn values(tensors: &Tensors) -> Values {
    let wide = |data: &[f32]| data.iter().map(|&x| f64::from(x)).collect();
    tensors.tensors.iter().map(|(name, t)| (name.clone(), wide(&t.data))).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `weight[row] . vector`.
fn row_dot(weight: &[f64], row: usize, vector: &[f64]) -> f64 {
    let n = vector.len();
    weight[row * n..(row + 1) * n].iter().zip(vector).map(|(w, v)| w * v).sum()
}

pub(crate) fn loss(values: &Values, case: &Case<'_>) -> f64 {
    let window = case.window;
    let h = values["gru.bias_ih_l0"].len() / 3;
    let embedding = &values["item_embedding.weight"];
    let output = values.get("output.weight").unwrap_or(embedding);
    let bias = &values["output.bias"];
    let mut total = 0.0;
    for (lane, &slot) in window.slots.iter().enumerate() {
        let mut state = case.states[slot * h..(slot + 1) * h].to_vec();
        for t in 0..window.steps {
            let at = lane * window.steps + t;
            if window.resets[at] {
                state.fill(0.0);
            }
            let input = window.inputs[at] as usize;
            let x = &embedding[input * h..(input + 1) * h];
            let gate = |side: &str, row: usize, vector: &[f64]| {
                row_dot(&values[&format!("gru.weight_{side}_l0")], row, vector)
                    + values[&format!("gru.bias_{side}_l0")][row]
            };
            state = (0..h)
                .map(|j| {
                    let r = sigmoid(gate("ih", j, x) + gate("hh", j, &state));
                    let z = sigmoid(gate("ih", h + j, x) + gate("hh", h + j, &state));
                    let n = (gate("ih", 2 * h + j, x) + r * gate("hh", 2 * h + j, &state)).tanh();
                    (1.0 - z) * n + z * state[j]
                })
                .collect();
            let logit = |item: usize| row_dot(output, item, &state) + bias[item];
            let target = window.targets[at] as usize;
            let normaliser: f64 = match case.negatives {
                None => (0..bias.len()).map(|item| logit(item).exp()).sum(),
                Some((items, log_q)) => {
                    let others = items.iter().filter(|&&item| item as usize != target);
                    let corrected = others.map(|&item| (logit(item as usize) - log_q(item)).exp() / items.len() as f64);
                    logit(target).exp() + corrected.sum::<f64>()
                }
            };
            total += case.scale * f64::from(window.weights[at]) * (normaliser.ln() - logit(target));
        }
    }
    total
}

/// The loss's derivative by `values[name][index]`, by central differences.
pub(crate) fn difference(values: &Values, case: &Case<'_>, name: &str, index: usize) -> f64 {
    const STEP: f64 = 1e-5;
    let mut moved = values.clone();
    let mut at = |delta: f64| {
        if let Some(tensor) = moved.get_mut(name) {
            tensor[index] = values[name][index] + delta;
        }
        loss(&moved, case)
    };
    (at(STEP) - at(-STEP)) / (2.0 * STEP)
}
