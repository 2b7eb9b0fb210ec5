//! The model's loss written out slowly in f64, from the definition and from stored tensors. Its
//! finite differences are what the kernels' gradients are compared with.

use super::batch::Batch;
use crate::networks::gradient_check::{Drawn, Values, sigmoid, softmax_loss};

/// A batch, the weights' factor and the negatives.
pub(crate) struct Case<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) scale: f64,
    pub(crate) negatives: Drawn<'a>,
}

fn linear(values: &Values, name: &str, x: &[f64]) -> Vec<f64> {
    let (columns, weight) = &values[&format!("{name}.weight")];
    let bias = &values[&format!("{name}.bias")].1;
    (0..*columns)
        .map(|j| bias[j] + x.iter().enumerate().map(|(i, x)| x * weight[i * columns + j]).sum::<f64>())
        .collect()
}

fn norm(values: &Values, name: &str, x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let (gain, bias) = (&values[&format!("{name}.weight")].1, &values[&format!("{name}.bias")].1);
    x.iter().zip(gain.iter().zip(bias)).map(|(x, (g, b))| (x - mean) / (variance + 1e-5).sqrt() * g + b).collect()
}

fn gated(values: &Values, name: &str, x: &[f64], branch: Vec<f64>) -> Vec<f64> {
    if !values.contains_key(&format!("{name}.weight")) {
        return branch;
    }
    linear(values, name, x).into_iter().zip(branch).map(|(g, b)| sigmoid(g) * b).collect()
}

fn attention(values: &Values, at: usize, qkv: &[Vec<f64>], times: &[i64], i: usize) -> Vec<f64> {
    let d = qkv[0].len() / 3;
    let (length, distance) = &values[&format!("blocks.{at}.distance")];
    let time = values.get(&format!("blocks.{at}.time"));
    let width = d / (distance.len() / length);
    let mut out = Vec::new();
    for head in 0..distance.len() / length {
        let part = |token: usize, side: usize| &qkv[token][side * d + head * width..][..width];
        let logits: Vec<f64> = (0..=i)
            .map(|j| {
                let dot: f64 = part(i, 0).iter().zip(part(j, 1)).map(|(q, k)| q * k).sum();
                let term = time.map_or(0.0, |(columns, table)| {
                    let seconds = times[i] - times[j];
                    let bucket = if seconds > 0 { 1 + (seconds as f64).log2() as usize } else { 0 };
                    table[head * columns + bucket.min(columns - 1)]
                });
                dot / (width as f64).sqrt() + distance[head * length + length - 1 - (i - j)] + term
            })
            .collect();
        let total: f64 = logits.iter().map(|s| s.exp()).sum();
        out.extend((0..width).map(|k| (0..=i).map(|j| logits[j].exp() / total * part(j, 2)[k]).sum::<f64>()));
    }
    out
}

fn add(x: &mut [f64], branch: &[f64]) {
    x.iter_mut().zip(branch).for_each(|(x, b)| *x += b);
}

/// The network's output for every token of a window.
pub(crate) fn outputs(values: &Values, inputs: &[u32], times: &[i64]) -> Vec<Vec<f64>> {
    let (d, embedding) = &values["item_embedding.weight"];
    let positions = &values["position.weight"].1;
    let mut stream: Vec<Vec<f64>> = inputs
        .iter()
        .enumerate()
        .map(|(t, &input)| (0..*d).map(|k| embedding[input as usize * d + k] + positions[t * d + k]).collect())
        .collect();
    let blocks = (0..).take_while(|at| values.contains_key(&format!("blocks.{at}.norm1.weight"))).count();
    for at in 0..blocks {
        let name = |part: &str| format!("blocks.{at}.{part}");
        let qkv: Vec<Vec<f64>> =
            stream.iter().map(|x| linear(values, &name("qkv"), &norm(values, &name("norm1"), x))).collect();
        for (i, x) in stream.iter_mut().enumerate() {
            let branch = linear(values, &name("project"), &attention(values, at, &qkv, times, i));
            let branch = gated(values, &name("gate1"), x, branch);
            add(x, &branch);
            let wide = linear(values, &name("widen"), &norm(values, &name("norm2"), x));
            let active: Vec<f64> = wide.into_iter().map(|x| x * sigmoid(x)).collect();
            let branch = gated(values, &name("gate2"), x, linear(values, &name("narrow"), &active));
            add(x, &branch);
        }
    }
    stream.iter().map(|x| norm(values, "norm", x)).collect()
}

pub(crate) fn loss(values: &Values, case: &Case<'_>) -> f64 {
    let batch = case.batch;
    let (d, embedding) = &values["item_embedding.weight"];
    let bias = &values["output.bias"].1;
    let mut total = 0.0;
    for window in batch.bounds.windows(2) {
        let range = window[0]..window[1];
        let outputs = outputs(values, &batch.inputs[range.clone()], &batch.times[range.clone()]);
        for (at, y) in range.zip(outputs) {
            let logit = |item: usize| {
                bias[item] + embedding[item * d..(item + 1) * d].iter().zip(&y).map(|(e, y)| e * y).sum::<f64>()
            };
            let loss = softmax_loss(logit, bias.len(), case.negatives, batch.targets[at] as usize);
            total += case.scale * f64::from(batch.weights[at]) * loss;
        }
    }
    total
}
