//! The output layer with its loss: softmax cross-entropy, full in tiles or sampled, forward and
//! backward at once. `[tokens, items]` is never held as a whole.

use super::sampler::Sampler;
use super::tables::{ItemVectors, OutputGrad};
use crate::kernels::{Aligned, add_product, add_row_max, add_scaled, dot, exp_sum, rows, scale_rows, set_product};
use faer::MatRef;
use rand::Rng;
use std::ops::Range;

/// Tokens whose logits are computed together.
const TOKENS: usize = 256;
/// The same where there are many negatives, at least.
const TOKENS_MIN: usize = 16;
/// Tokens whose gradients of the item vectors are added together: the product reads the logits by columns, and with more of them
/// each read misses the translation cache.
const TOKENS_BY_COLUMN: usize = 128;
/// Items per tile where the logits of all items for [`TOKENS`] tokens would leave the cache.
const TILE: usize = 1024;
/// Up to this many logits are kept between the passes instead of being computed twice.
const KEPT_LOGITS: usize = 1 << 21;

/// Predictions of one micro-batch. `weights` already hold the batch's normalization.
pub(crate) struct Tokens<'a> {
    /// `[n, d]`: what multiplies the item vectors.
    pub(crate) vectors: &'a [f32],
    /// `[n]`.
    pub(crate) targets: &'a [u32],
    /// `[n]`.
    pub(crate) weights: &'a [f32],
}

/// Buffers of the output layer.
#[derive(Default)]
pub(crate) struct OutputScratch {
    logits: Aligned,
    scaled: Aligned,
    scales: Vec<f32>,
    shifts: Vec<f32>,
    sums: Vec<f64>,
    target_logits: Vec<f32>,
}

/// `sum of weight * -ln p(target)` over the tokens; writes `grad_vectors` `[n, d]` and adds to `grad`.
pub(crate) fn full_softmax(
    table: ItemVectors<'_>,
    tokens: &Tokens<'_>,
    grad_vectors: &mut [f32],
    grad: &mut OutputGrad,
    scratch: &mut OutputScratch,
) -> f64 {
    let (d, items) = (table.dim, table.items);
    let mut loss = 0.0;
    for (chunk, grad_vectors) in grad_vectors.chunks_mut(TOKENS * d).enumerate() {
        let part = tokens.part(chunk * TOKENS, grad_vectors.len() / d, d);
        let softmax = if items * TOKENS <= KEPT_LOGITS { kept } else { tiled };
        loss += softmax(table, &part, grad_vectors, grad, scratch);
        let output = table.rows;
        for (token, (&target, &weight)) in part.targets.iter().zip(part.weights).enumerate() {
            let target = target as usize;
            let (token, row) = (token * d..(token + 1) * d, target * d..(target + 1) * d);
            add_scaled(&mut grad_vectors[token.clone()], -weight, &output[row.clone()]);
            add_scaled(&mut grad.rows[row], -weight, &part.vectors[token]);
            grad.bias[target] -= weight;
        }
    }
    loss
}

impl<'a> Tokens<'a> {
    /// `n` tokens from `from` on.
    fn part(&self, from: usize, n: usize, d: usize) -> Tokens<'a> {
        Tokens {
            vectors: &self.vectors[from * d..(from + n) * d],
            targets: &self.targets[from..from + n],
            weights: &self.weights[from..from + n],
        }
    }
}

/// `into += probabilities^T vectors`.
fn add_columns(into: &mut [f32], probabilities: MatRef<'_, f32>, vectors: MatRef<'_, f32>) {
    for from in (0..vectors.nrows()).step_by(TOKENS_BY_COLUMN) {
        let n = TOKENS_BY_COLUMN.min(vectors.nrows() - from);
        let part = probabilities.subrows(from, n).transpose();
        add_product(into, vectors.ncols(), part, vectors.subrows(from, n));
    }
}

