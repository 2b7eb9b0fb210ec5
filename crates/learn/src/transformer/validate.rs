//! Next-item ranking of held-out events by the parameters in training.

use super::attention::Windows;
use super::batch::{Batch, Histories};
use super::network::{Activations, Drops, Tokens};
use super::params::Params;
use crate::gru::Validation;
use crate::kernels::{Aligned, rows, set_product};
use crate::{Cancel, Error};
use rayon::prelude::*;
use std::ops::Range;

/// Events judged at most; beyond, users are thinned evenly.
const TARGETS_MAX: usize = 20_000;
/// Events encoded at most; beyond, users are thinned evenly.
const TOKENS_MAX: usize = 400_000;

/// Mean NDCG@10 over the held-out events: `1 / log2(1 + rank)` for ranks up to 10. `None` where there is
/// nothing to judge. Runs on the current rayon pool; the mean does not depend on its size.
pub(crate) fn ndcg_at_10(
    params: &Params,
    validation: &Validation<'_>,
    times: &[i64],
    cancel: &Cancel,
) -> Result<Option<f64>, Error> {
    let sequences = &validation.sequences;
    let held_out = |user: usize| sequences.user(user).len().saturating_sub(validation.first_target[user]);
    let users: Vec<usize> = (0..sequences.len()).filter(|&u| held_out(u) > 0).collect();
    let windows = |user: usize| windows(sequences.user(user).len(), validation.first_target[user], params.shape.length);
    let targets: usize = users.iter().map(|&u| held_out(u)).sum();
    let tokens: usize = users.iter().flat_map(|&u| windows(u)).map(|(window, _)| window.len()).sum();
    let stride = targets.div_ceil(TARGETS_MAX).max(tokens.div_ceil(TOKENS_MAX)).max(1);
    let users: Vec<usize> = users.into_iter().step_by(stride).collect();
    let histories = Histories { sequences: *sequences, times };
    let parts: Vec<(f64, u64)> = users
        .par_iter()
        .map_init(Judge::default, |judge, &user| {
            cancel.check()?;
            let (mut gain, mut count) = (0.0, 0);
            for (window, judged) in windows(user) {
                let (g, n) = judge.window(params, validation, &histories, user, window, judged);
                (gain, count) = (gain + g, count + n);
            }
            Ok((gain, count))
        })
        .collect::<Result<_, Error>>()?;
    let (gain, count) = parts.into_iter().fold((0.0, 0), |(g, n), (gain, count)| (g + gain, n + count));
    Ok((count > 0).then(|| gain / count as f64))
}

/// Windows over a history of `len` events, each with the events judged in it: every event from `first` on is judged once,
/// with at least `length / 2` events before it in its window, or all there are.
fn windows(len: usize, first: usize, length: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut next = first;
    std::iter::from_fn(move || {
        (next < len).then(|| {
            let end = len.min(next + length.div_ceil(2));
            let judged = next..end;
            next = end;
            (end.saturating_sub(length)..end, judged)
        })
    })
}

#[derive(Default)]
struct Judge {
    batch: Batch,
    activations: Activations,
    queries: Aligned,
    logits: Aligned,
    seen: Vec<bool>,
}

impl Judge {
    /// The gain and the number of the judged events of one window.
    fn window(
        &mut self,
        params: &Params,
        validation: &Validation<'_>,
        histories: &Histories<'_>,
        user: usize,
        window: Range<usize>,
        judged: Range<usize>,
    ) -> (f64, u64) {
        let (d, items) = (params.shape.hidden, params.shape.items);
        let first = validation.sequences.offsets[user];
        let history = validation.sequences.user(user);
        self.batch.clear();
        self.batch.push(histories, first, first + window.start..first + window.end, params.start_row());
        let tokens = Tokens {
            windows: Windows { bounds: &self.batch.bounds, times: &self.batch.times },
            inputs: &self.batch.inputs,
        };
        let out = self.activations.forward(params, tokens, Drops::NONE);
        let n = judged.len();
        self.queries.reserve(n * d);
        self.queries[..n * d].copy_from_slice(&out[(judged.start - window.start) * d..][..n * d]);
        let stride = items.next_multiple_of(16);
        self.logits.reserve(n * stride);
        let table = params.item_vectors();
        set_product(&mut self.logits, stride, rows(&self.queries, n, d, d), rows(table.rows, items, d, d).transpose());
        self.seen.clear();
        self.seen.resize(items, false);
        if validation.exclude_seen {
            history[..judged.start].iter().for_each(|&item| self.seen[item as usize] = true);
        }
        let (mut gain, mut count) = (0.0, 0);
        for (at, row) in judged.zip(self.logits.chunks_exact(stride)) {
            let target = history[at] as usize;
            if !self.seen[target] {
                let score = |item: usize| row[item] + table.bias[item];
                let wanted = score(target);
                let ahead = (0..items).filter(|&item| {
                    let other = score(item);
                    (other > wanted || (other == wanted && item < target)) && !self.seen[item]
                });
                let rank = ahead.take(10).count();
                if rank < 10 && wanted.is_finite() {
                    gain += 1.0 / (rank as f64 + 2.0).log2();
                }
                count += 1;
            }
            if validation.exclude_seen {
                self.seen[target] = true;
            }
        }
        (gain, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_held_out_event_is_judged_once_with_context() {
        for (len, first, length) in [(5, 4, 8), (5, 0, 8), (100, 50, 8), (100, 99, 8), (9, 3, 3), (4, 4, 8)] {
            let mut next = first;
            for (window, judged) in windows(len, first, length) {
                assert_eq!(judged.start, next);
                assert!(window.len() <= length && window.end == judged.end && window.start <= judged.start);
                assert!(window.start == 0 || judged.start - window.start >= length / 2, "{window:?} {judged:?}");
                next = judged.end;
            }
            assert_eq!(next, len);
        }
    }
}
