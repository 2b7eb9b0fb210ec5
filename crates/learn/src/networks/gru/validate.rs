//! Next-item ranking of held-out events by the GRU in training.

use super::params::Params;
use crate::kernels::{Aligned, cell_forward, rows, set_product};
use crate::networks::validation::Gains;
use crate::{Cancel, Error, Validation};
use rayon::prelude::*;

/// Users encoded together.
const USERS: usize = 64;

/// Mean NDCG@10 over the held-out events; `None` where there is nothing to rank. Runs on the current rayon pool; the mean does
/// not depend on its size.
pub(crate) fn ndcg_at_10(params: &Params, validation: &Validation<'_>, cancel: &Cancel) -> Result<Option<f64>, Error> {
    let mut users = validation.users(usize::MAX, |_| 0);
    // Longest first, so that the users still running at any step are a prefix.
    let sequences = &validation.histories.sequences;
    users.sort_by_key(|&u| (std::cmp::Reverse(sequences.user(u).len()), u));
    let parts: Vec<Gains> = users
        .par_chunks(USERS)
        .map(|users| {
            cancel.check()?;
            Ok(gains(params, validation, users))
        })
        .collect::<Result<_, Error>>()?;
    Ok(parts.into_iter().sum::<Gains>().mean())
}

/// The gains of some users, longest history first.
fn gains(params: &Params, validation: &Validation<'_>, users: &[usize]) -> Gains {
    let (d, m) = (params.dim, users.len());
    let bias = params.kernel_bias();
    let zeros = |n: usize| Aligned::zeros(n);
    let (mut inputs, mut gates, mut recurrent) = (zeros(m * d), zeros(m * 3 * d), zeros(m * 3 * d));
    let (mut candidate, mut previous, mut state) = (zeros(m * d), zeros(m * d), zeros(m * d));
    let stride = params.items.next_multiple_of(16);
    let mut logits = zeros(0);
    let history = |lane: usize| validation.histories.sequences.user(users[lane]);
    let mut gains = Gains::default();
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
            }
            gains.rank(target, row, &params.output_bias, |item| seen[item] == lane as u32);
            if validation.exclude_seen {
                past.iter().for_each(|&item| seen[item as usize] = u32::MAX);
            }
        }
    }
    gains
}