/// The backward pass of logits kept as exponentials `exps` `[n, items]`, of which each row counts by its scale.
fn backward(
    exps: MatRef<'_, f32>,
    output: MatRef<'_, f32>,
    vectors: &[f32],
    scales: &[f32],
    grad_vectors: &mut [f32],
    grad_rows: &mut [f32],
    scaled: &mut [f32],
) {
    let (n, d) = (exps.nrows(), output.ncols());
    set_product(grad_vectors, d, exps, output);
    scale_rows(grad_vectors, scales, d);
    scaled[..n * d].copy_from_slice(vectors);
    scale_rows(&mut scaled[..n * d], scales, d);
    add_columns(grad_rows, exps, rows(scaled, n, d, d));
}

/// One chunk whose logits for all items stay in cache between forward and backward.
fn kept(
    table: ItemVectors<'_>,
    tokens: &Tokens<'_>,
    grad_vectors: &mut [f32],
    grad: &mut OutputGrad,
    scratch: &mut OutputScratch,
) -> f64 {
    let (d, items, n) = (table.dim, table.items, tokens.targets.len());
    let stride = items.next_multiple_of(16);
    let OutputScratch { logits, scaled, scales, .. } = scratch;
    logits.reserve(TOKENS * stride);
    scaled.reserve(TOKENS * d);
    scales.clear();
    let output = rows(table.rows, items, d, d);
    set_product(logits, stride, rows(tokens.vectors, n, d, d), output.transpose());
    let mut loss = 0.0;
    for (token, row) in logits.chunks_exact_mut(stride).take(n).enumerate() {
        let row = &mut row[..items];
        let max = add_row_max(row, table.bias);
        let target = row[tokens.targets[token] as usize];
        let sum = exp_sum(row, max, 1.0);
        let weight = tokens.weights[token];
        loss += f64::from(weight) * (f64::from(max - target) + f64::from(sum).ln());
        scales.push(weight / sum);
        add_scaled(&mut grad.bias, weight / sum, row);
    }
    backward(rows(logits, n, items, stride), output, tokens.vectors, scales, grad_vectors, &mut grad.rows, scaled);
    loss
}

/// One chunk over tiles of items: a first pass finds the normalizer, a second computes each tile again.
fn tiled(
    table: ItemVectors<'_>,
    tokens: &Tokens<'_>,
    grad_vectors: &mut [f32],
    grad: &mut OutputGrad,
    scratch: &mut OutputScratch,
) -> f64 {
    let (d, items, n) = (table.dim, table.items, tokens.targets.len());
    let OutputScratch { logits, scaled, shifts, sums, target_logits, .. } = scratch;
    logits.reserve(TOKENS * TILE);
    scaled.reserve(TOKENS * d);
    shifts.clear();
    shifts.resize(n, f32::MIN);
    sums.clear();
    sums.resize(n, 0.0);
    target_logits.clear();
    target_logits.resize(n, 0.0);
    let vectors = rows(tokens.vectors, n, d, d);
    let tiles = || (0..items).step_by(TILE).map(|from| from..items.min(from + TILE));
    let tile_rows = |tile: &Range<usize>| rows(&table.rows[tile.start * d..tile.end * d], tile.len(), d, d);
    for tile in tiles() {
        set_product(logits, TILE, vectors, tile_rows(&tile).transpose());
        for (token, row) in logits.chunks_exact_mut(TILE).take(n).enumerate() {
            let row = &mut row[..tile.len()];
            let max = add_row_max(row, &table.bias[tile.clone()]);
            let target = tokens.targets[token] as usize;
            if tile.contains(&target) {
                target_logits[token] = row[target - tile.start];
            }
            if max > shifts[token] {
                sums[token] *= f64::from(shifts[token] - max).exp();
                shifts[token] = max;
            }
            sums[token] += f64::from(exp_sum(row, shifts[token], 1.0));
        }
    }
    let mut loss = 0.0;
    for token in 0..n {
        let normalizer = f64::from(shifts[token]) + sums[token].ln();
        loss += f64::from(tokens.weights[token]) * (normalizer - f64::from(target_logits[token]));
        shifts[token] = normalizer as f32;
    }
    scaled[..n * d].copy_from_slice(tokens.vectors);
    scale_rows(&mut scaled[..n * d], tokens.weights, d);
    grad_vectors.fill(0.0);
    for tile in tiles() {
        set_product(logits, TILE, vectors, tile_rows(&tile).transpose());
        for (token, row) in logits.chunks_exact_mut(TILE).take(n).enumerate() {
            let row = &mut row[..tile.len()];
            add_row_max(row, &table.bias[tile.clone()]);
            exp_sum(row, shifts[token], 1.0);
            add_scaled(&mut grad.bias[tile.clone()], tokens.weights[token], row);
        }
        let probabilities = rows(logits, n, tile.len(), TILE);
        add_product(grad_vectors, d, probabilities, tile_rows(&tile));
        add_columns(&mut grad.rows[tile.start * d..tile.end * d], probabilities, rows(scaled, n, d, d));
    }
    scale_rows(grad_vectors, tokens.weights, d);
    loss
}

