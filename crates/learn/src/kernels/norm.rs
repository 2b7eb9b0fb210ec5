//! Layer normalization over rows, as in PyTorch: population variance, epsilon inside the root.

use super::dispatch;

const EPSILON: f32 = 1e-5;

/// The sum of a row, in sixteen interleaved parts; `row.len()` is a multiple of 16.
macro_rules! row_sum {
    ($d:expr, $j:ident => $term:expr) => {{
        let mut parts = [0.0f32; 16];
        for from in (0..$d).step_by(16) {
            for lane in 0..16 {
                let $j = from + lane;
                parts[lane] += $term;
            }
        }
        parts.iter().sum::<f32>()
    }};
}

dispatch! {
    /// For every row of `x` `[n, d]`, d a multiple of 16: `normed = (x - mean) * inverse` with `inverse` `[n]` the
    /// reciprocal standard deviation, and `out = normed * gain + bias`.
    pub(crate) fn norm_forward<L>(
        x: &[f32],
        gain: &[f32],
        bias: &[f32],
        normed: &mut [f32],
        out: &mut [f32],
        inverse: &mut [f32],
    ) {
        let d = gain.len();
        let bias = &bias[..d];
        let rows = x.chunks_exact(d).zip(normed.chunks_exact_mut(d)).zip(out.chunks_exact_mut(d)).zip(inverse);
        for (((x, normed), out), inverse) in rows {
            let (x, normed, out) = (&x[..d], &mut normed[..d], &mut out[..d]);
            let mean = row_sum!(d, j => x[j]) / d as f32;
            let variance = row_sum!(d, j => (x[j] - mean) * (x[j] - mean)) / d as f32;
            *inverse = 1.0 / (variance + EPSILON).sqrt();
            for j in 0..d {
                normed[j] = (x[j] - mean) * *inverse;
                out[j] = L::fma(normed[j], gain[j], bias[j]);
            }
        }
    }

    /// The backward pass of [`norm_forward`]: adds to `grad_in` `[n, d]`, `grad_gain` and `grad_bias`.
    pub(crate) fn norm_backward<L>(
        grad_out: &[f32],
        normed: &[f32],
        inverse: &[f32],
        gain: &[f32],
        grad_in: &mut [f32],
        grad_gain: &mut [f32],
        grad_bias: &mut [f32],
    ) {
        let d = gain.len();
        let (grad_gain, grad_bias) = (&mut grad_gain[..d], &mut grad_bias[..d]);
        let rows = grad_out.chunks_exact(d).zip(normed.chunks_exact(d)).zip(grad_in.chunks_exact_mut(d)).zip(inverse);
        for (((grad, normed), into), inverse) in rows {
            let (grad, normed, into) = (&grad[..d], &normed[..d], &mut into[..d]);
            let mean = row_sum!(d, j => grad[j] * gain[j]) / d as f32;
            let along = row_sum!(d, j => grad[j] * gain[j] * normed[j]) / d as f32;
            for j in 0..d {
                into[j] += *inverse * (grad[j] * gain[j] - mean - normed[j] * along);
                grad_gain[j] = L::fma(grad[j], normed[j], grad_gain[j]);
                grad_bias[j] += grad[j];
            }
        }
    }
}
