//! Next-item ranking of held-out events by the parameters in training.

use super::data::Validation;
use super::params::Params;
use crate::kernels::{Aligned, cell_forward, rows, set_product};
use crate::{Cancel, Error};
use rayon::prelude::*;

/// Users encoded together.
const USERS: usize = 64;
/// Events judged at most; beyond, users are thinned evenly.
const TARGETS_MAX: usize = 20_000;

/// Mean NDCG@10 over the held-out events: `1 / log2(1 + rank)` for ranks up to 10. `None` where there is
/// nothing to judge. Runs on the current rayon pool; the mean does not depend on its size.
pub(crate) fn ndcg_at_10(params: &Params, validation: &Validation<'_>, cancel: &Cancel) -> Result<Option<f64>, Error> {
    let sequences = &validation.sequences;
    let held_out = |user: usize| sequences.user(user).len().saturating_sub(validation.first_target[user]);
    let mut users: Vec<usize> = (0..sequences.len()).filter(|&u| held_out(u) > 0).collect();
    let targets: usize = users.iter().map(|&u| held_out(u)).sum();
    let stride = targets.div_ceil(TARGETS_MAX).max(1);
    users = users.into_iter().step_by(stride).collect();
    // Longest first, so that the users still running at any step are a prefix.
    users.sort_by_key(|&u| (std::cmp::Reverse(sequences.user(u).len()), u));
    let parts: Vec<(f64, u64)> = users
        .par_chunks(USERS)
        .map(|users| {
            cancel.check()?;
            Ok(judge(params, validation, users))
        })
        .collect::<Result<_, Error>>()?;
    let (gain, count) = parts.into_iter().fold((0.0, 0), |(g, n), (gain, count)| (g + gain, n + count));
    Ok((count > 0).then(|| gain / count as f64))
}

/// The gain and the number of judged events of some users, longest history first.
fn judge(params: &Params, validation: &Validation<'_>, users: &[usize]) -> (f64, u64) {
    let (d, m) = (params.dim, users.len());
    let bias = params.kernel_bias();
    let zeros = |n: usize| Aligned::zeros(n);
    let (mut inputs, mut gates, mut recurrent) = (zeros(m * d), zeros(m * 3 * d), zeros(m * 3 * d));
    let (mut candidate, mut previous, mut state) = (zeros(m * d), zeros(m * d), zeros(m * d));
    let stride = params.items.next_multiple_of(16);
    let mut logits = zeros(0);
    let history = |lane: usize| validation.sequences.user(users[lane]);
    let (mut gain, mut count) = (0.0, 0);
    let mut seen = vec![u32::MAX; params.items];
    let longest = if m == 0 { 0 } else { history(0).len() };
    let mut active = m;
    for t in 0..longest {
        while active > 0 && history(active - 1).len() <= t {
            active -= 1;
        }
        for (lane, row) in inputs.chunks_exact_mut(d).take(active).enumerate() {
            let input = if t == 0 { params.start_row() } else { history(lane)[t - 1] };
            row.copy_from_slice(params.embedding_row(input));
        }
        let weights = |matrix| rows(matrix, d, 3 * d, 3 * d);
        set_product(&mut gates, 3 * d, rows(&inputs, active, d, d), weights(&params.cell.input));
        set_product(&mut recurrent, 3 * d, rows(&previous, active, d, d), weights(&params.cell.recurrent));
        let n = active * d;
        cell_forward(
            &mut gates[..3 * n],
            &recurrent[..3 * n],
            &bias,
            &previous[..n],
            &mut candidate[..n],
            &mut state[..n],
        );
        previous[..n].copy_from_slice(&state[..n]);
        let judged: Vec<usize> = (0..active).filter(|&lane| t >= validation.first_target[users[lane]]).collect();
        if judged.is_empty() {
            continue;
        }
        for (row, &lane) in judged.iter().enumerate() {
            inputs[row * d..(row + 1) * d].copy_from_slice(&state[lane * d..(lane + 1) * d]);
        }
        logits.reserve(m * stride);
        let output = rows(params.output_rows(), params.items, d, d);
        set_product(&mut logits, stride, rows(&inputs, judged.len(), d, d), output.transpose());
        for (row, &lane) in logits.chunks_exact(stride).zip(&judged) {
            let (past, target) = (&history(lane)[..t], history(lane)[t]);
            if validation.exclude_seen {
                past.iter().for_each(|&item| seen[item as usize] = lane as u32);
                if seen[target as usize] == lane as u32 {
                    past.iter().for_each(|&item| seen[item as usize] = u32::MAX);
                    continue;
                }
            }
            let score = |item: usize| row[item] + params.output_bias[item];
            let wanted = score(target as usize);
            let ahead = (0..params.items).filter(|&item| {
                let other = score(item);
                (other > wanted || (other == wanted && item < target as usize)) && seen[item] != lane as u32
            });
            let rank = ahead.take(10).count();
            if rank < 10 && wanted.is_finite() {
                gain += 1.0 / (rank as f64 + 2.0).log2();
            }
            count += 1;
            if validation.exclude_seen {
                past.iter().for_each(|&item| seen[item as usize] = u32::MAX);
            }
        }
    }
    (gain, count)
}