/// The negatives of one step, shared by all its tokens.
#[derive(Default)]
pub(crate) struct Negatives {
    pub(crate) items: Vec<u32>,
    /// `[negatives, d]`: their item vectors.
    pub(crate) vectors: Aligned,
    /// Bias minus the logarithm of the expected count.
    pub(crate) offsets: Vec<f32>,
}

impl Negatives {
    pub(crate) fn draw(&mut self, sampler: &Sampler, count: usize, table: ItemVectors<'_>, rng: &mut impl Rng) {
        self.items.clear();
        self.items.extend((0..count).map(|_| sampler.draw(rng)));
        self.gather(table, |item| sampler.log_q(item));
    }

    /// Copies the vectors of `items`, which were drawn with probabilities `e^log_q(item)`.
    pub(crate) fn gather(&mut self, table: ItemVectors<'_>, log_q: impl Fn(u32) -> f32) {
        let (d, count) = (table.dim, self.items.len());
        self.offsets.clear();
        self.vectors.reserve(count * d);
        let log_count = (count as f32).ln();
        for (row, &item) in self.vectors.chunks_exact_mut(d).zip(&self.items) {
            row.copy_from_slice(table.row(item));
            self.offsets.push(table.bias[item as usize] - log_q(item) - log_count);
        }
    }
}

