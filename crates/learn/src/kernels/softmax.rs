//! Row-wise pieces of the softmax, and one block of the scoring scan.

use super::dispatch;
use super::math::exp;

dispatch! {
    /// Adds `bias` to `row` and returns the largest result. A NaN is never the largest.
    pub(crate) fn add_row_max<L>(row: &mut [f32], bias: &[f32]) -> f32 {
        let bias = &bias[..row.len()];
        let (bias_blocks, bias_tail) = bias.as_chunks::<16>();
        let (blocks, tail) = row.as_chunks_mut::<16>();
        let mut parts = [f32::MIN; 16];
        for (block, bias) in blocks.iter_mut().zip(bias_blocks) {
            for j in 0..16 {
                let x = block[j] + bias[j];
                block[j] = x;
                parts[j] = if x > parts[j] { x } else { parts[j] };
            }
        }
        let mut max = f32::MIN;
        for (x, bias) in tail.iter_mut().zip(bias_tail) {
            *x += bias;
            max = if *x > max { *x } else { max };
        }
        for x in parts {
            max = if x > max { x } else { max };
        }
        max
    }

    /// Replaces each x of `row` by `scale * e^(x - shift)` and returns the sum of the results.
    pub(crate) fn exp_sum<L>(row: &mut [f32], shift: f32, scale: f32) -> f32 {
        let (blocks, tail) = row.as_chunks_mut::<16>();
        let mut parts = [0.0f32; 16];
        for block in blocks {
            for j in 0..16 {
                let e = exp::<L>(block[j] - shift) * scale;
                block[j] = e;
                parts[j] += e;
            }
        }
        let mut sum: f32 = parts.iter().sum();
        for x in tail {
            *x = exp::<L>(*x - shift) * scale;
            sum += *x;
        }
        sum
    }

    /// Scores 64 items: `out[16 b + j] = bias[16 b + j] + sum over k of query[k] * table[(b d + k) 16 + j]`
    /// for the four blocks b of `table` `[4, d, 16]`.
    pub(crate) fn scores_block<L>(out: &mut [f32; 64], bias: &[f32; 64], table: &[f32], query: &[f32]) {
        let d = query.len();
        let (t0, rest) = table.split_at(16 * d);
        let (t1, rest) = rest.split_at(16 * d);
        let (t2, t3) = rest.split_at(16 * d);
        let tables = [t0, t1, t2, &t3[..16 * d]].map(|t| t.as_chunks::<16>().0);
        let mut even = [[0.0f32; 16]; 4];
        let mut odd = [[0.0f32; 16]; 4];
        let [t0, t1, t2, t3] = tables.map(|t| &t[..d]);
        let mut k = 0;
        while k + 1 < d {
            let (a, b) = (query[k], query[k + 1]);
            for j in 0..16 {
                even[0][j] = L::fma(a, t0[k][j], even[0][j]);
                even[1][j] = L::fma(a, t1[k][j], even[1][j]);
                even[2][j] = L::fma(a, t2[k][j], even[2][j]);
                even[3][j] = L::fma(a, t3[k][j], even[3][j]);
                odd[0][j] = L::fma(b, t0[k + 1][j], odd[0][j]);
                odd[1][j] = L::fma(b, t1[k + 1][j], odd[1][j]);
                odd[2][j] = L::fma(b, t2[k + 1][j], odd[2][j]);
                odd[3][j] = L::fma(b, t3[k + 1][j], odd[3][j]);
            }
            k += 2;
        }
        if k < d {
            for (b, t) in [t0, t1, t2, t3].into_iter().enumerate() {
                for j in 0..16 {
                    even[b][j] = L::fma(query[k], t[k][j], even[b][j]);
                }
            }
        }
        for b in 0..4 {
            for j in 0..16 {
                out[16 * b + j] = bias[16 * b + j] + (even[b][j] + odd[b][j]);
            }
        }
    }

    /// The score that [`scores_block`] computes for one item: the one in `lane` of `group` `[d, 16]`.
    pub(crate) fn row_score<L>(group: &[f32], lane: usize, bias: f32, query: &[f32]) -> f32 {
        let d = query.len();
        let rows = &group.as_chunks::<16>().0[..d];
        let lane = lane % 16;
        let (mut even, mut odd) = (0.0f32, 0.0f32);
        let mut k = 0;
        while k + 1 < d {
            even = L::fma(query[k], rows[k][lane], even);
            odd = L::fma(query[k + 1], rows[k + 1][lane], odd);
            k += 2;
        }
        if k < d {
            even = L::fma(query[k], rows[k][lane], even);
        }
        bias + (even + odd)
    }
}
