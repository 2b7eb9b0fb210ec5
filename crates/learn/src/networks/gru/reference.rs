//! The model's loss written out slowly in f64, from the definition and from stored tensors. Its
//! finite differences are what the kernels' gradients are compared with.

use super::session_parallel_batches::Window;
use crate::networks::gradient_check::{Drawn, Values, sigmoid, softmax_loss};

/// A window, the states carried into it (`[slots, hidden]`) and the weights' factor.
pub(crate) struct Case<'a> {
    pub(crate) window: &'a Window,
    pub(crate) states: &'a [f64],
    pub(crate) scale: f64,
    pub(crate) negatives: Drawn<'a>,
}

/// `weight[row] . vector`.
fn row_dot(weight: &[f64], row: usize, vector: &[f64]) -> f64 {
    let n = vector.len();
    weight[row * n..(row + 1) * n].iter().zip(vector).map(|(w, v)| w * v).sum()
}

pub(crate) fn loss(values: &Values, case: &Case<'_>) -> f64 {
    let window = case.window;
    let tensor = |name: &str| &values[name].1;
    let h = tensor("gru.bias_ih_l0").len() / 3;
    let embedding = tensor("item_embedding.weight");
    let output = values.get("output.weight").map_or(embedding, |(_, output)| output);
    let bias = tensor("output.bias");
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
                row_dot(tensor(&format!("gru.weight_{side}_l0")), row, vector)
                    + tensor(&format!("gru.bias_{side}_l0"))[row]
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
            let loss = softmax_loss(logit, bias.len(), case.negatives, window.targets[at] as usize);
            total += case.scale * f64::from(window.weights[at]) * loss;
        }
    }
    total
}