/// The sampled counterpart of [`full_softmax`].
///
/// `e^s_target + sum over negatives j != target of e^(s_j - ln(negatives q_j))` is an unbiased estimate of
/// the full normalizer, so the target is not corrected and draws that hit it are left out
/// (`logq` in docs/papers.md).
///
/// `grad` gets the gradients of the negatives; `coefficients[i]` that of token i's target logit, to be
/// multiplied with token i's vector for the target's row and added to the target's bias.
pub(crate) fn sampled_softmax(
    table: ItemVectors<'_>,
    negatives: &Negatives,
    tokens: &Tokens<'_>,
    grad_vectors: &mut [f32],
    grad: &mut OutputGrad,
    coefficients: &mut Vec<f32>,
    scratch: &mut OutputScratch,
) -> f64 {
    const MASKED: f32 = -1e30;
    let (d, count) = (table.dim, negatives.items.len());
    let stride = count.next_multiple_of(16);
    let drawn = rows(&negatives.vectors, count, d, d);
    let OutputScratch { logits, scaled, scales, .. } = scratch;
    // Many negatives leave the cache to fewer tokens.
    let together = (KEPT_LOGITS / stride).clamp(TOKENS_MIN, TOKENS);
    logits.reserve(together * stride);
    scaled.reserve(together * d);
    let mut loss = 0.0;
    for (chunk, grad_vectors) in grad_vectors.chunks_mut(together * d).enumerate() {
        let n = grad_vectors.len() / d;
        let Tokens { vectors, targets, weights } = tokens.part(chunk * together, n, d);
        set_product(logits, stride, rows(vectors, n, d, d), drawn.transpose());
        scales.clear();
        let first = coefficients.len();
        for (token, row) in logits.chunks_exact_mut(stride).take(n).enumerate() {
            let row = &mut row[..count];
            let (target, weight) = (targets[token], weights[token]);
            let target_logit =
                dot(&vectors[token * d..(token + 1) * d], table.row(target)) + table.bias[target as usize];
            let max = add_row_max(row, &negatives.offsets).max(target_logit);
            for (&item, logit) in negatives.items.iter().zip(row.iter_mut()) {
                *logit = if item == target { MASKED } else { *logit };
            }
            let target_exp = f64::from(target_logit - max).exp();
            let sum = f64::from(exp_sum(row, max, 1.0)) + target_exp;
            loss += f64::from(weight) * (f64::from(max - target_logit) + sum.ln());
            let scale = weight / sum as f32;
            scales.push(scale);
            coefficients.push(weight * ((target_exp / sum) as f32 - 1.0));
            add_scaled(&mut grad.bias, scale, row);
        }
        backward(rows(logits, n, count, stride), drawn, vectors, scales, grad_vectors, &mut grad.rows, scaled);
        for (token, &target) in targets.iter().enumerate() {
            let into = &mut grad_vectors[token * d..(token + 1) * d];
            add_scaled(into, coefficients[first + token], table.row(target));
        }
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    /// Loss, gradient of the vectors, of the negatives and of the targets' logits.
    type Outcome = (f64, Vec<f32>, Vec<f32>, Vec<f32>);

    #[test]
    fn tokens_that_are_computed_apart_give_the_same_gradients() {
        const DIM: usize = 16;
        let (items, tokens, drawn) = (300, 150, 30_000);
        assert!((KEPT_LOGITS / drawn) < tokens, "the tokens are computed in several parts");
        let mut rng = stream(5, Purpose::Init, 0);
        let mut random = |len: usize| (0..len).map(|_| rng.random_range(-1.0f32..1.0)).collect::<Vec<_>>();
        let (table, bias, vectors) = (random(items * DIM), random(items), random(tokens * DIM));
        let table = ItemVectors { items, dim: DIM, rows: &table, bias: &bias };
        let targets: Vec<u32> = (0..tokens as u32).map(|token| token * 7 % items as u32).collect();
        let weights: Vec<f32> = (1..=tokens).map(|token| token as f32 / 1e4).collect();
        let counts: Vec<u64> = (0..items as u64).collect();
        let mut negatives = Negatives::default();
        negatives.draw(&Sampler::new(&counts), drawn, table, &mut stream(5, Purpose::Negatives, 0));
        let of = |range: Range<usize>| -> Outcome {
            let tokens = Tokens {
                vectors: &vectors[range.start * DIM..range.end * DIM],
                targets: &targets[range.clone()],
                weights: &weights[range.clone()],
            };
            let mut grad = OutputGrad { rows: Aligned::zeros(drawn * DIM), bias: Aligned::zeros(drawn) };
            let (mut of_vectors, mut coefficients) = (vec![0.0; range.len() * DIM], Vec::new());
            let scratch = &mut OutputScratch::default();
            let loss =
                sampled_softmax(table, &negatives, &tokens, &mut of_vectors, &mut grad, &mut coefficients, scratch);
            (loss, of_vectors, grad.rows.to_vec(), coefficients)
        };
        let all = of(0..tokens);
        let mut apart: Outcome = (0.0, Vec::new(), vec![0.0; drawn * DIM], Vec::new());
        for (loss, of_vectors, rows, coefficients) in (0..tokens).step_by(50).map(|from| of(from..from + 50)) {
            apart.0 += loss;
            apart.1.extend(of_vectors);
            apart.2.iter_mut().zip(rows).for_each(|(sum, value)| *sum += value);
            apart.3.extend(coefficients);
        }
        let near = |a: &[f32], b: &[f32]| {
            assert_eq!(a.len(), b.len());
            let largest = b.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            assert!(largest > 0.0 && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4 * largest));
        };
        assert!((all.0 - apart.0).abs() < 1e-6 * apart.0, "{} {}", all.0, apart.0);
        near(&all.1, &apart.1);
        near(&all.2, &apart.2);
        near(&all.3, &apart.3);
    }
}
